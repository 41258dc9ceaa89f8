"""The figures of the course, each made by the code that its page is about.

python docs/figures.py                  all of them, into docs/images
python docs/figures.py valves adam      some of them
"""

import argparse
import sys
from pathlib import Path
from unittest.mock import patch

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from matplotlib.figure import Figure

from lstm_numpy import Adam, LSTMModel, cell, softmax_cross_entropy
from lstm_numpy.activations import d_sigmoid, d_tanh, sigmoid
from lstm_numpy.figures import BLUE, GREEN, GREY, ORANGE, png
from lstm_numpy.sampling import next_probabilities

MELODY = "60 _ _ _ 64 _ 62 _ 60 _ r _ 67 _ _ _".split()


def tokens() -> bytes:
    """Page 2: a melody as notes, tokens and integers."""
    from encoding import StringToIntEncoder
    from encoding.tokens import events

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
    axes.annotate("output gate opens:\nbars are h = o tanh(c)", (33, 0.77), xytext=(30.3, 1.12),
                  arrowprops={"arrowstyle": "->"})  # fmt: skip
    axes.set_ylim(0, 1.38)
    axes.set_xlabel("time step t")
    axes.set_ylabel("cell state of one unit")
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


def norms_through_time(model: LSTMModel, tokens: np.ndarray, targets: np.ndarray, chunk: int) -> np.ndarray:
    """‖∂(loss at step t)/∂h_s‖, (T, T), by the plain cell; no gradient passes from a chunk to the one before."""
    model.plain = True
    logits, _, cache = model.forward(tokens)
    steps, W = cache.lstm[0], model.params["fc.weight"]
    result = np.full((tokens.shape[1], tokens.shape[1]), np.nan)
    for t in range(len(steps)):
        _, dlogits = softmax_cross_entropy(logits[:, t], targets[:, t])
        dh, dc = dlogits @ W, np.zeros_like(steps[t].c_prev)
        for s in range(t, t - t % chunk - 1, -1):
            result[t, s] = np.linalg.norm(dh)
            _, dh, dc, _ = cell.cell_backward(dh, dc, steps[s])
    return result


def through_time() -> bytes:
    """Page 5: how far back each loss reaches, in full and in truncated backpropagation."""
    rng = np.random.default_rng(0)
    T, V = 48, 12
    model = LSTMModel(V, 16, 64, 1, 0.0, rng, np.float64, forget_bias=2.0)
    read, targets = rng.integers(V, size=(8, T)), rng.integers(V, size=(8, T))
    figure = Figure(figsize=(9, 4.2), layout="constrained")
    panels = figure.subplots(1, 2, sharey=True)
    for axes, chunk, title in zip(
        panels, (T, 16), ("full: all 48 steps", "truncated: chunks of 16 steps"), strict=True
    ):
        norms = np.log10(norms_through_time(model, read, targets, chunk))
        image = axes.imshow(norms, origin="lower", cmap="viridis", vmin=-3.5, vmax=-1)
        axes.set_title(title)
        axes.set_xlabel("step s whose h_s is moved")
        axes.set_xticks(range(0, T + 1, 8))
        axes.set_yticks(range(0, T + 1, 8))
    panels[0].set_ylabel("step t whose loss is looked at")
    figure.colorbar(image, ax=panels, label="log₁₀ ‖∂ loss_t / ∂ h_s‖", shrink=0.9)
    return png(figure)


def shipped():
    """The shipped model and its vocabulary."""
    from encoding import StringToIntEncoder
    from lstm_numpy import checkpoint

    arrays, description = checkpoint.load(ROOT / "models" / "erk.npz")
    return checkpoint.model_from(arrays, description), StringToIntEncoder.from_symbols(description["vocabulary"])


def softmax() -> bytes:
    """Page 6: what the network expects after a beginning, and the gradient when 67 comes."""
    model, vocabulary = shipped()
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
    right.set_ylabel("gradient of the loss by the logit")
    for axes in (left, right):
        axes.set_xticks(place, names)
        axes.set_xlabel("token")
        axes.grid(axis="y", alpha=0.3)
        axes.set_axisbelow(True)
    return png(figure)


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


def default_run():
    """The run that `python train.py` begins; what matters here are its streams of all songs but the held-out ones."""
    import train
    from encoding import load_corpus

    config = {**train.DEFAULTS, **train.RECIPES["default"], "data": "erk", "seed": 0}
    return train.Run(Path(), config, load_corpus(progress=lambda done, total: None))


