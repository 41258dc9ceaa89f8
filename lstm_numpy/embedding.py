"""The embedding: each symbol is a learnable row of a matrix E, (V, D).

Looking up row v is the product of E with a one-hot vector. Because the LSTM multiplies what
was looked up by W_ih, two ways lead to the same place:

    W_ih (Eᵀ onehot)  =  (W_ih Eᵀ) onehot

`embedding_forward` takes the first; it is what one imagines. `fold_forward` takes the second:
it multiplies the two matrices once per batch, (4H, V), so that the LSTM reads one-hot vectors
and needs no product with x at each step. The training loop uses that. Tests hold them equal.
"""

import numpy as np

from lstm_numpy.checks import check_integers, check_shapes


def one_hot(tokens: np.ndarray, vocab_size: int, dtype: np.dtype) -> np.ndarray:
    """Integers (B, T) as unit vectors (T, V, B)."""
    check_integers("tokens (B, T)", tokens, 0, vocab_size - 1)
    B, T = tokens.shape
    x = np.zeros((T, vocab_size, B), dtype)
    x[np.arange(T)[:, None], tokens.T, np.arange(B)] = 1
    return x


def embedding_forward(tokens: np.ndarray, E: np.ndarray) -> tuple[np.ndarray, tuple]:
    """Look up tokens (B, T) in E (V, D): x (T, D, B) and the cache."""
    check_shapes("E (V, D)", E)
    check_integers("tokens (B, T)", tokens, 0, len(E) - 1)
    return E[tokens.T].transpose(0, 2, 1), (tokens.copy(), E)


def embedding_backward(dx: np.ndarray, cache: tuple) -> np.ndarray:
    """dE (V, D) from dx (T, D, B): each row gathers the gradients of all its occurrences."""
    check_shapes("E (V, D), dx (T, D, B)", cache[1], dx, B=len(cache[0]), T=cache[0].shape[1])
    tokens, E = cache
    dE = np.zeros_like(E)
    np.add.at(dE, tokens.T, dx.transpose(0, 2, 1))  # dE[tokens] += would count repeats once
    return dE


def fold_forward(E: np.ndarray, W_ih: np.ndarray) -> tuple[np.ndarray, tuple]:
    """The weights (4H, V) that act on one-hot vectors as W_ih (4H, D) acts on looked-up rows."""
    check_shapes("E (V, D), W_ih (4H, D)", E, W_ih)
    return W_ih @ E.T, (E.copy(), W_ih.copy())  # an optimizer changes them in place


def fold_backward(dfolded: np.ndarray, cache: tuple) -> tuple[np.ndarray, np.ndarray]:
    """dE (V, D) and dW_ih (4H, D) from the gradient of the folded weights (4H, V)."""
    E, W_ih = cache
    check_shapes("E (V, D), W_ih (4H, D), dfolded (4H, V)", E, W_ih, dfolded)
    return dfolded.T @ W_ih, dfolded @ E
