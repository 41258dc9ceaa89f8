"""What the public functions ask of their arguments before they compute: a line each, one sentence where it fails.

NumPy stretches an array of another shape until it fits (broadcasting): a wrong number without an error. Therefore every
shape is compared first. Below, TypeError is for what is no array, or of another kind, ValueError for other values.
"""

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from numbers import Integral

import numpy as np

DTYPES = (np.dtype(np.float32), np.dtype(np.float64), np.dtype(np.complex128))


def check_shapes(wanted: str, *arrays: np.ndarray, mixed: bool = True, **sizes: int) -> None:
    """Compare arrays with shapes that are written as in the docstrings: "x (..., H, B), W (V, H)".

    A letter is the same number wherever it stands, 4H is four times H, and the dots are any axes, everywhere the same.
    Letters may be known beforehand, by `sizes`; no axis may have length 0. `mixed` arrays may have several dtypes.
    """
    parsed = _parsed(wanted)
    for (name, *_), array in zip(parsed, arrays, strict=True):
        check_array(name, array)
        check_dtype(name, array.dtype)
        if not mixed and array.dtype != arrays[0].dtype:
            raise TypeError(f"{name} is {array.dtype}, but {parsed[0][0]} is {arrays[0].dtype}")
    _compare(wanted, tuple([array.shape for array in arrays]), tuple(sizes.items()))


def check_integers(
    wanted: str, array: np.ndarray, lowest: int, highest: int, axes: tuple[int, ...] = (), **sizes: int
) -> None:
    """Compare an array of symbols with its shape, such as "tokens (B, T)", and a range; dots stand for `axes`."""
    name = _parsed(wanted)[0][0]
    check_array(name, array)
    if array.dtype.kind not in "iu":
        raise TypeError(f"{name} must be an array of integers, not of {array.dtype}")
    _compare(wanted, (array.shape,), (("...", axes), *sizes.items()))
    if array.min() < lowest or array.max() > highest:
        raise ValueError(f"{name} must lie between {lowest} and {highest}, but go from {array.min()} to {array.max()}")


def check_booleans(wanted: str, array: np.ndarray, **sizes: int) -> None:
    """Raise TypeError unless it is an array of booleans, and ValueError if its shape is another."""
    name = _parsed(wanted)[0][0]
    check_array(name, array)
    if array.dtype != bool:
        raise TypeError(f"{name} must be an array of booleans, not of {array.dtype}")
    _compare(wanted, (array.shape,), tuple(sizes.items()))


def check_lstm(x: np.ndarray, state: tuple, layers: list[tuple], ends: np.ndarray | None = None) -> None:
    """Compare what goes into an LSTM: x (T, D, B), h and c (L, B, H) each, the weights of L layers, and ends (T, B)."""
    arrays = [x, *unpacked("state", state, "h, c")]
    for k, weights in enumerate(layers):
        arrays += unpacked(f"layers[{k}]", weights, "W_ih, W_hh, b_ih, b_hh")
    check_shapes(_lstm_shapes(len(layers)), *arrays, mixed=False, L=len(layers))
    if ends is not None:
        check_booleans("ends (T, B)", ends, T=len(x), B=x.shape[-1])


@cache
def _lstm_shapes(L: int) -> str:
    wanted = "x (T, D, B), h (L, B, H), c (L, B, H)"
    for k in range(L):
        for name, shape in (("W_ih", "4H, H" if k else "4H, D"), ("W_hh", "4H, H"), ("b_ih", "4H,"), ("b_hh", "4H,")):
            wanted += f", {name} of layer {k} ({shape})"
    return wanted


def check_upstream(dout: np.ndarray | None, dstate: tuple | None, c: np.ndarray, L: int, T: int) -> None:
    """Compare the gradients that reach an LSTM with one of its cell states, c (B, H), its layers and its steps."""
    dh, dc = (None, None) if dstate is None else unpacked("dstate", dstate, "dh, dc")
    pairs = {"c (B, H)": c, "dout (T, H, B)": dout, "dh (L, B, H)": dh, "dc (L, B, H)": dc}
    given = {wanted: array for wanted, array in pairs.items() if array is not None}
    check_shapes(", ".join(given), *given.values(), mixed=False, L=L, T=T)


def check_gradients(grads: Mapping[str, np.ndarray], params: Mapping[str, np.ndarray]) -> None:
    """Compare every gradient with its parameter, before the first of them is used."""
    check_mapping("grads", grads)
    for name, param in params.items():
        if name not in grads:
            raise ValueError(f"the gradient of {name} is missing")
        check_shapes(f"the gradient of {name} (...)", grads[name], **{"...": param.shape})
        if not np.can_cast(grads[name].dtype, param.dtype, "same_kind"):
            raise TypeError(f"the gradient of {name} is {grads[name].dtype}, but {name} is {param.dtype}")


