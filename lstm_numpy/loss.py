"""Softmax and cross-entropy in one step, from logits to the loss and its gradient."""

import numpy as np

from lstm_numpy.activations import log_softmax
from lstm_numpy.checks import check_integers, check_shapes

IGNORED = -1  # a target that does not count


def softmax_cross_entropy(logits: np.ndarray, targets: np.ndarray) -> tuple[float, np.ndarray]:
    """The mean of -log softmax(logits)[target], in nats, and its gradient.

        loss = -(1/N) Σ log p[target]        dlogits = (p - onehot(target)) / N

    where p = softmax(logits) and the sum runs over the N targets that are not IGNORED (-1).

    Args:
        logits: (B, V) or (B, T, V).
        targets: integers, (B,) or (B, T).

    Returns:
        The loss, and dlogits of the shape of logits: zero where the target is ignored.

    Raises:
        TypeError: if the targets are no integers, or the logits of a dtype that is not computed with.
        ValueError: if the shapes do not fit, a target is outside -1..V-1, or all are ignored.
    """
    check_shapes("logits (..., V)", logits)
    check_integers("targets (...)", targets, IGNORED, logits.shape[-1] - 1, logits.shape[:-1])
    counted = targets != IGNORED
    N = np.count_nonzero(counted)
    if N == 0:
        raise ValueError("no target counts: all are ignored")

    log_p = log_softmax(logits)
    picked = np.where(counted, targets, 0)[..., None]  # any valid index where nothing is counted
    log_p_target = np.take_along_axis(log_p, picked, axis=-1)[..., 0]
    loss = -np.where(counted, log_p_target, 0).sum() / N

    dlogits = np.exp(log_p)
    np.put_along_axis(dlogits, picked, np.take_along_axis(dlogits, picked, axis=-1) - 1, axis=-1)
    dlogits *= (counted / logits.dtype.type(N))[..., None]
    return loss, dlogits
