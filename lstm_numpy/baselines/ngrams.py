"""n-grams with Witten-Bell smoothing: what can be predicted from counts alone.

A context is the k symbols before a prediction. With c(h) the number of times that the context h
was seen, c(h, w) how often w came next, and N(h) how many different symbols came next,

    p(w | h) = (c(h, w) + s N(h) p(w | h')) / (c(h) + s N(h))

where h' is h without its oldest symbol: a context in which many things happened trusts the shorter one more. Below the
empty context stands 1/V, and a context that was never seen adds nothing. With s = 1 this is Witten & Bell's (1991,
method C; interpolated as in Chen & Goodman 1999). It believes a long context that was seen once as much as all shorter
ones together, and so again at every length: with n far above 5, it is much too sure. A larger strength s of the shorter
contexts mends that. An n-gram of order n has contexts of up to n - 1 symbols; order 1 is the unigram.

What is known of a target beside the sequence, such as its place in a pattern, may stand in every context as if it were
the symbol just before: the contexts are then (), (place), (place, last symbol), (place, last two), ...

The contexts of length k are numbered with the help of those of length k - 1: a context is the number
of its newer part and one older symbol, so a pair of integers, however long it is. All that is stored
are sorted arrays of such pairs, which NumPy can search for many predictions at once.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from lstm_numpy.checks import check_integers

UNKNOWN = -1  # a context that was never seen, or that would reach back beyond the beginning


class Counts(NamedTuple):
    """What was counted for the contexts of one length. The number of a context is its place in `contexts`."""

    contexts: np.ndarray  # sorted keys, (number of the shorter context) V + (oldest symbol); see `NGrams._longer`
    seen: np.ndarray  # c(h), (contexts,)
    kinds: np.ndarray  # N(h), (contexts,)
    pairs: np.ndarray  # sorted keys, (number of the context) V + (next symbol)
    pair_seen: np.ndarray  # c(h, w), (pairs,)


class NGrams:
    """Counts of all contexts of up to `order` - 1 symbols.

    Each sequence, integers (length,), begins with one end symbol as context, beyond which none reaches back, and has it
    as its last target. `counted` says for each which of its length + 1 targets may be learned from; None is all.
    `beside` has for each the K symbols, from -1 up, that come first in the context of each target, (length + 1, K).

    Raises:
        ValueError: if order is below 1 or nothing is counted.
    """

    def __init__(
        self, sequences: Sequence[np.ndarray], order: int, vocab_size: int, end: int,
        counted: Sequence[np.ndarray] | None = None, beside: Sequence[np.ndarray] | None = None,
    ):  # fmt: skip
        if order < 1:
            raise ValueError(f"order must be at least 1, not {order}")
        self.order, self.vocab_size, self.end = order, vocab_size, end
        targets, *line = self._laid_out(sequences, beside)
        used = np.ones(len(targets), bool) if counted is None else np.concatenate(counted)
        if not used.any():
            raise ValueError("no target is counted")
        self.counts: list[Counts] = []
        number = np.zeros(len(targets), np.int64)  # of the context before each target: one empty context
        for k in range(order):
            contexts = np.zeros(1, np.int64)
            if k > 0:
                key = self._longer(number, k, *line)
                contexts = np.unique(key[used & (key != UNKNOWN)])
                number = _find(contexts, key)
            known = used & (number != UNKNOWN)
            pairs, pair_seen = np.unique(number[known] * vocab_size + targets[known], return_counts=True)
            seen = np.bincount(number[known], minlength=len(contexts))
            kinds = np.bincount(pairs // vocab_size, minlength=len(contexts))
            seen, kinds, pair_seen = (array.astype(np.int32) for array in (seen, kinds, pair_seen))  # half the memory
            self.counts.append(Counts(contexts, seen, kinds, pairs, pair_seen))

    def log_probabilities(
        self, sequences: Sequence[np.ndarray], strength: float = 1.0, wanted: Sequence[np.ndarray] | None = None,
        beside: Sequence[np.ndarray] | None = None,
    ) -> Iterator[tuple[int, list[np.ndarray]]]:  # fmt: skip
        """log p of every symbol, at each step of the sequences and at their end, for each order.

        Yields the order n, from 1 up, and an array (wanted targets, V) for each sequence; `wanted` says for each which
        of its length + 1 targets are, None that all are. `strength` is s, above 0, `beside` as the counts have it.
        """
        targets, *line = self._laid_out(sequences, beside)
        if wanted is None:
            wanted = [np.ones(len(sequence) + 1, bool) for sequence in sequences]
        chosen, borders = np.concatenate(wanted), np.cumsum([np.count_nonzero(one) for one in wanted])
        number = np.zeros(len(targets), np.int64)
        p = np.full((np.count_nonzero(chosen), self.vocab_size), 1 / self.vocab_size)
        for k, counts in enumerate(self.counts):
            if k > 0:
                number = _find(counts.contexts, self._longer(number, k, *line))
            known = np.flatnonzero(number[chosen] != UNKNOWN)
            h = number[chosen][known]
            pair = _find(counts.pairs, h[:, None] * self.vocab_size + np.arange(self.vocab_size))
            c_hw = np.where(pair == UNKNOWN, 0, counts.pair_seen[pair])
            c_h, N_h = counts.seen[h, None], counts.kinds[h, None]
            p[known] = (c_hw + strength * N_h * p[known]) / (c_h + strength * N_h)
            yield k + 1, np.split(np.log(p), borders[:-1])

    def _laid_out(self, sequences: Sequence[np.ndarray], beside: Sequence[np.ndarray] | None) -> tuple:
        """All sequences in one line: targets, the symbol before each, its place in its sequence, what is beside."""
        targets = np.concatenate([[*sequence, self.end] for sequence in sequences]).astype(np.int64)
        symbols = np.concatenate([[self.end, *sequence] for sequence in sequences]).astype(np.int64)
        position = np.concatenate([np.arange(len(sequence) + 1) for sequence in sequences])
        if beside is None:
            return targets, symbols, position, np.empty((len(targets), 0), np.int64)
        known = np.concatenate(beside).astype(np.int64, casting="safe")
        check_integers("beside (T, K)", known, -1, 2**31 - 2, T=len(targets))
        return targets, symbols, position, known

    def _longer(
        self, number: np.ndarray, k: int, symbols: np.ndarray, position: np.ndarray, beside: np.ndarray
    ) -> np.ndarray:
        """The keys of the contexts of k symbols, from the numbers of those of k - 1."""
        known, further = number != UNKNOWN, k - beside.shape[1]
        if further <= 0:
            return np.where(known, number << 32 | beside[:, k - 1] + 1, UNKNOWN)
        known &= position >= further - 1
        return np.where(known, number * self.vocab_size + np.roll(symbols, further - 1), UNKNOWN)


def _find(keys: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """The place of each wanted key among the sorted keys, or UNKNOWN."""
    if len(keys) == 0:
        return np.full(wanted.shape, UNKNOWN)
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[place] == wanted, place, UNKNOWN)
