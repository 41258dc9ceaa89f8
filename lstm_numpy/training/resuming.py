"""Where a run begins and where it goes on: a folder that nobody else uses, and the furthest checkpoint in it."""

import contextlib
import itertools
import os
from pathlib import Path
from typing import NamedTuple

import numpy as np

from lstm_numpy.model import LSTMModel
from lstm_numpy.system import CommandLineError, claimed, in_one_sentence, option_of
from lstm_numpy.training import checkpoint
from lstm_numpy.training.loop import Training
from lstm_numpy.training.options import CHANGEABLE

PARTS = 3  # of the data: training, validation, test


class Saved(NamedTuple):
    """What a checkpoint holds, and the option that asked for it, in words.

    What is wrong with a file becomes a sentence (CommandLineError).
    """

    path: Path
    arrays: dict[str, np.ndarray]
    description: dict
    asked_for: str = ""

    @classmethod
    def load(cls, path: Path, asked_for: str = "") -> "Saved":
        """Read a checkpoint."""
        with in_one_sentence(FileNotFoundError, checkpoint.CheckpointError):
            return cls(path, *checkpoint.load(path), asked_for)

    @classmethod
    def load_best(cls, given: Path, option: str) -> "Saved":
        """The best model of a run, given by its folder or as a file, or an exported model."""
        path, asked_for = given / "best.npz" if given.is_dir() else given, f"{option} {given}"
        if not path.is_file():
            raise CommandLineError(
                f"{asked_for}: there is no {path.name}; give a run's folder, its best.npz or an exported model"
            )
        return cls.load(path, asked_for)

    @property
    def name(self) -> str:
        """What the model is called in a report; an exported one by its file alone."""
        return f"{self.path.resolve().parent.name}/{self.path.name}" if self.steps is not None else self.path.name

    @property
    def evaluation_folder(self) -> Path:
        """Where its figures go unless a folder is given."""
        return Path(f"evaluation-{self.path.stem}") if self.steps is None else self.path.parent / "evaluation"

    def model(self) -> LSTMModel:
        with in_one_sentence(ValueError, before=f"{self.asked_for}: "):
            return checkpoint.model_from(self.arrays, self.description)

    @property
    def split(self) -> list[np.ndarray] | None:
        """The numbers of what was trained on, validated with and tested with; None in an exported model."""
        names = [f"split/{part}" for part in range(PARTS)]
        return [self.arrays[name] for name in names] if names[0] in self.arrays else None

    @property
    def steps(self) -> int | None:
        """How far the training was; None in an exported model, which has none to go on with."""
        return self.description["training"]["adam_steps"] if "training" in self.description else None

    def restore(self, training: Training) -> str:
        """Bring a training, made with the same sizes, to the place that was saved.

        Returns what is lost with best.npz, in a sentence; empty if it is there.
        """
        with in_one_sentence(ValueError, before=f"{self.asked_for}: "):
            training.model.load_state_dict(checkpoint.model_from(self.arrays, self.description).params)
        training.restore(self.arrays, self.description["training"])
        lost = _do_without_best(training, self.path)
        begun, asked = training.epoch + (training.step_in_epoch > 0), training.settings.epochs
        if asked < begun:
            raise CommandLineError(f"--epochs {asked}: the run has begun epoch {begun} already; give at least {begun}")
        return lost


# -- a new run -------------------------------------------------------------------------------


def check_unused(folder: Path) -> None:
    """See that no run lives in a folder yet."""
    if (folder / "last.npz").exists() or (folder / "best.npz").exists():
        raise CommandLineError(
            f"--out {folder} already holds a run; give another folder, or go on with --resume {folder}"
        )


def make_folder(folder: Path, asked_for: bool, claims: contextlib.ExitStack) -> Path:
    """Make a new run's folder and hold it until `claims` is closed.

    Unless it was `asked_for`, -2, -3 ... is added to its name if another run has begun in the same second.
    """
    given = folder
    for n in () if asked_for else itertools.count(2):
        with contextlib.suppress(FileExistsError):
            folder.mkdir(parents=True)
            break
        folder = given.with_name(f"{given.name}-{n}")
    folder.mkdir(parents=True, exist_ok=True)
    _claim(folder, f"--out {folder}", claims)
    check_unused(folder)  # another may have begun in the meantime
    return folder


def _claim(folder: Path, option: str, claims: contextlib.ExitStack) -> None:
    try:
        claims.enter_context(claimed(folder))
    except BlockingIOError:
        raise CommandLineError(f"{option}: another train.py is at work in it; wait for its end") from None


