"""Five layers, one sequence, one step: every gradient by complex steps, and the fast code equal to the plain."""

import itertools
import re

import numpy as np
import pytest

from lstm_numpy import LSTMModel, Workspace, lstm, plain, softmax_cross_entropy
from lstm_numpy.gradcheck import COMPLEX_STEP, relative_error

V, D, H, L = 4, 3, 2, 5
SHAPES = [(2, 3), (1, 3), (2, 1), (1, 1)]  # B, T
RATES = {"dropout": 0.4, "embedding_dropout": 0.3, "weight_dropout": 0.5}

shapes = pytest.mark.parametrize(("B", "T"), SHAPES)


class Deep:
    """Five layers under cross-entropy; and, for h and for c if it is pulled at, a sum with random weights."""

    def __init__(self, kind, B, T, outputs="every", pulled="hc", rates=RATES, dtype=np.complex128, workspace=None):
        rng = np.random.default_rng([B, T])
        self.model = LSTMModel(V, D, H, L, rng=rng, dtype=dtype, plain=kind == "plain", **rates)
        for array in self.model.params.values():
            array *= 2  # so that the lowest of five layers is felt
        self.tokens, self.outputs, self.workspace = rng.integers(V, size=(B, T)), outputs, workspace
        self.targets = rng.integers(V, size=(B, T) if outputs == "every" else B)
        self.state, upstream = (tuple(rng.standard_normal((2, L, B, H)).astype(dtype)) for _ in range(2))
        self.dstate = (
            tuple(array * (name in pulled) for name, array in zip("hc", upstream, strict=True)) if pulled else None
        )
        self.point = {**self.model.params, "h0": self.state[0], "c0": self.state[1]}

    def forward(self):
        return self.model.forward(self.tokens, self.state, self.outputs, np.random.default_rng(3), self.workspace)

    def loss(self):
        logits, after, _ = self.forward()
        pulled = sum((a * b).sum() for a, b in zip(self.dstate, after, strict=True)) if self.dstate else 0
        return softmax_cross_entropy(logits, self.targets)[0] + pulled

    def gradient(self):
        logits, _, cache = self.forward()
        grads, (dh0, dc0) = self.model.backward(softmax_cross_entropy(logits, self.targets)[1], cache, self.dstate)
        return {**grads, "h0": dh0, "c0": dc0}


def slope_along(problem, name, direction):
    """The derivative of the loss along a direction in one of the arrays, by a complex step."""
    array = problem.point[name]
    before = array.copy()
    array += 1j * COMPLEX_STEP * direction
    slope = problem.loss().imag / COMPLEX_STEP
    array[...] = before
    return slope


@pytest.mark.parametrize("pulled", ["", "h", "c", "hc"])
@pytest.mark.parametrize("outputs", ["last", "every"])
@shapes
@pytest.mark.parametrize("kind", ["fast", "plain"])
def test_every_gradient_of_five_layers(rng, kind, B, T, outputs, pulled):
    problem = Deep(kind, B, T, outputs, pulled, workspace=Workspace())
    gradient = {name: array.copy() for name, array in problem.gradient().items()}
    assert len(gradient) == 1 + 4 * L + 2 + 2
    for name, array in gradient.items():
        for direction in rng.standard_normal((2, *array.shape)):
            slope, scale = slope_along(problem, name, direction), np.linalg.norm(array) * np.linalg.norm(direction)
            assert abs(slope - (array.real * direction).sum()) <= 1e-12 * scale, name
    assert all(gradient[f"lstm.weight_ih_l{k}"].any() for k in range(L))


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex128])
@pytest.mark.parametrize("outputs", ["last", "every"])
@shapes
def test_the_fast_code_is_the_plain_code(B, T, outputs, dtype):
    results = []
    for kind in ("fast", "plain"):
        problem = Deep(kind, B, T, outputs, dtype=dtype)
        logits, after, _ = problem.forward()
        results.append([logits, *after, *problem.gradient().values()])
    for fast, slow in zip(*results, strict=True):
        assert fast.dtype == slow.dtype == dtype
        assert relative_error(fast, slow) < (1e-4 if dtype == np.float32 else 1e-12)


