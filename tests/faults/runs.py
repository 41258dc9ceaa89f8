"""Small trainings: started, gone on with, and compared."""

import contextlib
import csv
import io
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import numpy as np
from songs import random_abc

import sample
import train
from lstm_numpy.training import checkpoint

ROOT = Path(__file__).resolve().parent.parent.parent
HERE = Path(__file__).resolve().parent

# The place is saved after every step, so that a kill often falls into a write.
SMALL = "--hidden-dim 10 --input-dim 6 --sequence-len 16 --epochs 3 --batch-size 4 --eval-interval 2 --watch".split()
OFTEN = ["--save-every", "0"]


def write_songs(folder: Path, count: int = 12, seed: int = 3) -> Path:
    """An ABC file with small songs."""
    rng = np.random.default_rng(seed)
    path = folder / "songs.abc"
    path.write_text("\n".join(random_abc(n, rng) for n in range(1, count + 1)))
    return path


def command(songs: Path, folder: Path) -> list[str]:
    """The arguments of train.py for a new run."""
    return ["--data", str(songs), "--out", str(folder), *SMALL, *OFTEN]


@contextlib.contextmanager
def quick() -> Iterator[None]:
    """One melody, not written out: that takes nearly all the time of so small a run."""

    def render(tokens, format, *_) -> bytes:
        return " ".join(tokens).encode() if format == "tokens" else b"left out"

    with contextlib.ExitStack() as stack:
        stack.enter_context(patch("train.MELODIES", 1))
        stack.enter_context(patch("encoding.writing.render.render", render))
        stack.enter_context(patch("encoding.page.training.Melody.html", lambda melody: "left out"))
        yield


def call(script, arguments: list) -> tuple[int, str, str]:
    """Run train or sample in this process; returns the status and what was printed on both ways."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            status = script.run_command(script.main, [str(argument) for argument in arguments])
        except SystemExit as stop:  # from argparse
            status = stop.code
    return status, out.getvalue(), err.getvalue()


def train_here(arguments: list) -> tuple[int, str, str]:
    with quick():
        return call(train, arguments)


def sample_here(arguments: list) -> tuple[int, str, str]:
    return call(sample, arguments)


def start(script: Path | str, arguments: list, *flags: str, **more) -> subprocess.Popen:
    """A Python process of its own; the flags are Python's."""
    paths = os.pathsep.join(map(str, (ROOT, ROOT / "tests", HERE)))
    environment = {**os.environ, "PYTHONPATH": paths, "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, *flags, str(script), *map(str, arguments)]
    return subprocess.Popen(command, env=environment, text=True, **more)


def one_sentence(status: int, err: str) -> str | None:
    """What is wrong if this is not the one sentence of an error; None if it is."""
    lines = err.strip().splitlines()
    if status != 2 or len(lines) != 1:
        return f"status {status}, printed {err.strip()[-300:]!r}"
    return None


def recovered(songs: Path, folder: Path, whole: Path) -> str | None:
    """Go on with a run, or start it again if it had not begun, to its end; None if nothing is lost.

    Args:
        whole: the folder of a run that nothing happened to.

    Returns:
        What differs.
    """
    begun = (folder / "last.npz").exists()
    status, _, err = train_here(["--resume", folder] if begun else command(songs, folder))
    return f"status {status}: {err.strip()[-300:]}" if status else differs(folder, whole)


def differs(folder: Path, whole: Path) -> str | None:
    """The first thing in which two runs are not equal to the last bit; None if they are."""
    for name in ("last.npz", "best.npz"):
        (one, about_one), (two, about_two) = checkpoint.load(folder / name), checkpoint.load(whole / name)
        if one.keys() != two.keys():
            return f"{name}: other arrays"
        for key, array in one.items():
            if array.tobytes() != two[key].tobytes():
                return f"{name}: {key}"
        if _without_clock(about_one["training"]["place"]) != _without_clock(about_two["training"]["place"]):
            return f"{name}: another place"
    if _metrics(folder) != _metrics(whole):
        return "metrics.csv"
    for name in ("watch.csv", "after-1.musicxml"):
        if (folder / name).read_text().split() != (whole / name).read_text().split():
            return name
    left = [path.name for path in folder.glob(".*")]
    return f"left behind: {left}" if left else None


def _without_clock(place: dict) -> str:
    rows = [{k: v for k, v in row.items() if k != "seconds"} for row in place["rows"]]
    return repr({**place, "seconds": None, "rows": rows})  # repr, as nan is not equal to itself


def _metrics(folder: Path) -> list[dict]:
    with open(folder / "metrics.csv") as file:
        return [{k: v for k, v in row.items() if k != "seconds"} for row in csv.DictReader(file)]
