"""The linear layer: y = W x + b, for every step and every sequence of a batch."""

import numpy as np


def linear_forward(x: np.ndarray, W: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, tuple]:
    """y (..., V, B) from x (..., H, B), W (V, H) and b (V,); features come before the batch."""
    return W @ x + b[:, None], (x, W)


def linear_backward(
    dy: np.ndarray, cache: tuple, out: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """dx, dW and db from dy: the weights act at every step, so their gradients add up.

    Args:
        out: where to write dx; None takes new memory.
    """
    x, W = cache
    V, H = W.shape
    dx = np.matmul(W.T, dy, out=out)
    dW = (dy @ np.swapaxes(x, -1, -2)).reshape(-1, V, H).sum(axis=0)
    db = dy.sum(axis=-1).reshape(-1, V).sum(axis=0)
    return dx, dW, db
