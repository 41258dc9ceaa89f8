"""What readers pass by mistake: refused in one sentence that names the argument, or rightly computed."""

from types import SimpleNamespace

import numpy as np
import pytest

from lstm_numpy import Adam, LSTMModel, clip_grad_norm, generate, generate_many, lstm, plain, softmax_cross_entropy
from lstm_numpy.cell import cell_backward, cell_forward
from lstm_numpy.dropout import dropout_backward, dropout_forward
from lstm_numpy.embedding import embedding_backward, embedding_forward, fold_backward, fold_forward, one_hot
from lstm_numpy.linear import linear_backward, linear_forward
from lstm_numpy.sampling import next_probabilities, numbered_streams
from lstm_numpy.training import Evaluation, Settings, Training, export

V, D, H, L, B, T = 7, 4, 5, 2, 3, 6
both = pytest.mark.parametrize("kind", ["fast", "plain"])


def new_model(kind="fast", dtype=np.float64, **more):
    return LSTMModel(
        V, D, H, L, rng=np.random.default_rng(0), dtype=dtype, plain=kind == "plain", **{"dropout": 0.0} | more
    )


def normal(rng, *shape):
    return rng.standard_normal(shape)


def refused(error, *words):
    """The message is one line, and holds all these words."""
    return pytest.raises(error, match="^" + "".join(f"(?=.*{word})" for word in words) + ".*$")


def wrong_shapes(shape):
    """Shapes that NumPy would stretch to this one, or that are longer, shorter or turned round."""
    yield from (shape[1:], shape[:-1], (1, *shape), (*shape, 1), shape[::-1], ())
    for axis in range(len(shape)):
        for length in {1, shape[axis] - 1, shape[axis] + 1}:
            yield (*shape[:axis], length, *shape[axis + 1 :])


def each_wrong(arguments, wanted):
    """All calls in which one argument has another shape."""
    for name in wanted:
        for shape in set(wrong_shapes(arguments[name].shape)) - {arguments[name].shape}:
            yield {**arguments, name: np.ones(shape, arguments[name].dtype)}


def is_refused(call, arguments, wanted):
    call(**arguments)
    for wrong in each_wrong(arguments, wanted):
        with pytest.raises(ValueError, match=r"has shape \(") as error:
            call(**wrong)
        assert "\n" not in str(error.value)


# -- shapes -------------------------------------------------------------------------------------------


def cell_arrays(rng):
    shapes = {"x": (B, D), "h_prev": (B, H), "c_prev": (B, H)}
    shapes |= {"W_ih": (4 * H, D), "W_hh": (4 * H, H), "b_ih": (4 * H,), "b_hh": (4 * H,)}
    return {name: normal(rng, *shape) for name, shape in shapes.items()}


def test_shapes_of_the_cell(rng):
    arrays = cell_arrays(rng)
    is_refused(cell_forward, arrays, arrays)
    cache = cell_forward(**arrays)[2]
    upstream = {"dh": normal(rng, B, H), "dc": normal(rng, B, H)}
    is_refused(lambda **given: cell_backward(**given, cache=cache), upstream, upstream)
    with refused(ValueError, "W_hh", r"\(24, 6\)", r"\(4H, H\) = \(20, 5\)"):
        cell_forward(**{**arrays, "W_hh": np.ones((24, 6))})


def test_shapes_of_the_linear_layer(rng):
    for axes in ((), (T,), (2, T)):
        arrays = {"x": normal(rng, *axes, H, B), "W": normal(rng, V, H), "b": normal(rng, V)}
        cache = linear_forward(**arrays)[1]
        upstream = {"dy": normal(rng, *axes, V, B), "out": normal(rng, *axes, H, B)}
        is_refused(lambda cache=cache, **given: linear_backward(cache=cache, **given), upstream, upstream)
    for wrong in ({"b": np.ones(1)}, {"b": np.ones((V, 1))}, {"W": np.ones((V, 1))}, {"x": np.ones(H)}):
        with refused(ValueError, next(iter(wrong)), "must have"):
            linear_forward(**{**arrays, **wrong})


