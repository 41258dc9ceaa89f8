"""Fifty training steps of a small network, for the comparison with PyTorch.

`make_reference.py` runs them in PyTorch and writes `reference/trajectory.npz`; the tests run
them here, against that file and, where PyTorch is installed, against PyTorch itself.
"""

from pathlib import Path

import numpy as np

from lstm_numpy import Adam, LSTMModel, clip_grad_norm, softmax_cross_entropy

REFERENCE = Path(__file__).parent / "reference" / "trajectory.npz"
V, D, H, L, B, T, STEPS = 11, 5, 7, 2, 4, 9, 50
LEARNING_RATE, MAX_NORM = 0.01, 0.24  # a norm that is exceeded in some of the steps and not in others


def initial_model() -> LSTMModel:
    """In float64 and without dropout."""
    return LSTMModel(V, D, H, L, 0.0, np.random.default_rng(2023), np.float64)


def batches() -> tuple[np.ndarray, np.ndarray]:
    """Tokens and targets of all steps, (STEPS, B, T) each; some targets are ignored."""
    rng = np.random.default_rng(2024)
    tokens = (rng.integers(V, size=(STEPS, B, 1)) + np.arange(T + 1) * rng.integers(1, 3, size=(STEPS, B, 1))) % V
    targets = tokens[..., 1:].copy()
    targets[:, 0, :3] = -1
    return tokens[..., :-1], targets


def train_here(model: LSTMModel, tokens: np.ndarray, targets: np.ndarray) -> tuple[list[float], list[float]]:
    """The loss and the norm of the gradient at every step."""
    optimizer = Adam(model.params, LEARNING_RATE)
    losses, norms = [], []
    for x, y in zip(tokens, targets, strict=True):
        logits, _, cache = model.forward(x)
        loss, dlogits = softmax_cross_entropy(logits, y)
        grads, _ = model.backward(dlogits, cache)
        norms.append(clip_grad_norm(grads, MAX_NORM))
        optimizer.step(grads)
        losses.append(float(loss))
    return losses, norms