def wrong_gradients() -> bytes:
    """Page 8: a training with a wrong gradient goes down, too."""
    run = default_run()
    data = run.batches.epoch(np.random.default_rng(0))

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
        model = LSTMModel(len(run.vocabulary), 32, 64, 1, 0.0, np.random.default_rng(1), plain=True)
        optimizer, state, losses = Adam(model.params, 0.003), None, []
        patches = [patch(target, wrong) for target, wrong in replaced.items()]
        for one in patches:
            one.start()
        for step in range(len(data)):
            logits, state, cache = model.forward(data[step][0], state)
            loss, dlogits = softmax_cross_entropy(logits, data[step][1])
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


def remembering() -> bytes:
    """Page 9: the norm of the gradient against how far it has come back."""
    H, D, T, B = 64, 16, 60, 16
    figure = Figure(figsize=(9, 4.2), layout="constrained")
    axes = figure.subplots()
    lags = np.arange(T)

    def along(one_back) -> np.ndarray:
        """Medians over five networks of ‖gradient k steps back‖ / ‖gradient‖."""
        return np.median([one_back(np.random.default_rng(seed)) for seed in range(5)], axis=0)

    def rnn(rng) -> np.ndarray:
        """h_t = tanh(W x_t + U h_{t-1})"""
        W, U = (rng.uniform(-1, 1, (H, n)) / np.sqrt(H) for n in (D, H))
        h, hs = np.zeros((B, H)), []
        for _ in range(T):
            h = np.tanh(rng.standard_normal((B, D)) @ W.T + h @ U.T)
            hs.append(h)
        dh = rng.standard_normal((B, H))
        norms = []
        for h in reversed(hs):
            norms.append(np.linalg.norm(dh))
            dh = (dh * d_tanh(h)) @ U
        return np.array(norms) / norms[0]

    def lstm(forget_bias: float):
        def one_back(rng) -> np.ndarray:
            model = LSTMModel(2, D, H, 1, 0.0, rng, np.float64, forget_bias=forget_bias)
            weights = model.layers(model.params)[0]
            h, c, caches = np.zeros((B, H)), np.zeros((B, H)), []
            for _ in range(T):
                h, c, cache = cell.cell_forward(rng.standard_normal((B, D)), h, c, *weights)
                caches.append(cache)
            dh, dc = np.zeros((B, H)), rng.standard_normal((B, H))
            norms = []
            for cache in reversed(caches):
                norms.append(np.linalg.norm(dc))
                _, dh, dc, _ = cell.cell_backward(dh, dc, cache)
            return np.array(norms) / norms[0]

        return one_back

    axes.semilogy(lags, along(rnn), color=GREY, marker="x", ms=4, label="plain RNN, gradient by h")
    for bias, color, marker in ((0, ORANGE, "s"), (1, GREEN, "^"), (3, BLUE, "o")):
        axes.semilogy(lags, along(lstm(bias)), color=color, marker=marker, ms=3, label=f"LSTM, forget bias {bias}")
        axes.semilogy(lags, sigmoid(np.float64(bias)) ** lags, color=color, ls=":", lw=1)
    axes.plot([], [], color="black", ls=":", lw=1, label="σ(bias)ᵏ")
    axes.set_ylim(1e-16, 5)
    axes.set_xlabel("steps back, k")
    axes.set_ylabel("‖∂ loss / ∂ c_{T-k}‖ / ‖∂ loss / ∂ c_T‖")
    axes.legend(loc="lower left")
    axes.grid(alpha=0.3)
    return png(figure)


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
        panels[0, t].set_title(f"t = {t}: {names[t]}")
    figure.colorbar(image, ax=panels, label="value", shrink=0.6)
    return png(figure)


FIGURES = {
    "first-look": first_look,
    "tokens": tokens,
    "valves": valves,
    "slopes": slopes,
    "through-time": through_time,
    "softmax": softmax,
    "adam": adam,
    "wrong-gradients": wrong_gradients,
    "remembering": remembering,
}
QUICK = [name for name in FIGURES if name != "wrong-gradients"]  # this one reads the corpus and trains for a minute


def main() -> None:
    from lstm_numpy.files import write_whole

    parser = argparse.ArgumentParser(description="Draw the figures of the course.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"some of {', '.join(FIGURES)} (default: all)")
    parser.add_argument("--folder", type=Path, default=ROOT / "docs" / "images", help="(default: docs/images)")
    options = parser.parse_args()
    for name in options.names:
        if name not in FIGURES:
            parser.error(f"there is no figure {name!r}; choose from {', '.join(FIGURES)}")
    for name in options.names or FIGURES:
        write_whole(options.folder / f"{name}.png", FIGURES[name]())
        print(f"drawn {options.folder / name}.png", flush=True)


if __name__ == "__main__":
    main()
