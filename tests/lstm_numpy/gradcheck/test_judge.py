"""The judge is never wrong about a right solution, and never right about a wrong one."""

import sys
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

import pytest

from lstm_numpy.gradcheck.__main__ import main
from lstm_numpy.gradcheck.exercises import EXERCISES
from lstm_numpy.gradcheck.exercises.attempt import load
from lstm_numpy.gradcheck.exercises.judge import FOLDER, is_right, judge, report

sys.path.append(str(Path(__file__).resolve().parents[2] / "mutants"))
solutions = import_module("solutions")

STYLES = solutions.STYLES


def judged(name: str, text: str, folder: Path) -> tuple[bool, dict[str, str], str]:
    """Is it right, the status of each term, and the report in a single line."""
    path = folder / f"my_{name}.py"
    path.write_text(text, encoding="utf-8")
    verdicts, complaints = judge(EXERCISES[name], load(EXERCISES[name], path))
    text = " ".join(report(path, EXERCISES[name], verdicts, complaints).split())
    assert is_right(verdicts, complaints) == text.endswith("All is right.")
    return is_right(verdicts, complaints), {verdict.term.name: verdict.status for verdict in verdicts}, text


def changed(name: str, right: str, wrong: str) -> str:
    text = solutions.own(name)
    assert text.count(right) == 1
    return text.replace(right, wrong)


# -- right solutions ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "style"), STYLES)
def test_a_right_solution_in_another_style(name, style, tmp_path):
    right, statuses, text = judged(name, solutions.in_style(name, STYLES[name, style]), tmp_path)
    assert right, text
    assert {statuses[result] for result in EXERCISES[name].results} == {"right"}
    assert set(statuses.values()) <= {"right", "missing"}


def test_there_are_twenty_styles_or_more():
    assert len(STYLES) >= 20
    assert {name for name, _ in STYLES} == set(EXERCISES)


# -- what a student may confuse ------------------------------------------------------------------------


class Confusion(NamedTuple):
    exercise: str
    what: str
    right: str
    wrong: str
    says: str = ""  # what the report has to say about it


ADD_AT = "np.add.at(dE, tokens.T, dx.transpose(0, 2, 1))"
DX, DW, DB = (
    "np.matmul(W.T, dy, out=out)",
    "(dy @ np.swapaxes(x, -1, -2)).reshape(-1, V, H).sum(axis=0)",
    "dy.sum(axis=-1).reshape(-1, V).sum(axis=0)",
)
MASKED = "dy if mask is None else np.multiply(dy, mask, out=out)"
ONEHOT = "np.put_along_axis(dlogits, picked, np.take_along_axis(dlogits, picked, axis=-1) - 1, axis=-1)"
MEAN = "dlogits *= (counted / logits.dtype.type(N))[..., None]"
DC = "dc = dc + dh * o * d_tanh(tanh_c)"
GIVEN = "(dstate[0][k], dstate[1][k]) if dstate is not None else (0 * steps[0].h_prev, 0 * steps[0].c_prev)"
OUTPUT = "if dout is not None:\n                dh = dh + dout[t].T"
SUMS = "layer_grads = [total + gradient for total, gradient in sums]"
UPDATE = "param -= self.learning_rate * m_hat / (np.sqrt(v_hat) + self.eps)"

