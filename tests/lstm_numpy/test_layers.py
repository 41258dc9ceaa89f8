"""Each layer by itself: activations, embedding, linear, dropout, loss."""

import numpy as np
import pytest

from lstm_numpy.activations import d_sigmoid, d_tanh, log_softmax, sigmoid
from lstm_numpy.dropout import dropout_backward, dropout_forward
from lstm_numpy.embedding import embedding_backward, embedding_forward, fold_backward, fold_forward, one_hot
from lstm_numpy.linear import linear_backward, linear_forward
from lstm_numpy.loss import softmax_cross_entropy
from lstm_numpy.workspace import Workspace


def numeric_gradient(f, x, h=1e-5):
    result = np.empty_like(x)
    for index in np.ndindex(x.shape):
        keep = x[index]
        x[index] = keep + h
        above = f()
        x[index] = keep - h
        below = f()
        x[index] = keep
        result[index] = (above - below) / (2 * h)
    return result


def close(analytic, numeric):
    return np.linalg.norm(analytic - numeric) < 1e-7 * max(np.linalg.norm(numeric), 1e-3)


def test_sigmoid():
    z = np.array([-1000.0, -2.0, 0.0, 2.0, 1000.0])
    with np.errstate(over="raise"):
        np.testing.assert_allclose(sigmoid(z), [0, 1 / (1 + np.exp(2)), 0.5, 1 / (1 + np.exp(-2)), 1], rtol=1e-14)


def test_derivatives_take_activated_values(rng):
    z, h = rng.standard_normal(50), 1e-6
    np.testing.assert_allclose(d_sigmoid(sigmoid(z)), (sigmoid(z + h) - sigmoid(z - h)) / (2 * h), rtol=1e-7)
    np.testing.assert_allclose(d_tanh(np.tanh(z)), (np.tanh(z + h) - np.tanh(z - h)) / (2 * h), rtol=1e-7)


def test_log_softmax(rng):
    z = rng.standard_normal((2, 3, 5)) * 10
    np.testing.assert_allclose(np.exp(log_softmax(z)).sum(axis=-1), 1)
    np.testing.assert_allclose(log_softmax(z), log_softmax(z + 700), rtol=0, atol=1e-12)
    huge = log_softmax(np.array([0.0, 5000.0]))
    np.testing.assert_array_equal(huge, [-5000, 0])  # log(softmax) would be -inf


# -- embedding ---------------------------------------------------------------------------------


def test_embedding_looks_up_rows(rng):
    E, tokens = rng.standard_normal((6, 3)), rng.integers(6, size=(2, 4))
    x, _ = embedding_forward(tokens, E)
    assert x.shape == (4, 3, 2)
    for b in range(2):
        for t in range(4):
            np.testing.assert_array_equal(x[t, :, b], E[tokens[b, t]])
    np.testing.assert_array_equal(one_hot(tokens, 6, E.dtype).argmax(axis=1), tokens.T)


def test_repeated_tokens_gather_their_gradients(rng):
    E, tokens = rng.standard_normal((4, 3)), np.array([[1, 1, 2], [1, 2, 1]])
    upstream = rng.standard_normal((3, 3, 2))
    _, cache = embedding_forward(tokens, E)
    dE = embedding_backward(upstream, cache)
    assert close(dE, numeric_gradient(lambda: (upstream * embedding_forward(tokens, E)[0]).sum(), E))
    assert (dE[[0, 3]] == 0).all()


def test_folded_weights_are_look_up_and_product(rng):
    E, W = rng.standard_normal((6, 3)), rng.standard_normal((8, 3))
    tokens, upstream = rng.integers(6, size=(2, 5)), rng.standard_normal((5, 8, 2))
    x, cache = embedding_forward(tokens, E)
    folded, folded_cache = fold_forward(E, W)
    hot = one_hot(tokens, 6, E.dtype)
    np.testing.assert_allclose(folded @ hot, W @ x, rtol=1e-13)
    dfolded = (upstream @ hot.transpose(0, 2, 1)).sum(axis=0)
    dE, dW = fold_backward(dfolded, folded_cache)
    np.testing.assert_allclose(dE, embedding_backward(W.T @ upstream, cache), rtol=1e-12)
    np.testing.assert_allclose(dW, (upstream @ x.transpose(0, 2, 1)).sum(axis=0), rtol=1e-12)


# -- linear ------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(4, 3), (5, 4, 3), (1, 4, 1), (4, 1)])
def test_linear(rng, shape):
    x, W, b = rng.standard_normal(shape), rng.standard_normal((6, 4)), rng.standard_normal(6)
    y, cache = linear_forward(x, W, b)
    upstream = rng.standard_normal(y.shape)
    gradients = linear_backward(upstream, cache)
    for array, gradient in zip((x, W, b), gradients, strict=True):
        assert gradient.shape == array.shape
        assert close(gradient, numeric_gradient(lambda: (upstream * linear_forward(x, W, b)[0]).sum(), array))


# -- dropout -----------------------------------------------------------------------------------


def test_dropout_keeps_the_mean():
    x = np.ones((200, 500), np.float32)
    y, mask = dropout_forward(x, 0.2, np.random.default_rng(0))
    assert y.dtype == np.float32
    assert set(np.unique(y)) == {np.float32(0), np.float32(1.25)}
    assert abs((y == 0).mean() - 0.2) < 0.005
    np.testing.assert_array_equal(dropout_backward(3 * x, mask), 3 * y)