def test_shapes_of_embedding_fold_and_dropout(rng):
    tokens, E, W_ih = rng.integers(V, size=(B, T)), normal(rng, V, D), normal(rng, 4 * H, D)
    cache = embedding_forward(tokens, E)[1]
    is_refused(lambda dx: embedding_backward(dx, cache), {"dx": normal(rng, T, D, B)}, ["dx"])
    folded, fold_cache = fold_forward(E, W_ih)
    is_refused(lambda dfolded: fold_backward(dfolded, fold_cache), {"dfolded": folded}, ["dfolded"])
    with refused(ValueError, "^E has shape", r"\(V, D\)"):
        embedding_forward(tokens, E[0])
    with refused(ValueError, "W_ih", r"\(20, 3\)", r"\(4H, D\)", "D = 4"):
        fold_forward(E, np.ones((4 * H, 3)))
    mask = dropout_forward(normal(rng, T, H, B), 0.3, rng)[1]
    upstream = {"dy": normal(rng, T, H, B), "out": normal(rng, T, H, B)}
    is_refused(lambda **given: dropout_backward(mask=mask, **given), upstream, upstream)


def lstm_arguments(rng):
    layers = [
        (normal(rng, 4 * H, H if k else D), normal(rng, 4 * H, H), normal(rng, 4 * H), normal(rng, 4 * H))
        for k in range(L)
    ]
    return {"x": normal(rng, T, D, B), "h": normal(rng, L, B, H), "c": normal(rng, L, B, H)}, layers


@pytest.mark.parametrize("module", [lstm, plain], ids=["fast", "plain"])
def test_shapes_of_the_lstm(rng, module):
    arrays, layers = lstm_arguments(rng)

    def forward(x, h, c):
        return module.lstm_forward(x, (h, c), layers)

    is_refused(forward, arrays, ["h", "c"])
    for wrong in ((T, D + 1, B), (T, D, 1), (D, B), (0, D, B), (T, D, 0)):
        with pytest.raises(ValueError, match="has shape"):
            forward(**{**arrays, "x": np.ones(wrong)})
    for k, part, shape in (
        (0, 0, (4 * H, H)),
        (1, 0, (4 * H, D)),
        (1, 1, (4 * H, 1)),
        (0, 2, (1,)),
        (1, 3, (4 * H, 1)),
    ):
        changed = [list(layer) for layer in layers]
        changed[k][part] = np.ones(shape)
        with refused(ValueError, f"{('W_ih', 'W_hh', 'b_ih', 'b_hh')[part]} of layer {k}", "has shape"):
            module.lstm_forward(arrays["x"], (arrays["h"], arrays["c"]), changed)
    for number in (L - 1, L + 1):
        with refused(ValueError, "h has shape", rf"\({number}, 3, 5\)"):
            forward(arrays["x"], *np.ones((2, number, B, H)))
    with refused(TypeError, r"layers\[1\]", "4 arrays", "not 3"):
        module.lstm_forward(arrays["x"], (arrays["h"], arrays["c"]), [layers[0], layers[1][:3]])
    with refused(TypeError, "state", "2 arrays, h, c", "not 3"):
        module.lstm_forward(arrays["x"], (arrays["h"], arrays["c"], arrays["c"]), layers)

    cache = forward(**arrays)[2]
    upstream = {"dout": normal(rng, T, H, B), "dh": normal(rng, L, B, H), "dc": normal(rng, L, B, H)}

    def backward(dout, dh, dc):
        return module.lstm_backward(dout, cache, (dh, dc))

    is_refused(backward, upstream, upstream)
    with refused(ValueError, "dout", r"\(7, 5, 3\)", r"\(T, H, B\) = \(6, 5, 3\)"):
        backward(**{**upstream, "dout": np.ones((T + 1, H, B))})
    for number in (L - 1, L + 1):
        with refused(ValueError, "dh has shape", rf"\({number}, 3, 5\)"):
            backward(upstream["dout"], *np.ones((2, number, B, H)))
    with refused(TypeError, "dstate", "dh, dc"):
        module.lstm_backward(upstream["dout"], cache, (upstream["dh"],))