@cache
def _parsed(wanted: str) -> list[tuple[str, str, list[tuple[int, str]]]]:
    """Names, their axes as they are written, and each axis as a factor and a letter or dots."""
    return [
        (name, axes, [(int(factor or 1), letter) for factor, letter in re.findall(r"(\d*)([A-Z]|\.\.\.)", axes)])
        for name, axes in re.findall(r"(\w[^,()]*) (\([^)]*\))", wanted)
    ]


@lru_cache(maxsize=1024)  # the shapes of one training step are those of the next
def _compare(wanted: str, shapes: tuple[tuple[int, ...], ...], sizes: tuple) -> None:
    bound = dict(sizes)  # what the letters stand for, as far as it is known
    for (name, written, axes), shape in zip(_parsed(wanted), shapes, strict=True):
        before, expected = dict(bound), ()
        for factor, letter in axes:
            rest = shape[len(expected) :]
            if letter == "...":
                expected += bound.setdefault(letter, rest[: max(len(shape) - len(axes) + 1, 0)])
            else:
                expected += (factor * bound.setdefault(letter, rest[0] // factor if rest else 0),)
        if shape != expected:
            known = [f"{letter} = {before[letter]}" for _, letter in axes if letter in before]
            where = f" = {expected}" if len(known) == len(axes) else " with " * bool(known) + " and ".join(known)
            raise ValueError(f"{name} has shape {shape}, but must have {written}{where}")
        if 0 in shape:
            raise ValueError(f"{name} has shape {shape}: it is empty")


def check_parameters(params: Mapping[str, np.ndarray]) -> None:
    """Raise TypeError unless an optimizer can move them: real numbers, by name."""
    check_mapping("params", params)
    for name, param in params.items():
        check_array(name, param)
        check_dtype(name, param.dtype, DTYPES[:2])


def check_mapping(name: str, value: object) -> None:
    """Raise TypeError for anything but arrays by name."""
    if not isinstance(value, Mapping):
        raise TypeError(f"{name} must be a dict of arrays by name, not {type(value).__name__}")


def check_array(name: str, value: object) -> None:
    """Raise TypeError for a list, a number or whatever else is no array."""
    if not isinstance(value, np.ndarray):
        raise TypeError(f"{name} must be a NumPy array, not {type(value).__name__}")


def check_dtype(name: str, dtype: np.dtype, known: tuple[np.dtype, ...] = DTYPES) -> None:
    """Raise TypeError for numbers that are not computed with: float16 overflows, integers cut off."""
    if dtype not in known:
        raise TypeError(f"{name} must be {', '.join(map(str, known[:-1]))} or {known[-1]}, not {dtype}")


def check_generator(name: str, rng: object, or_none: bool = False) -> None:
    """Raise TypeError for anything else, such as a seed, which would draw the same numbers at every call."""
    if not isinstance(rng, np.random.Generator) and not (or_none and rng is None):
        raise TypeError(f"{name} must be a generator such as numpy.random.default_rng(0), not {rng!r:.50}")


def check_count(name: str, value: object, lowest: int) -> None:
    """Raise TypeError unless it is a whole number, and ValueError if it is below `lowest`."""
    if not isinstance(value, Integral) or isinstance(value, bool):
        raise TypeError(f"{name} must be a whole number, not {value!r:.50}")
    if value < lowest:
        raise ValueError(f"{name} must be at least {lowest}, not {value}")


def check_rate(name: str, rate: float) -> None:
    """Raise ValueError unless it is a share that can be dropped."""
    if not 0 <= rate < 1:
        raise ValueError(f"{name} must be at least 0 and below 1, not {rate}")


def cast(name: str, array: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """The array in a model's dtype, if it is not complex where the model is real, and no number is too large."""
    if array.dtype == dtype:
        return array
    if array.dtype.kind == "c" and dtype.kind != "c":
        raise TypeError(f"{name} is {array.dtype}, but the model is {dtype}")
    try:
        with np.errstate(over="raise"):
            return array.astype(dtype)
    except FloatingPointError:
        raise ValueError(f"{name} holds numbers that are too large for {dtype}") from None


def unpacked(name: str, value: object, parts: str) -> tuple:
    """The parts of a tuple, named as "h, c"; raises TypeError if there are more or fewer."""
    found = len(value) if isinstance(value, (tuple, list, np.ndarray)) else type(value).__name__
    if found != parts.count(",") + 1:
        raise TypeError(f"{name} must be a tuple of {parts.count(',') + 1} arrays, {parts}, not {found}")
    return tuple(value)
