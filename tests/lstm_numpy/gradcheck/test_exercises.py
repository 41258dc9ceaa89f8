"""The exercises and their judge: blank as shipped, right with the project's own code, and each mistake named."""

import ast
import inspect
import textwrap
from pathlib import Path
from typing import NamedTuple

import pytest

from lstm_numpy import adam, cell, dropout, embedding, linear, loss, lstm, plain
from lstm_numpy.gradcheck import __main__ as command
from lstm_numpy.gradcheck import problems
from lstm_numpy.gradcheck.exercises import EXERCISES
from lstm_numpy.gradcheck.exercises.attempt import load
from lstm_numpy.gradcheck.exercises.judge import FOLDER, _same, is_right, judge, report

MODULES = {
    "embedding": embedding,
    "dropout": dropout,
    "linear": linear,
    "loss": loss,
    "lstm_cell": cell,
    "lstm_through_time": plain,
    "adam": adam,
}


def shipped(name: str) -> str:
    return (FOLDER / f"{name}.py").read_text(encoding="utf-8")


def project_function(name: str):
    """The function that the exercise is about, as the project has it."""
    found = MODULES[name]
    for part in EXERCISES[name].function.split("."):
        found = getattr(found, part)
    return found


def function_in(tree: ast.Module, name: str) -> ast.FunctionDef:
    nodes = tree.body
    for part in EXERCISES[name].function.split("."):
        node = next(n for n in nodes if isinstance(n, (ast.FunctionDef, ast.ClassDef)) and n.name == part)
        nodes = node.body
    return node


def solution(name: str) -> str:
    """The exercise's file with the project's function in the place of the one with blanks."""
    text = shipped(name)
    node = function_in(ast.parse(text), name)
    lines = text.splitlines()
    return "\n".join([*lines[: node.lineno - 1], inspect.getsource(project_function(name)), *lines[node.end_lineno :]])


def run(name: str, text: str, folder: Path) -> tuple[dict[str, str], str]:
    """The status of each term, and the report in a single line; the exit status has to go with them."""
    path = folder / f"{name}.py"
    path.write_text(text, encoding="utf-8")
    exercise = EXERCISES[name]
    verdicts, complaints = judge(exercise, load(exercise, path))
    text = " ".join(report(path, exercise, verdicts, complaints).split())
    assert is_right(verdicts, complaints) == ("All is right." in text)
    return {verdict.term.name: verdict.status for verdict in verdicts}, text


def with_status(statuses: dict[str, str], status: str) -> set[str]:
    return {name for name, found in statuses.items() if found == status}


# -- the files as they are shipped ----------------------------------------------------------------


@pytest.mark.parametrize("name", EXERCISES)
def test_blank_as_shipped(name, capsys):
    """Fails if somebody has filled in the file itself: a solution is better kept in a copy."""
    assert command.main(["--exercise", name]) == 1
    printed = capsys.readouterr().out
    last = printed.strip().splitlines()[-1]
    assert last.startswith("0 right, 0 wrong, ")
    assert sum(int(part.split()[0]) for part in last.split(", ")) == len(EXERCISES[name].terms)
    assert "Traceback" not in printed
    assert "Error" not in printed


@pytest.mark.parametrize("name", EXERCISES)
def test_the_projects_own_function_is_right(name, tmp_path, capsys):
    path = tmp_path / f"my_{name}_2.py"
    path.write_text(solution(name), encoding="utf-8")
    assert command.main(["--exercise", str(path)]) == 0
    printed = capsys.readouterr().out
    assert "All is right" in printed
    assert "WRONG" not in printed


@pytest.mark.parametrize("name", EXERCISES)
def test_all_but_the_blanks_is_the_projects(name):
    """So that no exercise goes stale: all other definitions are the same, and so is every line that is not blank."""
    ours = ast.parse(inspect.getsource(MODULES[name]))
    theirs = ast.parse(shipped(name))
    known = {ast.dump(node) for node in ast.walk(ours)}
    exercise = function_in(theirs, name)
    for node in theirs.body[1:]:
        if isinstance(node, ast.ClassDef) and exercise in node.body:
            assert {ast.dump(part) for part in node.body if part is not exercise} <= known
        elif not isinstance(node, (ast.Import, ast.ImportFrom)) and node is not exercise:
            assert ast.dump(node) in known, ast.unparse(node)
    own = ast.parse(textwrap.dedent(inspect.getsource(project_function(name)))).body[0]
    assert ast.dump(own.args) == ast.dump(exercise.args)
    statements = {ast.dump(node) for node in ast.walk(own) if isinstance(node, ast.stmt)}
    blanks = 0
    for node in ast.walk(exercise):
        value = getattr(node, "value", None)
        if isinstance(value, ast.Constant) and value.value is ...:
            blanks += 1
        elif isinstance(node, ast.stmt) and node is not exercise and not hasattr(node, "body"):
            is_docstring = isinstance(node, ast.Expr) and isinstance(value, ast.Constant)
            assert is_docstring or ast.dump(node) in statements, ast.unparse(node)
    assert blanks >= 1


