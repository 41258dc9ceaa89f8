"""One step, many steps, and the fast layout held equal to the plain equations."""

import numpy as np
import pytest

from lstm_numpy import LSTMModel, Workspace, lstm, plain
from lstm_numpy.cell import cell_backward, cell_forward
from lstm_numpy.lstm import lstm_backward, lstm_forward

SHAPES = [(3, 5, 4, 6, 2), (1, 5, 4, 6, 1), (3, 1, 4, 6, 2), (1, 1, 1, 1, 1), (2, 7, 5, 3, 3)]  # B T D H L
DTYPES = [np.float64, np.complex128, np.float32]


def random_case(rng, B, T, D, H, L, dtype=np.float64):
    def normal(*shape):
        values = rng.standard_normal(shape)
        return (values + 0.1j * rng.standard_normal(shape) if dtype == np.complex128 else values).astype(dtype)

    layers = [(normal(4 * H, D if k == 0 else H), normal(4 * H, H), normal(4 * H), normal(4 * H)) for k in range(L)]
    x, state = normal(T, D, B), (normal(L, B, H), normal(L, B, H))
    return x, state, layers, normal(T, H, B), (normal(L, B, H), normal(L, B, H))


def assert_equal(one, two, tolerance):
    for a, b in zip(one, two, strict=True):
        assert a.shape == b.shape
        assert a.dtype == b.dtype
        assert np.linalg.norm(a - b) <= tolerance * max(np.linalg.norm(b), 1e-30)


def test_cell_by_hand():
    """H = D = B = 1, each number worked out with a pocket calculator's functions."""
    W_ih, W_hh = np.array([[0.5], [-0.3], [0.8], [0.1]]), np.array([[0.2], [0.4], [-0.6], [0.7]])
    b_ih, b_hh = np.array([0.1, 0.2, 0.3, 0.4]), np.array([0.0, -0.1, 0.0, 0.1])
    h, c, _ = cell_forward(np.array([[2.0]]), np.array([[0.5]]), np.array([[-1.0]]), W_ih, W_hh, b_ih, b_hh)
    z = [0.5 * 2 + 0.2 * 0.5 + 0.1, -0.3 * 2 + 0.4 * 0.5 + 0.1, 0.8 * 2 - 0.6 * 0.5 + 0.3, 0.1 * 2 + 0.7 * 0.5 + 0.5]
    i, f, o = (1 / (1 + np.exp(-z[k])) for k in (0, 1, 3))
    expected_c = f * -1.0 + i * np.tanh(z[2])
    assert c[0, 0] == pytest.approx(expected_c, rel=1e-14)
    assert h[0, 0] == pytest.approx(o * np.tanh(expected_c), rel=1e-14)


@pytest.mark.parametrize(("B", "D", "H"), [(3, 4, 5), (1, 1, 1), (2, 1, 3)])
def test_cell_gradients(rng, B, D, H):
    arrays = [rng.standard_normal(s) for s in [(B, D), (B, H), (B, H), (4 * H, D), (4 * H, H), (4 * H,), (4 * H,)]]
    dh, dc = rng.standard_normal((B, H)), rng.standard_normal((B, H))

    def loss():
        h, c, _ = cell_forward(*arrays)
        return (dh * h).sum() + (dc * c).sum()

    dx, dh_prev, dc_prev, (dW_ih, dW_hh, db_ih, db_hh) = cell_backward(dh, dc, cell_forward(*arrays)[2])
    for array, gradient in zip(arrays, (dx, dh_prev, dc_prev, dW_ih, dW_hh, db_ih, db_hh), strict=True):
        for index in np.ndindex(array.shape):
            keep = array[index]
            array[index] = keep + 1e-5
            above = loss()
            array[index] = keep - 1e-5
            numeric = (above - loss()) / 2e-5
            array[index] = keep
            assert gradient[index] == pytest.approx(numeric, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SHAPES)