CONFUSIONS = [
    Confusion("embedding", "lost at one step of two sequences", ADD_AT, "for t, column in enumerate(tokens.T): dE[column] += dx[t].T", "at the same step"),
    Confusion("embedding", "lost in one sequence", ADD_AT, "for b, row in enumerate(tokens): dE[row] += dx[:, :, b]", "twice in a sequence is lost"),
    Confusion("embedding", "mean of the occurrences", ADD_AT, ADD_AT + "; dE /= np.maximum(np.bincount(tokens.ravel(), minlength=len(E)), 1)[:, None]", "not their mean"),
    Confusion("embedding", "the first occurrence alone", ADD_AT, "v, at = np.unique(tokens, return_index=True); dE[v] = dx.transpose(2, 0, 1).reshape(-1, dx.shape[1])[at]", "do not add up"),
    Confusion("embedding", "the last step alone", ADD_AT, "np.add.at(dE, tokens[:, -1], dx[-1].T)"),
    Confusion("embedding", "one sequence for all", ADD_AT, "np.add.at(dE, tokens[0], dx[:, :, 0])"),
    Confusion("embedding", "steps and sequences exchanged", ADD_AT, "np.add.at(dE, tokens, dx.transpose(0, 2, 1).reshape(*tokens.shape, -1))"),
    Confusion("embedding", "the vocabulary of this batch", ADD_AT, "dE = np.einsum('btv,tdb->vd', np.eye(tokens.max() + 1)[tokens], dx)"),
    Confusion("embedding", "added to what was there", "dE = np.zeros_like(E)", "dE = E.copy()"),
    Confusion("embedding", "into the parameter", "dE = np.zeros_like(E)", "dE = E; dE[:] = 0", "belongs to its caller"),
    Confusion("dropout", "a rate written in", MASKED, "dy if mask is None else dy * (mask > 0) / 0.7"),
    Confusion("dropout", "the share that was kept", MASKED, "dy if mask is None else dy * (mask > 0) / (mask > 0).mean()"),
    Confusion("dropout", "scaled twice", MASKED, "dy if mask is None else dy * mask * mask"),
    Confusion("dropout", "the mask of one sequence for all", MASKED, "dy if mask is None else dy * mask[..., :1]"),
    Confusion("dropout", "the mask of one step for all", MASKED, "dy if mask is None else dy * mask[:1]"),
    Confusion("dropout", "in place", MASKED, "dy if mask is None else np.multiply(dy, mask, out=dy)", "belongs to its caller"),
    Confusion("dropout", "none is all", MASKED, "np.zeros_like(dy) if mask is None else dy * mask"),
    Confusion("linear", "W for its transpose", DX, "np.matmul(np.resize(W, W.T.shape), dy)"),
    Confusion("linear", "a step alone", DW, "(dy.reshape(-1, *dy.shape[-2:])[-1] @ x.reshape(-1, *x.shape[-2:])[-1].T)", "with the steps"),
    Confusion("linear", "the first step alone", DB, "dy.reshape(-1, *dy.shape[-2:])[0].sum(axis=-1)", "with the steps"),
    Confusion("linear", "mean over the batch", DW, DW + " / x.shape[-1]", "with the batch"),
    Confusion("linear", "mean over the steps", DB, DB.replace("sum(axis=0)", "mean(axis=0)"), "with the steps"),
    Confusion("linear", "three axes alone, dW", DW, "np.einsum('tvb,thb->vh', dy, x)", "no axis for the steps"),
    Confusion("linear", "three axes alone, db", DB, "dy.sum(axis=(0, 2))", "no axis for the steps"),
    Confusion("linear", "two axes alone", DW, "(dy @ np.swapaxes(x, -1, -2)).reshape(-1, V, H)[0]", "with the steps"),
    Confusion("linear", "dW for its transpose", DW, DW + ".T"),
    Confusion("linear", "db as a column", DB, DB + "[:, None]", "should have (4,)"),
    Confusion("linear", "the order of what is returned", "return dx, dW, db", "return dW, dx, db", "The order"),
    Confusion("linear", "nested otherwise", "return dx, dW, db", "return dx, (dW, db)", "The order"),
    Confusion("linear", "one for all", "return dx, dW, db", "return dx, dW", "The order"),
    Confusion("loss", "the first symbol for the target", ONEHOT, "dlogits[..., 0] -= 1", "At the target"),
    Confusion("loss", "each symbol for the target", ONEHOT, "dlogits -= 1", "At the target"),
    Confusion("loss", "all targets at each step", ONEHOT, "dlogits[..., picked.ravel()] -= 1", "single target is right"),
    Confusion("loss", "the first target for all", ONEHOT, "dlogits[..., picked.ravel()[0]] -= 1", "single target is right"),
    Confusion("loss", "the place of the largest", ONEHOT, "np.put_along_axis(dlogits, dlogits.argmax(-1)[..., None], dlogits.max(-1)[..., None] - 1, axis=-1)", "At the target"),
    Confusion("loss", "added instead of taken", ONEHOT, ONEHOT.replace("- 1, axis=-1)", "+ 1, axis=-1)"), "At the target"),
    Confusion("loss", "a sum", MEAN, "dlogits *= counted[..., None]", "division by N is missing"),
    Confusion("loss", "a mean over all", MEAN, "dlogits *= counted[..., None] / counted.size", "not all of them"),
    Confusion("loss", "a mean over the sequences", MEAN, "dlogits *= counted[..., None] / len(logits)"),
    Confusion("loss", "a mean over the symbols, too", MEAN, "dlogits *= counted[..., None] / dlogits.size"),
    Confusion("loss", "a mean of means", MEAN, "dlogits *= counted[..., None] / np.maximum(counted.sum(-1, keepdims=True), 1)[..., None] / (counted.any(-1).sum() if counted.ndim > 1 else 1)"),
    Confusion("loss", "ignored ones count", MEAN, "dlogits /= N", "no part in the loss"),
    Confusion("loss", "the first symbol is ignored", MEAN, "dlogits *= (targets > 0)[..., None] / N"),
    Confusion("loss", "softmax over the steps", "dlogits = np.exp(log_p)", "dlogits = np.exp(logits) / np.exp(logits).sum(axis=0)"),
    Confusion("loss", "the loss as a sum", "where(counted, log_p_target, 0).sum() / N", "where(counted, log_p_target, 0).sum()", "The loss, as"),
    Confusion("loss", "takes what it has to refuse", "logits.shape[-1] - 1,", "logits.shape[-1],", "ValueError"),
    Confusion("lstm_cell", "one dc for both ways, then f alone", "dc_prev = dc * f", "dc_prev = (dc - dh * o * d_tanh(tanh_c)) * f"),
    Confusion("lstm_cell", "dc before for dc after", "df = dc * c_prev", "df = (dc - dh * o * d_tanh(tanh_c)) * c_prev"),
    Confusion("lstm_cell", "c_t for c_{t-1}", "df = dc * c_prev", "df = dc * (f * c_prev + i * g)"),
    Confusion("lstm_cell", "h_{t-1} for h_t", "dW_hh = dz.T @ h_prev", "dW_hh = dz.T @ (o * tanh_c)"),
    Confusion("lstm_cell", "in place", DC, "dc += dh * o * d_tanh(tanh_c)", "belongs to its caller"),
    Confusion("lstm_cell", "the slope of z for that of the value", "dg * d_tanh(g)", "dg * d_tanh(np.tanh(g))", "activated already"),
    Confusion("lstm_cell", "mean for sum", "db = dz.sum(axis=0)", "db = dz.mean(axis=0)", "no mean"),
    Confusion("lstm_cell", "the batch for the gates", "db = dz.sum(axis=0)", "db = np.resize(dz.sum(axis=1), dz.shape[1])"),
    Confusion("lstm_cell", "gates in another order", "df * d_sigmoid(f), dg * d_tanh(g), do * d_sigmoid(o)]", "df * d_sigmoid(f), do * d_sigmoid(o), dg * d_tanh(g)]"),
    Confusion("lstm_cell", "slopes that agree where o > 1/2", "do * d_sigmoid(o)]", "do * o * (1 % o)]"),
    Confusion("lstm_cell", "one array under two names", "db.copy())", "db)", "share memory"),
    Confusion("lstm_cell", "nested otherwise", "(dW_ih, dW_hh, db, db.copy())", "dW_ih, dW_hh, db, db.copy()", "The order"),
    Confusion("lstm_through_time", "the first layer's state", GIVEN, GIVEN.replace("[k]", "[0]"), "each layer"),
    Confusion("lstm_through_time", "the last layer's state", GIVEN, GIVEN.replace("[k]", "[-1]"), "each layer"),
    Confusion("lstm_through_time", "h for c", GIVEN, GIVEN.replace("dstate[1][k]", "dstate[0][k]")),
    Confusion("lstm_through_time", "the state given to the top layer alone", GIVEN, GIVEN.replace("dstate is not None", "dstate is not None and k == len(caches) - 1")),
    Confusion("lstm_through_time", "zeros that are NaN after a state of zeros", GIVEN, GIVEN.replace("0 * steps[0].h_prev", "0 / steps[0].h_prev")),
    Confusion("lstm_through_time", "the state of the last step for zeros", GIVEN, GIVEN.replace("0 * steps[0].h_prev", "steps[0].h_prev")),
    Confusion("lstm_through_time", "the output replaces the state", OUTPUT, OUTPUT.replace("dh + ", ""), "lost"),
    Confusion("lstm_through_time", "the output at the last step alone", OUTPUT, OUTPUT.replace("is not None", "is not None and t == len(steps) - 1")),
    Confusion("lstm_through_time", "the output of the step that mirrors it", OUTPUT, OUTPUT.replace("[t]", "[-1 - t]")),
    Confusion("lstm_through_time", "lower layers get nothing without an output", "dout = np.stack(dx)", "dout = np.stack(dx) if dout is not None else None"),
    Confusion("lstm_through_time", "no output, no gradient", OUTPUT, "if dout is None:\n                dh = 0 * dh\n            else:\n                dh = dh + dout[t].T"),
    Confusion("lstm_through_time", "the last step's weights alone", SUMS, "layer_grads = list(layer_grads or step_grads)"),
    Confusion("lstm_through_time", "the first step's weights alone", SUMS, "layer_grads = list(step_grads)", "add up"),
    Confusion("lstm_through_time", "mean over the steps", SUMS, "layer_grads = [total + gradient / len(steps) for total, gradient in sums]", "add up"),
    Confusion("lstm_through_time", "layers mixed", "layer_grads: list = []", "layer_grads: list = list(grads[0]) if k + 1 < len(caches) - 1 else []"),
    Confusion("lstm_through_time", "steps in the order of the loop", "dx.insert(0, dx_t.T)", "dx.append(dx_t.T)"),
    Confusion("lstm_through_time", "layers in the order of the loop", "grads.insert(0, tuple(layer_grads))", "grads.append(tuple(layer_grads))"),
    Confusion("lstm_through_time", "lists for arrays", "(np.stack(dh0), np.stack(dc0))", "(dh0, dc0)"),
    Confusion("lstm_through_time", "in place", OUTPUT, OUTPUT.replace("dh = dh + dout", "dh += dout"), "belongs to its caller"),
    Confusion("adam", "0.9 for beta1, in the average", "m *= beta1", "m *= 0.9", "is written in"),
    Confusion("adam", "0.9 for beta1, in the new part", "m += (1 - beta1) * g", "m += (1 - 0.9) * g", "is written in"),
    Confusion("adam", "0.9 for beta1, in the correction", "(1 - beta1**self.t)", "(1 - 0.9**self.t)", "is written in"),
    Confusion("adam", "0.95 for beta2, in the average", "v *= beta2", "v *= 0.95", "is written in"),
    Confusion("adam", "0.95 for beta2, in the correction", "(1 - beta2**self.t)", "(1 - 0.95**self.t)", "is written in"),
    Confusion("adam", "0.999 for beta2", "v *= beta2", "v *= 0.999"),
    Confusion("adam", "beta1 for beta2", "v *= beta2", "v *= beta1"),
    Confusion("adam", "0.1 for the learning rate", UPDATE, UPDATE.replace("self.learning_rate", "0.1"), "is written in"),
    Confusion("adam", "0.05 for eps", UPDATE, UPDATE.replace("self.eps", "0.05")),
    Confusion("adam", "1e-8 for eps", UPDATE, UPDATE.replace("self.eps", "1e-8")),
    Confusion("adam", "3 for t", "(1 - beta1**self.t)", "(1 - beta1**3)"),
    Confusion("adam", "steps counted by itself", "(1 - beta1**self.t)", "(1 - beta1 ** (k := 1 + vars(self).setdefault('k', 0)))\n            self.k = k if name == list(self.params)[-1] else self.k", "is written in"),
    Confusion("adam", "t before it is counted", "(1 - beta2**self.t)", "(1 - beta2 ** max(1, self.t - 1))"),
    Confusion("adam", "eps before the correction", UPDATE, "param -= self.learning_rate * m_hat * np.sqrt(1 - beta2**self.t) / (np.sqrt(v) + self.eps)", "as long as eps is 0"),
    Confusion("adam", "t for each parameter", "g, m, v = grads", "self.t += name == 'b'; g, m, v = grads"),
    Confusion("adam", "m of the step before", "m_hat = m /", "m_hat = (m - (1 - beta1) * g) / beta1 /"),
    Confusion("adam", "the old average forgotten in place", "v *= beta2", "v = beta2 * v", "in place"),
    Confusion("adam", "another array for the parameter", UPDATE, UPDATE.replace("param -=", "self.params[name] = param -"), "in place"),
    Confusion("adam", "the gradient as the update", UPDATE, UPDATE.replace("m_hat", "g")),
    Confusion("adam", "gradients changed", "v += (1 - beta2) * (g * g)", "g **= 2; v += (1 - beta2) * g", "belongs to its caller"),
]  # fmt: skip


