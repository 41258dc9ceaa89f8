"""Context beside the tokens, and sequences that end within a row."""

import numpy as np
import pytest

from lstm_numpy import LSTMModel, Workspace, lstm, plain, softmax_cross_entropy
from lstm_numpy.context import context_backward, context_forward, counts_backward, counts_forward
from lstm_numpy.embedding import embedding_backward, embedding_forward

V, P, D, H, L = 6, 7, 4, 5, 2
KINDS = pytest.mark.parametrize("kind", ["fast", "plain"])


def network(kind="fast", seed=0, dtype=np.float64, **more):
    return LSTMModel(V, D, H, L, 0.3, np.random.default_rng(seed), dtype, plain=kind == "plain", **more)


def case(rng, B, T, K=3):
    return rng.integers(V, size=(B, T)), rng.integers(-1, P, size=(B, T, K))


def test_the_sum_by_hand():
    C = np.array([[1.0, 10.0], [2.0, 20.0], [4.0, 40.0]])
    x, cache = context_forward(np.array([[[0, 2, -1], [1, 1, 0]]]), C)
    np.testing.assert_array_equal(x[:, :, 0], [[5, 50], [5, 50]])
    dC = context_backward(np.array([[[1.0], [-1.0]], [[10.0], [3.0]]]), cache)
    np.testing.assert_array_equal(dC, [[11, 2], [20, 6], [1, -1]])


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex128])
@pytest.mark.parametrize(("B", "T", "K"), [(3, 5, 4), (1, 4, 1), (2, 1, 2), (1, 1, 1)])
def test_one_product_of_counts_is_the_sum_of_rows(rng, B, T, K, dtype):
    tokens, context = case(rng, B, T, K)
    context[:, :, -1] = context[:, :, 0]  # a symbol that stands twice at one step counts twice
    E, C = rng.standard_normal((V, D)).astype(dtype), rng.standard_normal((P, D)).astype(dtype)
    rows, rows_cache = embedding_forward(tokens, E)
    told, told_cache = context_forward(context, C)
    x, cache = counts_forward(tokens, context, E, C)
    close = {"rtol": 1e-5, "atol": 1e-5} if dtype == np.float32 else {"rtol": 1e-13, "atol": 1e-13}
    np.testing.assert_allclose(x, rows + told, **close)
    dx = rng.standard_normal((T, D, B)).astype(dtype)
    dE, dC = counts_backward(dx, cache)
    assert x.dtype == dE.dtype == dC.dtype == dtype
    np.testing.assert_allclose(dE, embedding_backward(dx, rows_cache), **close)
    np.testing.assert_allclose(dC, context_backward(dx, told_cache), **close)


def test_without_context_nothing_is_other_than_before(rng):
    """A size of 0 draws no parameter, and the same numbers come out as when context was unknown."""
    tokens, _ = case(rng, 3, 5)
    told, untold = network(context_size=P), network()
    assert list(untold.params) == [name for name in told.params if name != "context.weight"]
    logits, _, cache = untold.forward(tokens, dropout_rng=np.random.default_rng(1))
    assert cache.inputs.way == "folded"
    assert len(untold.backward(rng.standard_normal(logits.shape), cache)[0]) == len(told.params) - 1


@KINDS
def test_nothing_known_is_the_network_of_the_tokens_alone(rng, kind):
    tokens, context = case(rng, 3, 5)
    told, untold = network(kind, context_size=P), network(kind)
    for name, array in untold.params.items():
        array[...] = told.params[name]
    nothing = np.full_like(context, -1)
    np.testing.assert_allclose(
        told.forward(tokens, context=nothing)[0], untold.forward(tokens)[0], rtol=1e-12, atol=1e-14
    )
    assert not np.allclose(told.forward(tokens, context=context)[0], untold.forward(tokens)[0])


@pytest.mark.parametrize("outputs", ["last", "every"])
@pytest.mark.parametrize(("B", "T"), [(3, 6), (1, 4), (2, 1), (1, 1)])
def test_the_fast_code_is_the_plain_code(rng, B, T, outputs):
    tokens, context = case(rng, B, T)
    ends = rng.random((B, T)) < 0.3
    state, dstate = rng.standard_normal((2, L, B, H)), rng.standard_normal((2, L, B, H))
    dlogits = rng.standard_normal((B, T, V) if outputs == "every" else (B, V))
    results = []
    for kind in ("fast", "plain"):
        model = network(kind, context_size=P, embedding_dropout=0.2, weight_dropout=0.2, context_dropout=0.3)
        dropout_rng = np.random.default_rng(4)
        logits, after, cache = model.forward(
            tokens, tuple(state), outputs, dropout_rng, Workspace(), context=context, ends=ends
        )
        grads, before = model.backward(dlogits, cache, tuple(dstate))
        again, _ = model.backward(dlogits, cache, tuple(dstate))
        for name in grads:
            np.testing.assert_array_equal(grads[name], again[name])
        results.append([logits, *after, *grads.values(), *before])
    for fast, slow in zip(*results, strict=True):
        np.testing.assert_allclose(fast, slow, rtol=1e-11, atol=1e-12)