def test_no_dropout_without_a_generator(rng):
    x = rng.standard_normal((3, 4))
    assert dropout_forward(x, 0.5, None)[0] is x
    assert dropout_forward(x, 0.0, rng)[0] is x
    assert dropout_backward(x, None) is x


def test_every_dtype_meets_the_same_mask():
    masks = [dropout_forward(np.ones(99, t), 0.3, np.random.default_rng(5))[1] for t in (np.float32, float, complex)]
    assert np.array_equal(masks[0] == 0, masks[1] == 0)
    assert np.array_equal(masks[1], masks[2])


# -- loss --------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(3, 5), (2, 4, 5), (1, 1, 5), (1, 5)])
def test_cross_entropy(rng, shape):
    logits, targets = rng.standard_normal(shape), rng.integers(5, size=shape[:-1])
    if targets.size > 1:
        targets.flat[1] = -1
    loss, dlogits = softmax_cross_entropy(logits, targets)
    expected = [
        -np.log(np.exp(logits[index][target]) / np.exp(logits[index]).sum())
        for index, target in np.ndenumerate(targets)
        if target >= 0
    ]
    assert loss == pytest.approx(np.mean(expected), rel=1e-14)
    assert close(dlogits, numeric_gradient(lambda: softmax_cross_entropy(logits, targets)[0], logits))
    assert (dlogits[targets == -1] == 0).all()


def test_confident_mistakes_stay_finite():
    logits = np.array([[0.0, 1e4], [1e4, 0.0], [1e38, -1e38]], np.float32)
    loss, dlogits = softmax_cross_entropy(logits, np.array([0, -1, 0]))
    assert loss == pytest.approx(5000)
    assert np.isfinite(dlogits).all()


def test_ignored_targets_do_not_dilute_the_mean(rng):
    logits, targets = rng.standard_normal((4, 6)), np.array([2, -1, 3, -1])
    assert softmax_cross_entropy(logits, targets)[0] == pytest.approx(
        softmax_cross_entropy(logits[[0, 2]], targets[[0, 2]])[0], rel=1e-14
    )


def test_invalid_targets(rng):
    logits = rng.standard_normal((2, 5))
    for targets, message in [([0, 5], "between"), ([0, -2], "between"), ([-1, -1], "ignored"), ([0], "shape")]:
        with pytest.raises(ValueError, match=message):
            softmax_cross_entropy(logits, np.array(targets))


def test_the_dropout_rate_is_exact_to_one_draw():
    """Of the numbers from 0 to 65535, those below rate · 65536 silence an element."""

    class Drawn(np.random.Generator):
        def bytes(self, length):
            return np.array([0, 62258, 62259, 65535], "<u2").tobytes()

    y, mask = dropout_forward(np.ones(4), 0.95, Drawn(np.random.PCG64(0)))  # 0.95 · 65536 = 62259.2
    np.testing.assert_array_equal(mask > 0, [False, False, True, True])
    np.testing.assert_allclose(y, [0, 0, 20, 20])


def test_dropout_of_a_workspace_is_the_same(rng):
    x, workspace = rng.standard_normal((3, 4)), Workspace()
    y, mask = dropout_forward(x, 0.4, np.random.default_rng(2), workspace)
    expected, expected_mask = dropout_forward(x, 0.4, np.random.default_rng(2))
    np.testing.assert_array_equal(y, expected)
    np.testing.assert_array_equal(mask, expected_mask)
    again, _ = dropout_forward(x, 0.4, np.random.default_rng(3), workspace)
    assert again is y
    assert not np.shares_memory(y, mask)
    assert not np.shares_memory(expected, expected_mask)


def test_gradients_may_be_written_into_a_given_array(rng):
    dy, mask = rng.standard_normal((3, 4)), rng.standard_normal((3, 4))
    expected, out = dy * mask, np.empty((3, 4))
    assert dropout_backward(dy, mask, out) is out
    np.testing.assert_array_equal(out, expected)
    assert dropout_backward(dy, mask, dy) is dy
    np.testing.assert_array_equal(dy, expected)


def test_one_symbol_below_and_above_the_vocabulary(rng):
    E = rng.standard_normal((4, 3))
    for wrong in (-1, 4):
        for call in (lambda tokens: embedding_forward(tokens, E), lambda tokens: one_hot(tokens, 4, float)):
            with pytest.raises(ValueError, match="tokens must lie between 0 and 3"):
                call(np.array([[0, wrong]]))
    hot = one_hot(np.array([[0, 3]]), 4, np.float32)
    assert hot.dtype == np.float32
    np.testing.assert_array_equal(hot[..., 0], np.eye(4)[[0, 3]])


@pytest.mark.parametrize("size", [4, 5])
def test_one_target_below_and_above_the_vocabulary(rng, size):
    logits = rng.standard_normal((2, size))
    for wrong in (-2, size):
        with pytest.raises(ValueError, match=f"targets must lie between -1 and {size - 1}, but go from"):
            softmax_cross_entropy(logits, np.array([0, wrong]))
    softmax_cross_entropy(logits, np.array([-1, size - 1]))


def test_a_vocabulary_of_one_symbol():
    loss, dlogits = softmax_cross_entropy(np.array([[3.0], [5.0]]), np.array([0, -1]))
    assert loss == 0
    np.testing.assert_array_equal(dlogits, 0)
