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
    """What the loop needs to know."""

    outputs: str  # 'last' for one target per sequence, 'every' for one per step
    epochs: int
    learning_rate: float  # of Adam, the largest
    schedule: str  # how it changes: 'constant' or 'cosine' (see `schedule`)
    warm_up: float  # the share of the training in which it rises to that
    clip: float  # the largest norm of the gradient; 0 does not clip
    eval_interval: int  # steps over which the training loss is averaged and reported

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

    def before_update(self, params: Mapping[str, np.ndarray], grads: Mapping[str, np.ndarray]) -> None: ...

    def after_update(self, params: Mapping[str, np.ndarray]) -> None: ...

    def row(self, model: LSTMModel, epoch: int, step: int, with_lags: bool) -> dict: ...

    def files(self, rows: Sequence[dict]) -> dict[str, bytes]: ...

    def curves(self, rows: Sequence[dict]) -> list[dict]:
        """All rows as curves (see `metrics.curves`)."""


@dataclass
class Report:
    """What the loop tells after each step; the losses only when they are due."""

    epoch: int  # from 1
    step: int  # done, of the `steps` in this epoch
    steps: int
    loss: float  # of this step
    tokens_per_second: float
    seconds_left: float  # an estimate for all epochs
    interval_loss: float | None = None  # mean of the last `eval_interval` steps
    train_loss: float | None = None  # mean of the epoch, at its end
    validation: Evaluation | None = None  # at the end of an epoch
    is_best: bool = False  # whether this is the lowest validation loss yet