# -- wrong solutions -------------------------------------------------------------------------------


class Mistake(NamedTuple):
    exercise: str
    right: str
    wrong: str
    terms: set
    says: str = ""  # what the report has to say about it


CELL, TIME = "lstm_cell", "lstm_through_time"
DZ = "di * d_sigmoid(i), df * d_sigmoid(f), dg * d_tanh(g), do * d_sigmoid(o)"
ADD_AT = "np.add.at(dE, tokens.T, dx.transpose(0, 2, 1))"
DW = "dW = (dy @ np.swapaxes(x, -1, -2)).reshape(-1, V, H).sum(axis=0)"
STEP = "dx_t, dh, dc, step_grads = cell_backward(dh, dc, steps[t])"
START = "dh, dc = (dstate[0][k], dstate[1][k]) if dstate is not None else (0 * steps[0].h_prev, 0 * steps[0].c_prev)"
UPDATE = "param -= self.learning_rate * m_hat / (np.sqrt(v_hat) + self.eps)"
COUNTED = "(counted / logits.dtype.type(N))[..., None]"

MISTAKES = [
    Mistake("embedding", ADD_AT, "dE[tokens.T] += dx.transpose(0, 2, 1)", {"dE"}, "Repeated symbols do not add up"),
    Mistake("embedding", ADD_AT, "np.add.at(dE, tokens, dx.transpose(2, 0, 1)); dE /= 2", {"dE"}, "0.5 times"),
    Mistake("embedding", ADD_AT, "dE = dx", {"dE"}, "shape"),
    Mistake("dropout", "np.multiply(dy, mask, out=out)", "dy * (mask > 0)", {"dx of what was kept"}, "0.7 times"),
    Mistake("dropout", "np.multiply(dy, mask, out=out)", "dy / 0.7", {"dx of what was silenced", "dx of what was kept"}),
    Mistake("dropout", "np.multiply(dy, mask, out=out)", "dy * np.roll(mask, 1)", {"dx of what was silenced", "dx of what was kept"}),
    Mistake("dropout", "dy if mask", "0 * dy if mask", {"dx without a mask"}),
    Mistake("linear", "np.matmul(W.T, dy, out=out)", "-W.T @ dy", {"dx"}, "sign"),
    Mistake("linear", DW, "dW = (dy @ np.swapaxes(x, -1, -2))[-1]", {"dW"}, "with the steps"),
    Mistake("linear", DW, "dW = (dy[..., :1] @ np.swapaxes(x, -1, -2)[..., :1, :]).sum(axis=0)", {"dW"}, "with the batch"),
    Mistake("linear", "dy.sum(axis=-1).reshape(-1, V).sum(axis=0)", "dy.mean(axis=-1).sum(axis=0)", {"db"}, "0.2 times"),
    Mistake("linear", "dy.sum(axis=-1).reshape(-1, V).sum(axis=0)", "dy.sum(axis=0)", {"db"}, "should have (4,)"),
    Mistake("linear", "return dx, dW, db", "return dx, db, dW", {"what is returned"}, "order"),
    Mistake("loss", "np.exp(log_p)", "log_p.copy()", {"dlogits: p"}),
    Mistake("loss", "axis=-1) - 1, axis=-1)", "axis=-1) + 1, axis=-1)", {"dlogits: onehot"}),
    Mistake("loss", COUNTED, "counted[..., None]", {"dlogits: mean"}, "division by N is missing"),
    Mistake("loss", COUNTED, "(counted / counted.size)[..., None]", {"dlogits: N"}, "0.6667 times"),
    Mistake("loss", COUNTED, "1 / N", {"dlogits: ignored"}, "no part in the loss"),
    Mistake(CELL, "do = dh * tanh_c", "do = dh * o", {"do"}),
    Mistake(CELL, "dc = dc + dh * o * d_tanh(tanh_c)", "dc = dh * o * d_tanh(tanh_c)", {"dc"}, "from the next step is missing"),
    Mistake(CELL, "dc = dc + dh * o * d_tanh(tanh_c)", "dc = dc * 1", {"dc"}, "the path through h_t is missing"),
    Mistake(CELL, "dh * o * d_tanh(tanh_c)", "dh * d_tanh(tanh_c)", {"dc"}, "o is missing"),
    Mistake(CELL, "dh * o * d_tanh(tanh_c)", "dh * o * d_tanh(f * c_prev + i * g)", {"dc"}, "not c_t"),
    Mistake(CELL, "dh * o * d_tanh(tanh_c)", "dh * o * d_tanh(tanh(tanh_c))", {"dc"}, "tanh(c_t) already"),
    Mistake(CELL, "df = dc * c_prev\n    di = dc * g", "di = dc * c_prev\n    df = dc * g", {"df", "di"}, "What stands there is di."),
    Mistake(CELL, "dg = dc * i", "dg = dc * f", {"dg"}, "What stands there is dc_prev."),
    Mistake(CELL, "dc_prev = dc * f", "dc_prev = dc", {"dc_prev"}, "What stands there is dc."),
    Mistake(CELL, "df * d_sigmoid(f)", "df", {"dz (f)"}, "without the slope"),
    Mistake(CELL, "di * d_sigmoid(i)", "di * d_sigmoid(sigmoid(i))", {"dz (i)"}, "activated already"),
    Mistake(CELL, "dg * d_tanh(g)", "dg * d_sigmoid(g)", {"dz (g)"}, "the other function"),
    Mistake(CELL, DZ, "di * d_sigmoid(i), df * d_sigmoid(f), do * d_sigmoid(o), dg * d_tanh(g)", {"dz (g)", "dz (o)"}),
    Mistake(CELL, "d_sigmoid(o)], axis=1)", "d_sigmoid(o)], axis=1).T", {f"dz ({gate})" for gate in "ifgo"}, "shape (12, 3), and should have (3, 12)"),
    Mistake(CELL, "dx = dz @ W_ih", "dx = dz @ np.roll(W_ih, 1, axis=0)", {"dx"}),
    Mistake(CELL, "dh_prev = dz @ W_hh", "dh_prev = 0 * h_prev", {"dh_prev"}),
    Mistake(CELL, "dW_ih = dz.T @ x", "dW_ih = dz[:1].T @ x[:1]", {"dW_ih"}, "Right in: one sequence"),
    Mistake(CELL, "dW_hh = dz.T @ h_prev", "dW_hh = dz.T @ h_prev / len(dz)", {"dW_hh"}, "sum, no mean"),
    Mistake(CELL, "db = dz.sum(axis=0)", "db = dz.mean(axis=0)", {"db"}, "0.3333 times"),
    Mistake(CELL, "db = dz.sum(axis=0)", "db = dz", {"db"}, "should have (12,)"),
    Mistake(CELL, "(dW_ih, dW_hh, db, db.copy())", "(dW_hh, dW_ih, db, db.copy())", {"what is returned"}),
    Mistake(TIME, START, START.replace("[k]", "[0]"), {"dh, dc (start)"}, "each layer"),
    Mistake(TIME, START, START.replace("[k]", "[-1]"), {"dh, dc (start)"}, "each layer"),
    Mistake(TIME, START, "dh, dc = (0 * steps[0].h_prev, 0 * steps[0].c_prev)", {"dh, dc (start)"}),
    Mistake(TIME, "dh = dh + dout[t].T", "dh = dout[t].T", {"dh"}, "lost"),
    Mistake(TIME, "dh = dh + dout[t].T", "dh = dh + dout[-1].T", {"earlier steps"}),
    Mistake(TIME, STEP, "dx_t, _, dc, step_grads = cell_backward(dh, dc, steps[t])", {"cell_backward"}),
    Mistake(TIME, STEP, "dx_t, dh, _, step_grads = cell_backward(dh, dc, steps[t])", {"cell_backward"}),
    Mistake(TIME, STEP, "dx_t, dc, dh, step_grads = cell_backward(dh, dc, steps[t])", {"cell_backward"}),
    Mistake(TIME, STEP, "dx_t, dh, dc, step_grads = cell_backward(dh, dc if t == len(steps) - 1 else 0 * dc, steps[t])",
        {"earlier steps"}),
    Mistake(TIME, "[total + gradient for total, gradient in sums]", "list(step_grads)", {"layer_grads"}, "add up"),
    Mistake(TIME, "dout = np.stack(dx)", "dout = np.stack(dx[::-1])", {"dout"}),
    Mistake(TIME, "dout = np.stack(dx)", "pass", {"dout"}),
    Mistake("adam", "m *= beta1\n            m +=", "m +=", {"m"}, "The first step is right"),
    Mistake("adam", "m *= beta1\n            m += (1 - beta1) * g", "m = beta1 * m + (1 - beta1) * g", {"m"}, "in place"),
    Mistake("adam", "m += (1 - beta1) * g", "m += g", {"m"}, "What stands there is g."),
    Mistake("adam", "v += (1 - beta2) * (g * g)", "v += (1 - beta2) * g", {"v"}, "g that is averaged"),
    Mistake("adam", "v += (1 - beta2) * (g * g)", "v += (1 - beta1) * (g * g)", {"v"}, "2 times"),
    Mistake("adam", "m_hat = m / (1 - beta1**self.t)", "m_hat = m", {"m_hat"}, "without its correction"),
    Mistake("adam", "v_hat = v / (1 - beta2**self.t)", "v_hat = v", {"v_hat"}, "without its correction"),
    Mistake("adam", "v_hat = v / (1 - beta2**self.t)", "v_hat = v / (1 - beta1**self.t)", {"v_hat"}, "with β₁"),
    Mistake("adam", "m_hat = m / (1 - beta1**self.t)", "m_hat = m / (1 - beta1)", {"m_hat"}, "power t"),
    Mistake("adam", UPDATE, "param -= self.learning_rate * m_hat / np.sqrt(v_hat + self.eps)", {"param"}, "inside the root"),
    Mistake("adam", UPDATE, "param -= self.learning_rate * m_hat / (v_hat + self.eps)", {"param"}, "root is missing"),
    Mistake("adam", UPDATE, "param -= self.learning_rate * m_hat / np.sqrt(v_hat)", {"param"}, "as long as eps is 0"),
    Mistake("adam", UPDATE, "param = param - self.learning_rate * m_hat / (np.sqrt(v_hat) + self.eps)", {"param"}, "in place"),
    Mistake("adam", UPDATE, "param += self.learning_rate * m_hat / (np.sqrt(v_hat) + self.eps)", {"param"}, "sign"),
]  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda m: f"{m.exercise}: {m.wrong}"[:80])
def test_a_mistake_is_named(mistake, tmp_path):
    text = solution(mistake.exercise)
    assert text.count(mistake.right) == 1
    statuses, text = run(mistake.exercise, text.replace(mistake.right, mistake.wrong), tmp_path)
    assert with_status(statuses, "WRONG") == mistake.terms
    assert mistake.says in text
    assert "Error" not in text or "dz (i)" in mistake.terms  # what follows cannot be multiplied any more
    assert "All is right" not in text


