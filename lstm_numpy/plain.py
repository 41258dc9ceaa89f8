"""L layers of `cell.py` over T steps, with nothing done for speed: the yardstick for `lstm.py`.

Both modules have the same two functions, so either can stand in for the other.
"""

import copy

import numpy as np

from lstm_numpy.cell import cell_backward, cell_forward
from lstm_numpy.checks import check_lstm, check_upstream

Weights = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]  # W_ih, W_hh, b_ih, b_hh
State = tuple[np.ndarray, np.ndarray]  # h, c


def lstm_forward(
    x: np.ndarray, state: State, layers: list[Weights], ends: np.ndarray | None = None
) -> tuple[np.ndarray, State, list]:
    """See `lstm.lstm_forward`."""
    check_lstm(x, state, layers, ends)
    x, (h0, c0), layers = copy.deepcopy((x, state, layers))  # the cache keeps them, and an optimizer changes them
    caches, h_last, c_last = [], [], []
    for k, weights in enumerate(layers):
        h, c = h0[k], c0[k]
        out, steps = [], []
        for t, x_t in enumerate(x):
            h, c, cache = cell_forward(x_t.T, h, c, *weights)
            if ends is not None:
                h, c = np.where(ends[t][:, None], 0, h), np.where(ends[t][:, None], 0, c)
            out.append(h.T)
            steps.append(cache)
        caches.append(steps)
        h_last.append(h)
        c_last.append(c)
        x = np.stack(out)  # what a layer puts out is what the next takes in
    return x, (np.stack(h_last), np.stack(c_last)), caches


def lstm_backward(
    dout: np.ndarray | None, caches: list, dstate: State | None = None, ends: np.ndarray | None = None
) -> tuple[np.ndarray, State, list[Weights]]:
    """See `lstm.lstm_backward`; `ends` are those of the forward pass."""
    check_upstream(dout, dstate, caches[0][0].c_prev, L=len(caches), T=len(caches[0]))
    dh0, dc0, grads = [], [], []
    for k in reversed(range(len(caches))):
        steps = caches[k]
        dh, dc = (dstate[0][k], dstate[1][k]) if dstate is not None else (0 * steps[0].h_prev, 0 * steps[0].c_prev)
        layer_grads: list = []
        dx = []
        for t in reversed(range(len(steps))):
            if dout is not None:
                dh = dh + dout[t].T
            if ends is not None:  # what was set to zero depends on nothing before
                dh, dc = np.where(ends[t][:, None], 0, dh), np.where(ends[t][:, None], 0, dc)
            dx_t, dh, dc, step_grads = cell_backward(dh, dc, steps[t])
            dx.insert(0, dx_t.T)
            # The same weights act at every step, so their gradients add up.
            sums = zip(layer_grads or [0] * 4, step_grads, strict=True)
            layer_grads = [total + gradient for total, gradient in sums]
        dout = np.stack(dx)
        dh0.insert(0, dh)
        dc0.insert(0, dc)
        grads.insert(0, tuple(layer_grads))
    return dout, (np.stack(dh0), np.stack(dc0)), grads
