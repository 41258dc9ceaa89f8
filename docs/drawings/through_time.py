"""Gradients that come back through time, on pages 5 and 9: where they stop, and where they vanish."""

from collections.abc import Callable

import numpy as np
from matplotlib.figure import Figure

from lstm_numpy import LSTMModel, cell, softmax_cross_entropy
from lstm_numpy.activations import d_tanh
from lstm_numpy.system import BLUE, GREEN, GREY, ORANGE, png

WIDE, INPUTS, BATCH = 64, 16, 16  # the untrained networks of page 9


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
        image = axes.imshow(norms, origin="lower", cmap="viridis", vmin=-2.6, vmax=-0.65)
        axes.set_title(title)
        axes.set_xlabel("step whose hidden state is moved")
        axes.set_xticks(range(7, T, 8), range(8, T + 1, 8))
        axes.set_yticks(range(7, T, 8), range(8, T + 1, 8))
    panels[0].set_ylabel("step whose loss is felt")
    figure.colorbar(image, ax=panels, label="size of the gradient, power of ten", shrink=0.9)
    return png(figure)


def gradient_of_h(rng: np.random.Generator, T: int, orthogonal: bool) -> np.ndarray:
    """Norms in a plain RNN, h_t = tanh(W_ih x_t + W_hh h_{t-1}), from the last step back."""
    W_ih, W_hh = (rng.uniform(-1, 1, (WIDE, n)) / np.sqrt(WIDE) for n in (INPUTS, WIDE))
    if orthogonal:
        W_hh = np.linalg.qr(rng.standard_normal((WIDE, WIDE)))[0]
    h, hs = np.zeros((BATCH, WIDE)), []
    for _ in range(T):
        h = np.tanh(rng.standard_normal((BATCH, INPUTS)) @ W_ih.T + h @ W_hh.T)
        hs.append(h)
    dh, norms = rng.standard_normal((BATCH, WIDE)), []
    for h in reversed(hs):
        norms.append(np.linalg.norm(dh))
        dh = (dh * d_tanh(h)) @ W_hh
    return np.array(norms) / norms[0]


def gradients_of_c(rng: np.random.Generator, T: int, forget_bias: float) -> np.ndarray:
    """Norms in an LSTM from the last step back, (2, T): by all ways, and along c alone."""
    model = LSTMModel(2, INPUTS, WIDE, 1, 0.0, rng, np.float64, forget_bias=forget_bias)
    weights = model.layers(model.params)[0]
    h, c, caches = np.zeros((BATCH, WIDE)), np.zeros((BATCH, WIDE)), []
    for _ in range(T):
        h, c, cache = cell.cell_forward(rng.standard_normal((BATCH, INPUTS)), h, c, *weights)
        caches.append(cache)
    dh, dc, norms = np.zeros((BATCH, WIDE)), rng.standard_normal((BATCH, WIDE)), []
    along_c = dc
    for cache in reversed(caches):
        whole = dc + dh * cache.o * d_tanh(cache.tanh_c)
        norms.append([np.linalg.norm(whole), np.linalg.norm(along_c)])
        _, dh, dc, _ = cell.cell_backward(dh, dc, cache)
        along_c = along_c * cache.f
    return (np.array(norms) / norms[0]).T


def median(norms: Callable[[np.random.Generator], np.ndarray]) -> np.ndarray:
    """Of five networks."""
    return np.median([norms(np.random.default_rng(seed)) for seed in range(5)], axis=0)


def remembering() -> bytes:
    """Page 9: how much of the gradient is left k steps back, before anything is learned."""
    T = 60
    figure = Figure(figsize=(9, 4.4), layout="constrained")
    axes = figure.subplots()
    lags = np.arange(T)
    for orthogonal, marker, label in ((False, "x", "plain RNN"), (True, "+", "plain RNN, orthogonal")):
        norms = median(lambda rng, orthogonal=orthogonal: gradient_of_h(rng, T, orthogonal))
        axes.semilogy(lags, norms, color=GREY, marker=marker, ms=5, label=label)
    for bias, color, marker in ((0, ORANGE, "s"), (1, GREEN, "^"), (3, BLUE, "o")):
        whole, along_c = median(lambda rng, bias=bias: gradients_of_c(rng, T, bias))
        axes.semilogy(lags, whole, color=color, marker=marker, ms=3, label=f"LSTM, forget bias {bias}")
        axes.semilogy(lags, along_c, color=color, ls=":", lw=1.2)
    axes.plot([], [], color="black", ls=":", lw=1.2, label="LSTM, along c alone")
    axes.set_ylim(1e-18, 5)
    axes.set_xlabel("steps back")
    axes.set_ylabel("gradient by the state, as a share\nof the gradient at the last step")
    axes.legend(loc="lower left", fontsize=9)
    axes.grid(alpha=0.3)
    return png(figure)
