"""The core is small: without the rooms around it, the scripts still train and compose."""

import os
import shutil
import subprocess
import sys

import numpy as np
import pytest
from running import ROOT, SMALL
from songs import random_abc

MISSING = ("lstm_numpy/gradcheck", "lstm_numpy/inspection", "lstm_numpy/baselines", "encoding/comparing")


@pytest.fixture(scope="module")
def core(tmp_path_factory):
    """A copy of the project without these rooms, some songs, and what a training there has printed."""
    folder = tmp_path_factory.mktemp("core")
    for name in ("lstm_numpy", "encoding", "models"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("train.py", "sample.py"):
        shutil.copy(ROOT / name, folder)
    for name in MISSING:
        shutil.rmtree(folder / name)
    rng = np.random.default_rng(3)
    (folder / "songs.abc").write_text("\n".join(random_abc(n, rng) for n in range(1, 26)))
    small = [*SMALL, "--limit-songs", "20", "--epochs", "1", "--data", "songs.abc"]
    return folder, small, run(folder, "train.py", *small, "--out", "runs/one")


def run(folder, *arguments) -> subprocess.CompletedProcess:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [sys.executable, *map(str, arguments)]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)


def test_training_without_them(core):
    folder, _, done = core
    assert done.returncode == 0, done.stderr
    assert "epoch 1/1: train" in done.stdout
    assert "test, best epoch (1)" in done.stdout
    files = {path.name for path in (folder / "runs" / "one").iterdir()}
    assert {"best.npz", "last.npz", "metrics.csv", "index.html", "after-5.mid"} <= files
    done = run(folder, "train.py", "--resume", "runs/one", "--epochs", "2")
    assert done.returncode == 0, done.stderr
    assert "epoch 2/2: train" in done.stdout


def test_composing_without_them(core):
    folder, _, _ = core
    done = run(folder, "sample.py", "-n", "1", "--out", "melodies")
    assert done.returncode == 0, done.stderr
    assert "encoding/comparing is missing, so novelty is not looked up" in done.stdout
    files = {path.name for path in (folder / "melodies").iterdir()}
    assert files == {"index.html", *(f"melody-1{suffix}" for suffix in (".mid", ".musicxml", ".json"))}


@pytest.mark.parametrize(
    ("arguments", "room"),
    [
        (["train.py", "--watch"], "lstm_numpy/inspection"),
        (["train.py", "--evaluate", "runs/one"], "lstm_numpy/baselines"),
        (["sample.py", "--explain"], "lstm_numpy/inspection"),
        (["sample.py", "--report"], "lstm_numpy/baselines"),
    ],
)
def test_an_option_says_which_room_it_needs(core, arguments, room):
    folder, small, _ = core
    option = arguments[1]
    more = small if option == "--watch" else []
    done = run(folder, *arguments, *more, "--out", "nothing")
    assert done.returncode == 2
    assert done.stderr == f"{arguments[0]}: {option} needs {room}, which is missing; put it back\n"
    assert not (folder / "nothing").exists()
