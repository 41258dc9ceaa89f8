"""How well a model predicts sequences that it was not trained on."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from lstm_numpy.activations import log_softmax
from lstm_numpy.checks import check_integers, check_shapes
from lstm_numpy.loss import IGNORED, softmax_cross_entropy
from lstm_numpy.model import LSTMModel, ModelCache
from lstm_numpy.sampling import next_probabilities
from lstm_numpy.training.batch import Batch
from lstm_numpy.workspace import Workspace

Contexts = Sequence[np.ndarray] | None


@dataclass
class Evaluation:
    """Sums over all targets that counted."""

    nats: float = 0.0
    correct: int = 0
    targets: int = 0

    def add(self, logits: np.ndarray, targets: np.ndarray) -> None:
        """Count the predictions of a batch; for the arguments, see `softmax_cross_entropy`."""
        check_shapes("logits (..., V)", logits)
        check_integers("targets (...)", targets, IGNORED, logits.shape[-1] - 1, logits.shape[:-1])
        counted = targets != IGNORED
        number = int(np.count_nonzero(counted))
        if number:
            self.nats += float(softmax_cross_entropy(logits, targets)[0]) * number
            self.correct += int(np.count_nonzero((logits.argmax(axis=-1) == targets) & counted))
            self.targets += number

    def _mean(self, total: float) -> float:
        if not self.targets:
            raise ValueError("no target has been counted: there were none, or all are ignored")
        return total / self.targets

    @property
    def loss(self) -> float:
        """Nats per step; like all means, a ValueError if no target has been counted."""
        return self._mean(self.nats)

    @property
    def perplexity(self) -> float:
        """Between how many equally likely symbols the model is, on average, undecided."""
        return float(np.exp(self.loss))

    @property
    def accuracy(self) -> float:
        """How often the likeliest symbol was the right one, from 0 to 1."""
        return self._mean(self.correct)

    def __str__(self) -> str:
        return f"{self.loss:.3f} nats per step, perplexity {self.perplexity:.2f}, accuracy {self.accuracy:.1%}"


def evaluate_windows(model: LSTMModel, batches: Iterable[tuple], outputs: str) -> Evaluation:
    """Judge predictions on windows, each from a zero state, without dropout.

    Args:
        batches: with the parts of a `Batch`: tokens (B, T), targets (B,) or (B, T) and, if the model has it, context.
        outputs: 'last' or 'every', as the targets are.
    """
    evaluation, workspace = Evaluation(), Workspace()
    for batch in batches:
        tokens, targets, context, _ = Batch(*batch)
        logits, _, _ = model.forward(tokens, outputs=outputs, workspace=workspace, context=context)
        evaluation.add(logits, targets)
    return evaluation


def evaluate_sequences(
    model: LSTMModel, sequences: Sequence[np.ndarray], end: int, contexts: Contexts = None, **sizes: int
) -> Evaluation:
    """Judge the prediction of every symbol of whole sequences and of their end; see `log_probabilities`."""
    evaluation = Evaluation()
    for number, log_p in log_probabilities(model, sequences, end, contexts, **sizes):
        evaluation.add(log_p, np.array([*sequences[number], end]))  # the softmax of log p is p
    return evaluation


def log_probabilities(
    model: LSTMModel,
    sequences: Sequence[np.ndarray],
    end: int,
    contexts: Contexts = None,
    batch_size: int = 64,
    chunk: int = 64,
) -> Iterator[tuple[int, np.ndarray]]:
    """What the model expects at each step of whole sequences, and where they end.

    The model reads `model.start_len` end symbols from a zero state, as it does to generate, and
    then the sequence, its state carried along; the end symbol behind it is the last target.

    Args:
        sequences: integers, (length,) each.
        end: the end symbol.
        contexts: what is known at each step of each of them and at its end, (length + 1, K), for a model that is told.
        batch_size: sequences at a time.
        chunk: steps at a time, which bounds the memory.

    Yields:
        (number of the sequence, log p of every symbol, (length + 1, V)), the shorter ones first.
    """
    workspace, start = Workspace(), model.start_len
    for batch, tokens, context in padded_batches(sequences, start, end, batch_size, contexts):
        state, pieces = None, []
        for t in range(0, tokens.shape[1], chunk):
            told = None if context is None else context[:, t : t + chunk]
            logits, state, _ = model.forward(
                tokens[:, t : t + chunk], state, "every", workspace=workspace, context=told
            )
            pieces.append(log_softmax(logits))
        log_p = np.concatenate(pieces, axis=1)
        for row, number in enumerate(batch):
            yield number, log_p[row, start - 1 : start + len(sequences[number])]


def padded_batches(
    sequences: Sequence[np.ndarray], start_len: int, end: int, batch_size: int, contexts: Contexts = None
) -> Iterator[tuple[list[int], np.ndarray, np.ndarray | None]]:
    """Whole sequences side by side: each behind `start_len` end symbols, and filled up with more of them.

    Args:
        sequences: integers, (length,) each; they are sorted by length, so that little is filled up.
        batch_size: sequences at a time.
        contexts: see `log_probabilities`.

    Yields:
        (numbers of the sequences, tokens (B, start_len + the longest length), and their context (B, the same, K) or
        None), the shorter ones first.
    """
    by_length = sorted(range(len(sequences)), key=lambda number: len(sequences[number]))
    for first in range(0, len(by_length), batch_size):
        batch = by_length[first : first + batch_size]
        tokens = np.full((len(batch), start_len + len(sequences[batch[-1]])), end)
        for row, number in enumerate(batch):
            tokens[row, start_len : start_len + len(sequences[number])] = sequences[number]
        yield batch, tokens, None if contexts is None else beside(tokens, [contexts[n] for n in batch], start_len)


def beside(tokens: np.ndarray, contexts: Sequence[np.ndarray], start_len: int) -> np.ndarray:
    """Contexts laid beside padded tokens: what is known of a step stands where the step before is read."""
    padded = np.full((*tokens.shape, contexts[0].shape[1]), -1)
    for row, context in enumerate(contexts):
        known = context[: tokens.shape[1] - start_len + 1]
        padded[row, start_len - 1 : start_len - 1 + len(known)] = known
    return padded


def expectations(
    model: LSTMModel, symbols: np.ndarray, end: int, context: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray, ModelCache]:
    """What a model expects at each step of one sequence, which it reads behind `model.start_len` end symbols.

    Args:
        symbols: integers, (T,) with T at least 1; with the end symbol at the end if the sequence has ended.
        end: the end symbol.
        context: what is known at each step, and perhaps one more, (T, K) or (T + 1, K), for a model that is told.

    Returns:
        p (T, V), of every symbol, given those before; -log2 p of the symbol that came, in bits, (T,); and the
        cache of the forward pass, whose first `start_len` steps read the end symbols.
    """
    start = model.start_len
    tokens = np.concatenate([np.full(start, end), symbols])
    context = None if context is None else beside(tokens[None], [context], start)
    logits, _, cache = model.forward(tokens[None], context=context)
    p = next_probabilities(logits[0, start - 1 : -1])
    return p, -np.log2(p[np.arange(len(symbols)), symbols]), cache


def likelihood(
    model: LSTMModel, symbols: np.ndarray, end: int, given: int, events: int, context: np.ndarray | None = None
) -> tuple[int, float | None, float | None]:
    """What a model thinks of a sequence that it may have drawn itself, at temperature 1.

    Args:
        symbols, end, context: see `expectations`.
        given: how many symbols at the beginning do not count.
        events: by how many the bits are divided.

    Returns:
        The number of symbols that count, nats per symbol and bits per event, None where there is nothing to divide by.
    """
    if given == len(symbols):
        return 0, None, None
    bits = expectations(model, symbols, end, context)[1][given:]
    per_event = round(float(bits.sum()) / events, 6) if events else None
    return len(bits), round(float(bits.mean()) * math.log(2), 6), per_event