@pytest.mark.parametrize("confusion", CONFUSIONS, ids=lambda c: f"{c.exercise}: {c.what}")
def test_what_a_student_may_confuse(confusion, tmp_path):
    text = changed(confusion.exercise, confusion.right, confusion.wrong)
    right, _, printed = judged(confusion.exercise, text, tmp_path)
    assert not right
    assert confusion.says in printed


@pytest.mark.parametrize("wrong", ["dlogits[..., 0] -= 1", "dlogits -= 1", "dlogits[..., picked.ravel()] -= 1"])
def test_a_one_at_a_wrong_place_is_not_blamed_on_p(wrong, tmp_path):
    _, statuses, _ = judged("loss", changed("loss", ONEHOT, wrong), tmp_path)
    assert {name for name, status in statuses.items() if status == "WRONG"} == {"dlogits: onehot"}
    assert statuses["dlogits: p"] == "right"


# -- blanks and errors -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        "raise ValueError('an ellipsis is no number')",
        "db = np.einsum('b.k->k', dz)",  # NumPy: a '.' that is not part of an ellipsis
        "db = dz.sum(axis=0) + ellipsis",
        "db = dz.sum(axis=9)  # the blank was db = ...",
    ],
)
def test_an_error_is_no_blank(wrong, tmp_path):
    _, statuses, printed = judged("lstm_cell", changed("lstm_cell", "db = dz.sum(axis=0)", wrong), tmp_path)
    assert "Error: " in printed
    assert statuses["db"] in ("ERROR", "not reached")