@both
@pytest.mark.parametrize("outputs", ["last", "every"])
def test_shapes_of_the_model(rng, kind, outputs):
    model, tokens = new_model(kind), rng.integers(V, size=(B, T))
    state = {"h": normal(rng, L, B, H), "c": normal(rng, L, B, H)}
    is_refused(lambda h, c: model.forward(tokens, (h, c), outputs), state, state)
    logits, _, cache = model.forward(tokens, tuple(state.values()), outputs)
    upstream = {"dlogits": normal(rng, *logits.shape), "dh": normal(rng, L, B, H), "dc": normal(rng, L, B, H)}
    is_refused(lambda dlogits, dh, dc: model.backward(dlogits, cache, (dh, dc)), upstream, upstream)
    is_refused(lambda dlogits: model.backward(dlogits, cache), {"dlogits": logits}, ["dlogits"])
    for wrong in (np.ones((B, H)), 0, {"h": 1}, (np.ones((L, B, H)),)):
        with refused(TypeError, "state", "h, c"):
            model.forward(tokens, wrong)
        with refused(TypeError, "dstate", "dh, dc"):
            model.backward(upstream["dlogits"], cache, wrong)


@both
def test_the_gradient_of_the_last_step_is_not_that_of_every_step(rng, kind):
    model, tokens = new_model(kind), rng.integers(V, size=(B, T))
    logits, _, cache = model.forward(tokens, outputs="every")
    _, dlogits = softmax_cross_entropy(logits[:, -1], rng.integers(V, size=B))
    with refused(ValueError, "dlogits", r"\(3, 7\)", r"\(B, ..., V\) = \(3, 6, 7\)"):
        model.backward(dlogits, cache)


# -- tokens and targets -------------------------------------------------------------------------------


def not_symbols(symbols):
    """What is passed in the place of symbols, and the error that says so."""
    yield symbols.tolist(), TypeError, "must be a NumPy array, not list"
    yield symbols.astype(float), TypeError, "integers, not of float64"
    yield symbols > 2, TypeError, "integers, not of bool"
    yield symbols.astype(str), TypeError, "integers"
    yield symbols[:0], ValueError, r"has shape \(0,.*empty"
    yield np.where(symbols == symbols.max(), V, symbols), ValueError, "between -?[01] and 6"
    yield np.where(symbols == symbols.min(), -2, symbols), ValueError, "between -?[01] and 6"
    yield 3, TypeError, "must be a NumPy array, not int"
    yield symbols[0], ValueError, "has shape"
    yield symbols[None], ValueError, "has shape"


@both
@pytest.mark.parametrize("number", range(10))
def test_tokens(rng, kind, number):
    model, tokens = new_model(kind), rng.integers(V, size=(B, T))
    wrong, error, message = list(not_symbols(tokens))[number]
    with pytest.raises(error, match=f"^tokens.*{message}"):
        model.forward(wrong)
    for layer in (lambda: embedding_forward(wrong, np.ones((V, D))), lambda: one_hot(wrong, V, np.float64)):
        with pytest.raises(error, match=f"^tokens.*{message}"):
            layer()


@both
def test_tokens_of_every_width(rng, kind):
    model, tokens = new_model(kind), rng.integers(V, size=(B, T))
    for dtype in (np.int8, np.int32, np.uint8, np.uint64):
        np.testing.assert_array_equal(model.forward(tokens.astype(dtype))[0], model.forward(tokens)[0])
    with refused(ValueError, "tokens", "between 0 and 6", "-1"):
        model.forward(np.where(tokens == tokens[0, 0], -1, tokens))


