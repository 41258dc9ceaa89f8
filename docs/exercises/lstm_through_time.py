"""Exercise: backpropagation through time, over T steps and L layers.

Work on a copy, made in the project's folder:

    cp docs/exercises/lstm_through_time.py my_lstm_through_time.py

In it, fill in the blanks (...) of `lstm_backward`, from the top down, and keep the names on their left.
You need not finish to ask; this says what is right, wrong and still blank:

    python -m lstm_numpy.gradcheck --exercise my_lstm_through_time.py
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
    """Backpropagation through time: layers from the top down, and in each the steps from the last to the first.

    Args:
        dout: gradient with respect to out, (T, H, B); None if the outputs have no part in the loss.
        caches: from `lstm_forward`: caches[k][t] is what `cell_backward` needs of step t of layer k.
        dstate: gradient with respect to the state after the last step, h and c, (L, B, H) each;
            None if it has no part in the loss.
        ends: where a sequence has ended, (T, B), as in the forward pass (page 12); None in this exercise.

    Returns:
        dx (T, D, B), the gradient of the initial state (h and c, (L, B, H) each), and for each
        layer the gradients of its weights, in the order in which they came.
    """
    check_upstream(dout, dstate, caches[0][0].c_prev, L=len(caches), T=len(caches[0]))
    dh0, dc0, grads = [], [], []
    for k in reversed(range(len(caches))):
        steps = caches[k]
        dh, dc = ...  # (B, H) each: what reaches layer k from after the last step; zeros if dstate is None
        layer_grads: list = []
        dx = []
        for t in reversed(range(len(steps))):
            if dout is not None:
                dh = ...  # (B, H): h_t has a part in step t + 1 and in the output; dout[t] is (H, B)
            if ends is not None:  # what was set to zero depends on nothing before
                dh, dc = np.where(ends[t][:, None], 0, dh), np.where(ends[t][:, None], 0, dc)
            dx_t, dh, dc, step_grads = ...  # one step back, by `cell_backward`
            dx.insert(0, dx_t.T)
            # The same weights act at every step, so their gradients add up.
            layer_grads = ...  # dW_ih, dW_hh, db_ih, db_hh of the steps so far; step_grads has this step's four
        dout = ...  # (T, D, B): what this layer took in, the layer below has put out; dx has it step by step
        dh0.insert(0, dh)
        dc0.insert(0, dc)
        grads.insert(0, tuple(layer_grads))
    return dout, (np.stack(dh0), np.stack(dc0)), grads
