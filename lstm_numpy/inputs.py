"""What the LSTM reads at each step, from tokens and context, by the way that costs least.

All three ways make the same sums, and tests hold them equal: the rows as they are written (for the plain cell); without
context, one-hot vectors and W_ih folded into the embedding; with context, one product of counts and both matrices.
"""

from typing import NamedTuple

import numpy as np

from lstm_numpy.checks import check_integers
from lstm_numpy.context import context_backward, context_forward, counts_backward, counts_forward
from lstm_numpy.embedding import embedding_backward, embedding_forward, fold_backward, fold_forward, one_hot


class InputCache(NamedTuple):
    way: str  # 'rows', 'counts' or 'folded'
    embedding: tuple
    context: tuple | None
    need_dx: bool  # whether `input_backward` takes dx


def context_to_read(
    context: np.ndarray | None, P: int, shape: tuple[int, int], dropout: float, rng: np.random.Generator | None
) -> np.ndarray | None:
    """The context of a network with P symbols of it, beside tokens of this shape (B, T); None if P is 0.

    In training, where a generator is given, a share of the symbols is left out: what is always there is leaned on.

    Raises:
        TypeError, ValueError: if it is no array of integers (B, T, K) from -1 to P - 1, missing, or not wanted.
    """
    if not P:
        if context is not None:
            raise ValueError("this network has no context (context_size is 0): leave the context out")
        return None
    if context is None:
        raise ValueError("this network needs its context (B, T, K): integers, -1 where nothing is known")
    check_integers("context (B, T, K)", context, -1, P - 1, B=shape[0], T=shape[1])
    if rng is None or not dropout:
        return context
    return np.where(rng.random(context.shape, np.float32) < dropout, -1, context)


def input_forward(
    tokens: np.ndarray, context: np.ndarray | None, E: np.ndarray, C: np.ndarray | None, W_ih: np.ndarray, plain: bool
) -> tuple[np.ndarray, np.ndarray, InputCache]:
    """The input of the first layer, and the weights that act on it.

    Args:
        tokens: (B, T).
        context: (B, T, K), or None if there is no C.
        E, C: embeddings of the tokens, (V, D), and of the context, (P, D), or None.
        W_ih: the weights of the first layer, (4H, D).
        plain: whether to take the rows as it is written.

    Returns:
        x (T, D, B) and W (4H, D), whose product is the input's part of z_t; folded, x (T, V, B) and W (4H, V); the
        cache.
    """
    if plain:
        x, rows = embedding_forward(tokens, E)
        if context is None:
            return x, W_ih, InputCache("rows", rows, None, True)
        told, context_rows = context_forward(context, C)
        return x + told, W_ih, InputCache("rows", rows, context_rows, True)
    if context is not None:
        x, counts = counts_forward(tokens, context, E, C)
        return x, W_ih, InputCache("counts", counts, None, True)
    folded, matrices = fold_forward(E, W_ih)
    return one_hot(tokens, len(E), E.dtype), folded, InputCache("folded", matrices, None, False)


def input_backward(
    dx: np.ndarray | None, dW: np.ndarray, cache: InputCache
) -> tuple[np.ndarray, np.ndarray | None, np.ndarray]:
    """dE (V, D), dC (P, D) or None, and dW_ih (4H, D), from the gradients of x (if it is needed) and of W."""
    if cache.way == "folded":
        dE, dW_ih = fold_backward(dW, cache.embedding)
        return dE, None, dW_ih
    if cache.way == "counts":
        return *counts_backward(dx, cache.embedding), dW
    dC = None if cache.context is None else context_backward(dx, cache.context)
    return embedding_backward(dx, cache.embedding), dC, dW
