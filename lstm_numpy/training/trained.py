"""A trained model together with the vocabulary of its symbols: what it thinks of sequences of symbols."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lstm_numpy.model import LSTMModel
from lstm_numpy.sampling import Vocabulary
from lstm_numpy.system import in_one_sentence
from lstm_numpy.training import checkpoint
from lstm_numpy.training.evaluation import evaluate_sequences, likelihood
from lstm_numpy.training.options import DEFAULTS
from lstm_numpy.training.resuming import Saved
from lstm_numpy.training.settings import random_streams


@dataclass(frozen=True)
class Trained:
    """A model and its vocabulary."""

    model: LSTMModel
    vocabulary: Vocabulary  # translates between symbols and ids
    time_step: float  # how long a step is, in the unit of whoever trained the model
    saved: Saved  # all that the model's file holds

    @classmethod
    def load(cls, path: Path, read_vocabulary: Callable[[Sequence[str]], Vocabulary]) -> "Trained":
        """A checkpoint, an exported model, or the best model in the folder of a run; CommandLineError if it is none.

        `read_vocabulary` makes a vocabulary from its symbols.
        """
        saved = Saved.load(path / "best.npz" if path.is_dir() else path)
        before, after = f"{saved.path}: not a checkpoint of this program (", "); give a run's best.npz"
        with in_one_sentence(LookupError, TypeError, ValueError, before=before, after=after):
            model = checkpoint.model_from(saved.arrays, saved.description)
            vocabulary = read_vocabulary(saved.description["vocabulary"])
            return cls(model, vocabulary, float(saved.description["time_step"]), saved)

    @property
    def sha256(self) -> str:
        """The checksum of the model's file."""
        return hashlib.sha256(self.saved.path.read_bytes()).hexdigest()

    @property
    def origin(self) -> tuple[dict, list[np.ndarray] | None, np.random.Generator]:
        """The settings of the training; its split, None if the file has none; and the generator that drew it."""
        config = {**DEFAULTS, **self.saved.description["config"]}
        return config, self.saved.split, random_streams(config["seed"]).split

    def integers(self, symbols: Sequence[str], ended: bool = False) -> np.ndarray:
        """Symbols, and the end symbol if they have ended, as the model reads them, (T,)."""
        ids = [self.vocabulary.encode(symbol) for symbol in symbols]
        return np.array([*ids, self.vocabulary.end] if ended else ids, int)

    def likelihood(
        self, symbols: Sequence[str], given: int, ended: bool, events: int
    ) -> tuple[int, float | None, float | None]:
        """What the model thinks of a sequence; see `evaluation.likelihood`."""
        return likelihood(self.model, self.integers(symbols, ended), self.vocabulary.end, given, events)

    def judge(self, sequences: Sequence[Sequence[str]]) -> tuple[float, float]:
        """Nats per step of whole sequences and their ends, and nats in all."""
        found = evaluate_sequences(self.model, list(map(self.integers, sequences)), self.vocabulary.end)
        return found.loss, found.nats