@pytest.mark.parametrize("number", range(10))
def test_targets(rng, number):
    logits, targets = normal(rng, B, T, V), rng.integers(V, size=(B, T))
    wrong, error, message = list(not_symbols(targets))[number]
    matching = logits[:0] if np.shape(wrong) == (0, T) else logits
    evaluation = Evaluation()
    for judge in (softmax_cross_entropy, evaluation.add):
        with pytest.raises(error, match=f"^(targets|logits).*{message}"):
            judge(matching, wrong)
    assert evaluation == Evaluation()


def test_logits_of_the_loss(rng):
    targets = np.array([0, 1])
    with refused(TypeError, "logits", "float32, float64 or complex128", "not float16"):
        softmax_cross_entropy(np.ones((2, V), np.float16), targets)
    with refused(TypeError, "logits", "not int64"):
        softmax_cross_entropy(np.ones((2, V), int), targets)
    with refused(TypeError, "logits", "not list"):
        softmax_cross_entropy([[0.0, 1.0]], targets)


def test_an_evaluation_without_targets(rng):
    evaluation = Evaluation()
    evaluation.add(normal(rng, 2, V), np.array([-1, -1]))
    for read in (
        lambda: evaluation.loss,
        lambda: evaluation.perplexity,
        lambda: evaluation.accuracy,
        lambda: str(evaluation),
    ):
        with refused(ValueError, "no target"):
            read()
    with refused(TypeError, "logits must be a NumPy array, not list"):
        evaluation.add([[0.0, 1.0]], np.array([0]))
    with refused(ValueError, "targets", r"\(3,\)"):
        evaluation.add(normal(rng, 2, V), np.array([-1, -1, -1]))


# -- dtypes -------------------------------------------------------------------------------------------


@both
@pytest.mark.parametrize("dtype", [np.float16, np.longdouble, np.complex64, np.int64, bool, "O"])
def test_dtypes_that_are_not_computed_with(rng, kind, dtype):
    with refused(TypeError, "dtype", "float32, float64 or complex128", "not"):
        new_model(kind, dtype)
    with refused(TypeError, "embedding.weight|dtype", "float32"):
        Adam({"embedding.weight": np.ones((V, D), dtype)})
    with refused(TypeError, "dtype"):
        LSTMModel.from_state_dict(new_model().state_dict(), dtype=dtype)
    arrays = cell_arrays(rng)
    with refused(TypeError, "x must be", "float32"):
        cell_forward(**{**arrays, "x": np.ones((B, D)).astype(dtype)})
    for call in (linear_forward, lambda x, W, b: dropout_forward(W, 0.5, rng)):
        with refused(TypeError, "[xW] must be", "float32"):
            call(np.ones((H, B), dtype), np.ones((V, H), dtype), np.ones(V, dtype))


@both
def test_a_state_is_cast_to_the_dtype_of_the_model(rng, kind):
    model, tokens = new_model(kind, np.float32), rng.integers(V, size=(B, T))
    state = normal(rng, L, B, H), normal(rng, L, B, H)
    single = tuple(array.astype(np.float32) for array in state)
    (logits, after, cache), (expected, *_) = model.forward(tokens, state), model.forward(tokens, single)
    assert {array.dtype for array in (logits, *after)} == {np.dtype(np.float32)}
    np.testing.assert_array_equal(logits, expected)
    dlogits = normal(rng, B, T, V)
    grads, dstate0 = model.backward(dlogits, cache, state)
    assert {array.dtype for array in (*grads.values(), *dstate0)} == {np.dtype(np.float32)}
    again, _ = model.backward(dlogits.astype(np.float32), cache, single)
    for name, gradient in grads.items():
        np.testing.assert_array_equal(gradient, again[name])
    np.testing.assert_array_equal(model.forward(tokens, np.stack(state))[0], expected)


