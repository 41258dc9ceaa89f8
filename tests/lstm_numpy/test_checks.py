"""What the helpers take, up to the borders, and every word of what they say."""

import re

import numpy as np
import pytest

from lstm_numpy import checks


def says(error, sentence, call, *arguments, **more):
    with pytest.raises(error, match="^" + re.escape(sentence) + "$"):
        call(*arguments, **more)


@pytest.mark.parametrize(
    ("wanted", "shapes", "sizes", "sentence"),
    [
        ("x (B, D), W (4H, D)", [(2, 3), (8, 3)], {}, None),
        ("x (B, D), W (4H, D)", [(2, 3), (8, 4)], {}, "W has shape (8, 4), but must have (4H, D) with D = 3"),
        ("x (B, D), W (4H, D)", [(2, 3), (9, 3)], {}, "W has shape (9, 3), but must have (4H, D) with D = 3"),
        ("x (B, D), W (4H, D)", [(2, 3), (8, 3)], {"H": 2}, None),
        ("x (B, D), W (4H, D)", [(2, 3), (8, 3)], {"H": 3}, "W has shape (8, 3), but must have (4H, D) = (12, 3)"),
        ("x (B, D)", [(2,)], {}, "x has shape (2,), but must have (B, D)"),
        ("x (B, D)", [(2, 3, 4)], {}, "x has shape (2, 3, 4), but must have (B, D)"),
        ("x (B, D)", [()], {}, "x has shape (), but must have (B, D)"),
        ("x (B, D, T)", [(2, 3, 5)], {"B": 2, "T": 4},
         "x has shape (2, 3, 5), but must have (B, D, T) with B = 2 and T = 4"),
        ("b (4H,), c (H,)", [(8,), (2,)], {}, None),
        ("b (4H,), c (H,)", [(8,), (3,)], {}, "c has shape (3,), but must have (H,) = (2,)"),
        ("x (..., V), y (..., V)", [(2, 3, 4), (2, 3, 4)], {}, None),
        ("x (..., V), y (...)", [(2, 3, 4), (2, 3)], {}, None),
        ("x (..., V), y (...)", [(4,), ()], {}, None),
        ("x (..., V), y (...)", [(2, 3, 4), (2, 4)], {}, "y has shape (2, 4), but must have (...) = (2, 3)"),
        ("x (..., H, B), y (..., V, B)", [(7, 2, 3), (7, 5, 3)], {}, None),
        ("x (..., H, B), y (..., V, B)", [(7, 2, 3), (5, 3)], {},
         "y has shape (5, 3), but must have (..., V, B) with ... = (7,) and B = 3"),
        ("x (..., V)", [()], {}, "x has shape (), but must have (..., V)"),
        ("x (B, D)", [(0, 3)], {}, "x has shape (0, 3): it is empty"),
        ("x (B, D)", [(3, 0)], {}, "x has shape (3, 0): it is empty"),
        ("x (4H,)", [(0,)], {}, "x has shape (0,): it is empty"),
    ],
)  # fmt: skip
def test_shapes(wanted, shapes, sizes, sentence):
    arrays = [np.ones(shape) for shape in shapes]
    if sentence is None:
        checks.check_shapes(wanted, *arrays, **sizes)
    else:
        says(ValueError, sentence, checks.check_shapes, wanted, *arrays, **sizes)


def test_a_mixture_of_dtypes():
    one, two = np.ones((2, 2)), np.ones((2, 2), np.float32)
    checks.check_shapes("x (B, D), y (B, D)", one, two)
    checks.check_shapes("x (B, D), y (B, D)", two, two, mixed=False)
    for x, y in ((one, two), (two, one)):
        sentence = f"y is {y.dtype}, but x is {x.dtype}"
        says(TypeError, sentence, checks.check_shapes, "x (B, D), y (B, D)", x, y, mixed=False)


@pytest.mark.parametrize("highest", [5, 6])
def test_integers(highest):
    for lowest in (-1, 0):
        checks.check_integers("ids (B, T)", np.array([[lowest, highest]]), lowest, highest)
        for wrong in (lowest - 1, highest + 1):
            sentence = f"ids must lie between {lowest} and {highest}, but go from {min(wrong, 0)} to {max(wrong, 0)}"
            says(ValueError, sentence, checks.check_integers, "ids (B, T)", np.array([[0, wrong]]), lowest, highest)
    for dtype in (np.int8, np.uint64):
        checks.check_integers("ids (...)", np.array(3, dtype), 0, highest)
    says(TypeError, "ids must be an array of integers, not of bool", checks.check_integers, "ids (...)",
         np.array(True), 0, 1)  # fmt: skip
    says(ValueError, "ids has shape (3,), but must have (...) = (2,)", checks.check_integers, "ids (...)",
         np.zeros(3, int), 0, 1, (2,))  # fmt: skip


