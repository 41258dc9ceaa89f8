"""Context: what is known at a step beside the token, such as a place in a pattern or what stood there before.

Each piece of it is a symbol, too, and has a learnable row in a matrix C, (P, D). All rows of a step add up:

    x_t = E[token_t] + Σ_k C[context_{t,k}]         a context of -1 adds nothing

A sum is enough, as W_ih x_t is then the sum of what each symbol has to say to the gates: the same as if the one-hot
vectors of all of them were laid end to end and multiplied by one matrix (W_ih [Eᵀ | Cᵀ]).

`context_forward` makes the sum over k as it is written. `counts_forward` makes all of x_t in one product: a row that
counts how often each symbol stands at the step, (V + P,), times E above C. The training loop uses that; to fold W_ih
into so tall a matrix, as `embedding.fold_forward` does, would cost more than it saves. Tests hold them equal.
"""

import numpy as np

from lstm_numpy.checks import check_integers, check_shapes


def context_forward(context: np.ndarray, C: np.ndarray) -> tuple[np.ndarray, tuple]:
    """Σ_k C[context_{t,k}]: from context (B, T, K) and C (P, D) to (T, D, B), and the cache."""
    check_shapes("C (P, D)", C)
    check_integers("context (B, T, K)", context, -1, len(C) - 1)
    rows = np.where(context[..., None] < 0, 0, C[context])  # C[-1] is looked up in vain
    return rows.sum(axis=2).transpose(1, 2, 0), (context.copy(), C)


def context_backward(dx: np.ndarray, cache: tuple) -> np.ndarray:
    """dC (P, D) from dx (T, D, B): x_t is a sum, so each of its rows receives all of dx_t."""
    context, C = cache
    check_shapes("C (P, D), dx (T, D, B)", C, dx, B=len(context), T=context.shape[1])
    dC = np.zeros_like(C)
    b, t, k = np.nonzero(context >= 0)
    np.add.at(dC, context[b, t, k], dx[t, :, b])
    return dC


def counts_forward(
    tokens: np.ndarray, context: np.ndarray, E: np.ndarray, C: np.ndarray
) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray]]:
    """E[token_t] + Σ_k C[context_{t,k}] for all steps in one product: x (T, D, B) and the cache."""
    check_shapes("E (V, D), C (P, D)", E, C)
    check_integers("tokens (B, T)", tokens, 0, len(E) - 1)
    check_integers("context (B, T, K)", context, -1, len(C) - 1, **dict(zip("BT", tokens.shape, strict=True)))
    (B, T), V, P = tokens.shape, len(E), len(C)
    counts = np.zeros((T * B, V + P + 1), E.dtype)
    steps = np.arange(T * B)
    counts[steps, tokens.T.ravel()] = 1
    for symbols in np.where(context < 0, P, context).transpose(2, 1, 0).reshape(-1, T * B):
        counts[steps, V + symbols] += 1
    counts = counts[:, :-1]  # the last column counted the -1
    x = counts @ np.concatenate([E, C])
    return np.ascontiguousarray(x.reshape(T, B, -1).transpose(0, 2, 1)), (counts, V)


def counts_backward(dx: np.ndarray, cache: tuple[np.ndarray, int]) -> tuple[np.ndarray, np.ndarray]:
    """dE (V, D) and dC (P, D) from dx (T, D, B)."""
    counts, V = cache
    check_shapes("dx (T, D, B)", dx)
    dtable = counts.T @ dx.transpose(0, 2, 1).reshape(len(counts), -1)
    return dtable[:V], dtable[V:]