def test_two_mistakes_are_told_apart(tmp_path):
    text = solution(CELL).replace("dc = dc + dh * o", "dc = dh * o").replace("df * d_sigmoid(f)", "df")
    statuses, _ = run(CELL, text, tmp_path)
    assert with_status(statuses, "WRONG") == {"dc", "dz (f)"}


# -- solutions on the way, and other mishaps ---------------------------------------------------------


def filled(name: str, **blanks: str) -> str:
    """The shipped file with some of its blanks filled in."""
    text = shipped(name)
    for variable, value in blanks.items():
        assert text.count(f" {variable} = ...") == 1
        text = text.replace(f" {variable} = ...", f" {variable} = {value}")
    return text


def test_a_solution_is_judged_as_far_as_it_goes(tmp_path):
    statuses, _ = run(CELL, filled(CELL, do="dh * tanh_c", dc="dh * o * d_tanh(tanh_c)"), tmp_path)
    assert with_status(statuses, "right") == {"do"}
    assert with_status(statuses, "WRONG") == {"dc"}
    assert statuses["df"] == statuses["db"] == "blank"

    some = {"do": "dh * tanh_c", "dc": "dc + dh * o * d_tanh(tanh_c)", "df": "dc * c_prev", "dg": "dc * i"}
    statuses, text = run(CELL, filled(CELL, **some, dz=f"np.concatenate([{DZ}], axis=1)"), tmp_path)
    assert with_status(statuses, "right") == set(some)
    assert with_status(statuses, "WRONG") == set()
    assert {statuses[f"dz ({gate})"] for gate in "ifgo"} == {"waits"}
    assert "Error" not in text


