"""A training in its folder: saved at every moment that counts, shown while it goes on, and stopped without loss."""

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from lstm_numpy.model import LSTMModel
from lstm_numpy.system import (
    CommandLineError,
    in_one_sentence,
    in_words,
    interruption,
    remove_leftovers,
    write_all,
    write_whole,
)  # fmt: skip
from lstm_numpy.training import checkpoint
from lstm_numpy.training.loop import Training, Validate
from lstm_numpy.training.metrics import metrics_csv
from lstm_numpy.training.options import SAVE_EVERY
from lstm_numpy.training.progress import StatusLine, show
from lstm_numpy.training.resuming import Saved, going_on
from lstm_numpy.training.settings import Batches, Watch
from lstm_numpy.training.step import Diverged

RESUME = "python train.py --resume"


class Run:
    """A training and the folder that it lives in.

    Files in the folder: last.npz (the place in the training), best.npz (the same after the best epoch), metrics.csv,
    and what a watch and `draw` make of the rows: files by their names, written whenever metrics.csv is. `about` is what
    a checkpoint tells whoever loads it, besides the model's sizes; `split` holds the numbers of what is trained on,
    validated with and tested with, (n,) each.
    """

    def __init__(
        self,
        folder: Path,
        training: Training,
        about: Mapping,
        split: Sequence[np.ndarray],
        watch: Watch | None = None,
        draw: Callable[[Training], Mapping[str, bytes]] = lambda training: {},
    ):
        self.folder, self.training, self.about = folder, training, about
        self.split, self.watch, self.draw = split, watch, draw

    # -- what lies in the folder --------------------------------------------------------------

    def write(self, name: str, content: bytes) -> None:
        """Write a file into the folder, whole or not at all."""
        write_whole(self.folder / name, content)

    def save(self, name: str) -> None:
        """All that is needed to compose and to go on with the training."""
        arrays, values = self.training.state()
        arrays |= {f"split/{part}": numbers for part, numbers in enumerate(self.split)}
        arrays |= checkpoint.model_arrays(self.training.model)
        description = checkpoint.describe(self.training.model, self.about)
        checkpoint.save(self.folder / name, arrays, {**description, "training": values})

    def start_from_here(self, saved: Saved | None = None) -> None:
        """Make the folder that of a run at this place, or the `saved` one, whatever a killed process has left there.

        last.npz knows all; the tables are written from it, and lose the lines of steps that will be made again.
        """
        lost = "" if saved is None else saved.restore(self.training)
        remove_leftovers(self.folder)
        self.save("last.npz")
        if lost and self.training.best_epoch:  # these are its weights
            self.save("best.npz")
        self.write_metrics()
        if saved is not None:
            print(going_on(self.training, saved), *filter(None, [lost]), sep="\n")

    def write_metrics(self) -> None:
        """What is made of all rows so far."""
        self.write("metrics.csv", metrics_csv(self.training.rows).encode())
        if self.watch is not None and self.training.watched:
            write_all(self.folder, self.watch.files(self.training.watched))
        write_all(self.folder, self.draw(self.training))

    def best_model(self) -> LSTMModel:
        """The model after the best epoch."""
        with in_one_sentence(FileNotFoundError, checkpoint.CheckpointError):
            return checkpoint.model_from(*checkpoint.load(self.folder / "best.npz"))

    # -- from the present place to the last step ----------------------------------------------

    def train(self, batches: Batches, validate: Validate, save_every: float | None) -> bool:
        """Run the training loop; returns False if it was interrupted (it is then saved).

        A run may be killed between any two writes. best.npz comes before last.npz, so that it is never behind; where it
        is ahead, it is the place to go on from. `save_every` is in seconds, from one last.npz to the next within an
        epoch. CommandLineError if the training diverges, or a file or the screen cannot be written to.
        """
        with interruption() as interrupted:
            try:
                self._take_reports(batches, validate, save_every, interrupted)
            except Diverged as error:
                raise CommandLineError(
                    f"{error}; what was saved before is intact in {self.folder}; try a smaller --learning-rate"
                ) from None
            except BrokenPipeError:  # an OSError, too, but nothing that the user has to mend
                raise
            except OSError as error:
                raise CommandLineError(
                    f"{in_words(error)}; what was saved before is intact; when it can be written, "
                    f"go on with: {RESUME} {self.folder}"
                ) from None
        if self.training.optimizer.t == 0:  # nothing was trained (--epochs 0): the initial weights are the best
            self.save("best.npz")
        if interrupted():  # perhaps after the last step
            print(f"\nstopped and saved; go on with: {RESUME} {self.folder}")
        return not interrupted()

    def _take_reports(
        self, batches: Batches, validate: Validate, save_every: float | None, interrupted: Callable[[], bool]
    ) -> None:
        """Save and show what each step has come to, until the training is done or interrupted."""
        training, status, saved = self.training, StatusLine(), time.monotonic()
        save_every = SAVE_EVERY if save_every is None else save_every
        for report in training.run(batches, validate, self.watch):
            stop, ends_epoch = interrupted(), report.validation is not None
            if report.is_best:
                self.save("best.npz")
            if ends_epoch or stop or time.monotonic() - saved >= save_every:
                self.save("last.npz")
                saved = time.monotonic()
            if ends_epoch or stop:
                self.write_metrics()
            try:
                show(report, training.settings.epochs, training.best_epoch, status)
            except BrokenPipeError:  # the screen is gone, the run need not be
                self.save("last.npz")
                raise
            if stop:
                status.clear()
                return
