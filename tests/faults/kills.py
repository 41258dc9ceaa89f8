"""Training processes that are killed, and gone on with."""

import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from outcomes import Row, spread
from runs import HERE, ROOT, command, differs, recovered, start, train_here, write_songs
from writes import STAGES, at_write

SILENT = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
SAME = "gone on with: the same weights, metrics.csv and watch.csv to the last bit"
AGAIN = "killed before there was a place to go on from, started again: the same"
BEFORE = "ended before"


def undisturbed(folder: Path) -> tuple[Path, Path]:
    """The songs, and a run on them that goes through."""
    songs = write_songs(folder)
    status, _, err = train_here(command(songs, folder / "whole"))
    assert status == 0, err
    return songs, folder / "whole"


def same_seed(folder: Path, count: int) -> Row:
    """Runs in processes of their own, with pictures and all."""
    row = Row("the same seed again, in another process")
    songs, whole = undisturbed(folder)
    for n in range(count):
        process = start(ROOT / "train.py", command(songs, folder / f"{n}"), **SILENT)
        status = process.wait()
        row.add("the same to the last bit", f"status {status}" if status else differs(folder / f"{n}", whole))
    return row


def at_any_moment(folder: Path, count: int, seed: int = 0) -> Row:
    """SIGKILL after a random line of output and a random time: while songs are read, composed, learned or written."""
    row, rng = Row("SIGKILL at a random moment"), np.random.default_rng(seed)
    songs, whole = undisturbed(folder)
    lines = len(train_here(command(songs, folder / "lines"))[1].splitlines())
    for n in range(count):
        run = folder / f"{n}"
        with watched(command(songs, run), int(rng.integers(lines))) as process:
            time.sleep(rng.uniform(0, 0.03))
            process.kill()
        outcome = SAME if (run / "last.npz").exists() else AGAIN
        if process.returncode != -signal.SIGKILL:
            outcome = BEFORE
        row.add(outcome, recovered(songs, run, whole))
    return row


@contextmanager
def watched(arguments: list, lines: int) -> Iterator[subprocess.Popen]:
    """A training in a process of its own (without pictures), when it has printed so many lines."""
    process = start(HERE / "child.py", [0, "", *arguments], "-u", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    with process:
        for _ in range(lines):
            process.stdout.readline()
        yield process


def while_writing(folder: Path, count: int, seed: int = 0) -> Row:
    """SIGKILL in a step of a write: from the first file of a run to the last."""
    row, rng = Row("SIGKILL in the middle of a write, in every stage of it"), np.random.default_rng(seed)
    songs, whole = undisturbed(folder)
    with at_write(0, "", lambda: None) as written:
        train_here(command(songs, folder / "counted"))
    for n, place in enumerate(spread(count, len(written))):
        number, stage = place + 1, STAGES[int(rng.integers(len(STAGES)))]
        process = start(HERE / "child.py", [number, stage, *command(songs, folder / f"{n}")], **SILENT)
        status = process.wait()
        if status != -signal.SIGKILL:
            row.add("", f"the kill in write {number} did not come: status {status}")
            continue
        problem = recovered(songs, folder / f"{n}", whole)
        row.add(SAME, problem and f"write {number}, {stage}: {problem}")
    return row


def between_best_and_last(folder: Path, count: int) -> Row:
    """Killed between two files that belong together, and then gone on with at another rate.

    The best epoch would then never come again as it was: its weights must be found again.
    """
    row = Row("SIGKILL between best.npz and last.npz, then another --learning-rate")
    songs, _ = undisturbed(folder)
    with at_write(0, "", lambda: None) as written:
        train_here(command(songs, folder / "counted"))
    best = [number for number, name in enumerate(written, start=1) if ".best.npz." in name]
    for n, number in enumerate(best[:count]):
        run = folder / f"{n}"
        start(HERE / "child.py", [number, "moved", *command(songs, run)], **SILENT).wait()
        ahead = (run / "best.npz").read_bytes()
        status, _, err = train_here(["--resume", run, "--learning-rate", "1e-20"])  # from here on, nothing is learned
        kept = ahead == (run / "best.npz").read_bytes()
        problem = None if status == 0 and kept else f"the best epoch is lost: status {status}, {err.strip()}"
        row.add("gone on from best.npz, which is kept", problem)
    return row


def asked_to_end(folder: Path, count: int, seed: int = 0) -> Row:
    """SIGTERM and SIGINT by turns, at random moments of the training; what is saved then is all there is."""
    row, rng = Row("SIGTERM or Ctrl-C while training"), np.random.default_rng(seed)
    songs, whole = undisturbed(folder)
    printed = train_here(command(songs, folder / "lines"))[1].splitlines()
    first, last = (next(n for n, line in enumerate(printed) if text in line) for text in ("epoch 1/3", "test, best"))
    for n in range(count):
        run = folder / f"{n}"
        with watched([*command(songs, run), "--save-every", 1e6], int(rng.integers(first, last))) as process:
            time.sleep(rng.uniform(0, 0.02))
            process.send_signal((signal.SIGTERM, signal.SIGINT)[n % 2])
            out, err = process.communicate()
        saved = process.returncode == 130 and "saved" in out and "Traceback" not in err
        problem = None if saved or process.returncode == 0 else f"status {process.returncode}: {out[-200:]!r} {err!r}"
        row.add("saved; " + SAME if saved else BEFORE, problem or recovered(songs, run, whole))
    return row
