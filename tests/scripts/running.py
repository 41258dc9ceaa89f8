"""The scripts, run in this process as a user would, and what came of it."""

import json
from pathlib import Path

import sample
import train
from lstm_numpy.training import checkpoint

ROOT = Path(__file__).resolve().parents[2]
SMALL = ["--hidden-dim", "12", "--input-dim", "6", "--sequence-len", "16", "--epochs", "2", "--eval-interval", "2"]
SMALL += ["--batch-size", "4"]


def run_train(*arguments) -> int:
    return train.run_command(train.main, [str(argument) for argument in arguments])


def run_sample(*arguments) -> int:
    return sample.run_command(sample.main, [str(argument) for argument in arguments])


def weights(run):
    return checkpoint.load(run / "last.npz")[0]


def record(folder, number=1) -> dict:
    return json.loads((folder / f"melody-{number}.json").read_text())


def first_melody(folder):
    return (folder / "melody-1.txt").read_text().split()


def one_sentence(capsys, status, *texts):
    printed = capsys.readouterr()
    lines = printed.err.strip().splitlines()
    assert status == 2
    assert len(lines) == 1, printed.err
    for text in texts:
        assert text in lines[0]


def status_of(run, *arguments) -> int:
    try:
        return run(*arguments)
    except SystemExit as stop:  # from argparse
        return stop.code
