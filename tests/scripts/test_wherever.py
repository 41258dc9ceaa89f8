"""The scripts in surroundings that are not those of a terminal: other locales, no outputs, threads."""

import html
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from running import ROOT, SMALL, one_sentence, run_sample, run_train, weights

import train
from lstm_numpy.training import checkpoint

ASCII = {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


def in_process(script: str, *arguments, shell: str = "", **environment) -> subprocess.CompletedProcess:
    """A script as a process of its own.

    Args:
        shell: what a shell does with its outputs, such as `>&-`.
    """
    command = [sys.executable, ROOT / script, *arguments]
    if shell:
        command = ["sh", "-c", f'exec "$@" {shell}', "sh", *command]
    return subprocess.run(command, capture_output=True, check=False, env={**os.environ, **environment})


def same_weights(run, other) -> bool:
    one, two = weights(run), weights(other)
    return one.keys() == two.keys() and all(np.array_equal(one[name], two[name]) for name in one)


# -- matplotlib --------------------------------------------------------------------------------


def test_a_backend_that_is_not_installed(trained, tmp_path):
    """A notebook sets one for `!python`."""
    _, run = trained
    wanted = ("--model", run, "-n", 1, "--formats", "roll", "--out", tmp_path)
    found = in_process("sample.py", *map(str, wanted), MPLBACKEND="not-installed")
    assert found.returncode == 0, found.stderr
    assert (tmp_path / "melody-1.png").read_bytes().startswith(b"\x89PNG")


# -- names that are not ASCII, or no text at all -----------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="names are no bytes there")
@pytest.mark.parametrize(
    ("name", "written", "environment"),
    [("Lieder für Ä".encode(), "Lieder für Ä", ASCII), (b"l\xfcd", r"l\udcfcd", {})],
    ids=["LANG=C", "no UTF-8"],
)
def test_any_letter_in_a_path(trained, tmp_path, name, written, environment):
    songs, run = trained
    folder = os.fsencode(tmp_path) + b"/" + name
    try:
        shutil.copytree(os.fsencode(run), folder)
    except OSError:
        pytest.skip("such names cannot be on this system")
    shutil.copy(os.fsencode(songs), folder + b"/" + name + b".abc")
    for script, *arguments in [
        ("sample.py", "--report", "--model", folder, "-n", "1", "--out", folder + b"/melodies", "--data", songs),
        ("sample.py", "--explain", "--model", folder, "-n", "0", "--out", folder + b"/explained", "--data", songs,
         "--primer-file", folder + b"/" + name + b".abc"),
        ("train.py", "--evaluate", folder),
        ("train.py", "--data", folder + b"/" + name + b".abc", "--out", folder + b"/new", *SMALL, "--epochs", "0"),
    ]:  # fmt: skip
        found = in_process(script, *map(os.fsencode, arguments), **environment)
        assert found.returncode == 0, found.stderr
    base = Path(os.fsdecode(folder))
    page = html.unescape((base / "melodies" / "index.html").read_text(encoding="utf-8"))
    assert f"{written}/best.npz" in page
    assert f"--again '{tmp_path}/{written}/melodies/melody-1.json'" in page
    assert f"Evaluation of {written}/best.npz" in (base / "evaluation" / "index.html").read_text(encoding="utf-8")
    assert f"{written}.abc: 12 songs found" in (base / "new" / "index.html").read_text(encoding="utf-8")
    for picture in ("explained/primer-explained.png", "explained/units.png"):
        assert (base / picture).read_bytes().startswith(b"\x89PNG")


@pytest.mark.skipif(sys.platform == "win32", reason="names are no bytes there")
def test_a_run_is_gone_on_with_in_another_locale(trained, tmp_path):
    """The songs' names, which belong to what a run is recognised by, are the same in both."""
    songs = tmp_path / "songs"
    songs.mkdir()
    shutil.copy(trained[0], songs / "Für Ä.abc")
    assert run_train("--data", songs, "--out", tmp_path / "run", *SMALL, "--epochs", 1) == 0
    found = in_process("train.py", "--resume", tmp_path / "run", "--epochs", "2", **ASCII)
    assert found.returncode == 0, found.stderr


# -- no outputs --------------------------------------------------------------------------------


@pytest.mark.skipif(os.name != "posix", reason="a shell of another kind")
@pytest.mark.parametrize("closed", [">&-", "<&- >&- 2>&-"])
def test_closed_outputs(trained, tmp_path, closed):
    songs, run = trained
    cache = str(tmp_path / "cache")  # so that songs are parsed, and it is shown
    arguments = ["--data", songs, "--out", tmp_path / "run", *SMALL]
    found = in_process("train.py", *arguments, shell=closed, XDG_CACHE_HOME=cache)
    assert (found.returncode, found.stderr) == (0, b"")
    assert found.stdout == b""
    assert same_weights(tmp_path / "run", run)
    assert {path.name for path in (tmp_path / "run").iterdir()} == {path.name for path in run.iterdir()}

    sample = ("sample.py", "--model", run, "--out", tmp_path / "melodies", "-n", "1", "--formats", "tokens")
    found = in_process(*sample, shell=closed, XDG_CACHE_HOME=cache)
    assert (found.returncode, found.stderr) == (0, b"")
    assert (tmp_path / "melodies" / "melody-1.txt").stat().st_size > 0
    found = in_process("sample.py", "--model", tmp_path / "nothing", shell=closed)
    assert found.returncode == 2
    assert found.stdout == b""
    assert (b"there is no such file" in found.stderr) == (closed == ">&-")


def test_a_program_without_a_console(trained, tmp_path, monkeypatch):
    """Called from Python there, with songs that must be parsed."""
    songs, run = trained
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name in ("stdout", "stderr"):
        monkeypatch.setattr(sys, name, None)
    assert train.main(["--data", str(songs), "--out", str(tmp_path / "run"), *SMALL]) == 0
    assert same_weights(tmp_path / "run", run)


# -- called from Python ------------------------------------------------------------------------


def test_in_a_thread(trained, tmp_path):
    songs, run = trained
    found = []
    arguments = ["--data", str(songs), "--out", str(tmp_path / "run"), *SMALL]
    thread = threading.Thread(target=lambda: found.append(train.main(arguments)))
    thread.start()
    thread.join()
    assert found == [0]
    assert same_weights(tmp_path / "run", run)


def test_the_callers_handlers_return(trained, tmp_path, capsys):
    songs, run = trained
    both = (signal.SIGINT, signal.SIGTERM)
    before = [signal.getsignal(number) for number in both]
    assert signal.default_int_handler is not signal.getsignal(signal.SIGTERM)
    assert run_train("--data", songs, "--out", tmp_path / "run", *SMALL, "--epochs", 1) == 0
    assert [signal.getsignal(number) for number in both] == before
    capsys.readouterr()
    one_sentence(capsys, run_train("--data", songs, "--out", run, *SMALL), "already holds a run")
    assert [signal.getsignal(number) for number in both] == before


# -- without best.npz --------------------------------------------------------------------------


@pytest.mark.parametrize("damage", ["missing", "damaged"])
def test_another_epoch_becomes_the_best(trained, tmp_path, capsys, damage):
    """A finished run, the best epoch of which was the first, has only the last left."""
    run = shutil.copytree(trained[1], tmp_path / "run")
    arrays, description = checkpoint.load(run / "last.npz")
    place = description["training"]["place"]
    loss = next(row["val_loss"] for row in reversed(place["rows"]) if "val_loss" in row)
    place |= {"best_epoch": 1, "best_loss": 0.0}
    checkpoint.save(run / "last.npz", arrays, description)
    (run / "best.npz").unlink()
    if damage == "damaged":
        (run / "best.npz").write_bytes(b"PK")
    assert run_train("--resume", run) == 0
    printed = capsys.readouterr().out
    assert f"best.npz is {damage}: the weights of the best epoch, 1, are lost; epoch 2 takes its place" in printed
    assert "test, best epoch (2)" in printed
    for name in ("best.npz", "last.npz"):
        found, description = checkpoint.load(run / name)
        place = description["training"]["place"]
        assert (place["best_epoch"], place["best_loss"]) == (2, loss)
        assert all(np.array_equal(found[name], arrays[name]) for name in arrays)
    assert run_train("--resume", run) == 0
    assert "best.npz is" not in capsys.readouterr().out
    assert run_sample("--model", run, "-n", 1, "--out", tmp_path / "melodies", "--formats", "tokens") == 0
