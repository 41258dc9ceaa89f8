"""--resume with what does not belong to the run, and with what may be changed."""

import shutil
from pathlib import Path

from kills import undisturbed
from outcomes import Row
from runs import command, one_sentence, train_here


def refusals(folder: Path) -> Row:
    """Other songs, another vocabulary, another shape: the sentence says which."""
    row = Row("--resume with other songs, another vocabulary, another shape, a missing best.npz")
    songs, whole = undisturbed(folder)
    text = songs.read_text()
    before = {path: path.read_bytes() for path in whole.iterdir()}

    def refused(what: str, arguments: list) -> None:
        status, _, err = train_here(arguments)
        problem = one_sentence(status, err)
        if problem is None and what not in err:
            problem = f"expected {what!r}: {err.strip()}"
        if {path: path.read_bytes() for path in whole.iterdir()} != before:
            problem = "the run has been changed"
        row.add("refused, and says which differs", problem)

    songs.write_text(text.replace("C4", "D4", 1))
    refused("the songs of", ["--resume", whole])
    songs.write_text(text.replace("C4", "^C4", 1))
    refused("the vocabulary of", ["--resume", whole])
    songs.write_text("\n\n".join(text.split("\n\n")[:-1]) if "\n\n" in text else text[: text.rindex("X:")])
    refused("the songs of", ["--resume", whole])
    songs.write_text(text)
    for option, value, known in [
        ("--hidden-dim", 11, "10"), ("--layer-dim", 2, "1"), ("--input-dim", 7, "6"), ("--batch-size", 5, "4"),
        ("--sequence-len", 8, "16"), ("--seed", 1, "0"), ("--recipe", "article", "default"),
    ]:  # fmt: skip
        refused(f"(here {known}); leave out {option}", ["--resume", whole, option, value])
    refused("there is no nowhere", ["--resume", folder / "nowhere"])
    refused("has begun epoch 3 already", ["--resume", whole, "--epochs", 1])
    (folder / "empty").mkdir()
    refused("there is no last.npz", ["--resume", folder / "empty"])
    refused("not a checkpoint", ["--resume", whole / "metrics.csv"])
    alone = folder / "alone"
    alone.mkdir()
    shutil.copy(whole / "last.npz", alone)
    refused("best.npz of the best epoch is missing", ["--resume", alone])
    shutil.copy(whole / "best.npz", alone)
    (alone / "best.npz").write_bytes((whole / "best.npz").read_bytes()[:-1000])
    refused("a damaged one", ["--resume", alone])
    train_here([*command(songs, folder / "one epoch"), "--epochs", "1"])
    shutil.copy(folder / "one epoch" / "best.npz", alone)
    refused("is further than this", ["--resume", alone / "best.npz"])
    return row


def changes(folder: Path) -> Row:
    """More epochs or another rate are allowed, and said."""
    row = Row("--resume with more epochs, another rate")
    songs, _ = undisturbed(folder)
    for option, value in (("--epochs", 4), ("--learning-rate", 0.001)):
        run = folder / option
        train_here(command(songs, run))
        status, out, err = train_here(["--resume", run, option, value])
        said = f"{option} {value} in the place of" in out and "the schedule of the learning rate" in out
        row.add("gone on with; the run says that the schedule is computed anew",
                None if status == 0 and said else f"{option}: status {status}, {err}")  # fmt: skip
    return row