def test_an_error_beside_an_open_blank_is_no_blank(tmp_path):
    text = (FOLDER / "linear.py").read_text(encoding="utf-8")
    text = text.replace("dW = ...", "dW = np.linalg.inv(x)  # unlike db").replace("dx = ...", "dx = W.T @ dy")
    _, statuses, printed = judged("linear", text, tmp_path)
    assert "LinAlgError" in printed
    assert statuses["db"] == "blank"
    assert statuses["dx"] == "right"


def test_a_blank_in_a_statement_of_many_lines_or_in_a_helper_is_no_error(tmp_path):
    own = solutions.own("lstm_cell")
    blank = own.replace("df = dc * c_prev", "df = ...")
    helper = "def slope(a, b):\n    return a * b\n\n\n"
    for old, new in (
        ("df * d_sigmoid(f),", "\n        slope(\n            df,\n            d_sigmoid(f)),"),
        ("np.concatenate([di * d_sigmoid(i), df * d_sigmoid(f),", "np.concatenate([\n  di * d_sigmoid(i),\n  df,"),
    ):
        text = helper + blank.replace(old, new)
        text = text.replace(helper, "", 1).replace("def cell_backward", helper + "def cell_backward")
        _, statuses, printed = judged("lstm_cell", text, tmp_path)
        assert "Error" not in printed
        assert statuses["df"] == "blank"
        assert statuses["di"] == "right"


