"""Small losses on which gradients are checked: they call the functions that training calls.

A problem holds a point, a dict of arrays, and can tell the loss there and, by the backward
pass, its gradient with respect to every array. A check changes single elements of the point
and looks at the loss.

The loss is chosen so that nothing hides: states start at random values instead of zero, and
random weights lie on every output and on the final state, so that each backward function
meets an upstream gradient without structure.
"""

from collections.abc import Callable

import numpy as np

from lstm_numpy.loss import IGNORED, softmax_cross_entropy
from lstm_numpy.lstm import lstm_backward, lstm_forward
from lstm_numpy.model import LSTMModel


class ModelProblem:
    """The whole network under cross-entropy: parameters and initial state.

    loss = cross_entropy(logits, targets) + Σ R ⊙ logits + Σ S_h ⊙ h_T + Σ S_c ⊙ c_T

    Args:
        make_model: builds a model from a generator; see `small_model`.
        B, T: sequences and steps.
        outputs: 'last' or 'every'.
        rng: draws parameters, tokens, targets, states and the weights R and S.
        dropout: whether to drop, with the same mask in every evaluation.
    """

    def __init__(
        self,
        make_model: Callable[[np.random.Generator], LSTMModel],
        B: int,
        T: int,
        outputs: str,
        rng: np.random.Generator,
        dropout: bool = True,
    ):
        self.model = make_model(rng)
        V, dtype = self.model.vocab_size, self.model.dtype
        # With T or B above V, some symbols occur several times; where both are small, one is repeated.
        self.tokens = rng.integers(V, size=(B, T))
        self.tokens[:, -1] = self.tokens[0, 0]
        self.targets = rng.integers(V, size=(B, T) if outputs == "every" else B)
        if self.targets.size > 1:
            self.targets.flat[0] = IGNORED
        self.outputs = outputs
        self.dropout_seed = int(rng.integers(2**32)) if dropout else None
        self.R = rng.standard_normal((*self.targets.shape, V)).astype(dtype)
        shape = (self.model.layer_dim, B, self.model.hidden_dim)
        self.S = tuple(rng.standard_normal(shape).astype(dtype) for _ in range(2))
        self.state = tuple(rng.standard_normal(shape).astype(dtype) for _ in range(2))
        self.point = {**self.model.params, "h0": self.state[0], "c0": self.state[1]}

    def _forward(self) -> tuple:
        dropout_rng = None if self.dropout_seed is None else np.random.default_rng(self.dropout_seed)
        return self.model.forward(self.tokens, self.state, self.outputs, dropout_rng)

    def loss(self) -> complex:
        """The loss at the current point."""
        logits, (h, c), _ = self._forward()
        cross_entropy, _ = softmax_cross_entropy(logits, self.targets)
        return cross_entropy + (self.R * logits).sum() + (self.S[0] * h).sum() + (self.S[1] * c).sum()

    def gradient(self) -> dict[str, np.ndarray]:
        """The gradient at the current point, by the backward pass."""
        logits, _, cache = self._forward()
        _, dlogits = softmax_cross_entropy(logits, self.targets)
        grads, (dh0, dc0) = self.model.backward(dlogits + self.R, cache, self.S)
        return {**grads, "h0": dh0, "c0": dc0}


class LSTMProblem:
    """The stacked LSTM alone, on dense inputs: what the embedding puts out, and the states.

    loss = Σ R ⊙ out + Σ S_h ⊙ h_T + Σ S_c ⊙ c_T
    """

    def __init__(
        self,
        make_model: Callable[[np.random.Generator], LSTMModel],
        B: int,
        T: int,
        rng: np.random.Generator,
    ):
        model = make_model(rng)
        self.layers = model._layers()
        L, D, H = model.layer_dim, model.input_dim, model.hidden_dim

        def normal(*shape: int) -> np.ndarray:
            return rng.standard_normal(shape).astype(model.dtype)

        self.R, self.S = normal(T, H, B), (normal(L, B, H), normal(L, B, H))
        self.point = {"embedding output x": normal(T, D, B), "h0 (LSTM alone)": normal(L, B, H)}
        self.point["c0 (LSTM alone)"] = normal(L, B, H)

    def _forward(self) -> tuple:
        x, h0, c0 = self.point.values()
        return lstm_forward(x, (h0, c0), self.layers)

    def loss(self) -> complex:
        """The loss at the current point."""
        out, (h, c), _ = self._forward()
        return (self.R * out).sum() + (self.S[0] * h).sum() + (self.S[1] * c).sum()

    def gradient(self) -> dict[str, np.ndarray]:
        """The gradient at the current point, by the backward pass."""
        dx, (dh0, dc0), _ = lstm_backward(self.R, self._forward()[2], self.S)
        return dict(zip(self.point, (dx, dh0, dc0), strict=True))


def small_model(
    V: int = 7, D: int = 4, H: int = 5, L: int = 2, dropout: float = 0.3, dtype: np.dtype = np.float64
) -> Callable[[np.random.Generator], LSTMModel]:
    """A function that builds a model small enough to disturb each parameter in turn."""
    return lambda rng: LSTMModel(V, D, H, L, dropout, rng, dtype)
