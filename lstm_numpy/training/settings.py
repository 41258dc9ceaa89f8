"""What the training loop is told, what it asks for, and what it tells after each step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np

from lstm_numpy.model import LSTMModel
from lstm_numpy.training.evaluation import Evaluation


class Streams(NamedTuple):
    """A generator for each purpose, so that none disturbs another."""

    split: np.random.Generator
    weights: np.random.Generator  # the initial ones
    order: np.random.Generator  # of the training data
    dropout: np.random.Generator


def random_streams(seed: int) -> Streams:
    """The generators of a training."""
    return Streams(*map(np.random.default_rng, np.random.SeedSequence(seed).spawn(4)))


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

    @classmethod
    def chosen_from(cls, config: Mapping) -> "Settings":
        """Those of a larger set of settings that the loop needs."""
        return cls(**{name: config[name] for name in cls.__dataclass_fields__})


class Batches(Protocol):
    """Where the training data comes from."""

    carries_state: bool  # whether each row of a batch goes on in the same row of the next

    def epoch(self, rng: np.random.Generator) -> Sequence[tuple]:
        """The batches of one epoch, with the parts of a `Batch`."""


class Watch(Protocol):
    """Who looks on at a training (see `inspection.Watch`); it draws no random number and changes nothing."""

    def before_update(self, params: Mapping[str, np.ndarray], grads: Mapping[str, np.ndarray]) -> None:
        """Told of the parameters and of their gradients before these are clipped."""

    def after_update(self, params: Mapping[str, np.ndarray]) -> None:
        """Told of the parameters after the step of the optimiser."""

    def row(self, model: LSTMModel, epoch: int, step: int, with_lags: bool) -> dict:
        """What was seen, as plain values."""

    def files(self, rows: Sequence[dict]) -> dict[str, bytes]:
        """All rows as files, by their names."""

    def curves(self, rows: Sequence[dict]) -> list[dict]:
        """All rows as curves (see `metrics.curves`)."""


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
