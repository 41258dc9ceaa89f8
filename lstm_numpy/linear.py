"""The linear layer: y = W x + b, for every step and every sequence of a batch."""

import numpy as np

from lstm_numpy.checks import check_shapes


def linear_forward(x: np.ndarray, W: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, tuple]:
    """y (..., V, B) from x (..., H, B), W (V, H) and b (V,); features come before the batch."""
    check_shapes("x (..., H, B), W (V, H), b (V,)", x, W, b)
    return W @ x + b[:, None], (x, W.copy())  # an optimizer changes W in place


def linear_backward(
    dy: np.ndarray, cache: tuple, out: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """dx, dW and db from dy: the weights act at every step, so their gradients add up.

    Args:
        out: where to write dx; None takes new memory.
    """
    x, W = cache
    wanted = "x (..., H, B), W (V, H), dy (..., V, B), out (..., H, B)"
    check_shapes(wanted, x, W, dy, x if out is None else out)
    V, H = W.shape
    dx = np.matmul(W.T, dy, out=out)
    dW = (dy @ np.swapaxes(x, -1, -2)).reshape(-1, V, H).sum(axis=0)
    db = dy.sum(axis=-1).reshape(-1, V).sum(axis=0)
    return dx, dW, db
