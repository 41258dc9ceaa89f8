"""What must hold of forward and backward whatever the weights are."""

import itertools

import numpy as np
import pytest

from lstm_numpy import LSTMModel, Workspace
from lstm_numpy import model as layers

V, H, L, B, T = 6, 5, 2, 4, 9


@pytest.fixture(params=["fast", "plain"])
def model(request):
    return LSTMModel(V, 4, H, L, 0.3, np.random.default_rng(0), np.float64, plain=request.param == "plain")


def case(model, outputs, rng):
    """Tokens, state, and two sets of upstream gradients."""
    tokens = rng.integers(V, size=(B, T))
    state = tuple(rng.standard_normal((2, L, B, H)))
    shape = (B, V) if outputs == "last" else (B, T, V)
    upstream = [(rng.standard_normal(shape), tuple(rng.standard_normal((2, L, B, H)))) for _ in range(2)]
    cache = model.forward(tokens, state, outputs, np.random.default_rng(1))[2]
    return tokens, state, upstream, cache


def flat(result) -> list[np.ndarray]:
    grads, (dh0, dc0) = result
    return [*grads.values(), dh0, dc0]


def arrays_in(value):
    """Every array in a nested structure of tuples and lists."""
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, (tuple, list)):
        for part in value:
            yield from arrays_in(part)


def assert_close(one, two, tolerance=1e-12):
    for a, b in zip(one, two, strict=True):
        assert np.linalg.norm(a - b) <= tolerance * max(np.linalg.norm(a), np.linalg.norm(b), 1e-30)


@pytest.mark.parametrize("outputs", ["last", "every"])
def test_backward_is_linear_and_zero_for_zero(model, rng, outputs):
    _, _, ((one, one_state), (two, two_state)), cache = case(model, outputs, rng)
    mixed_state = tuple(2 * a - 3 * b for a, b in zip(one_state, two_state, strict=True))
    mixed = flat(model.backward(2 * one - 3 * two, cache, mixed_state))
    first, second = flat(model.backward(one, cache, one_state)), flat(model.backward(two, cache, two_state))
    assert_close(mixed, [2 * a - 3 * b for a, b in zip(first, second, strict=True)])
    zero_state = tuple(0 * a for a in one_state)
    assert all((gradient == 0).all() for gradient in flat(model.backward(0 * one, cache, zero_state)))


@pytest.mark.parametrize("outputs", ["last", "every"])
def test_backward_is_the_same_twice_and_changes_nothing(model, rng, outputs):
    tokens, state, ((dlogits, dstate), _), cache = case(model, outputs, rng)
    given = [tokens, *state, dlogits, *dstate, *model.params.values(), *arrays_in(cache)]
    before = [array.copy() for array in given]
    first, second = flat(model.backward(dlogits, cache, dstate)), flat(model.backward(dlogits, cache, dstate))
    for one, two in zip(first, second, strict=True):
        np.testing.assert_array_equal(one, two)
        assert not np.shares_memory(one, two)
    for array, copy in zip(given, before, strict=True):
        np.testing.assert_array_equal(array, copy)


def test_evaluation_in_between_does_not_change_the_mask(model, rng):
    tokens, _, ((dlogits, dstate), _), cache = case(model, "every", rng)
    before = flat(model.backward(dlogits, cache, dstate))
    model.forward(tokens)
    model.forward(tokens, dropout_rng=np.random.default_rng(99))
    for one, two in zip(before, flat(model.backward(dlogits, cache, dstate)), strict=True):
        np.testing.assert_array_equal(one, two)


def holds(check) -> bool:
    fresh = LSTMModel(V, 4, H, L, 0.3, np.random.default_rng(0), np.float64)
    try:
        check(fresh, np.random.default_rng(7))
    except AssertionError:
        return False
    return True


