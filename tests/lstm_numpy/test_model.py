"""LSTMModel: shapes, initial parameters, state dict, and what may not influence what."""

import numpy as np
import pytest

from lstm_numpy import LSTMModel, softmax_cross_entropy
from lstm_numpy.dropout import dropout_forward

NAMES = [
    "embedding.weight",
    "lstm.weight_ih_l0", "lstm.weight_hh_l0", "lstm.bias_ih_l0", "lstm.bias_hh_l0",
    "lstm.weight_ih_l1", "lstm.weight_hh_l1", "lstm.bias_ih_l1", "lstm.bias_hh_l1",
    "fc.weight", "fc.bias",
]  # fmt: skip


def small(seed=0, dtype=np.float64, **more):
    return LSTMModel(7, 4, 5, 2, 0.3, np.random.default_rng(seed), dtype, **more)


def test_names_and_shapes():
    shapes = {name: array.shape for name, array in small().params.items()}
    assert list(shapes) == NAMES
    assert shapes["embedding.weight"] == (7, 4)
    assert shapes["lstm.weight_ih_l0"] == (20, 4)
    assert shapes["lstm.weight_ih_l1"] == shapes["lstm.weight_hh_l0"] == (20, 5)
    assert shapes["lstm.bias_hh_l1"] == (20,)
    assert shapes["fc.weight"] == (7, 5)
    model = small()
    assert model.num_parameters == sum(np.prod(shape) for shape in shapes.values())
    assert f"{model.num_parameters:,}" in model.summary()
    assert all(name in model.summary() for name in NAMES)


def test_initial_parameters():
    model = LSTMModel(50, 60, 64, 1, 0.2, np.random.default_rng(0))
    assert all(array.dtype == np.float32 for array in model.params.values())
    E = model.params["embedding.weight"]
    assert abs(E.std() - 1) < 0.05
    assert abs(E.mean()) < 0.05
    for name in list(model.params)[1:]:
        array = model.params[name]
        assert np.abs(array).max() <= 1 / 8
        assert array.std() == pytest.approx(1 / 8 / np.sqrt(3), rel=0.2)
    W = model.params["lstm.weight_hh_l0"].reshape(4, -1)
    assert len(np.unique(W[:, 0])) == 4  # the gates do not start equal


def test_every_dtype_starts_alike():
    single, double, complex_ = (small(dtype=dtype).params for dtype in (np.float32, np.float64, np.complex128))
    for name in NAMES:
        np.testing.assert_array_equal(single[name], double[name].astype(np.float32))
        np.testing.assert_array_equal(double[name], complex_[name].real)


def test_forget_bias():
    model, usual = small(forget_bias=1.0), small()
    for k in (0, 1):
        np.testing.assert_array_equal(model.params[f"lstm.bias_ih_l{k}"][5:10], 1)
        np.testing.assert_array_equal(model.params[f"lstm.bias_hh_l{k}"][5:10], 0)
        np.testing.assert_array_equal(model.params[f"lstm.bias_ih_l{k}"][:5], usual.params[f"lstm.bias_ih_l{k}"][:5])


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex128])
@pytest.mark.parametrize("outputs", ["last", "every"])
@pytest.mark.parametrize(("B", "T"), [(3, 6), (1, 6), (3, 1), (1, 1)])
def test_shapes_and_dtypes(rng, dtype, outputs, B, T):
    model = small(dtype=dtype)
    tokens = rng.integers(7, size=(B, T))
    logits, (h, c), cache = model.forward(tokens, None, outputs, rng)
    assert logits.shape == ((B, 7) if outputs == "last" else (B, T, 7))
    assert h.shape == c.shape == (2, B, 5)
    grads, (dh0, dc0) = model.backward(np.ones_like(logits), cache)
    assert list(grads) == NAMES
    assert all(grads[name].shape == model.params[name].shape for name in NAMES)
    assert dh0.shape == dc0.shape == (2, B, 5)
    assert {a.dtype for a in (logits, h, c, dh0, dc0, *grads.values())} == {np.dtype(dtype)}


def test_last_output_is_the_last_of_every(rng):
    model, tokens = small(), rng.integers(7, size=(3, 6))
    last, every = (model.forward(tokens, outputs=outputs)[0] for outputs in ("last", "every"))
    np.testing.assert_allclose(last, every[:, -1], rtol=1e-14)


def test_the_future_does_not_reach_back(rng):
    model, tokens = small(), rng.integers(7, size=(2, 8))
    changed = tokens.copy()
    changed[:, 5:] = (changed[:, 5:] + 1) % 7
    one, two = (model.forward(t)[0] for t in (tokens, changed))
    np.testing.assert_array_equal(one[:, :5], two[:, :5])
    assert (one[:, 5:] != two[:, 5:]).any()


def test_sequences_of_a_batch_do_not_meet(rng):
    model, tokens = small(), rng.integers(7, size=(4, 6))
    together = model.forward(tokens)[0]
    for b in range(4):
        np.testing.assert_allclose(together[b], model.forward(tokens[b : b + 1])[0][0], rtol=1e-13)


@pytest.mark.parametrize("plain", [False, True])
def test_dropped_parameters(rng, plain):
    """As if they were zero and the others larger; they get no gradient, and are not changed."""
    rates = {"embedding_dropout": 0.25, "weight_dropout": 0.5}
    model = LSTMModel(7, 9, 12, 2, 0.0, rng, np.float64, plain=plain, **rates)
    before = model.state_dict()
    tokens, dlogits = rng.integers(7, size=(3, 8)), rng.standard_normal((3, 8, 7))
    logits, _, cache = model.forward(tokens, dropout_rng=np.random.default_rng(1))
    grads, _ = model.backward(dlogits, cache)
    masks = np.random.default_rng(1)
    thinned = LSTMModel.from_state_dict(before)
    for name, rate in [("embedding.weight", 0.25), ("lstm.weight_hh_l0", 0.5), ("lstm.weight_hh_l1", 0.5)]:
        np.testing.assert_array_equal(model.params[name], before[name])
        thinned.params[name], mask = dropout_forward(before[name], rate, masks)
        assert set(np.unique(mask)) == {0, 1 / (1 - rate)}
        assert (grads[name][mask == 0] == 0).all()
    np.testing.assert_allclose(thinned.forward(tokens)[0], logits, rtol=0, atol=1e-12)


