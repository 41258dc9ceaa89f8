"""Exercise: the gradient of an embedding.

Fill in the blanks (...) of `embedding_backward`, from the top down, and keep the names on their left.
You need not finish to ask; in the project's folder, this says what is right, wrong and still blank:

    python -m lstm_numpy.gradcheck --exercise embedding
"""

import numpy as np


def embedding_forward(tokens: np.ndarray, E: np.ndarray) -> tuple[np.ndarray, tuple]:
    """Look up tokens (B, T) in E (V, D): x (T, D, B) and the cache."""
    return E[tokens.T].transpose(0, 2, 1), (tokens, E)


def embedding_backward(dx: np.ndarray, cache: tuple) -> np.ndarray:
    """dE (V, D) from dx (T, D, B), the gradient of the loss with respect to x.

    x[t, :, b] is the row of E whose number is tokens[b, t]. The loss depends on a row through
    all the places where it was looked up.
    """
    tokens, E = cache
    dE = np.zeros_like(E)
    ...  # gather: row v of dE is the sum of dx[t, :, b] over all t and b with tokens[b, t] = v
    return dE