@pytest.mark.parametrize("with_workspace", [False, True])
@shapes
def test_the_lstm_alone_in_all_combinations_of_what_is_pulled_at(rng, B, T, with_workspace):
    layers = [
        tuple(rng.standard_normal(shape) for shape in ((4 * H, H if k else D), (4 * H, H), (4 * H,), (4 * H,)))
        for k in range(L)
    ]
    x, state = rng.standard_normal((T, D, B)), tuple(rng.standard_normal((2, L, B, H)))
    workspace = Workspace() if with_workspace else None
    if workspace is not None:
        lstm.lstm_forward(-x, state, layers, workspace)  # leaves other numbers behind
    out, after, cache = lstm.lstm_forward(x, state, layers, workspace)
    plain_out, plain_after, plain_cache = plain.lstm_forward(x, state, layers)
    for one, two in zip((out, *after), (plain_out, *plain_after), strict=True):
        np.testing.assert_allclose(one, two, rtol=0, atol=1e-12)
    dout, zero = rng.standard_normal((T, H, B)), np.zeros((L, B, H))
    dh, dc = rng.standard_normal((2, L, B, H))
    one_layer = zero.copy()
    one_layer[3] = dh[3]
    dstates = [None, (dh, dc), (dh, zero), (zero, dc), (one_layer, zero), (zero, one_layer)]
    for upstream, dstate, need_dx in itertools.product((dout, None), dstates, (True, False)):
        dx, dstate0, grads = lstm.lstm_backward(upstream, cache, dstate, need_dx)
        plain_dx, plain_dstate0, plain_grads = plain.lstm_backward(upstream, plain_cache, dstate)
        found = [*dstate0, *itertools.chain(*grads), *([dx] if need_dx else [])]
        expected = [*plain_dstate0, *itertools.chain(*plain_grads), *([plain_dx] if need_dx else [])]
        assert need_dx or dx is None
        for one, two in zip(found, expected, strict=True):
            np.testing.assert_allclose(one, two, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("kind", ["fast", "plain"])
def test_each_dropout_reaches_all_its_arrays_and_no_other(kind):
    """What is dropped gets no gradient, and the masks are drawn in the order in which data meets the arrays."""
    for name, rate in RATES.items():
        problem = Deep(kind, 2, 3, rates={**dict.fromkeys(RATES, 0.0), name: rate}, dtype=np.float64)
        masks = problem.forward()[2].parameter_masks
        dropped = {parameter for parameter, mask in masks.items() if mask is not None}
        pattern = {"dropout": "$^", "embedding_dropout": "embedding.weight", "weight_dropout": r"lstm.weight_hh_l\d"}[
            name
        ]
        assert dropped == {parameter for parameter in problem.model.params if re.fullmatch(pattern, parameter)}
        gradient, rng = problem.gradient(), np.random.default_rng(3)
        for parameter in problem.model.params:
            if parameter in dropped:
                shape = problem.model.params[parameter].shape
                kept = np.frombuffer(rng.bytes(2 * np.prod(shape)), "<u2").reshape(shape) >= round(rate * 65536)
                assert not kept.all()
                assert (gradient[parameter][~kept] == 0).all()
                assert (gradient[parameter][kept] != 0).any()


def test_torch_has_the_same_gradients():
    """The five layers in another program; without dropout, whose masks it draws in another way."""
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    for (B, T), kind in itertools.product(SHAPES, ("fast", "plain")):
        problem = Deep(kind, B, T, rates=dict.fromkeys(RATES, 0.0), dtype=np.float64)
        gradient, params = problem.gradient(), problem.model.params
        tensors = {name: torch.tensor(array, requires_grad=True) for name, array in problem.point.items()}
        network = torch.nn.LSTM(D, H, L, batch_first=True, dtype=torch.float64)
        x = tensors["embedding.weight"][torch.from_numpy(problem.tokens)]
        weights = {name.removeprefix("lstm."): tensors[name] for name in params if name.startswith("lstm.")}
        out, after = torch.func.functional_call(network, weights, (x, (tensors["h0"], tensors["c0"])))
        logits = out @ tensors["fc.weight"].T + tensors["fc.bias"]
        loss = torch.nn.functional.cross_entropy(logits.reshape(-1, V), torch.from_numpy(problem.targets).reshape(-1))
        loss = loss + sum((torch.from_numpy(a) * b).sum() for a, b in zip(problem.dstate, after, strict=True))
        loss.backward()
        for name, tensor in tensors.items():
            assert relative_error(gradient[name], tensor.grad.numpy()) < 1e-12, name