@pytest.mark.parametrize("blank", ["dz", "dc", "do"])
def test_a_blank_in_the_middle_is_no_error(blank, tmp_path):
    line = next(line for line in shipped(CELL).splitlines() if f" {blank} = ..." in line)
    lines = [line if text.startswith(f"    {blank} =") else text for text in solution(CELL).splitlines()]
    statuses, printed = run(CELL, "\n".join(lines), tmp_path)
    blanks = {name for name in statuses if name.startswith(blank) and name != "dc_prev"}
    assert with_status(statuses, "blank") == blanks
    assert set(statuses.values()) <= {"blank", "right", "waits"}
    assert "Error" not in printed


def test_the_example_in_the_contents_of_the_course(tmp_path, monkeypatch, capsys):
    text = (FOLDER.parent / "README.md").read_text(encoding="utf-8")
    lines = text[text.index("my_lstm_cell.py: cell_backward") :].split("```")[0].splitlines()
    monkeypatch.chdir(tmp_path)
    some = {"do": "dh * tanh_c", "dc": "dh * o * d_tanh(tanh_c)", "df": "dc * c_prev", "di": "dc * g"}
    Path("my_lstm_cell.py").write_text(filled(CELL, **some), encoding="utf-8")
    assert command.main(["--exercise", "my_lstm_cell.py"]) == 1
    printed = capsys.readouterr().out.splitlines()
    assert [line for line in lines if line != "  ..."] == [line for line in printed if line in lines]


