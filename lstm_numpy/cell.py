"""The LSTM at one time step: the one plain version of the equations.

    z_t = W_ih x_t + b_ih + W_hh h_{t-1} + b_hh          split into i, f, g, o
    i = σ(z_i)   f = σ(z_f)   g = tanh(z_g)   o = σ(z_o)
    c_t = f ⊙ c_{t-1} + i ⊙ g
    h_t = o ⊙ tanh(c_t)

Hochreiter & Schmidhuber 1997, with the forget gate of Gers, Schmidhuber & Cummins 2000.
Vectors are rows here: a batch of B inputs is x (B, D), so W x is written x @ W.T.

`lstm.py` computes the same, laid out for speed; tests hold the two equal.
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
    do = dh * tanh_c
    dc = dc + dh * o * d_tanh(tanh_c)

    # c_t = f ⊙ c_{t-1} + i ⊙ g
    df = dc * c_prev
    di = dc * g
    dg = dc * i
    dc_prev = dc * f

    # i = σ(z_i)   f = σ(z_f)   g = tanh(z_g)   o = σ(z_o)
    dz = np.concatenate([di * d_sigmoid(i), df * d_sigmoid(f), dg * d_tanh(g), do * d_sigmoid(o)], axis=1)

    # z_t = W_ih x_t + b_ih + W_hh h_{t-1} + b_hh
    dx = dz @ W_ih
    dh_prev = dz @ W_hh
    dW_ih = dz.T @ x
    dW_hh = dz.T @ h_prev
    db = dz.sum(axis=0)  # both biases are added to z alike, so their gradients are equal
    return dx, dh_prev, dc_prev, (dW_ih, dW_hh, db, db.copy())
