"""The parameters of the network: their names and shapes, which are PyTorch's, and the values that they start with."""

import re
from collections.abc import Mapping

import numpy as np


def initial_params(
    V: int, D: int, H: int, L: int, rng: np.random.Generator, dtype: np.dtype, forget_bias: float | None
) -> dict[str, np.ndarray]:
    """Parameters as PyTorch draws them: standard normal in the embedding, uniform in ±1/√H elsewhere.

    They are drawn in float64 and then cast, so that the same seed gives the same start in every dtype.

    Args:
        V, D, H, L: symbols, widths of embedding and hidden state, layers.
        forget_bias: if given, the bias of the forget gates, in place of what was drawn.

    Returns:
        The arrays by their names, in the order in which data meets them.
    """

    def uniform(*shape: int) -> np.ndarray:
        return rng.uniform(-1 / np.sqrt(H), 1 / np.sqrt(H), shape)

    params = {"embedding.weight": rng.standard_normal((V, D))}
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


def sizes_of(state_dict: Mapping[str, np.ndarray]) -> tuple[tuple[int, int, int, int], np.dtype]:
    """V, D, H and L of the network that a state dict belongs to, read off the arrays, and a dtype to compute with.

    Raises:
        ValueError: if the embedding or the first W_hh is missing or not a matrix.
    """
    for name in ("embedding.weight", "lstm.weight_hh_l0"):
        if name not in state_dict:
            raise ValueError(f"parameters do not match: missing {name}")
        if np.ndim(state_dict[name]) != 2:
            raise ValueError(f"{name} has shape {np.shape(state_dict[name])}, but it needs two dimensions")
    V, D = np.shape(state_dict["embedding.weight"])
    H = np.shape(state_dict["lstm.weight_hh_l0"])[1]
    L = sum(re.fullmatch(r"lstm\.weight_hh_l\d+", name) is not None for name in state_dict)
    found = np.asarray(state_dict["embedding.weight"]).dtype
    return (V, D, H, L), found if found in (np.float32, np.float64, np.complex128) else np.dtype(np.float32)
