"""Would the laboratory notice? Bugs that others have shipped, planted into the real code.

A bug is an edit of the text of a function: the edited function takes the place of the real
one. Two things are asked of each. The text that it edits must still be there; otherwise the
bug no longer exists and its test fails. And the laboratory must report exactly the tensors in
which the bug shows.
"""

from dataclasses import dataclass, field

import numpy as np
import pytest
from edited import edited

from lstm_numpy import cell, context, dropout, embedding, gradcheck, inputs, linear, loss, lstm, model, plain
from lstm_numpy.gradcheck import problems
from lstm_numpy.gradcheck.problems import CellProblem, LayersProblem, LossProblem, LSTMProblem, ModelProblem, Sizes

WEIGHTS_0 = {f"lstm.{name}_l0" for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")}
WEIGHTS_1 = {f"lstm.{name}_l1" for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")}
STATES_0, STATES_1 = {"h0_l0", "c0_l0"}, {"h0_l1", "c0_l1"}
BELOW = {"embedding.weight"} | WEIGHTS_0 | STATES_0  # all that the top layer passes its gradient on to
ALL = {"embedding.weight", "fc.weight", "fc.bias"} | WEIGHTS_0 | WEIGHTS_1  # what is kept disturbs every check
RECURRENT = BELOW | WEIGHTS_1 | STATES_1  # all below the linear layer
CELL = {"x", "h_prev", "c_prev", "W_ih", "W_hh", "b_ih", "b_hh"}


@dataclass
class Bug:
    name: str
    module: object
    function: str  # "name" or "Class.name"
    right: str
    wrong: str
    shows_in: set
    problem: type = ModelProblem
    sizes: dict = field(default_factory=dict)


BACKWARD = (lstm, "_layer_backward")

BUGS = [
    # -- through time
    Bug("no backpropagation through time", *BACKWARD, "np.matmul(W_h, dz, out=dh)", "dh *= 0", RECURRENT),
    Bug("the cell state passes nothing back", *BACKWARD, "dc *= f", "dc *= 0", RECURRENT),
    Bug("missing dc * f", *BACKWARD, "dc *= f", "pass", RECURRENT),
    Bug("dc from the next step forgotten", *BACKWARD, "dc += through_h", "dc[:] = through_h", RECURRENT),
    Bug("dh from the next step forgotten", *BACKWARD, "dh += dout[t]", "dh[:] = dout[t]", RECURRENT),
    Bug("the step at t = 0 left out of the weights", *BACKWARD,
        "dW += np.matmul(dz, u[t].T, out=dW_t)", "dW += np.matmul(dz, u[t].T, out=dW_t) * (t > 0)",
        {"embedding.weight"} | WEIGHTS_0 | WEIGHTS_1),
    Bug("the h0 term dropped from W_hh", *BACKWARD,
        "dW += np.matmul(dz, u[t].T, out=dW_t)",
        "np.matmul(dz, u[t].T, out=dW_t); dW_t[:, D + 1 :] *= t > 0; dW += dW_t",
        {"lstm.weight_hh_l0", "lstm.weight_hh_l1"}),
    # -- the wrong step
    Bug("c of the step after instead of before", *BACKWARD, "np.multiply(dc, c[t], out=df)",
        "np.multiply(dc, c[t + 1], out=df)", RECURRENT),
    Bug("c[t - 1], which wraps to the end", *BACKWARD, "np.multiply(dc, c[t], out=df)",
        "np.multiply(dc, c[t - 1], out=df)", RECURRENT),
    Bug("h of the step after in the weights", *BACKWARD, "u[t].T", "u[t + 1].T",
        {"embedding.weight", "lstm.weight_ih_l0", "lstm.weight_hh_l0", "lstm.weight_ih_l1", "lstm.weight_hh_l1"}),
    Bug("dx of one step too early", *BACKWARD, "out=dx[t])", "out=dx[t - 1])", BELOW),
    # -- gates and derivatives
    Bug("input and forget gate swapped", *BACKWARD, "i, f, g, o = gates[t]", "f, i, g, o = gates[t]", RECURRENT),
    Bug("gradients of i and f swapped", *BACKWARD, "di, df, dg, do = dz", "df, di, dg, do = dz", RECURRENT),
    Bug("derivative of the sigmoid taken twice", *BACKWARD, "dz *= slope", "slope[: 2 * H] **= 2; dz *= slope", RECURRENT),
    Bug("derivative of a value that is already activated", *BACKWARD, "d_sigmoid(gates[t], out=slope)",
        "d_sigmoid(1 / (1 + np.exp(-gates[t])), out=slope)", RECURRENT),
    Bug("tanh' of c instead of tanh(c)", *BACKWARD, "d_tanh(tanh_c[t], out", "d_tanh(c[t + 1], out", RECURRENT),
    Bug("the output gate's derivative forgotten", *BACKWARD, "dz *= slope", "slope[3 * H :] = 1; dz *= slope", RECURRENT),
    Bug("the candidate as if it were a gate", *BACKWARD, "d_tanh(g, out=slope[2 * H : 3 * H])", "pass", RECURRENT),
    # -- sums and scales
    Bug("a scale that is wrong by 0.1 %", *BACKWARD, "dW[:, D + 1 :]", "1.001 * dW[:, D + 1 :]",
        {"lstm.weight_hh_l0", "lstm.weight_hh_l1"}),
    Bug("the bias gradient of the last batch column alone", *BACKWARD, "dW_ih, db, dW_hh = dW[:, :D], dW[:, D], dW[:, D + 1 :]",
        "dW_ih, db, dW_hh = dW[:, :D], dz[:, -1].copy(), dW[:, D + 1 :]",
        {"lstm.bias_ih_l0", "lstm.bias_hh_l0", "lstm.bias_ih_l1", "lstm.bias_hh_l1"}),
    Bug("the gradient shared out between the two biases", *BACKWARD, "(dW_ih, dW_hh, db, db.copy())",
        "(dW_ih, dW_hh, db, 0 * db)", {"lstm.bias_hh_l0", "lstm.bias_hh_l1"}),
    Bug("the gradient of the final state ignored", model, "LSTMModel.backward", "dh, dc = dstate if dstate is not None else",
        "dh, dc =", RECURRENT, sizes={"outputs": "last"}),
    Bug("the last output handed to the lowest layer", model, "LSTMModel.backward", "dh[-1] += dout.T", "dh[0] += dout.T",
        RECURRENT, sizes={"outputs": "last"}),
    # -- embedding
    Bug("repeated symbols counted once", embedding, "embedding_backward", "np.add.at(dE, tokens.T, dx.transpose(0, 2, 1))",
        "dE[tokens.T] += dx.transpose(0, 2, 1)", {"E"}, LayersProblem),
    Bug("repeated symbols counted once, in the whole network", embedding, "embedding_backward",
        "np.add.at(dE, tokens.T, dx.transpose(0, 2, 1))", "dE[tokens.T] += dx.transpose(0, 2, 1)",
        {"embedding.weight"}, ModelProblem, {"plain": True}),
    Bug("W_ih without its share of the fold", embedding, "fold_backward", "dfolded @ E", "0 * W_ih", {"lstm.weight_ih_l0"}),
    Bug("the embedding through the wrong weights", embedding, "fold_backward", "dfolded.T @ W_ih",
        "dfolded.T @ np.roll(W_ih, 1, axis=0)", {"embedding.weight"}),
    # -- dropout
    Bug("no mask on the way back", model, "LSTMModel.backward", "dropout_backward(dout, cache.mask, out=dout)", "dout", RECURRENT),
    Bug("no mask on the way back to the parameters", model, "LSTMModel.backward", "dropout_backward(grads[name], mask)", "grads[name]",
        {"embedding.weight", "lstm.weight_hh_l0", "lstm.weight_hh_l1"}),
    Bug("the mask of another forward pass", dropout, "dropout_backward", "np.multiply(dy, mask, out=out)", "dy * np.roll(mask, 1)", {"E", "offset"},
        LayersProblem),
    Bug("not divided by what is kept", dropout, "dropout_backward", "np.multiply(dy, mask, out=out)", "dy * (mask > 0)", {"E", "offset"},
        LayersProblem),
    # -- linear and loss
    Bug("linear weights of the last step alone", linear, "linear_backward", ".reshape(-1, V, H).sum(axis=0)",
        ".reshape(-1, V, H)[-1]", {"fc.weight"}),
    Bug("linear bias averaged", linear, "linear_backward", ".reshape(-1, V).sum(axis=0)", ".reshape(-1, V).mean(axis=0)",
        {"fc.bias"}),
    Bug("ignored targets pull all the same", loss, "softmax_cross_entropy", "dlogits *= (counted /", "dlogits *= (1 + 0 * counted /",
        {"logits"}, LossProblem),
    Bug("divided by all targets instead of those that count", loss, "softmax_cross_entropy",
        "(counted / logits.dtype.type(N))", "(counted / logits.dtype.type(counted.size))", {"logits"}, LossProblem),
    Bug("softmax without the target", loss, "softmax_cross_entropy", "axis=-1) - 1, axis=-1)", "axis=-1), axis=-1)",
        {"logits"}, LossProblem),
    # -- the plain cell
    Bug("missing dc * f in the cell", cell, "cell_backward", "dc_prev = dc * f", "dc_prev = dc", {"c_prev"}, CellProblem),
    Bug("o forgotten on the way to c", cell, "cell_backward", "dc = dc + dh * o * d_tanh(tanh_c)",
        "dc = dc + dh * d_tanh(tanh_c)", CELL, CellProblem),
    Bug("x and h exchanged on the way back", cell, "cell_backward", "dh_prev = dz @ W_hh", "dh_prev = dz @ np.roll(W_hh, 1, 0)",
        {"h_prev"}, CellProblem),
    Bug("dx forgotten in the LSTM alone", *BACKWARD, "np.matmul(W_x, dz, out=dx[t])", "dx[t] = 0",
        {"x", "weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0", "h0_l0", "c0_l0"}, LSTMProblem),
    # -- the plain version over time
    Bug("no backpropagation through time in the plain version", plain, "lstm_backward", "dh = dh + dout[t].T", "dh = dout[t].T",
        RECURRENT, sizes={"plain": True}),
    Bug("the weights of the last step alone in the plain version", plain, "lstm_backward",
        "[total + gradient for total, gradient in sums]", "[0 * total + gradient for total, gradient in sums]",
        WEIGHTS_0 | WEIGHTS_1, sizes={"plain": True}),
    # -- context, and sequences that end
    Bug("-1 counted as the last symbol", context, "context_backward", "context >= 0", "context >= -1",
        {"context.weight"}, sizes={"P": 4, "plain": True, "embedding_dropout": 0.0}),
    Bug("the row of the context taken for the next token's", context, "counts_backward", "dtable[V:]",
        "np.roll(dtable[V:], 1, axis=0)", {"context.weight"}, sizes={"P": 4}),
    Bug("the context's gradient of the last step alone", context, "context_backward", "np.add.at(dC, context[b, t, k], dx[t, :, b])",
        "dC[context[b, t, k]] = dx[t, :, b]", {"context.weight"}, sizes={"P": 4, "plain": True}),
    Bug("dc goes on to before the end", *BACKWARD, "dc[:, ends[t]] = 0", "pass",
        RECURRENT | {"context.weight"}, sizes={"P": 4}),
    Bug("dh goes on to before the end", *BACKWARD, "dh[:, ends[t]] = 0", "pass",
        RECURRENT | {"context.weight"}, sizes={"P": 4}),
    Bug("the plain version goes on to before the end", plain, "lstm_backward", "np.where(ends[t][:, None], 0, dc)", "dc",
        RECURRENT | {"context.weight"}, sizes={"P": 4, "plain": True}),
    # -- only in the way in which training calls it: no states, and one workspace for all passes
    Bug("a final state that is pulled at though nothing pulls", lstm, "lstm_backward",
        "else (0 * layer.c[0], 0 * layer.c[0])", "else (layer.c[-1], layer.c[-1])",
        {"embedding.weight"} | WEIGHTS_0 | WEIGHTS_1, sizes={"as_training": True}),
    Bug("weights put together once and kept", lstm, "_layer_forward",
        "W = np.concatenate([W_ih, (b_ih + b_hh)[:, None], W_hh], axis=1)",
        'W = workspace._arrays.setdefault(name + "W", np.concatenate([W_ih, (b_ih + b_hh)[:, None], W_hh], axis=1))',
        ALL, sizes={"as_training": True, "embedding_dropout": 0.0, "weight_dropout": 0.0}),
    Bug("an initial state that is written by the first pass alone", lstm, "_layer_forward", "u[0, D + 1 :] = h0.T",
        "u[0, D + 1 :] = h0.T if workspace.forward_passes == 1 else u[T, D + 1 :]",
        ALL, sizes={"as_training": True}),
    # -- forward passes that go another way than their backward pass
    Bug("a forward pass that loses the imaginary part", lstm, "_layer_forward", "np.tanh(c[t + 1], out=tanh_c[t])",
        "tanh_c[t] = np.tanh(c[t + 1].real)", RECURRENT),
]  # fmt: skip


def plant(bug: Bug, monkeypatch) -> None:
    """Replace the function by its edited text, wherever it has been imported to."""
    holder, name, wrong = edited(bug.module, bug.function, [(bug.right, bug.wrong)])
    function = getattr(holder, name)
    for place in (holder, inputs, model, lstm, plain, problems):
        if getattr(place, name, None) is function:
            monkeypatch.setattr(place, name, wrong)


def reported(bug: Bug) -> set[str]:
    sizes = Sizes(**{"V": 5, "D": 3, "H": 4, "L": 2, "B": 3, "T": 4, **bug.sizes})
    rows = gradcheck.check(bug.name, lambda dtype: bug.problem(sizes, dtype), ["central", "complex"])
    wrong = {row.tensor for row in rows if not row.passed and row.method == "complex"}
    if "imaginary" not in bug.name and bug.shows_in != ALL:
        assert wrong == {row.tensor for row in rows if not row.passed and row.method == "central"}
    return wrong


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_planted_bug_is_reported(bug, monkeypatch):
    assert reported(bug) == set(), "without the bug nothing is reported"
    plant(bug, monkeypatch)
    assert reported(bug) == bug.shows_in


def test_there_are_enough():
    assert len(BUGS) >= 20
    assert len({bug.name for bug in BUGS}) == len(BUGS)


# -- bugs of state: something is kept that should not be -----------------------------------------
# A single backward pass after a single forward pass is right; these backward passes are run twice (and see test_forward_and_backward.py).


@pytest.mark.parametrize(
    ("right", "wrong"),
    [("dx = np.empty", "gates *= 0.99; dx = np.empty"), ("dW_ih, db, dW_hh =", "c[0] = 0; dW_ih, db, dW_hh =")],
    ids=["a cache changed in place", "an initial state changed in place"],
)
def test_a_changed_cache_is_reported(right, wrong, monkeypatch):
    assert _same_twice()
    plant(Bug("state", lstm, "_layer_backward", right, wrong, set()), monkeypatch)
    assert not _same_twice()


def _same_twice() -> bool:
    problem = ModelProblem(Sizes(), np.float64)
    cache = problem._forward()[2]
    one, two = (problem.model.backward(problem.R, cache, problem.S)[0] for _ in range(2))
    return all(np.array_equal(one[name], two[name]) for name in one)


@pytest.mark.parametrize("method", ["directional", "taylor"])
def test_the_coarse_methods_notice_a_thousandth(method, monkeypatch):
    """One direction through all tensors is enough to see one tensor off by 0.1 % (Taylor: by 10 %)."""
    bug = next(bug for bug in BUGS if "0.1 %" in bug.name)
    if method == "taylor":
        bug = Bug(bug.name, bug.module, bug.function, bug.right, bug.wrong.replace("1.001", "1.1"), bug.shows_in)
    plant(bug, monkeypatch)
    rows = gradcheck.check(bug.name, lambda dtype: ModelProblem(Sizes(), dtype), [method])
    assert not rows[0].passed
