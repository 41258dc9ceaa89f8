"""Inverted dropout (Srivastava et al. 2014): in training, silence some features at random."""

import numpy as np


def dropout_forward(
    x: np.ndarray, rate: float, rng: np.random.Generator | None
) -> tuple[np.ndarray, np.ndarray | None]:
    """Set each element to 0 with probability `rate` and divide the rest by 1 - rate.

    The division keeps the expected value, so that nothing is to be done when rng is None,
    which is how the network is used outside training.

    Args:
        x: any shape.
        rate: from 0 up to, but not including, 1.
        rng: draws the mask, from the same bytes whatever x is, so that every dtype meets the
            same mask. Two bytes an element: the rate is met to 1/65536, four times as fast as
            with a float each.

    Returns:
        The thinned x and the mask, which is the cache (None if nothing was dropped).
    """
    if rng is None or rate == 0:
        return x, None
    draws = np.frombuffer(rng.bytes(2 * x.size), "<u2").reshape(x.shape)  # 0 to 65535
    mask = (draws >= round(rate * 65536)).astype(x.dtype)
    mask *= 1 / (1 - rate)
    return x * mask, mask


def dropout_backward(dy: np.ndarray, mask: np.ndarray | None) -> np.ndarray:
    """What was silenced has no influence on the loss, the rest a scaled one."""
    return dy if mask is None else dy * mask
