"""What each trick of the fast layer buys: the step with one of them undone.

A trick is undone by editing the text of the function that has it, as a reader would who
doubts that it pays. The loss and the gradients must stay the same.
"""

import numpy as np
from edited import edited

from lstm_numpy import lstm, model

FORWARD, BACKWARD = (lstm, "_layer_forward"), (lstm, "_layer_backward")

# name -> (module, function, text, what stood there before somebody thought of speed)
TRICKS = {
    "one tanh for all four gates": [
        (*FORWARD, "half_W = W * 0.5 ", "half_W = W * 1.0 "),
        (*FORWARD, "np.tanh(gates[t], out=gates[t])", "np.tanh(gates[t, 2 * H : 3 * H], out=gates[t, 2 * H : 3 * H])"),
        (*FORWARD, "sigmoids += 1\n", "sigmoids[...] = np.exp(-sigmoids)\n            sigmoids += 1\n"),
        (*FORWARD, "sigmoids *= 0.5", "np.divide(1, sigmoids, out=sigmoids)"),
    ],
    "input, bias and recurrence in one product": [
        (*FORWARD, "input_gate = np.empty((H, B), dtype)", "input_gate, z = np.empty((H, B), dtype), np.empty((4 * H, B), dtype)"),
        (
            *FORWARD, "np.matmul(half_W, u[t], out=gates[t])",
            "np.matmul(half_W[:, :D], u[t, :D], out=gates[t]); gates[t] += half_W[:, D : D + 1]; gates[t] += np.matmul(half_W[:, D + 1 :], u[t, D + 1 :], out=z)",
        ),
        (*BACKWARD, "dW, dW_t = np.zeros_like(W), np.empty_like(W)", "dW, dW_x, dW_h = np.zeros_like(W), np.empty_like(W[:, :D], order='C'), np.empty_like(W[:, D + 1 :], order='C')"),
        (
            *BACKWARD, "dW += np.matmul(dz, u[t].T, out=dW_t)",
            "dW[:, :D] += np.matmul(dz, u[t, :D].T, out=dW_x); dW[:, D] += dz.sum(axis=1); dW[:, D + 1 :] += np.matmul(dz, u[t, D + 1 :].T, out=dW_h)",
        ),
    ],
    "embedding and W_ih multiplied beforehand": [
        (model, "LSTMModel.forward", "layers[0][0], self.plain)", "layers[0][0], True)"),
    ],
    "results written in place": [
        (*FORWARD, "c[t + 1] += np.multiply(i, g, out=input_gate)", "c[t + 1] = c[t + 1] + i * g"),
        (*BACKWARD, "dW += np.matmul(dz, u[t].T, out=dW_t)", "dW = dW + dz @ u[t].T"),
        (*BACKWARD, "np.matmul(W_h, dz, out=dh)", "dh = W_h @ dz"),
        (*BACKWARD, "through_h *= o\n", "through_h = through_h * o\n"),
        (*BACKWARD, "through_h *= dh\n", "through_h = through_h * dh\n"),
        (*BACKWARD, "dc += through_h", "dc = dc + through_h"),
        (*BACKWARD, "dc *= f", "dc = dc * f"),
    ],
    "transposed weights laid out anew": [
        (*BACKWARD, "np.ascontiguousarray(W[:, D + 1 :].T)", "W[:, D + 1 :].T"),
    ],
    "a workspace": [],  # undone by not passing one
}  # fmt: skip


def undo(trick: str) -> None:
    """Edit the functions that have the trick, in this process.

    Raises:
        AssertionError: if a text is not there, or not once.
    """
    for module, place in dict.fromkeys(edit[:2] for edit in TRICKS[trick]):
        edits = [edit[2:] for edit in TRICKS[trick] if edit[:2] == (module, place)]
        holder, name, function = edited(module, place, edits)
        setattr(holder, name, function)


def gradients() -> dict[str, np.ndarray]:
    """Of a small network, to see that nothing but the speed has changed."""
    rng = np.random.default_rng(0)
    network = model.LSTMModel(7, 5, 6, 2, 0.0, rng, np.float64)
    tokens, dlogits = rng.integers(7, size=(3, 4)), rng.standard_normal((3, 4, 7))
    _, _, cache = network.forward(tokens)
    return network.backward(dlogits, cache)[0]


def check(trick: str) -> None:
    """Undo a trick and make sure that the gradients are as they were."""
    before = gradients()
    undo(trick)
    after = gradients()
    for name in before:
        np.testing.assert_allclose(after[name], before[name], rtol=0, atol=1e-12)
