"""The network from outside, on pages 1, 2 and 6: what goes in, what comes out, and all that is in between."""

import numpy as np
from matplotlib.figure import Figure

import sample
from encoding import StringToIntEncoder
from encoding.tokens import events
from lstm_numpy import LSTMModel, softmax_cross_entropy
from lstm_numpy.sampling import next_probabilities
from lstm_numpy.system import BLUE, GREEN, GREY, ORANGE, png

MELODY = "60 _ _ _ 64 _ 62 _ 60 _ r _ 67 _ _ _".split()


def first_look() -> bytes:
    """Page 1: the whole way of three tokens, every array as a grid of its values."""
    rng = np.random.default_rng(0)
    model = LSTMModel(4, 2, 3, 1, 0.0, rng, np.float64, plain=True)
    read, targets = np.array([[0, 1, 3]]), np.array([[1, 3, 2]])
    logits, _, cache = model.forward(read)
    _, dlogits = softmax_cross_entropy(logits, targets)
    p = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
    rows = ("x", "i", "f", "g", "o", "c", "h", "p", "dlogits")
    names = (". is read", "60 is read", "_ is read")
    figure = Figure(figsize=(9, 5.2), layout="constrained")
    panels = figure.subplots(len(rows), 3, squeeze=False)
    for t, step in enumerate(cache.lstm[0]):
        c = step.f * step.c_prev + step.i * step.g
        values = {**step._asdict(), "c": c, "h": step.o * step.tanh_c, "p": p[:, t], "dlogits": dlogits[:, t]}
        for row, name in enumerate(rows):
            axes = panels[row, t]
            image = axes.imshow(values[name], cmap="PuOr_r", vmin=-1, vmax=1, aspect="auto")
            for column, value in enumerate(values[name][0]):
                axes.text(column, 0, f"{value:.2f}", ha="center", va="center", fontsize=9,
                          color="white" if abs(value) > 0.7 else "black")  # fmt: skip
            axes.set_xticks(range(4) if name == "dlogits" else [], (".", "60", "64", "_") if name == "dlogits" else [])
            axes.set_yticks([0], [name] if t == 0 else [""])
            axes.tick_params(length=0)
        panels[0, t].set_title(f"t = {t + 1}: {names[t]}")
    figure.colorbar(image, ax=panels, label="value (the tips: beyond -1 and 1)", shrink=0.6, extend="both")
    return png(figure)


def tokens() -> bytes:
    """Page 2: a melody as notes, tokens and integers."""
    vocabulary = StringToIntEncoder([MELODY])
    figure = Figure(figsize=(9, 3.2), layout="constrained")
    axes = figure.subplots()
    for onset, symbol, steps in events(MELODY):
        if symbol != "r":
            axes.broken_barh([(onset + 0.05, steps - 0.1)], (int(symbol) - 0.4, 0.8), color=BLUE)
    for step, token in enumerate(MELODY):
        axes.text(step + 0.5, 57.6, token, ha="center", va="center", family="monospace")
        axes.text(step + 0.5, 56.2, vocabulary.encode(token), ha="center", va="center", color=GREY, family="monospace")
    axes.text(-0.2, 57.6, "token", ha="right", va="center")
    axes.text(-0.2, 56.2, "integer", ha="right", va="center", color=GREY)
    axes.set_xlim(0, len(MELODY))
    axes.set_ylim(55.4, 68)
    axes.set_xticks(range(0, len(MELODY) + 1, 4))
    axes.set_yticks([60, 62, 64, 65, 67], ["60 (C4)", "62 (D4)", "64 (E4)", "65 (F4)", "67 (G4)"])
    axes.set_xlabel("time (grid steps, sixteenths)")
    axes.set_ylabel("pitch (MIDI number)")
    axes.grid(alpha=0.3)
    axes.set_axisbelow(True)
    return png(figure)


def softmax() -> bytes:
    """Page 6: what the network expects after a beginning, and the gradient when 67 comes."""
    network = sample.load_network(sample.SHIPPED.with_name("erk-tokens.npz"))
    model, vocabulary = network.model, network.vocabulary
    beginning = ". 60 _ _ _ 62 _ _ _ 64 _ _ _".split()
    logits, _, _ = model.forward(np.array([[vocabulary.encode(token) for token in beginning]]), outputs="last")
    _, dlogits = softmax_cross_entropy(logits, np.array([vocabulary.encode("67")]))
    likely = np.argsort(-logits[0])[:10]
    names, place = [vocabulary.decode(int(index)) for index in likely], np.arange(10)
    figure = Figure(figsize=(9, 3.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    styles = ((0.5, BLUE, ""), (1.0, ORANGE, "//"), (2.0, GREEN, ".."))
    for shift, (temperature, color, hatch) in zip((-0.27, 0, 0.27), styles, strict=True):
        p = next_probabilities(logits[0], temperature)[likely]
        left.bar(
            place + shift, p, 0.26, color=color, hatch=hatch, edgecolor="white", label=f"temperature {temperature}"
        )
    left.set_ylabel("probability of the next token")
    left.legend()
    right.bar(place, dlogits[0, likely], color=[ORANGE if name == "67" else BLUE for name in names])
    right.axhline(0, color="black", lw=0.8)
    right.set_ylabel("gradient of the loss\nwith respect to the logit")
    for axes in (left, right):
        axes.set_xticks(place, names)
        axes.set_xlabel("token")
        axes.grid(axis="y", alpha=0.3)
        axes.set_axisbelow(True)
    return png(figure)