@both
def test_no_imaginary_part_is_lost(rng, kind):
    model, tokens, z = new_model(kind), rng.integers(V, size=(B, T)), normal(rng, L, B, H) * 1j
    with refused(TypeError, "state is complex128", "float64"):
        model.forward(tokens, (z, z.real))
    logits, _, cache = model.forward(tokens)
    with refused(TypeError, "dlogits is complex128", "float64"):
        model.backward(logits * 1j, cache)
    with refused(TypeError, "dstate is complex128", "float64"):
        model.backward(logits, cache, (z.real, z))
    before = model.state_dict()
    with refused(TypeError, "fc.bias is complex128", "float64"):
        model.load_state_dict({**before, "embedding.weight": np.zeros((V, D)), "fc.bias": before["fc.bias"] + 0j})
    np.testing.assert_array_equal(model.params["embedding.weight"], before["embedding.weight"])
    with refused(TypeError, "logits must be real"):
        next_probabilities(logits * 1j)
    with refused(TypeError, "gradient of a is complex128", "float64"):
        Adam({"a": np.ones(2)}).step({"a": np.ones(2) * 1j})
    with refused(TypeError, "a must be float32 or float64, not complex128"):
        Adam({"a": np.ones(2) * 1j})


@pytest.mark.parametrize("module", [lstm, plain], ids=["fast", "plain"])
def test_an_lstm_has_one_dtype(rng, module):
    arrays, layers = lstm_arguments(rng)
    state = arrays["h"], arrays["c"]
    single = tuple(array.astype(np.float32) for array in state)
    with refused(TypeError, "h is float32, but x is float64"):
        module.lstm_forward(arrays["x"], single, layers)
    with refused(TypeError, "W_ih of layer 0 is float64, but x is complex128"):
        module.lstm_forward(arrays["x"] + 0j, tuple(array + 0j for array in state), layers)
    cache = module.lstm_forward(arrays["x"], state, layers)[2]
    with refused(TypeError, "dout is float32, but c is float64"):
        module.lstm_backward(np.ones((T, H, B), np.float32), cache)
    with refused(TypeError, "dh is float32, but c is float64"):
        module.lstm_backward(None, cache, single)


# -- generators and numbers ---------------------------------------------------------------------------

VOCABULARY = SimpleNamespace(end=0, not_first=[0], encode=int, decode=str)


@pytest.mark.parametrize(
    "rng", [0, 5, np.int64(3), True, "0", np.random, np.random.RandomState(0)], ids=lambda rng: repr(rng)[:8]
)
def test_a_seed_is_no_generator(rng):
    model, tokens = new_model(dropout=0.5), np.ones((B, T), int)
    calls = {
        "^rng must": lambda: generate(model, VOCABULARY, max_len=3, rng=rng),
        r"rngs\[1\]": lambda: generate_many(model, VOCABULARY, [np.random.default_rng(0), rng], max_len=3),
        "rngs": lambda: generate_many(model, VOCABULARY, rng, max_len=3),
        "dropout_rng": lambda: model.forward(tokens, dropout_rng=rng),
        "rng ": lambda: dropout_forward(np.ones(3), 0.0, rng),
        "rng must": lambda: LSTMModel(V, D, H, L, 0.0, rng),
        "shuffle_rng": lambda: Training(model, settings(), rng, np.random.default_rng(0)),
        "dropout_rng must": lambda: Training(model, settings(), np.random.default_rng(0), rng),
    }
    for name, call in calls.items():
        with refused(TypeError, name, "generator"):
            call()


def settings():
    return Settings("every", 1, 0.01, "constant", 0.0, 1.0, 1)


def test_no_generator_is_no_seed_either():
    with refused(TypeError, "rng", "generator", "not None"):
        LSTMModel(V, D, H, L, 0.0, None)
    model = new_model()
    drawn = {tuple(generate(model, VOCABULARY, max_len=40, min_len=40)) for _ in range(2)}
    assert len(drawn) == 2, "without a generator it is another sequence each time"


