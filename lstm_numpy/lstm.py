"""L stacked LSTM layers over T time steps: the equations of `cell.py`, laid out for speed.

What differs from the plain version, and why:

- Features come before the batch, (features, B), so that the four gates of a step are four
  contiguous blocks of one array z (4H, B), and each line below works on whole blocks.
- Input, bias and recurrence are one matrix product. With a 1 between x_t and h_{t-1},

      z_t = [W_ih | b_ih + b_hh | W_hh] [x_t ; 1 ; h_{t-1}]  =  W u_t

  and one product gives back all three gradients: dW = Σ_t dz_t u_tᵀ.
- As σ(z) = ½(1 + tanh ½z), the ½ is folded into the rows of W that belong to i, f and o, and
  a single tanh then serves all four gates.
- Arrays that live for one step are allocated once, and the ones that the cache holds come
  from a workspace where one is given.
"""

from typing import NamedTuple

import numpy as np

from lstm_numpy.activations import d_sigmoid, d_tanh
from lstm_numpy.checks import check_lstm, check_upstream
from lstm_numpy.plain import State, Weights
from lstm_numpy.workspace import Workspace


class LayerCache(NamedTuple):
    """The forward pass of one layer, step by step."""

    W: np.ndarray  # (4H, D + 1 + H), without the folded ½
    u: np.ndarray  # (T + 1, D + 1 + H, B): input, 1 and h_{t-1} of each step; h_T in the last
    gates: np.ndarray  # (T, 4H, B): i, f, g, o
    c: np.ndarray  # (T + 1, H, B): the cell state before each step; c_T in the last
    tanh_c: np.ndarray  # (T, H, B): of the cell state after each step


class LSTMCache(NamedTuple):
    layers: list[LayerCache]
    ends: np.ndarray | None  # (T, B): after which steps h and c are zero
    workspace: Workspace
    forward_pass: int


def lstm_forward(
    x: np.ndarray,
    state: State,
    layers: list[Weights],
    workspace: Workspace | None = None,
    ends: np.ndarray | None = None,
) -> tuple[np.ndarray, State, LSTMCache]:
    """Run all layers over all steps.

    Args:
        x: inputs, (T, D, B): time, features, batch.
        state: h and c before the first step, (L, B, H) each.
        layers: for each layer W_ih (4H, D), W_hh (4H, H), b_ih and b_hh (4H,).
        workspace: memory to use again; see `Workspace`. None takes new memory.
        ends: where a sequence has ended, (T, B), booleans: after such a step h and c are zero, in all layers, so that
            the next sequence begins afresh. None ends nothing.

    Returns:
        out, the hidden states of the top layer, (T, H, B); the state after the last step;
        the cache for `lstm_backward`, which keeps copies.

    Raises:
        TypeError: if one is no array, or they have several dtypes.
        ValueError: if a shape does not fit.
    """
    check_lstm(x, state, layers, ends)
    workspace = workspace or Workspace()
    forward_pass = workspace.begin()
    H = state[0].shape[-1]
    caches = []
    for k, weights in enumerate(layers):
        caches.append(_layer_forward(x, state[0][k], state[1][k], weights, workspace, f"layer {k} ", ends))
        x = caches[-1].u[1:, -H:]  # h_1 to h_T: what this layer puts out, the next takes in
    h = np.stack([cache.u[-1, -H:].T for cache in caches])
    c = np.stack([cache.c[-1].T for cache in caches])
    return x, (h, c), LSTMCache(caches, None if ends is None else ends.copy(), workspace, forward_pass)


def lstm_backward(
    dout: np.ndarray | None, cache: LSTMCache, dstate: State | None = None, need_dx: bool = True
) -> tuple[np.ndarray | None, State, list[Weights]]:
    """Backpropagation through time, from the top layer down.

    Args:
        dout: gradient of the loss with respect to out, (T, H, B); None if the loss depends on
            the final state alone.
        cache: from `lstm_forward`.
        dstate: gradient with respect to the final state, (L, B, H) each; None is zero.
        need_dx: False spares the gradient with respect to x.

    Returns:
        dx (T, D, B) or None; the gradient with respect to the initial state; for each layer
        (dW_ih, dW_hh, db_ih, db_hh).

    Raises:
        RuntimeError: if the cache's workspace has been used again.
        TypeError, ValueError: if dout or dstate has another shape or dtype than what it is the gradient of.
    """
    cache.workspace.check(cache.forward_pass)
    check_upstream(dout, dstate, cache.layers[0].c[0].T, L=len(cache.layers), T=len(cache.layers[0].tanh_c))
    dh0, dc0, grads = [], [], []
    for k in reversed(range(len(cache.layers))):
        layer = cache.layers[k]
        dh, dc = (dstate[0][k].T, dstate[1][k].T) if dstate is not None else (0 * layer.c[0], 0 * layer.c[0])
        dout, dh, dc, layer_grads = _layer_backward(dout, dh, dc, layer, cache.ends, need_dx or k > 0)
        dh0.insert(0, dh.T)
        dc0.insert(0, dc.T)
        grads.insert(0, layer_grads)
    return dout, (np.stack(dh0), np.stack(dc0)), grads


