"""Gates and states of a pass, as they are recorded."""

import numpy as np
import pytest

from lstm_numpy import LSTMModel, Workspace
from lstm_numpy.training import activity

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
