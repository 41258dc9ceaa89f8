"""Exercise: softmax and cross-entropy, from logits to the gradient of the loss.

Work on a copy, made in the project's folder:

    cp docs/exercises/loss.py my_loss.py

In it, fill in the blanks (...) of `softmax_cross_entropy`, from the top down, and keep the names on their left.
You need not finish to ask; this says what is right, wrong and still blank:

    python -m lstm_numpy.gradcheck --exercise my_loss.py
"""

import numpy as np

from lstm_numpy.activations import log_softmax
from lstm_numpy.checks import check_integers, check_shapes

IGNORED = -1  # a target that does not count


def softmax_cross_entropy(logits: np.ndarray, targets: np.ndarray) -> tuple[float, np.ndarray]:
    """The mean of -log softmax(logits)[target], in nats, and its gradient.

        loss = -(1/N) Σ log p[target]        dlogits = ?

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

    dlogits = ...  # p, of the shape of logits: log_p is its logarithm
    ...  # onehot: take 1 from dlogits at each target; `picked` holds their places along the last axis
    ...  # mean: over the N targets that count; a target that does not count gives zero
    return loss, dlogits