# -- the original and its copy -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", EXERCISES)
def test_the_untouched_original_says_so(name, tmp_path, monkeypatch, capsys):
    """What it says to do, done: the copy is judged, and no longer called the original."""
    assert main(["--exercise", name]) == 1
    printed = capsys.readouterr().out
    assert printed.startswith("This is the original, with nothing filled in.")
    copy, ask = (line.split() for line in printed.splitlines()[2:4])
    assert ask[:4] == ["python", "-m", "lstm_numpy.gradcheck", "--exercise"]
    assert copy[0] == "cp"
    assert copy[2] == ask[4]
    monkeypatch.chdir(tmp_path)
    Path(copy[2]).write_text((FOLDER / Path(copy[1]).name).read_text(encoding="utf-8"), encoding="utf-8")
    assert main(["--exercise", ask[4]]) == 1
    printed = capsys.readouterr().out
    assert "original" not in printed
    assert printed.startswith(f"{copy[2]}: ")


def test_a_copy_with_the_solution_is_right_and_the_original_stays(tmp_path, capsys):
    path = tmp_path / "my_adam.py"
    path.write_text(solutions.own("adam"), encoding="utf-8")
    assert main(["--exercise", str(path)]) == 0
    assert capsys.readouterr().out.endswith("All is right.\n")
