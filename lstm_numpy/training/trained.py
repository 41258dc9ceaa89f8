"""A trained model together with the vocabulary of its symbols: what it thinks of sequences of symbols."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from lstm_numpy.model import LSTMModel
from lstm_numpy.sampling import Vocabulary, generate_many
from lstm_numpy.system import in_one_sentence
from lstm_numpy.training import checkpoint
from lstm_numpy.training.evaluation import evaluate_sequences, likelihood
from lstm_numpy.training.options import DEFAULTS
from lstm_numpy.training.resuming import Saved
from lstm_numpy.training.settings import random_streams


class Context(Protocol):
    """What a model is told beside the symbols; only whoever trained it knows what is `told` of a sequence."""

    def of_song(self, ids: np.ndarray, told: object) -> np.ndarray | None:
        """(length + 1, K), or None if nothing is told."""

    def following(self, told: object) -> Callable[[Sequence[int]], np.ndarray] | None:
        """From the ids so far to the context of the next step, (K,)."""

    def __len__(self) -> int: ...


@dataclass(frozen=True)
class Trained:
    """A model, its vocabulary, and what it is told beside the symbols."""

    model: LSTMModel
    vocabulary: Vocabulary  # translates between symbols and ids
    context: Context
    time_step: float  # how long a step is, in the unit of whoever trained the model
    saved: Saved | None = None  # all that the model's file holds, if it comes from one

    @classmethod
    def load(
        cls, path: Path, read_vocabulary: Callable[[Sequence[str]], Vocabulary],
        read_context: Callable[[Vocabulary, Mapping | None], Context],
    ) -> "Trained":  # fmt: skip
        """A checkpoint, an exported model, or the best model in the folder of a run; CommandLineError if it is none.

        `read_vocabulary` makes a vocabulary from its symbols, `read_context` the context from what the file has of it.
        """
        saved = Saved.load(path / "best.npz" if path.is_dir() else path)
        before, after = f"{saved.path}: not a checkpoint of this program (", "); give a run's best.npz"
        with in_one_sentence(LookupError, TypeError, ValueError, before=before, after=after):
            model = checkpoint.model_from(saved.arrays, saved.description)
            vocabulary = read_vocabulary(saved.description["vocabulary"])
            context = read_context(vocabulary, saved.description.get("context"))
            if len(context) != model.context_size:
                raise ValueError(f"it has {len(context)} symbols of context, its model {model.context_size}")
            return cls(model, vocabulary, context, float(saved.description["time_step"]), saved)

    @property
    def sha256(self) -> str:
        """The checksum of the model's file."""
        return hashlib.sha256(self.saved.path.read_bytes()).hexdigest()

    @property
    def origin(self) -> tuple[dict, list[np.ndarray] | None, np.random.Generator]:
        """The settings of the training; its split, None if the file has none; and the generator that drew it."""
        config = {**DEFAULTS, **self.saved.description["config"]}
        return config, self.saved.split, random_streams(config["seed"]).split

    def reads(self, symbols: Sequence[str], ended: bool, told: object) -> tuple[np.ndarray, np.ndarray | None]:
        """A sequence as the model reads it: integers (T,), with the end symbol if it has ended; and their context."""
        ids = np.array([self.vocabulary.encode(symbol) for symbol in symbols], int)
        context = self.context.of_song(ids, told)
        return (np.append(ids, self.vocabulary.end) if ended else ids), context

    def drawing(
        self, seq: Sequence[str] | None, temperature: float, **chosen: object
    ) -> Callable[..., list[list[str]]]:
        """A function that draws sequences: of generators, what each is told, and the longest and shortest of each.

        For the arguments, see `sampling.generate_many`.
        """

        def draw(rngs, contexts, longest, shortest):
            limits = {"min_len": shortest, "contexts": contexts, **chosen}
            return generate_many(self.model, self.vocabulary, rngs, seq, longest, temperature, **limits)

        return draw

    def likelihood(
        self, symbols: Sequence[str], given: int, ended: bool, events: int, told: object
    ) -> tuple[int, float | None, float | None]:
        """What the model thinks of a sequence; see `evaluation.likelihood`."""
        ids, context = self.reads(symbols, ended, told)
        return likelihood(self.model, ids, self.vocabulary.end, given, events, context)

    def judge(self, sequences: Sequence[Sequence[str]], told: Sequence[object]) -> tuple[float, float]:
        """Nats per step of whole sequences and their ends, and nats in all, given what is told of each."""
        read = [self.reads(symbols, False, one) for symbols, one in zip(sequences, told, strict=True)]
        ids, contexts = zip(*read, strict=True) if read else ((), ())
        contexts = contexts if self.model.context_size else None
        found = evaluate_sequences(self.model, ids, self.vocabulary.end, contexts)
        return found.loss, found.nats
