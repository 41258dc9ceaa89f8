"""Exercise: the gradient of inverted dropout.

Work on a copy, made in the project's folder:

    cp docs/exercises/dropout.py my_dropout.py

In it, fill in the blanks (...) of `dropout_backward`, from the top down, and keep the names on their left.
You need not finish to ask; this says what is right, wrong and still blank:

    python -m lstm_numpy.gradcheck --exercise my_dropout.py
"""

import numpy as np

from lstm_numpy.checks import check_generator, check_rate, check_shapes
from lstm_numpy.workspace import Workspace


def dropout_forward(
    x: np.ndarray, rate: float, rng: np.random.Generator | None, workspace: Workspace | None = None
) -> tuple[np.ndarray, np.ndarray | None]:
    """Set each element to 0 with probability `rate` and divide the rest by 1 - rate.

    The division keeps the expected value, so that nothing is to be done when rng is None,
    which is how the network is used outside training.

    Args:
        x: any shape.
        rate: from 0 up to, but not including, 1.
        rng: draws the mask, two random bytes for each element, so that it does not depend on
            the dtype of x; the rate is exact to 1/65536.
        workspace: memory to use again, for one call in a forward pass; None takes new memory.

    Returns:
        The thinned x and the mask, which is the cache (None if nothing was dropped).

    Raises:
        TypeError: if x is no array to compute with, or rng no generator.
        ValueError: if rate is out of range.
    """
    check_shapes("x (...)", x)
    check_rate("rate", rate)
    check_generator("rng", rng, or_none=True)
    if rng is None or rate == 0:
        return x, None
    draws = np.frombuffer(rng.bytes(2 * x.size), "<u2").reshape(x.shape)  # 0 to 65535
    mask = y = None
    if workspace is not None:
        mask, y = (workspace.empty(name, x.shape, x.dtype) for name in ("dropout mask", "dropout y"))
    mask = np.multiply(draws >= round(rate * 65536), x.dtype.type(1 / (1 - rate)), out=mask)
    return np.multiply(x, mask, out=y), mask


def dropout_backward(dy: np.ndarray, mask: np.ndarray | None, out: np.ndarray | None = None) -> np.ndarray:
    """dx from dy, the gradient of the loss with respect to the thinned x; both have its shape.

    The forward pass is y = x ⊙ mask, or y = x where mask is None.

    Args:
        out: where the result may be written; the exercise does without it.
    """
    if mask is not None:
        check_shapes("mask (...), dy (...), out (...)", mask, dy, dy if out is None else out)
    return ...  # dx, of the shape of dy, with and without a mask