def test_through_time_is_judged_as_far_as_it_goes(tmp_path):
    text = shipped(TIME).replace("dh, dc = ...", START)
    assert run(TIME, text, tmp_path)[0]["dh, dc (start)"] == "right"
    wrong = shipped(TIME).replace("dh, dc = ...", START.replace("dstate[0]", "dstate[1]"))
    assert run(TIME, wrong, tmp_path)[0]["dh, dc (start)"] == "WRONG"
    text = text.replace(" dh = ...", " dh = dh + dout[t].T").replace(
        "step_grads = ...", "step_grads = cell_backward(dh, dc, steps[t])"
    )
    statuses, report = run(TIME, text, tmp_path)
    assert with_status(statuses, "right") == {"dh, dc (start)", "dh", "cell_backward", "earlier steps"}
    assert with_status(statuses, "blank") == {"layer_grads", "dout"}
    assert "Error" not in report


def test_adam_and_the_loss_are_judged_as_far_as_they_go(tmp_path):
    text = shipped("adam").replace("...  # v:", "v *= beta2; v += (1 - beta2) * g * g  # v:")
    assert with_status(run("adam", text, tmp_path)[0], "right") == {"v"}
    text = shipped("loss").replace("dlogits = ...", "dlogits = np.exp(log_p)")
    statuses, _ = run("loss", text, tmp_path)
    assert with_status(statuses, "right") == {"dlogits: p"}
    assert with_status(statuses, "WRONG") == set()


@pytest.mark.parametrize(
    ("right", "wrong", "says"),
    [
        ("dW_ih = dz.T @ x", "dW_ih = dz @ x", "ValueError: matmul"),
        ("dW_ih = dz.T @ x", "dW_ih = dz @ x", "Shapes: dz (3, 12), x (3, 2)"),
        ("df = dc * c_prev", "df = dc * cprev", "NameError: name 'cprev' is not defined"),
        ("dc = dc + dh * o", "dc += dh * o", "the function changes dc,"),
        ("dc_prev = dc * f", "dc_prev = dc * f; f *= 2", "the function changes cache.f,"),
        ("db = dz.sum(axis=0)", "db = dz.sum(axis=0) + sum(again); again.append(1e-3)", "another result"),
        ("return dx,", "x = dx,", "the function returns nothing"),
        ("db = dz.sum(axis=0)", "db = dz.sum(axis=0) * np.nan", "NaN"),
        ("db = dz.sum(axis=0)", "db = float(dz.sum())", "should be an array, but is float"),
        ("db = dz.sum(axis=0)", "raise SystemExit('enough')", "SystemExit: enough"),
    ],
)
def test_mishaps_are_said_with_their_line(right, wrong, says, tmp_path):
    text = solution(CELL).replace(right, wrong) + "\nagain = []\n"
    line = 1 + text[: text.index(wrong)].count("\n")
    definition = 1 + text[: text.index("def cell_backward")].count("\n")
    _, printed = run(CELL, text, tmp_path)
    assert says in printed
    assert f"line {line}" in printed or f"line {definition}: the function" in printed
    assert "Traceback" not in printed
    assert "All is right" not in printed


