"""What is seen inside the network is what the equations say."""

import numpy as np
import pytest

from lstm_numpy import LSTMModel
from lstm_numpy.inspection.gates import input_gradients, saturation
from lstm_numpy.loss import softmax_cross_entropy

D, H, L, B, T = 4, 5, 2, 3, 7


def test_saturation_counts_shut_and_open_per_unit():
    gate = np.array([[[0.05, 0.5], [0.95, 0.95]], [[0.0, 0.2], [0.1, 0.99]]])  # (T, H, B) = (2, 2, 2)
    shut, opened = saturation(gate)
    np.testing.assert_allclose(shut, [0.5, 0.0])
    np.testing.assert_allclose(opened, [0.0, 0.75])


@pytest.mark.parametrize("steps", [1, T])
def test_input_gradients_are_the_derivatives(rng, steps):
    """Each row of the embedding is made a symbol of its own, so that a step can be moved alone."""
    model = LSTMModel(B * steps, D, H, L, 0.3, np.random.default_rng(0), np.complex128)
    tokens, targets = rng.permutation(B * steps).reshape(B, steps), rng.integers(B * steps, size=B)
    gradient = input_gradients(model, tokens, targets)
    assert gradient.shape == (B, steps, D)
    E = model.params["embedding.weight"]
    for b, t, d in np.ndindex(gradient.shape):
        E[tokens[b, t], d] += 1e-30j
        logits, _, _ = model.forward(tokens, outputs="last")
        loss = B * softmax_cross_entropy(logits, targets)[0]
        E[tokens[b, t], d] -= 1e-30j
        assert gradient[b, t, d].real == pytest.approx(loss.imag / 1e-30, rel=1e-11, abs=1e-14)
