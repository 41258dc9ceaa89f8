"""One melody of three tokens through the whole network and back, every array printed.

python docs/first_look.py
"""

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # where the package lies

from lstm_numpy import Adam, LSTMModel, softmax_cross_entropy
from lstm_numpy.cell import cell_backward, cell_forward


def show(when: str, arrays: dict[str, np.ndarray]) -> None:
    """Each array's name, shape and numbers, to three digits."""
    for name, array in arrays.items():
        numbers = np.array2string(np.round(array, 3) + 0.0, formatter={"float_kind": "{: .3f}".format})
        print(f"{name}{when} {array.shape}\n{numbers}\n")


# The melody 60 _ 64, in a vocabulary of V = 4 symbols. What is read, and what comes next:
symbols = [".", "60", "64", "_"]
tokens, targets = np.array([[0, 1, 3]]), np.array([[1, 3, 2]])  # ". 60 _" and "60 _ 64", (B, T) = (1, 3)

model = LSTMModel(4, 2, 3, 1, dropout=0.0, rng=np.random.default_rng(0), dtype=np.float64)  # V, D, H, L
E, W_ih, W_hh, b_ih, b_hh, W, b = model.params.values()
show("", model.params)

print("-- forward\n")
h, c, caches, hs = np.zeros((1, 3)), np.zeros((1, 3)), [], []
for t in (1, 2, 3):
    h, c, cache = cell_forward(E[tokens[:, t - 1]], h, c, W_ih, W_hh, b_ih, b_hh)
    caches.append(cache)
    hs.append(h)
    gates = {name: getattr(cache, name) for name in ("x", "i", "f", "g", "o")}
    show(f" at t = {t}, where {symbols[tokens[0, t - 1]]!r} is read:", {**gates, "c": c, "h": h})
logits = np.stack([h @ W.T + b for h in hs], axis=1)
loss, dlogits = softmax_cross_entropy(logits, targets)
show(":", {"logits": logits, "p": np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)})
print(f"loss: {loss:.3f} nats per step, the mean of -log p(target)\n")

print("-- backward\n")
show(", (p - onehot) / 3:", {"dlogits": dlogits})
dh, dc, dE, dW_ih, dW_hh, db = np.zeros((1, 3)), np.zeros((1, 3)), np.zeros_like(E), 0, 0, 0
for t in (3, 2, 1):
    dh = dh + dlogits[:, t - 1] @ W  # from the output of this step, and from the step after
    show(f" at t = {t}:", {"dh": dh, "dc, from the step after,": dc})
    dx, dh, dc, dweights = cell_backward(dh, dc, caches[t - 1])
    dW_ih, dW_hh, db = dW_ih + dweights[0], dW_hh + dweights[1], db + dweights[2]  # the same weights at every step
    dE[tokens[0, t - 1]] += dx[0]
show(":", {"dE": dE, "dW_ih": dW_ih, "dW_hh": dW_hh, "db_ih and db_hh": db})
show(":", {"dW": dlogits[0].T @ np.concatenate(hs), "db": dlogits.sum(axis=(0, 1))})

print("-- update\n")
grads, _ = model.backward(dlogits, model.forward(tokens)[2])  # the same gradients, as training computes them
assert np.allclose(grads["lstm.weight_hh_l0"], dW_hh)
Adam(model.params, learning_rate=0.1).step(grads)
show(" after one step of Adam:", model.params)
print(f"loss after one step of Adam: {softmax_cross_entropy(model.forward(tokens)[0], targets)[0]:.3f}")
