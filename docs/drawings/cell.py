"""The cell at one step, on pages 3 and 4: gates as valves, and their derivatives."""

import numpy as np
from matplotlib.figure import Figure

from lstm_numpy.activations import d_sigmoid, d_tanh, sigmoid
from lstm_numpy.system import BLUE, GREEN, ORANGE, png


def valves() -> bytes:
    """Page 3: a value is written into the cell, kept by the forget gate and let out by the output gate."""
    steps = np.arange(41)
    figure = Figure(figsize=(9, 3.6), layout="constrained")
    axes = figure.subplots()
    for f, color, marker in ((1.0, BLUE, "o"), (0.95, GREEN, "^"), (0.8, ORANGE, "s")):
        c = np.zeros(len(steps))
        for t in steps[1:]:
            i = 1.0 if t == 4 else 0.0
            c[t] = f * c[t - 1] + i * 1.0
        axes.plot(steps, c, color=color, marker=marker, ms=3, label=f"c, forget gate f = {f}")
        o = (steps >= 32) & (steps < 35)
        axes.vlines(steps[o], 0, np.tanh(c[o]), color=color, lw=4, alpha=0.5)
    axes.annotate("input gate opens:\ng = 1 is written", (4, 1), xytext=(7, 1.12), arrowprops={"arrowstyle": "->"})
    axes.annotate("output gate opens:\nthe bars, o tanh(c)", (33, 0.77), xytext=(30.3, 1.12),
                  arrowprops={"arrowstyle": "->"})  # fmt: skip
    axes.set_ylim(0, 1.38)
    axes.set_xlabel("time step t")
    axes.set_ylabel("cell state c (lines) and\nhidden state h (bars) of one unit")
    axes.legend(loc="center left", bbox_to_anchor=(0.42, 0.55))
    axes.grid(alpha=0.3)
    return png(figure)


def slopes() -> bytes:
    """Page 4: the derivatives that stand between a gate and its pre-activation."""
    z = np.linspace(-6, 6, 241)
    figure = Figure(figsize=(9, 3.4), layout="constrained")
    left, right = figure.subplots(1, 2, sharex=True)
    left.plot(z, sigmoid(z), color=BLUE, label="σ(z): i, f, o")
    left.plot(z, np.tanh(z), color=ORANGE, ls="--", label="tanh(z): g")
    left.set_ylabel("value")
    right.plot(z, d_sigmoid(sigmoid(z)), color=BLUE, label="σ' = a - a², at most ¼")
    right.plot(z, d_tanh(np.tanh(z)), color=ORANGE, ls="--", label="tanh' = 1 - a², at most 1")
    right.set_ylabel("derivative")
    for axes in (left, right):
        axes.set_xlabel("pre-activation z")
        axes.legend(loc="upper left", fontsize=9)
        axes.grid(alpha=0.3)
    left.set_ylim(-1.1, 1.75)
    right.set_ylim(0, 1.45)
    return png(figure)
