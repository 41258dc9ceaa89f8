"""The training loop: batches, gradients, updates, validation, and the place to go on from."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Protocol

import numpy as np

from lstm_numpy.adam import Adam, clip_grad_norm
from lstm_numpy.evaluation import Evaluation
from lstm_numpy.finite import first_not_finite, in_order
from lstm_numpy.loss import softmax_cross_entropy
from lstm_numpy.model import LSTMModel
from lstm_numpy.plain import State
from lstm_numpy.schedule import learning_rate_at
from lstm_numpy.watch import Watch
from lstm_numpy.workspace import Workspace


@dataclass
class Settings:
    """What the loop needs to know.

    Attributes:
        outputs: 'last' for one target per sequence, 'every' for one per step.
        epochs: passes through the training data.
        learning_rate: of Adam, the largest.
        schedule: how it changes: 'constant' or 'cosine' (see `schedule`).
        warm_up: the share of the training in which it rises to that.
        clip: the largest norm of the gradient; 0 does not clip.
        eval_interval: steps over which the training loss is averaged and reported.
    """

    outputs: str
    epochs: int
    learning_rate: float
    schedule: str
    warm_up: float
    clip: float
    eval_interval: int


class Batches(Protocol):
    """Where the training data comes from."""

    carries_state: bool  # whether each row of a batch goes on in the same row of the next

    def epoch(self, rng: np.random.Generator) -> Sequence[tuple[np.ndarray, np.ndarray]]:
        """The batches of one epoch: tokens (B, T) and targets (B,) or (B, T)."""


class Diverged(ArithmeticError):
    """A number is no longer finite; the message names the first array that holds one, and the step."""


@dataclass
class Report:
    """What the loop tells after each step; the losses only when they are due.

    Attributes:
        epoch: from 1.
        step, steps: steps done, and steps in this epoch.
        loss: of this step.
        tokens_per_second, seconds_left: speed, and an estimate for all epochs.
        interval_loss: mean training loss of the last `eval_interval` steps.
        train_loss, validation: at the end of an epoch.
        is_best: whether this epoch's validation loss is the lowest yet.
    """

    epoch: int
    step: int
    steps: int
    loss: float
    tokens_per_second: float
    seconds_left: float
    interval_loss: float | None = None
    train_loss: float | None = None
    validation: Evaluation | None = None
    is_best: bool = False


def train_step(
    model: LSTMModel,
    optimizer: Adam,
    tokens: np.ndarray,
    targets: np.ndarray,
    settings: Settings,
    dropout_rng: np.random.Generator,
    workspace: Workspace | None = None,
    state: State | None = None,
    watch: Watch | None = None,
) -> tuple[float, float, State]:
    """Forward, loss, backward, update.

    Args:
        state: h and c to begin with, (L, B, H) each; None is zeros. No gradient goes back to
            the step that made it: backpropagation is truncated here.
        watch: measures this step.

    Returns:
        The loss, the norm of the gradient, and the state after the last token.

    Raises:
        Diverged: if the logits, the loss or a gradient is not finite; the parameters are then as
            they were.
    """
    with np.errstate(over="ignore", invalid="ignore"):  # what overflows is found here, or when it is saved
        logits, after, cache = model.forward(tokens, state, settings.outputs, dropout_rng, workspace)
        loss, dlogits = softmax_cross_entropy(logits, targets)
        grads, _ = model.backward(dlogits, cache)
        step = optimizer.t + 1
        if first_not_finite([("logits", logits), ("loss", loss), *grads.items()]):
            bad = first_not_finite(in_order(model, state, cache, logits, loss, grads))
            raise Diverged(f"step {step}: {bad} is not finite (loss {float(loss):g})")
        if watch is not None:
            watch.before_update(model.params, grads)
        norm = clip_grad_norm(grads, settings.clip or np.inf)
        if not np.isfinite(norm):
            raise Diverged(f"step {step}: the norm of the gradient is not finite (loss {float(loss):g})")
        optimizer.step(grads)
        if watch is not None:
            watch.after_update(model.params)
    return float(loss), norm, after


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

    def run(
        self, batches: Batches, validate: Callable[[LSTMModel], Evaluation], watch: Watch | None = None
    ) -> Iterator[Report]:
        """Train from the present place to the last epoch, with a report after each step.

        Who takes the reports may stop after any of them: the place is then after that step. With a
        watch, a row is kept before the first step, after each interval and after each epoch.
        """
        if watch is not None and not self.watched:
            self.watched.append(watch.row(self.model, epoch=0, step=0, with_lags=True))
        workspace = Workspace()
        begin, done_before = time.perf_counter(), self.seconds
        first_step, tokens_read = self.optimizer.t, 0
        while self.epoch < self.settings.epochs:
            # Drawn again if the epoch was interrupted, so that a resumed run sees the same order.
            self.shuffle_rng.bit_generator.state = self.epoch_start
            data = batches.epoch(self.shuffle_rng)
            steps = len(data)
            for step in range(self.step_in_epoch, steps):
                tokens, targets = data[step]
                ends_interval = len(self.interval_losses) + 1 == self.settings.eval_interval
                ends_epoch = step + 1 == steps
                watching = watch if ends_interval or ends_epoch else None
                self._set_learning_rate((self.epoch + (step + 0.5) / steps) / self.settings.epochs)
                loss, norm, state = train_step(
                    self.model,
                    self.optimizer,
                    tokens,
                    targets,
                    self.settings,
                    self.dropout_rng,
                    workspace,
                    self.carried,
                    watching,
                )
                self.carried = state if batches.carries_state else None
                counted = int(np.count_nonzero(targets >= 0))
                self.epoch_nats += loss * counted
                self.epoch_targets += counted
                self.interval_losses.append(loss)
                self.step_in_epoch = step + 1

                tokens_read += tokens.size
                elapsed = time.perf_counter() - begin
                self.seconds = done_before + elapsed
                seconds_per_step = elapsed / (self.optimizer.t - first_step)
                left = steps - step - 1 + steps * (self.settings.epochs - self.epoch - 1)
                report = Report(self.epoch + 1, step + 1, steps, loss, tokens_read / elapsed, left * seconds_per_step)
                if ends_interval:
                    report.interval_loss = float(np.mean(self.interval_losses))
                    self.interval_losses = []
                    self._row(report.epoch, train_loss=report.interval_loss, gradient_norm=norm)
                if ends_epoch:
                    with np.errstate(over="ignore", invalid="ignore"):  # what overflows is found below
                        validation = validate(self.model)
                    if not np.isfinite(validation.loss):
                        raise Diverged(f"step {self.optimizer.t}: the validation loss is not finite")
                    self._end_epoch(report, validation)
                    self.seconds = done_before + time.perf_counter() - begin
                if watching is not None:
                    self.watched.append(watching.row(self.model, report.epoch, self.optimizer.t, ends_epoch))
                yield report

    def _set_learning_rate(self, progress: float) -> None:
        chosen = self.settings
        self.optimizer.learning_rate = learning_rate_at(chosen.learning_rate, chosen.schedule, chosen.warm_up, progress)

    def _end_epoch(self, report: Report, validation: Evaluation) -> None:
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

COLUMNS = (
    "epoch", "step", "seconds", "train_loss", "gradient_norm", "val_loss", "val_perplexity", "val_accuracy",
)  # fmt: skip


def metrics_csv(rows: list[dict]) -> str:
    """The rows as a table: one line per interval, and one per epoch, which has the validation."""
    lines = [",".join(COLUMNS)]
    lines += [",".join(_cell(row.get(column)) for column in COLUMNS) for row in rows]
    return "\n".join(lines) + "\n"


def _cell(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)
