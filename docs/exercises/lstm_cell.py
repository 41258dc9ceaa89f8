"""Exercise: the gradients of one step of the LSTM.

    z_t = W_ih x_t + b_ih + W_hh h_{t-1} + b_hh          split into i, f, g, o
    i = σ(z_i)   f = σ(z_f)   g = tanh(z_g)   o = σ(z_o)
    c_t = f ⊙ c_{t-1} + i ⊙ g
    h_t = o ⊙ tanh(c_t)

Work on a copy, made in the project's folder:

    cp docs/exercises/lstm_cell.py my_lstm_cell.py

In it, fill in the blanks (...) of `cell_backward`, from the top down, and keep the names on their left.
You need not finish to ask; this says what is right, wrong and still blank:

    python -m lstm_numpy.gradcheck --exercise my_lstm_cell.py
"""

from typing import NamedTuple

import numpy as np

from lstm_numpy.activations import d_sigmoid, d_tanh, sigmoid, tanh
from lstm_numpy.checks import check_shapes


class CellCache(NamedTuple):
    """What the backward step needs to know of the forward step."""

    x: np.ndarray
    h_prev: np.ndarray
    c_prev: np.ndarray
    i: np.ndarray
    f: np.ndarray
    g: np.ndarray
    o: np.ndarray
    tanh_c: np.ndarray
    W_ih: np.ndarray
    W_hh: np.ndarray


def cell_forward(
    x: np.ndarray,
    h_prev: np.ndarray,
    c_prev: np.ndarray,
    W_ih: np.ndarray,
    W_hh: np.ndarray,
    b_ih: np.ndarray,
    b_hh: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, CellCache]:
    """One step of the LSTM.

    Args:
        x: input, (B, D).
        h_prev, c_prev: hidden and cell state before the step, (B, H) each.
        W_ih, W_hh: weights, (4H, D) and (4H, H), gates in the order i f g o.
        b_ih, b_hh: biases, (4H,) each.

    Returns:
        h and c after the step, (B, H) each, and the cache for `cell_backward`. It holds the arrays
        themselves, not copies: do not change them before that.
    """
    wanted = "x (B, D), h_prev (B, H), c_prev (B, H), W_ih (4H, D), W_hh (4H, H), b_ih (4H,), b_hh (4H,)"
    check_shapes(wanted, x, h_prev, c_prev, W_ih, W_hh, b_ih, b_hh)
    z = x @ W_ih.T + b_ih + h_prev @ W_hh.T + b_hh
    z_i, z_f, z_g, z_o = np.split(z, 4, axis=1)
    i, f, g, o = sigmoid(z_i), sigmoid(z_f), tanh(z_g), sigmoid(z_o)
    c = f * c_prev + i * g
    tanh_c = tanh(c)
    h = o * tanh_c
    return h, c, CellCache(x, h_prev, c_prev, i, f, g, o, tanh_c, W_ih, W_hh)


def cell_backward(dh: np.ndarray, dc: np.ndarray, cache: CellCache) -> tuple:
    """The gradients of one step, by the chain rule read from the last equation to the first.

    `d_sigmoid` and `d_tanh` give a derivative from the value: d_tanh(a) = 1 - a² where a = tanh(z).

    Args:
        dh: gradient of the loss with respect to h_t, from the output and from step t + 1, (B, H).
        dc: gradient with respect to c_t from step t + 1 alone, (B, H).
        cache: from `cell_forward`.

    Returns:
        dx (B, D), dh_prev and dc_prev (B, H), and (dW_ih, dW_hh, db_ih, db_hh).
    """
    x, h_prev, c_prev, i, f, g, o, tanh_c, W_ih, W_hh = cache
    check_shapes("c_prev (B, H), dh (B, H), dc (B, H)", c_prev, dh, dc)

    # h_t = o ⊙ tanh(c_t): c_t is reached through h_t and, directly, from step t + 1
    do = ...  # (B, H)
    dc = ...  # (B, H): from now on the gradient by both ways

    # c_t = f ⊙ c_{t-1} + i ⊙ g
    df = ...  # (B, H)
    di = ...  # (B, H)
    dg = ...  # (B, H)
    dc_prev = ...  # (B, H)

    # i = σ(z_i)   f = σ(z_f)   g = tanh(z_g)   o = σ(z_o)
    dz = ...  # (B, 4H): four blocks side by side, in the order i f g o

    # z_t = W_ih x_t + b_ih + W_hh h_{t-1} + b_hh
    dx = ...  # (B, D)
    dh_prev = ...  # (B, H)
    dW_ih = ...  # (4H, D)
    dW_hh = ...  # (4H, H)
    db = ...  # (4H,): both biases are added to z alike, so their gradients are equal
    return dx, dh_prev, dc_prev, (dW_ih, dW_hh, db, db.copy())
