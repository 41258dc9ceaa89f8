"""Learning, on pages 7 and 8: the way that Adam takes, and what a wrong gradient does."""

from collections.abc import Sequence
from unittest.mock import patch

import numpy as np
from matplotlib.figure import Figure

import train
from encoding import StringToIntEncoder, load_corpus
from lstm_numpy import Adam, LSTMModel, cell, softmax_cross_entropy
from lstm_numpy.system import BLUE, GREEN, GREY, ORANGE, png


def adam() -> bytes:
    """Page 7: gradient descent and Adam on a long, narrow valley."""

    def path(step, count: int) -> np.ndarray:
        theta = {"θ": np.array([-4.0, 1.5])}
        places = [theta["θ"].copy()]
        update = step(theta)
        for _ in range(count):
            update({"θ": np.array([0.01, 2.0]) * theta["θ"]})
            places.append(theta["θ"].copy())
        return np.array(places)

    def descent(theta):
        def update(grads) -> None:
            theta["θ"] -= 0.9 * grads["θ"]

        return update

    paths = {
        "gradient descent, rate 0.9": (path(descent, 60), ORANGE, "s"),
        "Adam, rate 0.3": (path(lambda theta: Adam(theta, 0.3).step, 60), BLUE, "o"),
    }
    figure = Figure(figsize=(9, 4), layout="constrained")
    axes = figure.subplots()
    x, y = np.meshgrid(np.linspace(-4.6, 1.6, 200), np.linspace(-2, 2, 120))
    axes.contour(
        x, y, 0.005 * x**2 + y**2, levels=[0.002, 0.01, 0.05, 0.2, 0.5, 1, 2, 3, 4], colors=GREY, linewidths=0.6
    )
    for name, (places, color, marker) in paths.items():
        axes.plot(*places.T, color=color, marker=marker, ms=4, lw=1, label=name)
    axes.plot(0, 0, "k*", ms=12, label="minimum")
    axes.set_xlabel("θ₁, along the valley")
    axes.set_ylabel("θ₂, across it")
    axes.legend(loc="upper right")
    return png(figure)


def training_data() -> tuple[StringToIntEncoder, Sequence]:
    """The vocabulary and an epoch of `python train.py`, the streams of all songs but the held-out ones."""
    config = {**train.DEFAULTS, **train.RECIPES["default"]}
    vocabulary, _, held_out, _ = train.prepare(load_corpus(progress=lambda done, total: None), config, None)
    batches = held_out.batches(*(config[name] for name in ("batches", "outputs", "stride", "batch_size")))
    return vocabulary, batches.epoch(np.random.default_rng(0))


def wrong_gradients() -> bytes:
    """Page 8: a training with a wrong gradient goes down, too."""
    vocabulary, data = training_data()

    def no_time(dh, dc, cache):
        dx, dh_prev, dc_prev, grads = right(dh, dc, cache)
        return dx, 0 * dh_prev, 0 * dc_prev, grads

    def no_slope(a, out=None):
        return np.ones_like(a)

    right = cell.cell_backward
    variants = {
        "right": (BLUE, "-", {}),
        "nothing passed to the step before": (ORANGE, "--", {"lstm_numpy.plain.cell_backward": no_time}),
        "σ' forgotten in all gates": (GREEN, ":", {"lstm_numpy.cell.d_sigmoid": no_slope}),
    }
    figure = Figure(figsize=(9, 3.8), layout="constrained")
    axes = figure.subplots()
    for name, (color, style, replaced) in variants.items():
        model = LSTMModel(len(vocabulary), 32, 64, 1, 0.0, np.random.default_rng(1), plain=True)
        optimizer, state, losses = Adam(model.params, 0.003), None, []
        patches = [patch(target, wrong) for target, wrong in replaced.items()]
        for one in patches:
            one.start()
        for step in range(len(data)):
            batch = data[step]
            logits, state, cache = model.forward(batch.tokens, state, ends=batch.ends)
            loss, dlogits = softmax_cross_entropy(logits, batch.targets)
            optimizer.step(model.backward(dlogits, cache)[0])
            losses.append(float(loss))
        for one in patches:
            one.stop()
        axes.plot(np.convolve(losses, np.ones(10) / 10, "valid"), color=color, ls=style, label=name)
    axes.set_ylim(1.0, 2.2)
    axes.set_xlabel("training step")
    axes.set_ylabel("training loss (nats per step,\nmean of 10 steps)")
    axes.legend()
    axes.grid(alpha=0.3)
    return png(figure)
