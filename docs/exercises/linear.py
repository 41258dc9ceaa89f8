"""Exercise: the gradients of the linear layer.

Work on a copy, made in the project's folder:

    cp docs/exercises/linear.py my_linear.py

In it, fill in the blanks (...) of `linear_backward`, from the top down, and keep the names on their left.
You need not finish to ask; this says what is right, wrong and still blank:

    python -m lstm_numpy.gradcheck --exercise my_linear.py
"""

import numpy as np

from lstm_numpy.checks import check_shapes


def linear_forward(x: np.ndarray, W: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, tuple]:
    """y (..., V, B) from x (..., H, B), W (V, H) and b (V,); features come before the batch."""
    check_shapes("x (..., H, B), W (V, H), b (V,)", x, W, b)
    return W @ x + b[:, None], (x, W.copy())  # an optimizer changes W in place


def linear_backward(
    dy: np.ndarray, cache: tuple, out: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """dx (..., H, B), dW (V, H) and db (V,) from dy (..., V, B).

    The dots stand for no axis, one (the steps) or more. W and b act at each of them and on each
    sequence of the batch.

    Args:
        out: where dx may be written; the exercise does without it.
    """
    x, W = cache
    wanted = "x (..., H, B), W (V, H), dy (..., V, B), out (..., H, B)"
    check_shapes(wanted, x, W, dy, x if out is None else out)
    V, H = W.shape
    dx = ...  # (..., H, B): how the loss depends on the input
    dW = ...  # (V, H): summed over all steps and the batch
    db = ...  # (V,): summed over all steps and the batch
    return dx, dW, db