def test_dropout_only_with_a_generator(rng):
    model, tokens = small(), rng.integers(7, size=(2, 6))
    still = model.forward(tokens)[0]
    dropped = model.forward(tokens, dropout_rng=np.random.default_rng(1))[0]
    again = model.forward(tokens, dropout_rng=np.random.default_rng(1))[0]
    np.testing.assert_array_equal(dropped, again)
    assert (dropped != still).any()
    np.testing.assert_array_equal(model.forward(tokens)[0], still)


def test_fresh_loss_is_that_of_guessing():
    rng = np.random.default_rng(0)
    for V in (10, 38):
        model = LSTMModel(V, V, 128, 1, 0.2, rng)
        tokens, targets = rng.integers(V, size=(64, 64)), rng.integers(V, size=(64, 64))
        loss, _ = softmax_cross_entropy(model.forward(tokens)[0], targets)
        assert abs(loss - np.log(V)) < 0.1


def test_state_dict_is_a_copy_and_loads(rng):
    model, other = small(0), small(1)
    saved = model.state_dict()
    assert list(saved) == NAMES
    arrays = dict(other.params)
    other.load_state_dict(saved)
    tokens = rng.integers(7, size=(2, 5))
    np.testing.assert_array_equal(model.forward(tokens)[0], other.forward(tokens)[0])
    assert all(other.params[name] is arrays[name] for name in NAMES)  # in place: an optimizer keeps its hold
    saved["fc.bias"][:] = 9
    assert (model.params["fc.bias"] != 9).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_model_from_a_state_dict(rng, tmp_path, dtype):
    model, tokens = small(dtype=dtype), rng.integers(7, size=(2, 5))
    np.savez(tmp_path / "weights.npz", **model.state_dict())
    again = LSTMModel.from_state_dict(np.load(tmp_path / "weights.npz"))
    assert (again.vocab_size, again.input_dim, again.hidden_dim, again.layer_dim) == (7, 4, 5, 2)
    assert again.dtype == dtype
    np.testing.assert_array_equal(model.forward(tokens)[0], again.forward(tokens)[0])
    halves = {name: array.astype(np.float16) for name, array in model.state_dict().items()}
    assert LSTMModel.from_state_dict(halves).dtype == np.float32
    assert LSTMModel.from_state_dict(model.state_dict(), 0.5, np.float64).dropout == 0.5
    for broken, message in [
        ({}, "missing"),
        ({**model.state_dict(), "fc.bias": np.zeros(3)}, "fc.bias"),
        ({**model.state_dict(), "lstm.weight_hh_l2": np.zeros((20, 5))}, "missing"),
        ({**model.state_dict(), "lstm.weight_hh_l0_reverse": np.zeros((20, 5))}, "unknown.*_reverse"),
        ({**model.state_dict(), "lstm.weight_hh_l0": np.zeros(5)}, "lstm.weight_hh_l0 .*two dimensions"),
        ({**model.state_dict(), "embedding.weight": np.zeros(5)}, "embedding.weight .*two dimensions"),
    ]:
        with pytest.raises(ValueError, match=message):
            LSTMModel.from_state_dict(broken)


def test_load_state_dict_names_what_is_wrong():
    model = small()
    before = model.state_dict()
    short = {name: array for name, array in before.items() if name != "fc.bias"}
    with pytest.raises(ValueError, match=r"missing \['fc.bias'\]"):
        model.load_state_dict(short)
    with pytest.raises(ValueError, match=r"unknown \['gru.weight'\]"):
        model.load_state_dict({**before, "gru.weight": np.zeros(3)})
    with pytest.raises(ValueError, match=r"lstm.weight_hh_l1 .*\(20, 6\).*\(20, 5\)"):
        model.load_state_dict({**{n: 0 * a for n, a in before.items()}, "lstm.weight_hh_l1": np.zeros((20, 6))})
    for name in NAMES:
        np.testing.assert_array_equal(model.params[name], before[name])


def test_invalid_arguments(rng):
    for sizes in [(0, 4, 5, 1), (7, 0, 5, 1), (7, 4, 0, 1), (7, 4, 5, 0)]:
        with pytest.raises(ValueError, match="at least 1"):
            LSTMModel(*sizes, 0.2, rng)
    for wrong in (-0.1, 1.0):
        for name in ("dropout", "embedding_dropout", "weight_dropout"):
            with pytest.raises(ValueError, match=f"^{name} must"):
                LSTMModel(7, 4, 5, 1, rng=rng, **{"dropout": 0.0, name: wrong})
    model = small()
    tokens = rng.integers(7, size=(2, 3))
    with pytest.raises(ValueError, match="outputs"):
        model.forward(tokens, outputs="first")
    for wrong in (tokens - 7, tokens + 7):
        with pytest.raises(ValueError, match="between 0 and 6"):
            model.forward(wrong)
    with pytest.raises(ValueError, match="shape"):
        model.forward(tokens[0])
    with pytest.raises(ValueError, match=r"\(2, 2, 5\)"):
        model.forward(tokens, (np.zeros((1, 2, 5)), np.zeros((1, 2, 5))))