@pytest.mark.parametrize(
    ("name", "right", "wrong", "says"),
    [
        (TIME, "dh = dh + dout[t].T", "dh += dout[t].T", "the function changes dstate[0],"),
        ("adam", "v += (1 - beta2) * (g * g)", "g *= g; v += (1 - beta2) * g", "the function changes grads['W'],"),
        ("linear", "db = dy.sum", "x *= 2; db = dy.sum", "the function changes cache[0],"),
        (
            "loss",
            "dlogits = np.exp(log_p)",
            "logits -= logits.max(); dlogits = np.exp(log_p)",
            "the function changes logits,",
        ),
    ],
)
def test_what_belongs_to_the_caller_stays_as_it_is(name, right, wrong, says, tmp_path):
    statuses, printed = run(name, solution(name).replace(right, wrong), tmp_path)
    assert says in printed
    assert set(statuses.values()) == {"right"}
    assert "All is right." not in printed


def test_a_variable_of_another_name_is_no_fault(tmp_path):
    text = solution(CELL).replace("df = dc", "forget = dc").replace("df * d_sig", "forget * d_sig")
    statuses, printed = run(CELL, text, tmp_path)
    assert statuses["df"] == "missing"
    assert "All is right." in printed
    statuses, printed = run(CELL, text.replace("forget = dc * c_prev", "forget = dc * i"), tmp_path)
    assert with_status(statuses, "WRONG") == {"dz (f)"}


def test_files_that_cannot_be_judged(tmp_path, capsys):
    def judged(text: str) -> str:
        path = tmp_path / "adam.py"
        path.write_text(text)
        assert command.main(["--exercise", str(path)]) == 1
        return capsys.readouterr().out

    assert "line 2: Python cannot read this" in judged("import numpy\nclass Adam(:\n")
    assert "line 1: ModuleNotFoundError" in judged("import nowhere_to_be_found\n")
    assert "there is no Adam.step" in judged("class Adam:\n    pass\n")
    assert "line 2: SystemExit: enough" in judged("import sys\nsys.exit('enough')\n")


def test_printing_is_shown_once(tmp_path, capsys):
    run("linear", solution("linear").replace("x, W = cache", "x, W = cache; print('here')"), tmp_path)
    assert capsys.readouterr().out == "here\n"


def test_the_command(tmp_path, capsys):
    with pytest.raises(SystemExit) as stop:
        command.main(["--help"])
    assert stop.value.code == 0
    said = capsys.readouterr().out
    assert all(name in said for name in EXERCISES)
    assert command.main(["--exercise"]) == 0
    assert list(EXERCISES) == [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    for unknown in ("gru", "mine.py", str(tmp_path / "adam.py"), str(tmp_path / "adam_or_loss.py")):
        assert command.main(["--exercise", unknown]) == 2
        printed = capsys.readouterr()
        assert printed.out == ""
        assert "--exercise" in printed.err
        assert printed.err.count("\n") == 1
    assert command.main(["--exercise", "gru"]) == 2
    said = capsys.readouterr().err
    assert all(name in said for name in EXERCISES)


@pytest.mark.parametrize("name", EXERCISES)
def test_each_exercise_says_how_to_begin(name):
    head = ast.get_docstring(ast.parse(shipped(name)))
    assert f"cp docs/exercises/{name}.py my_{name}.py" in head
    assert f"python -m lstm_numpy.gradcheck --exercise my_{name}.py" in head
    assert EXERCISES[name].function in head


@pytest.mark.parametrize("name", [name for name in EXERCISES if name not in ("loss", "adam")])
def test_no_reference_comes_from_the_projects_backward_pass(name, monkeypatch):
    """The loss has a single function for both ways; only its first result, the loss itself, is used."""
    trials = EXERCISES[name].trials
    before = [trial.reference for trial in trials()]

    def refuse(*_):
        raise AssertionError("a backward function was called")

    for module in (*MODULES.values(), problems, lstm):
        for function in [key for key in vars(module) if key.endswith("_backward")]:
            monkeypatch.setattr(module, function, refuse)
    for old, new in zip(before, trials.__wrapped__(), strict=True):
        assert all(_same(old[key], value) for key, value in new.reference.items())