@KINDS
@pytest.mark.parametrize("first", [1, 3])
def test_after_an_end_a_row_begins_afresh(rng, kind, first):
    """A row with two sequences is the two sequences, one after the other, each from a zero state; gradients add up."""
    model = network(kind, context_size=P)
    tokens, context = case(rng, 2, 7)
    ends = np.zeros((2, 7), bool)
    ends[:, first - 1] = True
    state = tuple(rng.standard_normal((2, L, 2, H)))
    logits, after, cache = model.forward(tokens, state, context=context, ends=ends)
    dlogits, dstate = rng.standard_normal(logits.shape), tuple(rng.standard_normal((2, L, 2, H)))
    dlogits[:, first - 1] = 0  # what the ended step puts out is zero whatever stood there
    grads, dbefore = model.backward(dlogits, cache, dstate)

    pieces = slice(None, first), slice(first, None)
    one, _, one_cache = model.forward(tokens[:, pieces[0]], state, context=context[:, pieces[0]])
    two, two_after, two_cache = model.forward(tokens[:, pieces[1]], context=context[:, pieces[1]])
    one_grads, one_before = model.backward(dlogits[:, pieces[0]], one_cache)
    two_grads, _ = model.backward(dlogits[:, pieces[1]], two_cache, dstate)
    np.testing.assert_allclose(logits[:, : first - 1], one[:, :-1], rtol=1e-12)
    np.testing.assert_allclose(logits[:, first:], two, rtol=1e-12)
    np.testing.assert_allclose(logits[:, first - 1], np.tile(model.params["fc.bias"], (2, 1)), rtol=1e-12)
    for ours, theirs in zip((*after, *dbefore), (*two_after, *one_before), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-11, atol=1e-13)
    for name in grads:
        np.testing.assert_allclose(grads[name], one_grads[name] + two_grads[name], rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("module", [lstm, plain], ids=["fast", "plain"])
def test_an_end_at_the_last_step_hands_on_zero(rng, module):
    layers = [tuple(rng.standard_normal(shape) for shape in ((4 * H, D), (4 * H, H), (4 * H,), (4 * H,)))]
    x, state = rng.standard_normal((3, D, 2)), tuple(rng.standard_normal((2, 1, 2, H)))
    ends = np.array([[False, False], [False, False], [True, False]])
    out, (h, c), cache = module.lstm_forward(x, state, layers, ends=ends)
    assert not out[2, :, 0].any()
    assert not h[:, 0].any()
    assert not c[:, 0].any()
    assert h[:, 1].all()
    assert c[:, 1].all()
    dstate = np.zeros((1, 2, H)), np.zeros((1, 2, H))
    dstate[0][:, 0], dstate[1][:, 0] = 1, 1
    also = {"ends": ends} if module is plain else {}
    dx, before, _ = module.lstm_backward(None, cache, dstate, **also)
    assert not dx.any()
    assert not before[0].any()
    dstate[0][:, 1] = 1
    assert module.lstm_backward(None, cache, dstate, **also)[0][:, :, 1].all()


def test_context_symbols_are_left_out_in_training_alone(rng):
    tokens, context = case(rng, 20, 30)
    model = network(context_size=P, context_dropout=0.4)
    model.dropout = 0.0
    told = model.forward(tokens, context=context)[2].inputs.embedding[0][:, V:].sum()
    assert told == np.count_nonzero(context >= 0)
    left = model.forward(tokens, context=context, dropout_rng=rng)[2].inputs.embedding[0][:, V:].sum()
    assert left == pytest.approx(0.6 * told, rel=0.1)


def test_a_symbol_that_does_not_occur_has_no_gradient(rng):
    tokens, context = case(rng, 3, 5)
    context[context == 2] = -1
    model = network(context_size=P)
    logits, _, cache = model.forward(tokens, context=context)
    grads, _ = model.backward(softmax_cross_entropy(logits, tokens)[1], cache)
    used = np.unique(context[context >= 0])
    assert not grads["context.weight"][2].any()
    assert all(grads["context.weight"][used].any(axis=1))


def test_a_state_dict_tells_its_context():
    model = network(context_size=P)
    twin = LSTMModel.from_state_dict(model.state_dict())
    assert twin.context_size == P
    for name, array in model.params.items():
        np.testing.assert_array_equal(twin.params[name], array)
    assert "context.weight" in model.summary()
    with pytest.raises(ValueError, match=r"unknown \['context.weight'\]"):
        network().load_state_dict(model.state_dict())


@KINDS
@pytest.mark.parametrize(
    ("context", "error", "message"),
    [
        (None, ValueError, "this network needs its context"),
        (np.zeros((2, 3)), TypeError, "must be an array of integers"),
        (np.zeros((2, 3), int), ValueError, r"has shape \(2, 3\)"),
        (np.zeros((2, 4, 1), int), ValueError, "T = 3"),
        (np.zeros((1, 3, 1), int), ValueError, "B = 2"),
        (np.full((2, 3, 1), P), ValueError, "must lie between -1 and 6"),
        (np.full((2, 3, 1), -2), ValueError, "must lie between -1 and 6"),
        (np.zeros((2, 3, 0), int), ValueError, "it is empty"),
        ([[[1]]], TypeError, "must be a NumPy array"),
    ],
)
def test_a_context_that_is_none_is_refused(kind, context, error, message):
    with pytest.raises(error, match=message):
        network(kind, context_size=P).forward(np.zeros((2, 3), int), context=context)


@pytest.mark.parametrize(
    ("ends", "error", "message"),
    [
        (np.zeros((2, 3), int), TypeError, "must be an array of booleans"),
        (np.zeros((3, 2), bool), ValueError, r"\(B, T\) = \(2, 3\)"),
        ([[True]], TypeError, "must be a NumPy array"),
    ],
)
def test_ends_that_are_none_are_refused(ends, error, message):
    with pytest.raises(error, match=message):
        network().forward(np.zeros((2, 3), int), ends=ends)


def test_context_for_a_network_without_is_refused():
    with pytest.raises(ValueError, match="leave the context out"):
        network().forward(np.zeros((2, 3), int), context=np.zeros((2, 3, 1), int))
    with pytest.raises(ValueError, match="context_size must be at least 0"):
        network(context_size=-1)
