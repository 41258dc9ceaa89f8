"""Exercise: the gradient of an embedding.

Work on a copy, made in the project's folder:

    cp docs/exercises/embedding.py my_embedding.py

In it, fill in the blanks (...) of `embedding_backward`, from the top down, and keep the names on their left.
You need not finish to ask; this says what is right, wrong and still blank:

    python -m lstm_numpy.gradcheck --exercise my_embedding.py
"""

import numpy as np

from lstm_numpy.checks import check_integers, check_shapes


def embedding_forward(tokens: np.ndarray, E: np.ndarray) -> tuple[np.ndarray, tuple]:
    """Look up tokens (B, T) in E (V, D): x (T, D, B) and the cache."""
    check_shapes("E (V, D)", E)
    check_integers("tokens (B, T)", tokens, 0, len(E) - 1)
    return E[tokens.T].transpose(0, 2, 1), (tokens.copy(), E)


def embedding_backward(dx: np.ndarray, cache: tuple) -> np.ndarray:
    """dE (V, D) from dx (T, D, B), the gradient of the loss with respect to x.

    x[t, :, b] is the row of E whose number is tokens[b, t]. The loss depends on a row through
    all the places where it was looked up.
    """
    check_shapes("E (V, D), dx (T, D, B)", cache[1], dx, B=len(cache[0]), T=cache[0].shape[1])
    tokens, E = cache
    dE = np.zeros_like(E)
    ...  # gather: row v of dE is the sum of dx[t, :, b] over all t and b with tokens[b, t] = v
    return dE
