"""The training loop: batches, gradients, updates, validation, and the place to go on from."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict

import numpy as np

from lstm_numpy.adam import Adam
from lstm_numpy.checks import check_generator
from lstm_numpy.loss import IGNORED
from lstm_numpy.model import LSTMModel
from lstm_numpy.plain import State
from lstm_numpy.training.batch import Batch
from lstm_numpy.training.evaluation import Evaluation
from lstm_numpy.training.finite import first_not_finite
from lstm_numpy.training.schedule import learning_rate_at
from lstm_numpy.training.settings import Batches, Report, Settings, Watch
from lstm_numpy.training.step import Diverged, train_step
from lstm_numpy.workspace import Workspace

Validate = Callable[[LSTMModel], Evaluation]


class Clock:
    """The seconds of a training, those of its earlier starts included, and the speed since this start."""

    def __init__(self, before: float):
        self.before, self.begin = before, time.perf_counter()
        self.tokens, self.steps = 0, 0

    def count(self, tokens: int) -> None:
        """One more step, of so many tokens."""
        self.tokens += tokens
        self.steps += 1

    @property
    def elapsed(self) -> float:
        return time.perf_counter() - self.begin

    @property
    def seconds(self) -> float:
        return self.before + self.elapsed

    @property
    def tokens_per_second(self) -> float:
        return self.tokens / self.elapsed

    @property
    def seconds_per_step(self) -> float:
        return self.elapsed / self.steps


class Training:
    """Everything that changes while a model is trained, so that it can be saved and resumed.

    Args:
        model: its parameters are trained in place.
        settings: see `Settings`.
        shuffle_rng: orders the training data anew in each epoch.
        dropout_rng: draws the dropout masks.
    """

    def __init__(
        self,
        model: LSTMModel,
        settings: Settings,
        shuffle_rng: np.random.Generator,
        dropout_rng: np.random.Generator,
    ):
        check_generator("shuffle_rng", shuffle_rng)
        check_generator("dropout_rng", dropout_rng)
        self.model, self.settings = model, settings
        self.optimizer = Adam(model.params, settings.learning_rate)
        self.shuffle_rng, self.dropout_rng = shuffle_rng, dropout_rng
        self.epoch_start = shuffle_rng.bit_generator.state  # from which this epoch's order is drawn
        self.epoch, self.step_in_epoch = 0, 0
        self.carried: State | None = None  # of the LSTM, where it is carried from batch to batch
        self.epoch_nats, self.epoch_targets = 0.0, 0
        self.interval_losses: list[float] = []
        self.best_loss, self.best_epoch = float("inf"), 0
        self.seconds = 0.0
        self.rows: list[dict] = []  # the lines of metrics.csv
        self.watched: list[dict] = []  # and of watch.csv

    def run(self, batches: Batches, validate: Validate, watch: Watch | None = None) -> Iterator[Report]:
        """Train from the present place to the last epoch, with a report after each step.

        Who takes the reports may stop after any of them: the place is then after that step. With a
        watch, a row is kept before the first step, after each interval and after each epoch.
        """
        if watch is not None and not self.watched:
            self.watched.append(watch.row(self.model, epoch=0, step=0, with_lags=True))
        workspace, clock = Workspace(), Clock(self.seconds)
        while self.epoch < self.settings.epochs:
            # Drawn again if the epoch was interrupted, so that a resumed run sees the same order.
            self.shuffle_rng.bit_generator.state = self.epoch_start
            data = batches.epoch(self.shuffle_rng)
            for step in range(self.step_in_epoch, len(data)):
                batch = Batch(*data[step])
                ends_interval = len(self.interval_losses) + 1 == self.settings.eval_interval
                ends_epoch = step + 1 == len(data)
                watching = watch if ends_interval or ends_epoch else None
                self._set_learning_rate((self.epoch + (step + 0.5) / len(data)) / self.settings.epochs)
                loss, norm, state = train_step(
                    self.model, self.optimizer, batch, self.settings,
                    self.dropout_rng, workspace, self.carried, watching,
                )  # fmt: skip
                self.carried = state if batches.carries_state else None
                self._count(step, loss, batch.targets)
                clock.count(batch.tokens.size)
                self.seconds = clock.seconds
                left = len(data) - step - 1 + len(data) * (self.settings.epochs - self.epoch - 1)
                speed = clock.tokens_per_second, left * clock.seconds_per_step
                report = Report(self.epoch + 1, step + 1, len(data), loss, *speed)
                if ends_interval:
                    report.interval_loss = float(np.mean(self.interval_losses))
                    self.interval_losses = []
                    self._row(report.epoch, train_loss=report.interval_loss, gradient_norm=norm)
                if ends_epoch:
                    self._end_epoch(report, validate)
                    self.seconds = clock.seconds
                if watching is not None:
                    self.watched.append(watching.row(self.model, report.epoch, self.optimizer.t, ends_epoch))
                yield report

    def _set_learning_rate(self, progress: float) -> None:
        chosen = self.settings
        self.optimizer.learning_rate = learning_rate_at(chosen.learning_rate, chosen.schedule, chosen.warm_up, progress)

    def _count(self, step: int, loss: float, targets: np.ndarray) -> None:
        counted = int(np.count_nonzero(targets != IGNORED))
        self.epoch_nats += loss * counted
        self.epoch_targets += counted
        self.interval_losses.append(loss)
        self.step_in_epoch = step + 1

    def _end_epoch(self, report: Report, validate: Validate) -> None:
        with np.errstate(over="ignore", invalid="ignore"):  # what overflows is found below
            validation = validate(self.model)
        if not np.isfinite(validation.loss):
            raise Diverged(f"step {self.optimizer.t}: the validation loss is not finite")
        report.train_loss = self.epoch_nats / self.epoch_targets
        report.validation = validation
        self.epoch, self.step_in_epoch = self.epoch + 1, 0
        self.carried = None  # the next epoch lays the data out anew
        self.epoch_nats, self.epoch_targets = 0.0, 0
        self.epoch_start = self.shuffle_rng.bit_generator.state
        report.is_best = validation.loss < self.best_loss
        if report.is_best:
            self.best_loss, self.best_epoch = validation.loss, self.epoch
        self._row(
            report.epoch,
            train_loss=report.train_loss,
            val_loss=validation.loss,
            val_perplexity=validation.perplexity,
            val_accuracy=validation.accuracy,
        )

    def _row(self, epoch: int, **values: float) -> None:
        row = {"epoch": epoch, "step": self.optimizer.t, "seconds": round(self.seconds, 3)}
        self.rows.append({**row, **values})

    # -- saving and going on ----------------------------------------------------------------

    def state(self) -> tuple[dict[str, np.ndarray], dict]:
        """Adam's moments and a carried state, and all else as plain values.

        The parameters are not among them: they are the model's.

        Raises:
            Diverged: if a number among all these is not finite: there is no going on from there.
        """
        arrays = {f"adam.m/{name}": array for name, array in self.optimizer.m.items()}
        arrays |= {f"adam.v/{name}": array for name, array in self.optimizer.v.items()}
        if self.carried is not None:
            arrays |= dict(zip(_CARRIED, self.carried, strict=True))
        if bad := first_not_finite([*self.model.params.items(), *arrays.items()]):
            raise Diverged(f"step {self.optimizer.t}: {bad} is not finite")
        return arrays, {
            "settings": asdict(self.settings),
            "adam_steps": self.optimizer.t,
            "dropout_rng": self.dropout_rng.bit_generator.state,
            "epoch_start": self.epoch_start,
            "place": {name: getattr(self, name) for name in self._PLACE},
        }

    def restore(self, arrays: Mapping[str, np.ndarray], values: Mapping) -> None:
        """Take up the place that `state` described; the settings stay those given."""
        for name in self.model.params:
            self.optimizer.m[name][...] = arrays[f"adam.m/{name}"]
            self.optimizer.v[name][...] = arrays[f"adam.v/{name}"]
        self.optimizer.t = values["adam_steps"]
        self.carried = tuple(arrays[name] for name in _CARRIED) if _CARRIED[0] in arrays else None
        self.dropout_rng.bit_generator.state = values["dropout_rng"]
        self.epoch_start = values["epoch_start"]
        for name in self._PLACE:
            setattr(self, name, values["place"][name])

    _PLACE = (
        "epoch", "step_in_epoch", "epoch_nats", "epoch_targets", "interval_losses",
        "best_loss", "best_epoch", "seconds", "rows", "watched",
    )  # fmt: skip


_CARRIED = ("carried/h", "carried/c")  # their names in a checkpoint
