"""What is seen inside the network is what the equations say."""

import numpy as np
import pytest

from lstm_numpy import LSTMModel, Workspace
from lstm_numpy.inspection import activity, input_gradients, saturation
from lstm_numpy.loss import softmax_cross_entropy

V, D, H, L, B, T = 6, 4, 5, 2, 3, 7


def model_of(plain=False):
    return LSTMModel(V, D, H, L, 0.0, np.random.default_rng(0), np.float64, plain=plain)


@pytest.mark.parametrize("plain", [False, True])
def test_activity_fulfils_the_equations(rng, plain):
    model = model_of(plain)
    h0, c0 = rng.standard_normal((2, L, B, H))
    _, (h, c), cache = model.forward(rng.integers(V, size=(B, T)), (h0, c0))
    layers = activity(cache)
    assert len(layers) == L
    for k, layer in enumerate(layers):
        assert {array.shape for array in layer} == {(T, H, B)}
        c_prev = np.concatenate([c0[k].T[None], layer.c[:-1]])
        np.testing.assert_allclose(layer.c, layer.f * c_prev + layer.i * layer.g, rtol=0, atol=1e-14)
        np.testing.assert_allclose(layer.h, layer.o * np.tanh(layer.c), rtol=0, atol=1e-14)
        np.testing.assert_allclose(layer.h[-1].T, h[k], rtol=0, atol=1e-14)
        np.testing.assert_allclose(layer.c[-1].T, c[k], rtol=0, atol=1e-14)


def test_activity_outlives_the_workspace_but_is_not_read_from_a_stale_one(rng):
    model, workspace, tokens = model_of(), Workspace(), rng.integers(V, size=(B, T))
    cache = model.forward(tokens, workspace=workspace)[2]
    seen = activity(cache)[0].c
    before = seen.copy()
    model.forward(tokens[:, ::-1], workspace=workspace)
    np.testing.assert_array_equal(seen, before)
    with pytest.raises(RuntimeError, match="workspace"):
        activity(cache)


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