def test_counts_and_rates():
    for value in (2, 3, np.int8(2), 10**20):
        checks.check_count("n", value, 2)
    says(ValueError, "n must be at least 2, not 1", checks.check_count, "n", 1, 2)
    for wrong in (2.0, True, "3", None):
        says(TypeError, f"n must be a whole number, not {wrong!r}", checks.check_count, "n", wrong, 0)
    for rate in (0, 0.0, 0.5, np.nextafter(1, 0)):
        checks.check_rate("rate", rate)
    for wrong in (-5e-324, 1, 1.5, np.nan):
        says(ValueError, f"rate must be at least 0 and below 1, not {wrong}", checks.check_rate, "rate", wrong)


def test_kinds_of_arguments():
    says(TypeError, "x must be a NumPy array, not list", checks.check_array, "x", [1])
    says(TypeError, "x must be a dict of arrays by name, not list", checks.check_mapping, "x", [])
    sentence = "x must be float32, float64 or complex128, not int64"
    says(TypeError, sentence, checks.check_dtype, "x", np.dtype(int))
    for dtype in (np.complex128, np.float16):
        sentence = f"p must be float32 or float64, not {np.dtype(dtype)}"
        says(TypeError, sentence, checks.check_parameters, {"p": np.ones(2, dtype)})
    checks.check_parameters({"p": np.ones(2), "q": np.ones(2, np.float32)})
    long = "a" * 100
    sentence = f"rng must be a generator such as numpy.random.default_rng(0), not {repr(long)[:50]}"
    says(TypeError, sentence, checks.check_generator, "rng", long, or_none=True)
    checks.check_generator("rng", None, or_none=True)
    checks.check_generator("rng", np.random.default_rng(0))
    with pytest.raises(TypeError, match="not None"):
        checks.check_generator("rng", None)


def test_tuples():
    for value in ((1, 2), [1, 2], np.array([1, 2])):
        assert checks.unpacked("state", value, "h, c") == (1, 2)
    assert checks.unpacked("one", (5,), "h") == (5,)
    for wrong, found in (((1,), 1), ((1, 2, 3), 3), ({1: 2, 3: 4}, "dict"), ("hc", "str"), (7, "int")):
        says(
            TypeError, f"state must be a tuple of 2 arrays, h, c, not {found}", checks.unpacked, "state", wrong, "h, c"
        )


def test_casting():
    single, double, wide = (np.array([1.5, -2], dtype) for dtype in (np.float32, np.float64, np.complex128))
    assert checks.cast("x", double, double.dtype) is double
    for array, dtype in ((double, single.dtype), (single, double.dtype), (double, wide.dtype), (single, wide.dtype)):
        np.testing.assert_array_equal(checks.cast("x", array, dtype), array)
        assert checks.cast("x", array, dtype).dtype == dtype
    for kind in (bool, int, np.uint8, np.float16):
        np.testing.assert_array_equal(checks.cast("x", np.ones(2, kind), single.dtype), [1, 1])
    np.testing.assert_array_equal(checks.cast("x", wide.astype(np.complex64), wide.dtype), wide)
    says(TypeError, "x is complex128, but the model is float64", checks.cast, "x", wide, double.dtype)
    huge = np.array([1e300])
    says(ValueError, "x holds numbers that are too large for float32", checks.cast, "x", huge, single.dtype)


def test_gradients_of_every_dtype_that_fits():
    params = {"a": np.ones((2, 3), np.float32), "b": np.ones(2)}
    checks.check_gradients({"a": np.ones((2, 3)), "b": np.ones(2, np.float32), "c": "of no parameter"}, params)
    sentence = "the gradient of b has shape (1,), but must have (...) = (2,)"
    says(ValueError, sentence, checks.check_gradients, {"a": np.ones((2, 3)), "b": np.ones(1)}, params)
    says(ValueError, "the gradient of b is missing", checks.check_gradients, {"a": np.ones((2, 3))}, params)
    sentence = "the gradient of b is complex128, but b is float64"
    says(TypeError, sentence, checks.check_gradients, {"a": np.ones((2, 3)), "b": np.ones(2) * 1j}, params)


def test_gradients_that_reach_an_lstm():
    c = np.ones((3, 5))
    dout, dstate = np.ones((6, 5, 3)), np.ones((2, 2, 3, 5))
    for one in (dout, None):
        for two in (tuple(dstate), None):
            checks.check_upstream(one, two, c, 2, 6)
    for L, T, name in ((2, 5, "dout"), (1, 6, "dh"), (3, 6, "dh")):
        with pytest.raises(ValueError, match=f"^{name} has shape"):
            checks.check_upstream(dout, tuple(dstate), c, L, T)
    with pytest.raises(ValueError, match=r"^dc has shape \(2, 3, 4\)"):
        checks.check_upstream(None, (dstate[0], np.ones((2, 3, 4))), c, 2, 6)