def test_numbers_out_of_range(rng):
    for wrong, error in ((-1, ValueError), (1.5, TypeError), ("7", TypeError), (None, TypeError)):
        with refused(error, "seed"):
            numbered_streams(wrong, [0])
    for name in ("vocab_size", "input_dim", "hidden_dim", "layer_dim", "start_len"):
        sizes = {"vocab_size": V, "input_dim": D, "hidden_dim": H, "layer_dim": L, "start_len": 1}
        for wrong, error in ((0, ValueError), (-3, ValueError), (2.0, TypeError), (True, TypeError)):
            with refused(error, f"^{name} must be"):
                LSTMModel(**{**sizes, name: wrong}, dropout=0.0, rng=rng)
    for rate in (-0.1, 1.0, 1.5, np.nan):
        with refused(ValueError, "rate must be", "below 1"):
            dropout_forward(np.ones(4), rate, rng)
        if rate != 0:
            with refused(ValueError, "betas", "below 1"):
                Adam({"a": np.ones(2)}, betas=(0.9, rate))
    for name, wrong in (
        ("max_len", 2.5),
        ("max_len", -1),
        ("min_len", 1.0),
        ("min_len", -1),
        ("top_k", 1.5),
        ("top_k", 0),
    ):
        with refused((TypeError, ValueError), f"^{name}"):
            generate(new_model(), VOCABULARY, rng=rng, **{"max_len": 3, name: wrong})


def test_logits_that_a_user_has_masked(rng):
    logits = np.array([[1.0, -np.inf, 2.0, -np.inf], [0.0, 1.0, -np.inf, 2.0]])
    p = next_probabilities(logits, 0.5)
    assert (p[logits == -np.inf] == 0).all()
    np.testing.assert_allclose(p[0, [0, 2]], np.exp([2, 4]) / np.exp([2, 4]).sum())
    for more in ({"top_k": 3}, {"top_p": 0.9}, {"temperature": np.inf}, {"temperature": 0}):
        assert (next_probabilities(logits, **more)[logits == -np.inf] == 0).all()
    for bad in (np.nan, np.inf):
        with refused(ValueError, "diverged"):
            next_probabilities(np.array([0.0, bad]))
    with refused(TypeError, "logits must be a NumPy array, not list"):
        next_probabilities([0.0, 1.0])
    with refused(ValueError, "every symbol is forbidden"):
        next_probabilities(logits, forbidden=[0, 2])  # in the first row, none is left
    for wrong in ([4], [-1]):
        with refused(ValueError, "forbidden", "0 to 3"):
            next_probabilities(logits, forbidden=wrong)


# -- caches -------------------------------------------------------------------------------------------


@both
@pytest.mark.parametrize("outputs", ["last", "every"])
def test_a_cache_belongs_to_its_forward_pass(rng, kind, outputs):
    """Whatever becomes of the weights, the tokens and the states afterwards."""
    model, tokens = new_model(kind, dropout=0.3), rng.integers(V, size=(B, T))
    state = normal(rng, L, B, H), normal(rng, L, B, H)
    logits, after, cache = model.forward(tokens, state, outputs, np.random.default_rng(1))
    dlogits = normal(rng, *logits.shape)
    grads, dstate0 = model.backward(dlogits, cache)
    Adam(model.params, 0.1).step(grads)
    model.load_state_dict({name: array + 1 for name, array in model.params.items()})
    for array in (*state, *after, logits, tokens):
        array[...] = 0
    again, dstate0_again = model.backward(dlogits, cache)
    for one, two in zip((*grads.values(), *dstate0), (*again.values(), *dstate0_again), strict=True):
        np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("module", [lstm, plain], ids=["fast", "plain"])