def _layer_forward(
    x: np.ndarray,
    h0: np.ndarray,
    c0: np.ndarray,
    weights: Weights,
    workspace: Workspace,
    name: str,
    ends: np.ndarray | None,
) -> LayerCache:
    W_ih, W_hh, b_ih, b_hh = weights
    (T, D, B), H = x.shape, W_hh.shape[1]
    dtype = W_hh.dtype
    W = np.concatenate([W_ih, (b_ih + b_hh)[:, None], W_hh], axis=1)
    u = workspace.empty(name + "u", (T + 1, D + 1 + H, B), dtype)
    gates = workspace.empty(name + "gates", (T, 4 * H, B), dtype)
    c = workspace.empty(name + "c", (T + 1, H, B), dtype)
    tanh_c = workspace.empty(name + "tanh_c", (T, H, B), dtype)
    u[:T, :D] = x
    u[T, :D] = 0  # there is no input T; it is set so that nothing undefined is there
    u[:, D] = 1
    u[0, D + 1 :] = h0.T
    c[0] = c0.T

    half_W = W * 0.5  # the ½ inside σ(z) = ½(1 + tanh ½z), for the rows of i, f and o
    half_W[2 * H : 3 * H] = W[2 * H : 3 * H]
    input_gate = np.empty((H, B), dtype)
    for t in range(T):
        np.matmul(half_W, u[t], out=gates[t])
        np.tanh(gates[t], out=gates[t])
        for sigmoids in (gates[t, : 2 * H], gates[t, 3 * H :]):
            sigmoids += 1
            sigmoids *= 0.5
        i, f, g, o = gates[t].reshape(4, H, B)
        np.multiply(f, c[t], out=c[t + 1])
        c[t + 1] += np.multiply(i, g, out=input_gate)
        np.tanh(c[t + 1], out=tanh_c[t])
        np.multiply(o, tanh_c[t], out=u[t + 1, D + 1 :])
        if ends is not None:
            u[t + 1, D + 1 :, ends[t]] = 0
            c[t + 1][:, ends[t]] = 0
    return LayerCache(W, u, gates, c, tanh_c)


def _layer_backward(
    dout: np.ndarray | None,
    dh: np.ndarray,
    dc: np.ndarray,
    cache: LayerCache,
    ends: np.ndarray | None,
    need_dx: bool,
) -> tuple[np.ndarray | None, np.ndarray, np.ndarray, Weights]:
    W, u, gates, c, tanh_c = cache
    T, H, B = tanh_c.shape
    D = u.shape[1] - H - 1
    dx = np.empty((T, D, B), W.dtype) if need_dx else None
    W_h = np.ascontiguousarray(W[:, D + 1 :].T)
    W_x = np.ascontiguousarray(W[:, :D].T) if need_dx else None
    dW, dW_t = np.zeros_like(W), np.empty_like(W)
    dz, slope = np.empty((4 * H, B), W.dtype), np.empty((4 * H, B), W.dtype)
    di, df, dg, do = dz.reshape(4, H, B)
    dh, dc, through_h = dh.copy(), dc.copy(), np.empty((H, B), W.dtype)
    for t in reversed(range(T)):
        i, f, g, o = gates[t].reshape(4, H, B)
        if dout is not None:
            dh += dout[t]
        if ends is not None:  # what was set to zero does not depend on anything before
            dh[:, ends[t]] = 0
            dc[:, ends[t]] = 0

        # h_t = o ⊙ tanh(c_t): c_t is reached through h_t and, directly, from step t + 1
        np.multiply(dh, tanh_c[t], out=do)
        d_tanh(tanh_c[t], out=through_h)
        through_h *= o
        through_h *= dh
        dc += through_h

        # c_t = f ⊙ c_{t-1} + i ⊙ g
        np.multiply(dc, c[t], out=df)
        np.multiply(dc, g, out=di)
        np.multiply(dc, i, out=dg)
        dc *= f

        # i = σ(z_i)   f = σ(z_f)   g = tanh(z_g)   o = σ(z_o)
        d_sigmoid(gates[t], out=slope)  # of all four in one go, then g's put right
        d_tanh(g, out=slope[2 * H : 3 * H])
        dz *= slope

        # z_t = W u_t
        dW += np.matmul(dz, u[t].T, out=dW_t)
        np.matmul(W_h, dz, out=dh)
        if dx is not None:
            np.matmul(W_x, dz, out=dx[t])
    dW_ih, db, dW_hh = dW[:, :D], dW[:, D], dW[:, D + 1 :]
    return dx, dh, dc, (dW_ih, dW_hh, db, db.copy())