def test_a_stale_mask_is_reported(monkeypatch):
    """The mask of the latest forward pass, whichever that was."""
    check = test_evaluation_in_between_does_not_change_the_mask
    assert holds(check)
    latest, forward, backward = [], layers.dropout_forward, layers.dropout_backward

    def keep(x, rate, rng, workspace=None):
        out, mask = forward(x, rate, rng, workspace)
        latest[:] = [mask]
        return out, mask

    monkeypatch.setattr(layers, "dropout_forward", keep)
    monkeypatch.setattr(
        layers, "dropout_backward", lambda dy, mask, out=None: backward(dy, latest[0] if out is not None else mask, out)
    )
    assert not holds(check)


def test_gradients_are_the_callers_own(model, rng):
    """No two gradients share memory, so scaling each in place scales each once."""
    _, _, ((dlogits, dstate), _), cache = case(model, "every", rng)
    gradients = flat(model.backward(dlogits, cache, dstate))
    before = [gradient.copy() for gradient in gradients]
    for gradient in gradients:
        gradient *= 2
    for gradient, copy in zip(gradients, before, strict=True):
        np.testing.assert_array_equal(gradient, 2 * copy)


@pytest.mark.parametrize("cuts", [[3], [1, 2, 8], list(range(1, T))], ids=str)
def test_pieces_equal_the_whole(model, rng, cuts):
    """Without dropout, as its mask is drawn for a whole pass."""
    tokens, state, ((dlogits, dstate), _), _ = case(model, "every", rng)
    logits, last, cache = model.forward(tokens, state)
    whole = flat(model.backward(dlogits, cache, dstate))

    borders = [0, *cuts, T]
    carried, caches, pieces = state, [], []
    for start, stop in itertools.pairwise(borders):
        piece, carried, piece_cache = model.forward(tokens[:, start:stop], carried)
        pieces.append(piece)
        caches.append((start, stop, piece_cache))
    np.testing.assert_array_equal(np.concatenate(pieces, axis=1), logits)
    np.testing.assert_array_equal(carried, last)

    dcarried, totals = dstate, None
    for start, stop, piece_cache in reversed(caches):
        grads, dcarried = model.backward(dlogits[:, start:stop], piece_cache, dcarried)
        totals = (
            list(grads.values()) if totals is None else [a + b for a, b in zip(totals, grads.values(), strict=True)]
        )
    assert_close([*totals, *dcarried], whole)


@pytest.mark.parametrize("outputs", ["last", "every"])
def test_permuting_the_batch_permutes_the_result(model, rng, outputs):
    tokens, state, ((dlogits, dstate), _), _ = case(model, outputs, rng)
    order = rng.permutation(B)
    logits, (h, c), cache = model.forward(tokens, state, outputs)
    grads, (dh0, dc0) = model.backward(dlogits, cache, dstate)

    shuffled_state = tuple(array[:, order] for array in state)
    logits_2, (h_2, c_2), cache_2 = model.forward(tokens[order], shuffled_state, outputs)
    grads_2, (dh0_2, dc0_2) = model.backward(dlogits[order], cache_2, tuple(array[:, order] for array in dstate))
    assert_close([logits[order], h[:, order], c[:, order]], [logits_2, h_2, c_2])
    assert_close([dh0[:, order], dc0[:, order]], [dh0_2, dc0_2])
    assert_close(grads.values(), grads_2.values())


@pytest.mark.parametrize("plain", [False, True])
def test_a_workspace_changes_no_number(rng, plain):
    model = LSTMModel(V, 4, H, L, 0.3, np.random.default_rng(0), np.float64, plain=plain)
    tokens, state, ((dlogits, dstate), _), cache = case(model, "every", rng)
    without = flat(model.backward(dlogits, cache, dstate))
    workspace = Workspace()
    model.forward(tokens[::-1], state, "every", None, workspace)  # leaves other numbers behind
    used = model.forward(tokens, state, "every", np.random.default_rng(1), workspace)[2]
    for one, two in zip(without, flat(model.backward(dlogits, used, dstate)), strict=True):
        np.testing.assert_array_equal(one, two)
    model.forward(tokens, state, "every", None, workspace)
    with pytest.raises(RuntimeError, match="workspace"):
        model.backward(dlogits, used, dstate)