def check_export(path: Path | None, resume: Path | None) -> None:
    """See that a model can be exported to a path, if one is given; better before the training than after."""
    if path is None:
        return
    if path.is_dir():
        raise CommandLineError(f"--export {path} is a folder; give a file in it, such as model.npz")
    if not path.parent.is_dir():
        raise CommandLineError(f"--export {path}: there is no folder {path.parent}; make it first")
    if not os.access(path.parent, os.W_OK):
        raise CommandLineError(f"--export {path}: the folder cannot be written to; give another")
    if path.name in ("best.npz", "last.npz") or (resume is not None and path.resolve() == resume.resolve()):
        raise CommandLineError(f"--export {path} would replace a file that a run needs to go on; give another name")


# -- an earlier one --------------------------------------------------------------------------


def take_up(given: Path, claims: contextlib.ExitStack) -> Saved:
    """The place from which --resume goes on; its folder is held until `claims` is closed."""
    path = _place_to_go_on(given)
    _claim(path.parent, f"--resume {given}", claims)
    saved = Saved.load(path, f"--resume {path}")
    if saved.steps is None:
        raise CommandLineError(
            f"--resume {path}: it holds a model but no training to go on with; give a run's last.npz"
        )
    return saved


def going_on(training: Training, saved: Saved) -> str:
    """Where the training goes on, and what of its settings has changed since it was saved, in lines of text."""
    steps, settings = f"after {training.optimizer.t:,} steps", training.settings
    lines = [f"going on in epoch {training.epoch + 1}, {steps}"]
    if training.epoch == settings.epochs:
        lines = [f"the run is finished, {steps}; to go on, give more --epochs"]
    planned = saved.description["config"]
    for name in CHANGEABLE:
        if getattr(settings, name) != planned[name]:
            lines.append(
                f"{option_of(name)} {getattr(settings, name)} in the place of {planned[name]}: "
                f"the schedule of the learning rate ({settings.schedule}) is computed anew from here on"
            )
    return "\n".join(lines)


def _place_to_go_on(given: Path) -> Path:
    """The checkpoint that --resume means: in a folder, the one that is furthest.

    That is last.npz, unless the run was killed after it had written best.npz and before last.npz. No last.npz that is
    further than a file that is given may be overwritten.
    """
    if given.is_dir():
        found = [given / name for name in ("last.npz", "best.npz") if (given / name).is_file()]
        if not found:
            raise CommandLineError(f"--resume {given}: there is no last.npz; give the folder of a run")
        Saved.load(found[0])  # which must be intact
        return max(found, key=_steps)
    if not given.is_file():
        raise CommandLineError(f"--resume {given}: there is no {given.name}; give the folder of a run")
    last = given.with_name("last.npz")
    ahead, here = _steps(last), Saved.load(given).steps or 0
    if ahead > here:
        raise CommandLineError(
            f"--resume {given}: {last}, after {ahead:,} steps, is further than this, after {here:,}; "
            "give the folder, or move last.npz away to go back"
        )
    return given


def _steps(path: Path) -> int:
    """How far the training in a file was; -1 if there is nothing in it to go on from."""
    try:
        return Saved.load(path).steps or 0
    except CommandLineError:
        return -1


def _do_without_best(training: Training, path: Path) -> str:
    """Where the best weights cannot be read, another epoch becomes the best: that which has just ended, or the next.

    Returns what is lost, in a sentence; empty if nothing is.
    """
    best, epoch = path.with_name("best.npz"), training.best_epoch
    if path == best or epoch == 0:
        return ""
    with contextlib.suppress(FileNotFoundError, checkpoint.CheckpointError):
        found = checkpoint.load(best)[1].get("training", {}).get("place", {}).get("best_epoch")
        if found == epoch:
            return ""
        raise CommandLineError(
            f"--resume {path}: its best epoch is {epoch}, but best.npz is of epoch {found}; go on with --resume {best}"
        )
    what = f"best.npz is {'damaged' if best.exists() else 'missing'}"
    if training.step_in_epoch > 0:
        training.best_loss, training.best_epoch = float("inf"), 0
        return f"{what}: the weights of the best epoch, {epoch}, are lost; the next that ends takes its place"
    if training.epoch == epoch:
        return f"{what}; nothing is lost, as last.npz has the weights of the best epoch, {epoch}, too"
    training.best_loss = next(row["val_loss"] for row in reversed(training.rows) if "val_loss" in row)
    training.best_epoch = training.epoch
    return f"{what}: the weights of the best epoch, {epoch}, are lost; epoch {training.epoch} takes its place"