def test_caches_of_the_layers_belong_to_their_forward_pass(rng, module):
    arrays, layers = lstm_arguments(rng)
    tokens, E, W = rng.integers(V, size=(B, T)), normal(rng, V, D), normal(rng, V, H)
    _, _, cache = module.lstm_forward(arrays["x"], (arrays["h"], arrays["c"]), layers)
    dout, dy, dx, dfolded = (normal(rng, *shape) for shape in ((T, H, B), (T, V, B), (T, D, B), (4 * H, V)))
    linear_cache, embedding_cache = linear_forward(dout, W, np.ones(V))[1], embedding_forward(tokens, E)[1]
    fold_cache = fold_forward(E, layers[0][0])[1]

    def all_gradients():
        dx_, dstate0, grads = module.lstm_backward(dout, cache)
        flat = [dx_, *dstate0, *(gradient for layer in grads for gradient in layer)]
        return [
            *flat,
            *linear_backward(dy, linear_cache),
            embedding_backward(dx, embedding_cache),
            *fold_backward(dfolded, fold_cache),
        ]

    before = all_gradients()
    for array in (*arrays.values(), *(array for layer in layers for array in layer), tokens, E, W):
        array[...] = 0
    for one, two in zip(before, all_gradients(), strict=True):
        np.testing.assert_array_equal(one, two)


# -- Adam and clipping --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        (lambda grads: grads.pop("fc.bias"), ValueError, ("gradient of fc.bias", "missing")),
        (
            lambda grads: grads.update({"fc.bias": np.ones(1)}),
            ValueError,
            ("gradient of fc.bias", r"\(1,\)", r"\(7,\)"),
        ),
        (lambda grads: grads.update({"fc.bias": np.ones((V, V))}), ValueError, ("gradient of fc.bias", r"\(7, 7\)")),
        (lambda grads: grads.update({"fc.bias": [0.0] * V}), TypeError, ("gradient of fc.bias", "list")),
        (lambda grads: grads.update({"fc.bias": 0.0}), TypeError, ("gradient of fc.bias", "float")),
        (lambda grads: grads.update({"fc.bias": np.ones(V) * 1j}), TypeError, ("gradient of fc.bias", "complex128")),
        (
            lambda grads: grads.update({"fc.bias": np.ones(V, np.float16)}),
            TypeError,
            ("gradient of fc.bias", "float16"),
        ),
    ],
)
def test_a_gradient_that_does_not_fit_moves_nothing(change, error, words):
    model = new_model()
    optimizer, before = Adam(model.params), model.state_dict()
    grads = {name: np.ones_like(array) for name, array in model.params.items()}
    change(grads)
    with refused(error, *words):
        optimizer.step(grads)
    assert optimizer.t == 0
    for name, array in before.items():
        np.testing.assert_array_equal(model.params[name], array)
        assert not optimizer.m[name].any()
        assert not optimizer.v[name].any()


def test_all_that_backward_returns_is_no_dict_of_gradients(rng):
    model, tokens = new_model(), rng.integers(V, size=(B, T))
    logits, _, cache = model.forward(tokens)
    everything = model.backward(logits, cache)
    for call in (Adam(model.params).step, lambda grads: clip_grad_norm(grads, 1.0)):
        with refused(TypeError, "grads", "dict", "not tuple"):
            call(everything)
    with refused(TypeError, "params", "dict", "not list"):
        Adam(list(model.params.values()))


def test_the_norm_is_added_up_in_float64():
    g = np.full(10**7, 0.1, np.float32)
    expected = np.sqrt(10**7 * np.float64(np.float32(0.1)) ** 2)
    assert clip_grad_norm({"a": g}, np.inf) == pytest.approx(expected, rel=1e-9)
    huge = {"a": np.full(4, 1e30, np.float32)}
    assert clip_grad_norm(huge, 1.0) == pytest.approx(2e30, rel=1e-6)  # its square is beyond float32
    np.testing.assert_allclose(huge["a"], 0.5, rtol=1e-6)
    for wrong in (0, -1.0, np.nan):
        with refused(ValueError, "max_norm must be above 0"):
            clip_grad_norm({"a": g}, wrong)


