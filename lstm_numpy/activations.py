"""The nonlinear functions, each above its derivative, which is written in terms of its value."""

import numpy as np


def sigmoid(z: np.ndarray) -> np.ndarray:
    """σ(z) = 1 / (1 + e^-z), written as ½(1 + tanh ½z), which cannot overflow."""
    return 0.5 * (1 + np.tanh(0.5 * z))


def d_sigmoid(a: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    """dσ/dz = a - a² where a = σ(z): the derivative needs the activated value, not z."""
    out = np.multiply(a, a, out=out)
    return np.subtract(a, out, out=out)


def tanh(z: np.ndarray) -> np.ndarray:
    """tanh(z)."""
    return np.tanh(z)


def d_tanh(a: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    """d tanh/dz = 1 - a² where a = tanh(z)."""
    out = np.multiply(a, a, out=out)
    return np.subtract(1, out, out=out)


def log_softmax(z: np.ndarray) -> np.ndarray:
    """log(e^z / Σ e^z) over the last axis, of any shape.

    A constant added to all z changes nothing, so the largest is moved to 0 first: no
    exponential overflows and at least one term of the sum is 1, so its logarithm is finite.
    The shift is a constant, taken from the real part, so that complex steps pass through.
    """
    shifted = z - z.real.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
