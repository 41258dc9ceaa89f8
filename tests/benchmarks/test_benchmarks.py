"""The benchmarks run, and undone tricks change nothing but the speed. No time is judged here."""

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent

contest, context, growth, recipes, tricks = map(import_module, ("contest", "context", "growth", "recipes", "tricks"))


def run_python(code: str) -> subprocess.CompletedProcess:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (HERE.parent.parent, HERE.parent, HERE)))}
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, timeout=60)


def test_contenders_take_turns():
    small = {"H": 4, "outputs": "last", "B": 2, "T": 3}
    found = contest.compare(
        {"one": ("numpy_step", small), "broken": ("numpy_step", {"H": 4}), "two": ("numpy_forward", {"H": 4})},
        threads=1, rounds=2, warm_up=1,
    )  # fmt: skip
    assert list(found) == ["one", "broken", "two"]
    assert "outputs" in found["broken"]["missing"]
    for name in ("one", "two"):
        row = found[name]
        assert 0 < row["from"] <= row["ms"] <= row["to"]
        assert row["n"] >= 2


@pytest.mark.parametrize("trick", [trick for trick, edits in tricks.TRICKS.items() if edits])
def test_an_undone_trick_leaves_the_gradients_as_they_are(trick):
    done = run_python(f"import tricks; tricks.check({trick!r})")
    assert done.returncode == 0, done.stderr


def test_a_step_without_a_workspace():
    import_module("contenders").numpy_step_without("a workspace", 4, "last")()


def test_summary():
    assert contest.summary([0.004, 0.001, 0.003, 0.002]) == {"ms": 2.5, "from": 1.75, "to": 3.25, "n": 4}
    assert contest.summary([0.002]) == {"ms": 2.0, "from": 2.0, "to": 2.0, "n": 1}


def test_recipes_are_compared_and_drawn(capsys):
    def result(recipe, losses, seconds):
        epochs = [{"seconds": (n + 1) * seconds, "songs": loss, "windows": loss + 0.1} for n, loss in enumerate(losses)]
        return {"recipe": recipe, "seed": 0, "threads": 1, "epochs": epochs, "test": {"songs": 0.7, "windows": 0.8}}

    results = [result("default", [1.0, 0.8, 0.7], 10), result("article", [1.1, 0.9], 100)]
    recipes.report(results)
    printed = capsys.readouterr().out
    assert "reaches the article's songs 0.900 (one thread) in 20 s, 1/10.0 of the 200 s" in printed
    assert recipes.figure(results).startswith(b"\x89PNG")


def test_each_row_tells_more(monkeypatch, tmp_path, capsys):
    """Every piece has its row, and what was trained before is not trained again."""
    import train

    trained = []

    def one(*which):
        trained.append(which[:2])
        return {
            **dict(zip(context.WHICH, which, strict=True)),
            "validation": 1 - len(which[0]) / 100,
            "test": 0.5 + which[1] / 10,
            "seconds": 1.0,
        }

    monkeypatch.setattr(context, "one", one)
    command = ["context.py", "--json", str(tmp_path / "found.json"), "--epochs", "1", "--seeds", "0"]
    monkeypatch.setattr(sys, "argv", command)
    context.main()
    told = [pieces for pieces, _ in trained]
    assert told[:2] == [[], ["place"]]
    assert told[-1] == list(train.CONTEXT)
    monkeypatch.setattr(sys, "argv", [*command, "2"])
    context.main()
    assert [seed for _, seed in trained] == [0] * len(context.ROWS) + [2] * len(context.ROWS)
    assert "| the tokens alone | 1.000 | 0.600 (0.500, 0.700) |" in capsys.readouterr().out


def test_growth_is_drawn():
    rows = {
        axis: [{"value": value, "this project": value, "PyTorch": 2 * value} for value in values]
        for axis, values in growth.AXES.items()
    }
    assert growth.figure(rows).startswith(b"\x89PNG")