# -- state dicts --------------------------------------------------------------------------------------


@both
@pytest.mark.parametrize(
    ("value", "error", "words"),
    [
        (np.array(["a"] * V), TypeError, ("fc.bias", "numbers")),
        (np.array([None] * V), TypeError, ("fc.bias", "numbers")),
        ([[0.0] * (V - 1), [0.0]], TypeError, ("fc.bias",)),
        (np.full(V, True), TypeError, ("fc.bias", "bool")),
        (np.full(V, 1e300), ValueError, ("fc.bias", "too large for float32")),
        (np.ones(V + 1), ValueError, ("fc.bias", r"\(8,\)", r"\(7,\)")),
    ],
)
def test_a_value_that_cannot_be_cast_changes_nothing(kind, value, error, words):
    model = new_model(kind, np.float32)
    before = model.state_dict()
    changed = {name: array + 1 for name, array in before.items()} | {"fc.bias": value}
    for load in (model.load_state_dict, LSTMModel.from_state_dict):
        with pytest.raises((error, ValueError), match=".*".join(words) if load == model.load_state_dict else "fc.bias"):
            load(changed)
    for name, array in before.items():
        np.testing.assert_array_equal(model.params[name], array)


@pytest.mark.parametrize("prefix", ["module.", "_orig_mod.", "model.", "module._orig_mod."])
def test_one_prefix_before_all_names_is_left_out(prefix):
    model, other = new_model(), LSTMModel(V, D, H, L, 0.0, np.random.default_rng(1), np.float64)
    wrapped = {prefix + name: array for name, array in model.state_dict().items()}
    other.load_state_dict(wrapped)
    for loaded in (other, LSTMModel.from_state_dict(wrapped)):
        for name, array in model.params.items():
            np.testing.assert_array_equal(loaded.params[name], array)
    half = {name.removeprefix(prefix) if "fc" in name else name: array for name, array in wrapped.items()}
    with refused(ValueError, "missing embedding.weight", f"found {prefix}embedding.weight"):
        other.load_state_dict(half)


@pytest.mark.parametrize("load", [LSTMModel.from_state_dict, lambda given: new_model().load_state_dict(given)])
def test_what_is_no_state_dict(load, tmp_path):
    model = new_model()
    state_dict = model.state_dict()
    whole = {"epoch": 3, "model_state_dict": state_dict, "optimizer_state_dict": {"state": {}}}
    with refused(ValueError, "found epoch, model_state_dict, optimizer_state_dict", "pass .*'model_state_dict'"):
        load(whole)
    with refused(ValueError, "pass .*'state_dict'"):
        load({"state_dict": {f"model.{name}": array for name, array in state_dict.items()}, "hyper_parameters": {}})
    export(tmp_path / "own.npz", model, {})
    with refused(ValueError, "checkpoint of this project", "load_model"):
        load(np.load(tmp_path / "own.npz"))
    with refused(ValueError, "found rnn.weight;", "lstm.weight_ih_l0"):
        load({"rnn.weight": np.ones((3, 3))})
    with refused(ValueError, "found nothing"):
        load({})
    for wrong in (model, "weights.npz", list(state_dict.items()), None):
        with refused(TypeError, "state_dict", "dict of arrays by name"):
            load(wrong)


def test_tensors_are_read():
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    model = new_model()
    tensors = {name: torch.from_numpy(array) for name, array in model.state_dict().items()}
    again = LSTMModel.from_state_dict(tensors)
    assert all((again.params[name] == array).all() for name, array in model.params.items())
    for wrong in (tensors["fc.bias"].clone().requires_grad_(), tensors["fc.bias"].to(torch.bfloat16)):
        with refused(TypeError, "fc.bias cannot be read"):
            again.load_state_dict({**tensors, "fc.bias": wrong})
