"""The parameters of the network: their names and shapes, which are PyTorch's, and where their values come from.

They are drawn at random (`initial_params`) or read from a state dict, which other programs may have written.
"""

import re
from collections.abc import Mapping

import numpy as np

from lstm_numpy.checks import DTYPES, cast, check_mapping

FIRST = "embedding.weight"  # the parameter by which a state dict is known
CONTEXT = "context.weight"  # only where there is context


def initial_params(
    V: int, D: int, H: int, L: int, P: int, rng: np.random.Generator, dtype: np.dtype, forget_bias: float | None
) -> dict[str, np.ndarray]:
    """Parameters by their names, as PyTorch draws them: standard normal in the embeddings, uniform in ±1/√H elsewhere.

    They are drawn in float64 and then cast, so that the same seed gives the same start in every dtype. If `forget_bias`
    is given, it is the bias of the forget gates, in place of what was drawn.
    """

    def uniform(*shape: int) -> np.ndarray:
        return rng.uniform(-1 / np.sqrt(H), 1 / np.sqrt(H), shape)

    params = {FIRST: rng.standard_normal((V, D))}
    if P:
        params[CONTEXT] = rng.standard_normal((P, D))
    for k in range(L):
        params[f"lstm.weight_ih_l{k}"] = uniform(4 * H, D if k == 0 else H)
        params[f"lstm.weight_hh_l{k}"] = uniform(4 * H, H)
        params[f"lstm.bias_ih_l{k}"] = uniform(4 * H)
        params[f"lstm.bias_hh_l{k}"] = uniform(4 * H)
        if forget_bias is not None:  # z takes the sum of both biases
            params[f"lstm.bias_ih_l{k}"][H : 2 * H] = forget_bias
            params[f"lstm.bias_hh_l{k}"][H : 2 * H] = 0
    params["fc.weight"] = uniform(V, H)
    params["fc.bias"] = uniform(V)
    return {name: array.astype(dtype) for name, array in params.items()}


def under_own_names(state_dict: Mapping[str, np.ndarray]) -> Mapping[str, np.ndarray]:
    """The arrays without the prefix that a wrapper has put before all names: `module.`, `_orig_mod.`, `model.` ...

    Raises:
        TypeError: if it is no dict of arrays by name.
        ValueError: if there is no embedding in it; the message says what there is, and what to pass.
    """
    check_mapping("state_dict", state_dict)
    names = list(map(str, state_dict))
    for prefix in (name.removesuffix(FIRST) for name in names if name.endswith("." + FIRST)):
        if all(name.startswith(prefix) for name in names):
            return {name.removeprefix(prefix): state_dict[name] for name in names}
    if FIRST not in names:
        found = ", ".join([*names[:6], "..."] if len(names) > 6 else names) or "nothing"
        raise ValueError(f"parameters do not match: missing {FIRST}; found {found}; {_advice(state_dict)}")
    return state_dict


def _advice(state_dict: Mapping[str, object]) -> str:
    """What to pass in place of something that is no state dict."""
    if {"description", "checksum"} <= state_dict.keys():
        return "this is a checkpoint of this project: lstm_numpy.load_model(path) reads it"
    for name in state_dict:
        if isinstance(state_dict[name], Mapping) and any(str(key).endswith(FIRST) for key in state_dict[name]):
            return f"this is a checkpoint of a whole training: pass what it holds as {name!r}"
    return f"pass arrays under the names {FIRST}, lstm.weight_ih_l0, ..., fc.bias"


def arrays_for(params: Mapping[str, np.ndarray], state_dict: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The arrays of a state dict that are to stand in the place of `params`, in their dtype.

    Raises:
        TypeError, ValueError: if a name is missing or unknown, a shape differs, or a value cannot be cast.
    """
    missing, unknown = params.keys() - state_dict.keys(), state_dict.keys() - params.keys()
    if missing or unknown:
        raise ValueError(f"parameters do not match: missing {sorted(missing)}, unknown {sorted(map(str, unknown))}")
    arrays = {}
    for name, param in params.items():
        array = _numbers(name, state_dict[name])
        if array.shape != param.shape:
            raise ValueError(f"{name} has shape {array.shape}, but this model needs {param.shape}")
        arrays[name] = cast(name, array, param.dtype)
    return arrays


def _numbers(name: str, value: object) -> np.ndarray:
    try:
        array = np.asarray(value)
    except (TypeError, ValueError, RuntimeError) as error:  # what a tensor says that NumPy cannot read
        raise TypeError(f"{name} cannot be read as an array: {error}") from None
    if array.dtype.kind not in "fciu":
        raise TypeError(f"{name} must be an array of numbers, not of {array.dtype}")
    return array


def sizes_of(state_dict: Mapping[str, np.ndarray]) -> tuple[tuple[int, ...], np.dtype]:
    """V, D, H, L and P of the network that a state dict belongs to, read off the arrays, and a dtype to compute with.

    Raises:
        TypeError, ValueError: if the first W_hh is missing, or it or the embedding is no matrix of numbers.
    """
    if "lstm.weight_hh_l0" not in state_dict:
        raise ValueError("parameters do not match: missing lstm.weight_hh_l0")
    names = (FIRST, "lstm.weight_hh_l0", CONTEXT)
    matrices = {name: _numbers(name, state_dict[name]) for name in names if name in state_dict}
    for name, matrix in matrices.items():
        if matrix.ndim != 2:
            raise ValueError(f"{name} has shape {matrix.shape}, but it needs two dimensions")
    E, W_hh, *C = matrices.values()
    L = sum(re.fullmatch(r"lstm\.weight_hh_l\d+", str(name)) is not None for name in state_dict)
    P = len(C[0]) if C else 0
    return (*E.shape, W_hh.shape[1], L, P), E.dtype if E.dtype in DTYPES else np.dtype(np.float32)