def test_fast_layout_equals_the_plain_equations(rng, shape, dtype):
    x, state, layers, dout, dstate = random_case(rng, *shape, dtype)
    tolerance = 1e-4 if dtype == np.float32 else 1e-12
    out, last, cache = lstm_forward(x, state, layers)
    plain_out, plain_last, plain_cache = plain.lstm_forward(x, state, layers)
    assert_equal((out, *last), (plain_out, *plain_last), tolerance)
    for upstream in [(dout, dstate), (None, dstate), (dout, None)]:
        dx, dstate0, grads = lstm_backward(upstream[0], cache, upstream[1])
        plain_dx, plain_dstate0, plain_grads = plain.lstm_backward(upstream[0], plain_cache, upstream[1])
        assert_equal((dx, *dstate0), (plain_dx, *plain_dstate0), tolerance)
        for layer, plain_layer in zip(grads, plain_grads, strict=True):
            assert_equal(layer, plain_layer, tolerance)


def test_unneeded_dx_changes_nothing_else(rng):
    x, state, layers, dout, dstate = random_case(rng, 3, 5, 4, 6, 2)
    cache = lstm_forward(x, state, layers)[2]
    dx, dstate0, grads = lstm_backward(dout, cache, dstate, need_dx=False)
    assert dx is None
    _, full_dstate0, full_grads = lstm_backward(dout, cache, dstate)
    assert_equal(dstate0, full_dstate0, 0)
    for layer, full_layer in zip(grads, full_grads, strict=True):
        assert_equal(layer, full_layer, 0)


def test_caches_are_independent_without_a_workspace(rng):
    x, state, layers, dout, dstate = random_case(rng, 3, 5, 4, 6, 2)
    cache = lstm_forward(x, state, layers)[2]
    before = lstm_backward(dout, cache, dstate)[0]
    lstm_forward(2 * x, state, layers)
    np.testing.assert_array_equal(lstm_backward(dout, cache, dstate)[0], before)


def test_a_used_workspace_is_an_error(rng):
    x, state, layers, dout, dstate = random_case(rng, 3, 5, 4, 6, 2)
    workspace = Workspace()
    first = lstm_forward(x, state, layers, workspace)[2]
    fresh = lstm_backward(dout, first, dstate)
    second = lstm_forward(x, state, layers, workspace)[2]
    with pytest.raises(RuntimeError, match="workspace"):
        lstm_backward(dout, first, dstate)
    np.testing.assert_array_equal(lstm_backward(dout, second, dstate)[0], fresh[0])
    assert first.layers[0].u is second.layers[0].u
    smaller = lstm_forward(x[:2, :, :2], (state[0][:, :2], state[1][:, :2]), layers, workspace)[0]
    np.testing.assert_allclose(smaller, lstm_forward(x, state, layers)[0][:2, :, :2], rtol=1e-12)


def test_both_biases_have_gradients_of_their_own(rng):
    """Equal, but not the same array: clipping in place would scale it twice."""
    for module in (lstm, plain):
        x, state, layers, dout, _ = random_case(rng, 2, 1, 3, 4, 1)
        cache = module.lstm_forward(x, state, layers)[2]
        _, _, db_ih, db_hh = module.lstm_backward(dout, cache)[2][0]
        np.testing.assert_array_equal(db_ih, db_hh)
        assert not np.shares_memory(db_ih, db_hh)


def test_recorded_gates_are_there_to_look_at(rng):
    """The fast cache holds the gates of `cell.py`, by block."""
    x, state, layers, _, _ = random_case(rng, 3, 4, 2, 5, 1)
    fast = lstm_forward(x, state, layers)[2].layers[0]
    for t, cell in enumerate(plain.lstm_forward(x, state, layers)[2][0]):
        for block, gate in enumerate((cell.i, cell.f, cell.g, cell.o)):
            np.testing.assert_allclose(fast.gates[t].reshape(4, 5, 3)[block], gate.T, rtol=1e-12)


def test_model_in_both_versions(rng):
    tokens = rng.integers(6, size=(3, 7))
    make = lambda plain: LSTMModel(6, 4, 5, 2, 0.3, np.random.default_rng(3), np.float64, plain=plain)  # noqa: E731
    results = []
    for model in (make(False), make(True)):
        for outputs in ("last", "every"):
            logits, state, cache = model.forward(tokens, None, outputs, np.random.default_rng(4))
            upstream = np.cos(np.arange(logits.size)).reshape(logits.shape)
            grads, dstate0 = model.backward(upstream, cache)
            results.append([logits, *state, *grads.values(), *dstate0])
    assert_equal(results[0], results[2], 1e-12)
    assert_equal(results[1], results[3], 1e-12)
