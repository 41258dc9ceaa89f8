"""A task that needs memory: read T random symbols, then say which one came first.

python docs/recall.py                 five networks, T = 20: some ten seconds
python docs/recall.py --length 10     nearer together, so easier
"""

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # where the package lies

from lstm_numpy import Adam, LSTMModel, clip_grad_norm, softmax_cross_entropy

V, D, H, B = 4, 8, 32, 32  # symbols, width of the embedding, hidden units, sequences in a batch


class PlainRNN:
    """h_t = tanh(W_ih x_t + W_hh h_{t-1} + b): no gates, and no sum that keeps anything.

    With `orthogonal`, W_hh begins as a rotation, which changes the length of no vector.
    """

    def __init__(self, rng: np.random.Generator, orthogonal: bool, dtype: type = np.float32):
        def uniform(*shape: int) -> np.ndarray:
            return rng.uniform(-1, 1, shape) / np.sqrt(H)

        W_hh = np.linalg.qr(rng.standard_normal((H, H)))[0] if orthogonal else uniform(H, H)
        params = {"E": rng.standard_normal((V, D)), "W_ih": uniform(H, D), "W_hh": W_hh, "b": np.zeros(H),
                  "W": uniform(V, H)}  # fmt: skip
        self.params = {name: array.astype(dtype) for name, array in params.items()}

    def forward(self, tokens: np.ndarray, outputs: str = "last") -> tuple:
        E, W_ih, W_hh, b, W = self.params.values()
        hs = [np.zeros((len(tokens), H), E.dtype)]
        for t in range(tokens.shape[1]):
            hs.append(np.tanh(E[tokens[:, t]] @ W_ih.T + hs[-1] @ W_hh.T + b))
        return hs[-1] @ W.T, None, (tokens, hs)

    def backward(self, dlogits: np.ndarray, cache: tuple) -> tuple:
        tokens, hs = cache
        grads = {name: np.zeros_like(array) for name, array in self.params.items()}
        E, W_ih, W_hh, _, W = self.params.values()
        grads["W"] = dlogits.T @ hs[-1]
        dh = dlogits @ W
        for t in reversed(range(tokens.shape[1])):
            dz = dh * (1 - hs[t + 1] ** 2)
            grads["W_ih"] += dz.T @ E[tokens[:, t]]
            grads["W_hh"] += dz.T @ hs[t]
            grads["b"] += dz.sum(axis=0)
            np.add.at(grads["E"], tokens[:, t], dz @ W_ih)
            dh = dz @ W_hh
        return grads, None


def lstm(forget_bias: float | None) -> Callable:
    return lambda rng: LSTMModel(V, D, H, 1, 0.0, rng, forget_bias=forget_bias)


NETWORKS = {
    "plain RNN": lambda rng: PlainRNN(rng, orthogonal=False),
    "plain RNN, orthogonal": lambda rng: PlainRNN(rng, orthogonal=True),
    "LSTM, forget bias none": lstm(None),
    "LSTM, forget bias 1": lstm(1.0),
    "LSTM, forget bias 3": lstm(3.0),
}


def training(network: Callable, T: int, steps: int, seed: int = 0) -> Iterator[float]:
    """After each training step, the share of its batch that was recalled."""
    rng = np.random.default_rng(seed)
    model = network(rng)
    adam = Adam(model.params, learning_rate=0.003)
    for _ in range(steps):
        tokens = rng.integers(V, size=(B, T))
        first = tokens[:, 0]
        logits, _, cache = model.forward(tokens, outputs="last")
        grads, _ = model.backward(softmax_cross_entropy(logits, first)[1], cache)
        clip_grad_norm(grads, 1.0)
        adam.step(grads)
        yield float((logits.argmax(axis=-1) == first).mean())


def main() -> None:
    parser = argparse.ArgumentParser(description="Train five networks to recall the first of T symbols.")
    parser.add_argument("--length", type=int, default=20, metavar="T", help="symbols in a sequence (default: 20)")
    parser.add_argument("--steps", type=int, default=300, help="steps of training (default: 300)")
    parser.add_argument("--seed", type=int, default=0, help="draws weights and symbols (default: 0)")
    options = parser.parse_args()
    if options.length < 1 or options.steps < 50:
        parser.error("--length must be at least 1 and --steps at least 50")
    print(f"Recalled: the first of {options.length} symbols (to guess is right {100 // V} % of the time)")
    marks = range(50, options.steps + 1, 50)
    print(f"{'after this many steps':<24}" + "".join(f"{mark:>7}" for mark in marks))
    for name, network in NETWORKS.items():
        recalled = list(training(network, options.length, options.steps, options.seed))
        print(f"{name:<24}" + "".join(f"{np.mean(recalled[mark - 20 : mark]):>6.0%} " for mark in marks), flush=True)


if __name__ == "__main__":
    main()
