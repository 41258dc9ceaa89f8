"""Gradients that come back through time, on pages 5 and 9: where they stop, and where they vanish."""

import numpy as np
from matplotlib.figure import Figure

from lstm_numpy import LSTMModel, cell, softmax_cross_entropy
from lstm_numpy.activations import d_tanh, sigmoid
from lstm_numpy.system import BLUE, GREEN, GREY, ORANGE, png


def norms_through_time(model: LSTMModel, tokens: np.ndarray, targets: np.ndarray, chunk: int) -> np.ndarray:
    """‖∂(loss at step t)/∂h_s‖, (T, T), by the plain cell; no gradient passes from a chunk to the one before."""
    model.plain = True
    logits, _, cache = model.forward(tokens)
    steps, W = cache.lstm.layers[0], model.params["fc.weight"]
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
