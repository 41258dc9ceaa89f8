"""--resume with what does not belong to the run, and with what may be changed."""

import itertools
import re
import shutil
from pathlib import Path
from unittest.mock import patch

from kills import undisturbed
from outcomes import Row, spread
from runs import command, differs, one_sentence, train_here, write_songs

from lstm_numpy.training import Run, checkpoint


def refusals(folder: Path) -> Row:
    """Other songs, another vocabulary, another shape: the sentence says which."""
    row = Row("--resume with other songs, another vocabulary, another shape, a damaged last.npz")
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
    damaged = shutil.copytree(whole, folder / "damaged")
    (damaged / "last.npz").write_bytes((whole / "last.npz").read_bytes()[:-1000])
    refused("a damaged one", ["--resume", damaged])
    (damaged / "best.npz").write_bytes((whole / "best.npz").read_bytes()[:-1000])
    refused("a damaged one", ["--resume", damaged])
    train_here([*command(songs, folder / "one epoch"), "--epochs", "1"])
    shutil.copy(whole / "last.npz", folder / "one epoch")
    refused("is further than this", ["--resume", folder / "one epoch" / "best.npz"])
    return row


def without_best(folder: Path, count: int) -> Row:
    """best.npz is missing or damaged beside the last.npz of some place; the training learns the same to its end."""
    row = Row("--resume with a missing or damaged best.npz")
    songs = write_songs(folder)
    falls_and_rises = ["--learning-rate", "1"]  # the loss: so the best epoch is not the last
    places, save = [], Run.save

    def keep(run, name: str) -> None:
        save(run, name)
        if name == "last.npz":
            places.append((run.folder / name).read_bytes())

    with patch.object(Run, "save", keep):
        status, _, err = train_here([*command(songs, folder / "whole"), *falls_and_rises])
    assert status == 0, err
    for place, damage in itertools.product(spread(count, len(places)), ("missing", "damaged")):
        run = folder / f"{place} {damage}"
        run.mkdir()
        (run / "last.npz").write_bytes(places[place])
        if damage == "damaged":
            (run / "best.npz").write_bytes((folder / "whole" / "best.npz").read_bytes()[:-1000])
        begin = checkpoint.load(run / "last.npz")[1]["training"]["place"]
        status, out, err = train_here(["--resume", run])
        said = re.search(rf"best\.npz is {damage}(.*)", out)
        if status or (said is None) != (begin["best_epoch"] == 0):
            row.add("", f"place {place}, {damage}: status {status}, {out} {err}")
        elif said is None or "nothing is lost" in said[1]:
            row.add("gone on with to the same end: nothing is lost", differs(run, folder / "whole"))
        else:
            row.add("gone on with to the same weights; says which epoch is lost", _another_best(run, folder, begin))
    return row


def _another_best(run: Path, folder: Path, begin: dict) -> str | None:
    """What is wrong with a run that has lost its best epoch and knows those from its place on; None if nothing is."""
    (end, about), (whole, _) = (checkpoint.load(path / "last.npz") for path in (run, folder / "whole"))
    if any(end[name].tobytes() != array.tobytes() for name, array in whole.items()):
        return f"{run.name}: other weights"
    first = begin["epoch"] + (begin["step_in_epoch"] > 0)
    place = about["training"]["place"]
    losses = {row["epoch"]: row["val_loss"] for row in place["rows"] if "val_loss" in row and row["epoch"] >= first}
    found = checkpoint.load(run / "best.npz")[1]["training"]["place"]["epoch"]
    if not found == place["best_epoch"] == min(losses, key=losses.get):
        return f"{run.name}: epoch {found} in best.npz, {place['best_epoch']} as the best, of {losses}"
    return None


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
