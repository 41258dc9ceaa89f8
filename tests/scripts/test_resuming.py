"""A training is stopped and gone on with."""

import csv
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from running import ROOT, SMALL, one_sentence, run_train, weights

from lstm_numpy.system.claim import claimed
from lstm_numpy.training import Diverged, Run


def rows_without_clock(run):
    with open(run / "metrics.csv") as file:
        return [{k: v for k, v in row.items() if k != "seconds"} for row in csv.DictReader(file)]


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent to processes in another way there")
def test_ctrl_c_saves_and_resume_goes_on(trained, tmp_path):
    songs, _ = trained
    options = ["--data", str(songs), *SMALL, "--epochs", "40"]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, str(ROOT / "train.py"), *options, "--out", str(tmp_path / "stopped")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, cwd=tmp_path) as process:
        for line in process.stdout:
            if line.startswith("epoch 2/"):
                time.sleep(0.02)
                process.send_signal(signal.SIGINT)
                break
        rest = process.stdout.read()
    assert process.returncode == 130
    assert f"go on with: python train.py --resume {tmp_path / 'stopped'}" in rest
    assert "Traceback" not in rest
    assert run_train("--resume", tmp_path / "stopped") == 0
    assert run_train(*options, "--out", tmp_path / "whole") == 0
    stopped, whole = weights(tmp_path / "stopped"), weights(tmp_path / "whole")
    for name in whole:
        np.testing.assert_array_equal(stopped[name], whole[name])
    assert rows_without_clock(tmp_path / "stopped") == rows_without_clock(tmp_path / "whole")


def test_more_epochs(trained, tmp_path, capsys):
    songs, _ = trained
    constant = [*SMALL, "--schedule", "constant", "--warm-up", "0"]  # a cosine over three epochs begins otherwise
    assert run_train("--data", songs, *constant, "--epochs", 1, "--out", tmp_path / "run") == 0
    moved = tmp_path / "moved.abc"
    moved.write_text(songs.read_text())
    one_sentence(capsys, run_train("--resume", tmp_path / "run", "--data", moved), "differ")  # other names
    moved = tmp_path / songs.name
    moved.write_text(songs.read_text())
    assert run_train("--resume", tmp_path / "run", "--epochs", 3, "--data", moved) == 0
    assert run_train("--data", songs, *constant, "--epochs", 3, "--out", tmp_path / "whole") == 0
    one, two = weights(tmp_path / "run"), weights(tmp_path / "whole")
    assert all(np.array_equal(one[name], two[name]) for name in two)


def test_ctrl_c_in_the_last_step(trained, tmp_path, monkeypatch, capsys):
    songs, _ = trained
    save = Run.save

    def interrupted(run, name):
        save(run, name)
        if name == "best.npz":
            signal.raise_signal(signal.SIGINT)

    with monkeypatch.context() as patch:
        patch.setattr(Run, "save", interrupted)
        assert run_train("--data", songs, "--out", tmp_path / "run", *SMALL, "--epochs", 1) == 130
    assert "stopped and saved" in capsys.readouterr().out
    assert run_train("--resume", tmp_path / "run") == 0
    assert "the run is finished" in capsys.readouterr().out


def test_no_screen_and_nothing_to_save(trained, tmp_path, monkeypatch, capsys):
    """The reader has gone, and the place is not finite: the second is said."""
    songs, _ = trained
    save, gone = Run.save, []

    def show(*_):
        gone.append(True)
        raise BrokenPipeError

    def diverged(run, name):
        if gone:
            raise Diverged("step 1: W is not finite")
        save(run, name)

    monkeypatch.setattr("lstm_numpy.training.run.show", show)
    monkeypatch.setattr(Run, "save", diverged)
    one_sentence(capsys, run_train("--data", songs, "--out", tmp_path / "run", *SMALL), "W is not finite")


@pytest.mark.skipif(sys.platform == "win32", reason="folders cannot be locked in this way there")
def test_two_runs_in_one_folder(trained, tmp_path, capsys):
    songs, run = trained
    (tmp_path / "run").mkdir()
    with claimed(run), claimed(tmp_path / "run"):
        one_sentence(capsys, run_train("--resume", run), "another train.py is at work")
        one_sentence(capsys, run_train("--data", songs, "--out", tmp_path / "run", *SMALL), "another train.py")
    assert not list((tmp_path / "run").iterdir())
    with claimed(run):  # it has been set free
        pass


def test_resume_keeps_the_settings(trained, capsys):
    _, run = trained
    one_sentence(capsys, run_train("--resume", run, "--hidden-dim", 9), "leave out --hidden-dim")
    one_sentence(capsys, run_train("--resume", run, "--seed", 0), "leave out --seed")
    one_sentence(capsys, run_train("--resume", run / "metrics.csv"), "not a checkpoint")


def test_resume_wants_the_same_songs(trained, tmp_path, capsys):
    text = trained[0].read_text()
    songs = tmp_path / "songs.abc"
    songs.write_text(text)
    assert run_train("--data", songs, *SMALL, "--out", tmp_path / "run") == 0
    songs.write_text(text.replace("C4", "D4"))
    one_sentence(capsys, run_train("--resume", tmp_path / "run"), "differ from those of the run")
