"""Parameters: what is drawn, and what is read of state dicts that others have written."""

import re

import numpy as np
import pytest

from lstm_numpy.parameters import arrays_for, initial_params, sizes_of, under_own_names

V, D, H, L = 7, 3, 4, 3


def drawn(forget_bias=None, dtype=np.float64, seed=0, **sizes):
    V_, D_, H_, L_, P_ = ({"V": V, "D": D, "H": H, "L": L, "P": 0} | sizes).values()
    return initial_params(V_, D_, H_, L_, P_, np.random.default_rng(seed), np.dtype(dtype), forget_bias)


def refused(error, sentence):
    return pytest.raises(error, match="^" + re.escape(sentence) + "$")


def test_names_shapes_and_order():
    shapes = {"embedding.weight": (V, D)}
    for k in range(L):
        shapes |= {f"lstm.weight_ih_l{k}": (4 * H, H if k else D), f"lstm.weight_hh_l{k}": (4 * H, H)}
        shapes |= {f"lstm.bias_ih_l{k}": (4 * H,), f"lstm.bias_hh_l{k}": (4 * H,)}
    shapes |= {"fc.weight": (V, H), "fc.bias": (V,)}
    params = drawn()
    assert list(params) == list(shapes)
    assert {name: array.shape for name, array in params.items()} == shapes


def test_how_they_are_drawn():
    """Standard normal in the embedding, uniform between ±1/√H elsewhere: as far as thousands of numbers tell."""
    params = drawn(V=300, D=30, H=25, L=2)
    E = params.pop("embedding.weight")
    assert (abs(E.mean()) < 0.04, abs(E.std() - 1) < 0.04) == (True, True)
    assert np.abs(E).max() > 3
    for name, array in params.items():
        assert np.abs(array).max() <= 0.2, name
        assert array.min() < -0.18, name
        assert array.max() > 0.18, name
        assert abs(array.mean()) < 0.03, name
    assert len({array.flat[0] for array in params.values()}) == len(params)


def test_the_same_start_in_every_dtype():
    for name, array in drawn(dtype=np.float32).items():
        assert array.dtype == np.float32
        np.testing.assert_array_equal(array, drawn()[name].astype(np.float32))
        assert (array != drawn(seed=1)[name]).any()


def test_the_forget_gates_bias_is_the_sum_of_both():
    before, after = drawn(), drawn(forget_bias=2.5)
    for name, array in before.items():
        expected = array.copy()
        if "bias_ih" in name:
            expected[H : 2 * H] = 2.5
        if "bias_hh" in name:
            expected[H : 2 * H] = 0
        np.testing.assert_array_equal(after[name], expected)
    np.testing.assert_array_equal(drawn(forget_bias=0.0)["lstm.bias_ih_l1"][H : 2 * H], 0)


def test_prefixes():
    params = drawn()
    assert under_own_names(params) is params
    for prefix in ("module.", "a.b."):
        wrapped = {prefix + name: array for name, array in params.items()}
        assert under_own_names(wrapped) == params
        missing = "parameters do not match: missing embedding.weight; found "
        with pytest.raises(ValueError, match=missing):
            under_own_names({**wrapped, "other": np.ones(1)})
    both = {**params, **{"old." + name: array for name, array in params.items()}}
    assert under_own_names(both) is both  # its own names count


def test_what_stands_in_the_place_of_a_state_dict_is_told():
    advice = "pass arrays under the names embedding.weight, lstm.weight_ih_l0, ..., fc.bias"
    start = "parameters do not match: missing embedding.weight; found "
    with refused(ValueError, f"{start}nothing; {advice}"):
        under_own_names({})
    with refused(ValueError, f"{start}a, b, c, d, e, f; {advice}"):
        under_own_names(dict.fromkeys("abcdef"))
    with refused(ValueError, f"{start}a, b, c, d, e, f, ...; {advice}"):
        under_own_names(dict.fromkeys("abcdefg"))
    with refused(ValueError, f"{start}3; {advice}"):
        under_own_names({3: np.ones(1)})
    with refused(
        ValueError, f"{start}epoch, net; this is a checkpoint of a whole training: pass what it holds as 'net'"
    ):
        under_own_names({"epoch": {"a": 1}, "net": drawn()})
    own = "this is a checkpoint of this project: lstm_numpy.load_model(path) reads it"
    with refused(ValueError, f"{start}description, checksum; {own}"):
        under_own_names({"description": 1, "checksum": 2})
    with refused(ValueError, f"{start}description; {advice}"):
        under_own_names({"description": 1})
    with refused(TypeError, "state_dict must be a dict of arrays by name, not list"):
        under_own_names([])


def test_arrays_in_the_place_of_others():
    params, given = drawn(dtype=np.float32), drawn(seed=1)
    arrays = arrays_for(params, given)
    assert list(arrays) == list(params)
    for name, array in arrays.items():
        np.testing.assert_array_equal(array, given[name].astype(np.float32))
        assert array.dtype == np.float32
    whole = {name: np.ones(array.shape, int).tolist() for name, array in params.items()}
    assert all((array == 1).all() for array in arrays_for(params, whole).values())
    with refused(ValueError, "parameters do not match: missing ['fc.bias'], unknown []"):
        arrays_for(params, {name: array for name, array in given.items() if name != "fc.bias"})
    with refused(ValueError, "parameters do not match: missing [], unknown ['3', 'fc.b']"):
        arrays_for(params, {**given, "fc.b": 1, 3: 2})
    with refused(ValueError, "fc.bias has shape (8,), but this model needs (7,)"):
        arrays_for(params, {**given, "fc.bias": np.ones(V + 1)})
    with refused(TypeError, "fc.bias must be an array of numbers, not of bool"):
        arrays_for(params, {**given, "fc.bias": np.ones(V, bool)})
    for dtype in (np.int8, np.uint8, np.float16, np.float64):
        assert arrays_for(params, {**given, "fc.bias": np.ones(V, dtype)})["fc.bias"].dtype == np.float32


@pytest.mark.parametrize("layers", [1, 3, 11])
def test_sizes_are_read_off_the_arrays(layers):
    for dtype, computed in ((np.float32, np.float32), (np.float64, np.float64), (np.float16, np.float32)):
        params = {name: array.astype(dtype) for name, array in drawn(L=layers).items()}
        assert sizes_of(params) == ((V, D, H, layers, 0), np.dtype(computed))
    more = {"lstm.weight_hh_l0_reverse": 1, "x.lstm.weight_hh_l0": 1, 3: 1}
    assert sizes_of({**params, **more})[0] == (V, D, H, layers, 0)
    assert sizes_of({**params, "context.weight": np.ones((9, D))})[0] == (V, D, H, layers, 9)
    with refused(ValueError, "context.weight has shape (9,), but it needs two dimensions"):
        sizes_of({**params, "context.weight": np.ones(9)})
    with refused(ValueError, "parameters do not match: missing lstm.weight_hh_l0"):
        sizes_of({"embedding.weight": np.ones((2, 3))})
    for name, shape in (("embedding.weight", (3,)), ("lstm.weight_hh_l0", (2, 3, 4))):
        with refused(ValueError, f"{name} has shape {shape}, but it needs two dimensions"):
            sizes_of({**params, name: np.ones(shape)})
