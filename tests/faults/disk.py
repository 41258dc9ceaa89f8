"""A disk that is full and a folder that cannot be written to."""

import errno
import os
import subprocess
from pathlib import Path

from kills import undisturbed
from outcomes import Row, spread
from runs import HERE, ROOT, command, one_sentence, recovered, start, train_here, write_songs
from writes import STAGES, at_write

from lstm_numpy.training import checkpoint


def no_room() -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def intact(folder: Path) -> str | None:
    """Every checkpoint in the folder can be read; what is wrong otherwise."""
    for path in folder.glob("*.npz"):
        try:
            checkpoint.load(path)
        except checkpoint.CheckpointError as error:
            return str(error)
    left = [path.name for path in folder.glob(".*")] if folder.exists() else []
    return f"left behind: {left}" if left else None


def at_every_write(folder: Path, count: int) -> Row:
    """OSError in one write of a run after the other, in all stages by turns."""
    row = Row("no space left, in one write of a run after the other")
    songs, whole = undisturbed(folder)
    with at_write(0, "", no_room) as written:
        train_here(command(songs, folder / "counted"))
    for n, place in enumerate(spread(count, len(written))):
        run, stage = folder / f"{n}", STAGES[n % 4]  # in the last stage, nothing is left to fail
        with at_write(place + 1, stage, no_room):
            status, _, err = train_here(command(songs, run))
        problem = one_sentence(status, err) or intact(run) or recovered(songs, run, whole)
        row.add(
            "ended with a sentence, the checkpoint before intact; gone on with to the same end",
            problem and f"write {place + 1}, {stage}: {problem}",
        )
    return row


def files_that_cannot_grow(folder: Path, count: int) -> Row:
    """A limit of the system on the size of files, which last.npz meets as the run's history grows."""
    row = Row("files that cannot grow over a limit (RLIMIT_FSIZE)")
    songs, whole = undisturbed(folder)
    train_here([*command(songs, folder / "start"), "--epochs", "0"])
    smallest, largest = ((folder / name / "last.npz").stat().st_size for name in ("start", "whole"))
    for n, part in enumerate(spread(count, largest - smallest)):
        run = folder / f"{n}"

        def limit(size: int = smallest + part) -> None:
            import resource

            resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

        arguments = [0, "", *command(songs, run)]
        process = start(HERE / "child.py", arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=limit)
        _, err = process.communicate()
        problem = one_sentence(process.returncode, err) or intact(run) or recovered(songs, run, whole)
        row.add("ended with a sentence, the checkpoint before intact; gone on with to the same end", problem)
    return row


def unread_songs(folder: Path) -> Path:
    """Songs that are not in the cache: the first that is printed is how many have been read."""
    (folder / "unread").mkdir()
    return write_songs(folder / "unread", count=40, seed=4)


def output_that_is_full(folder: Path, count: int) -> Row:
    """`> /dev/full`: what is printed finds no room."""
    row = Row("output to a full device")
    if not Path("/dev/full").exists():
        row.add("left out: there is none on this system")
        return row
    songs, _ = undisturbed(folder)
    model = ["--model", ROOT / "models" / "erk.npz", "-n", 1, "--formats", "tokens", "--out", folder / "melodies"]
    for script, arguments in [
        (ROOT / "train.py", ["--help"]),
        (HERE / "child.py", [0, "", *command(unread_songs(folder), folder / "reading")]),
        (HERE / "child.py", [0, "", *command(songs, folder / "full")]),
        (ROOT / "sample.py", model),
    ][:count]:
        with open("/dev/full", "w") as full:
            process = start(script, arguments, stdout=full, stderr=subprocess.PIPE)
            _, err = process.communicate()
        row.add("ended with a sentence", one_sentence(process.returncode, err))
    return row


def folders_in_the_way(folder: Path) -> Row:
    """Folders that cannot be made or have become something else, and folders that hold a run."""
    row = Row("an unwritable folder, a run in the folder")
    songs, whole = undisturbed(folder)
    (folder / "file").write_text("in the way")
    for out in (folder / "file", folder / "file" / "run"):
        status, _, err = train_here(command(songs, out))
        row.add("refused with a sentence", one_sentence(status, err))
    before = {path: path.read_bytes() for path in whole.iterdir()}
    status, _, err = train_here(command(songs, whole))
    same = before == {path: path.read_bytes() for path in whole.iterdir()}
    row.add("refused with a sentence", one_sentence(status, err) or (None if same else "files have changed"))
    for name in ("last.npz", "metrics.csv"):  # a folder of that name: nothing can take its place
        run = folder / f"blocked {name}"
        train_here([*command(songs, run), "--epochs", "1"])
        os.replace(run / name, run / "aside")
        (run / name).mkdir()
        status, _, err = train_here(["--resume", run / "best.npz", "--epochs", "2"])
        row.add("refused with a sentence", one_sentence(status, err))
    return row


def broken_pipes(folder: Path, count: int) -> Row:
    """A reader that goes away after the first lines, as `| head` does; a training can be gone on with."""
    row = Row("a reader that goes away, as `head` does")
    songs, whole = undisturbed(folder)
    model = ["--model", ROOT / "models" / "erk.npz", "-n", 3, "--formats", "tokens", "--out", folder / "melodies"]
    begun = []
    for script, arguments, lines in [
        (ROOT / "train.py", ["--help"], 0),
        (HERE / "child.py", [0, "", *command(unread_songs(folder), folder / "reading")], 0),
        (HERE / "child.py", [0, "", *command(songs, folder / "after 30")], 30),
        (HERE / "child.py", [0, "", *command(songs, folder / "after 2")], 2),
        (ROOT / "sample.py", ["--help"], 0),
        (ROOT / "sample.py", model, 1),
        ("-m", ["lstm_numpy.gradcheck", "--help"], 0),
        ("-m", ["lstm_numpy.gradcheck", "--small-only"], 1),
    ][:count]:
        process = start(script, arguments, "-u", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(lines):
            process.stdout.readline()
        process.stdout.close()
        err = process.stderr.read()
        status = process.wait()
        row.add("ended quietly", f"{script}: status {status}, {err!r}" if err or status not in (0, 141) else None)
        if script == HERE / "child.py" and lines > 0:
            begun.append(folder / f"after {lines}")
    for run in begun:
        row.add("gone on with to the same end", recovered(songs, run, whole))
    return row
