"""Small losses on which gradients are checked: they call the functions that training calls.

A problem holds a point, a dict of arrays, and can tell the loss there and, by the backward pass, its gradient with
respect to every array. A check moves elements of the point and looks at the loss.

The losses are chosen so that nothing hides: states start at random values instead of zero, and random weights lie on
every output and on the final state, so that each backward function meets an upstream gradient without structure. All
numbers are drawn in float64 and then cast, so that a problem in complex128 is the same problem.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from lstm_numpy.cell import cell_backward, cell_forward
from lstm_numpy.dropout import dropout_backward, dropout_forward
from lstm_numpy.embedding import embedding_backward, embedding_forward
from lstm_numpy.linear import linear_backward, linear_forward
from lstm_numpy.loss import IGNORED, softmax_cross_entropy
from lstm_numpy.lstm import lstm_backward, lstm_forward
from lstm_numpy.model import DROPOUTS, LSTMModel
from lstm_numpy.workspace import Workspace


class Problem(Protocol):
    """Something whose gradient can be checked."""

    point: dict[str, np.ndarray]

    def loss(self) -> complex: ...

    def gradient(self) -> dict[str, np.ndarray]: ...  # by the backward pass, under the names of the point


@dataclass(frozen=True)
class Sizes:
    """How large a problem is (see the package's notation), and of which kind."""

    V: int = 7
    P: int = 0  # if any, three symbols of context stand at each step, and some steps end a sequence
    D: int = 4
    H: int = 5
    L: int = 2
    B: int = 3
    T: int = 5
    outputs: str = "every"  # or 'last'
    dropout: float = 0.3  # the masks are the same at every evaluation
    embedding_dropout: float = 0.2
    weight_dropout: float = 0.2
    context_dropout: float = 0.2
    zero_state: bool = False  # start from zero, as training does, instead of from random states
    plain: bool = False  # compute with the plain cell
    # Exactly the calls of the training loop: no state is passed in, the final one has no part in the loss, which is
    # the cross-entropy alone, and one workspace serves all passes.
    as_training: bool = False
    seed: int = 0  # of all random numbers


class ModelProblem:
    """The whole network under cross-entropy: all parameters, and the initial state of each layer.

    loss = cross_entropy(logits, targets) + Σ R ⊙ logits + Σ S_h ⊙ h_T + Σ S_c ⊙ c_T

    or, with `as_training`, the cross-entropy alone, of which the initial state is no variable.
    """

    def __init__(self, sizes: Sizes, dtype: np.dtype):
        self.as_training, self.workspace = sizes.as_training, Workspace() if sizes.as_training else None
        V, H, L, B, T = sizes.V, sizes.H, sizes.L, sizes.B, sizes.T
        self.outputs, self.seed = sizes.outputs, sizes.seed
        rng = np.random.default_rng([sizes.seed, 1])
        more = {name: getattr(sizes, name) for name in (*DROPOUTS, "plain")}
        self.model = LSTMModel(V, sizes.D, H, L, rng=rng, dtype=dtype, context_size=sizes.P, **more)
        self.tokens = _tokens(rng, V, (B, T))
        self.context = self.ends = None
        if sizes.P:
            self.context = rng.integers(-1, sizes.P, size=(B, T, 3))
            self.context[:, :, 2] = self.context[:, :, 0]  # the same symbol twice at one step
            self.ends = rng.random((B, T)) < 0.3
            self.ends[0, : T // 2] = [False] * (T // 2 - 1) + [True] * (T > 1)
        self.targets = _targets(rng, V, (B, T) if sizes.outputs == "every" else (B,))
        self.R, *states = _normal(rng, dtype, (*self.targets.shape, V), *[(L, B, H)] * 4)
        self.S, self.state = tuple(states[:2]), tuple(array * (not sizes.zero_state) for array in states[2:])
        self.point = dict(self.model.params)
        if self.as_training:
            self.R, self.S, self.state = 0 * self.R, None, None
        else:
            self.point |= _by_layer(*self.state)

    def _forward(self) -> tuple:
        dropout_rng = np.random.default_rng([self.seed, 2])  # anew each time: the same mask
        told = {"context": self.context, "ends": self.ends}
        return self.model.forward(self.tokens, self.state, self.outputs, dropout_rng, self.workspace, **told)

    def loss(self) -> complex:
        logits, (h, c), _ = self._forward()
        cross_entropy, _ = softmax_cross_entropy(logits, self.targets)
        if self.as_training:
            return cross_entropy
        return cross_entropy + (self.R * logits).sum() + (self.S[0] * h).sum() + (self.S[1] * c).sum()

    def gradient(self) -> dict[str, np.ndarray]:
        logits, _, cache = self._forward()
        _, dlogits = softmax_cross_entropy(logits, self.targets)
        grads, dstate0 = self.model.backward(dlogits + self.R, cache, self.S)
        return grads if self.as_training else {**grads, **_by_layer(*dstate0)}


class LSTMProblem:
    """The stacked LSTM alone, on dense inputs: what the embedding puts out, and the states.

    loss = Σ R ⊙ out + Σ S_h ⊙ h_T + Σ S_c ⊙ c_T
    """

    def __init__(self, sizes: Sizes, dtype: np.dtype):
        D, H, L, B, T = sizes.D, sizes.H, sizes.L, sizes.B, sizes.T
        rng, states = np.random.default_rng([sizes.seed, 3]), [(L, B, H)] * 2
        self.x, *self.state = _normal(rng, dtype, (T, D, B), *states)
        self.R, *self.S = _normal(rng, dtype, (T, H, B), *states)
        self.layers, self.point = [], {"x": self.x, **_by_layer(*self.state)}
        for k in range(L):
            layer = tuple(_normal(rng, dtype, (4 * H, D if k == 0 else H), (4 * H, H), (4 * H,), (4 * H,)))
            self.layers.append(layer)
            names = (f"{name}_l{k}" for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"))
            self.point |= dict(zip(names, layer, strict=True))

    def loss(self) -> complex:
        out, (h, c), _ = lstm_forward(self.x, self.state, self.layers)
        return (self.R * out).sum() + (self.S[0] * h).sum() + (self.S[1] * c).sum()

    def gradient(self) -> dict[str, np.ndarray]:
        cache = lstm_forward(self.x, self.state, self.layers)[2]
        dx, dstate0, grads = lstm_backward(self.R, cache, self.S)
        values = [dx, *_by_layer(*dstate0).values(), *(gradient for layer in grads for gradient in layer)]
        return dict(zip(self.point, values, strict=True))


class CellProblem:
    """One step of the plain cell.  loss = Σ dh ⊙ h + Σ dc ⊙ c"""

    def __init__(self, sizes: Sizes, dtype: np.dtype):
        D, H, B = sizes.D, sizes.H, sizes.B
        rng = np.random.default_rng([sizes.seed, 4])
        shapes = {"x": (B, D), "h_prev": (B, H), "c_prev": (B, H)}
        shapes |= {"W_ih": (4 * H, D), "W_hh": (4 * H, H), "b_ih": (4 * H,), "b_hh": (4 * H,)}
        self.point = dict(zip(shapes, _normal(rng, dtype, *shapes.values()), strict=True))
        self.dh, self.dc = _normal(rng, dtype, (B, H), (B, H))

    def loss(self) -> complex:
        h, c, _ = cell_forward(**self.point)
        return (self.dh * h).sum() + (self.dc * c).sum()

    def gradient(self) -> dict[str, np.ndarray]:
        dx, dh_prev, dc_prev, grads = cell_backward(self.dh, self.dc, cell_forward(**self.point)[2])
        return dict(zip(self.point, (dx, dh_prev, dc_prev, *grads), strict=True))


class LayersProblem:
    """The layers around the LSTM.  loss = cross_entropy(linear(dropout(embedding(tokens) + offset)), targets)

    `offset` has the shape of what was looked up, so its gradient is that of the dropout's input.
    """

    def __init__(self, sizes: Sizes, dtype: np.dtype):
        V, D, B, T = sizes.V, sizes.D, sizes.B, sizes.T
        self.rate, self.seed = sizes.dropout, sizes.seed
        rng = np.random.default_rng([sizes.seed, 5])
        shapes = {"E": (V, D), "offset": (T, D, B), "W": (V, D), "b": (V,)}
        self.point = dict(zip(shapes, _normal(rng, dtype, *shapes.values()), strict=True))
        self.tokens, self.targets = _tokens(rng, V, (B, T)), _targets(rng, V, (B, T))

    def _forward(self) -> tuple:
        E, offset, W, b = self.point.values()
        x, embedding_cache = embedding_forward(self.tokens, E)
        thinned, mask = dropout_forward(x + offset, self.rate, np.random.default_rng([self.seed, 6]))
        y, linear_cache = linear_forward(thinned, W, b)
        loss, dlogits = softmax_cross_entropy(y.transpose(2, 0, 1), self.targets)
        return loss, dlogits, embedding_cache, mask, linear_cache

    def loss(self) -> complex:
        return self._forward()[0]

    def gradient(self) -> dict[str, np.ndarray]:
        _, dlogits, embedding_cache, mask, linear_cache = self._forward()
        dthinned, dW, db = linear_backward(dlogits.transpose(1, 2, 0), linear_cache)
        dx = dropout_backward(dthinned, mask)
        return {"E": embedding_backward(dx, embedding_cache), "offset": dx, "W": dW, "b": db}


class LossProblem:
    """The loss alone, with every logit as a variable."""

    def __init__(self, sizes: Sizes, dtype: np.dtype):
        rng = np.random.default_rng([sizes.seed, 7])
        self.point = {"logits": 3 * _normal(rng, dtype, (sizes.B, sizes.T, sizes.V))[0]}
        self.targets = _targets(rng, sizes.V, (sizes.B, sizes.T))

    def loss(self) -> complex:
        return softmax_cross_entropy(self.point["logits"], self.targets)[0]

    def gradient(self) -> dict[str, np.ndarray]:
        return {"logits": softmax_cross_entropy(self.point["logits"], self.targets)[1]}


def _normal(rng: np.random.Generator, dtype: np.dtype, *shapes: tuple[int, ...]) -> list[np.ndarray]:
    return [rng.standard_normal(shape).astype(dtype) for shape in shapes]


def _tokens(rng: np.random.Generator, V: int, shape: tuple[int, int]) -> np.ndarray:
    """One symbol occurs several times, however small B and T are."""
    tokens = rng.integers(V, size=shape)
    tokens[:, -1] = tokens[0, 0]
    return tokens


def _targets(rng: np.random.Generator, V: int, shape: tuple[int, ...]) -> np.ndarray:
    """One target is ignored, unless it is the only one."""
    targets = rng.integers(V, size=shape)
    if targets.size > 1:
        targets.flat[0] = IGNORED
    return targets


def _by_layer(h: np.ndarray, c: np.ndarray) -> dict[str, np.ndarray]:
    """The state (L, B, H) as one array per layer, named h0_l0, c0_l0, ...; they are views."""
    return {f"{name}0_l{k}": array[k] for name, array in (("h", h), ("c", c)) for k in range(len(array))}
