"""From integers to an epoch of training batches, in one of two ways.

`WindowBatches` takes windows of all songs in a random order. Each starts from a zero state, so that nothing earlier
than its first token can help to predict, and much is computed twice where windows overlap.

`StreamBatches` lays all songs end to end, in a random order, and cuts the line into B pieces of
equal length, which are read side by side, T steps at a time:

    row 1   . song 7 . song|2 . song 11 . so|ng 5 . ...
    row 2   ng 3 . song 8 .| song 1 . song 9|. song 4 ...
    row B   ...            |                |
                chunk 1         chunk 2        chunk 3

Each row goes on where it stopped, so the state after one chunk is the state before the next: truncated backpropagation
through time (Williams & Peng 1990). Each token is read once an epoch, and nearly every prediction has the whole of its
song before it; only where a row begins in the middle of a song is the part before missing. Each song begins from a zero
state, as it does where the network is judged and where it composes: behind the last target of a song stands one more
step, without a target, after which the state is set to zero.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from encoding.context import NOTHING
from encoding.dataset import IGNORED, ScoreDataset
from encoding.split import PARTS, Split


class Batch(NamedTuple):
    """What a network reads, what it is to predict, and what it is told."""

    tokens: np.ndarray  # (B, T)
    targets: np.ndarray  # (B,) or (B, T)
    context: np.ndarray | None = None  # (B, T, K)
    ends: np.ndarray | None = None  # (B, T), after which steps another song begins


class Epoch(Sequence):
    """Batches in order, each made when it is asked for."""

    def __init__(self, length: int, batch: Callable[[int], Batch]):
        self._length, self._batch = length, batch

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, step: int) -> Batch:
        if not 0 <= step < self._length:
            raise IndexError(step)
        return self._batch(step)


class WindowBatches:
    """Windows of the songs, shuffled.

    Args:
        data: the songs.
        windows: the numbers of the windows that may be used.
        stride: steps from one window of a song to the next (see `ScoreDataset.spaced`).
        batch_size: B, windows at a time; the last batch of an epoch may be smaller.
        outputs: 'last' or 'every' (see `ScoreDataset.batch`).
    """

    carries_state = False

    def __init__(self, data: ScoreDataset, windows: np.ndarray, stride: int, batch_size: int, outputs: str):
        self.data, self.windows, self.stride = data, windows, stride
        self.batch_size, self.outputs = batch_size, outputs

    def epoch(self, rng: np.random.Generator) -> Epoch:
        """The windows of one epoch, in an order drawn anew."""
        order = rng.permutation(self.data.spaced(self.windows, self.stride, rng))

        def batch(step: int) -> Batch:
            first = step * self.batch_size
            return Batch(*self.data.batch(order[first : first + self.batch_size], self.outputs))

        return Epoch(-(-len(order) // self.batch_size), batch)


class StreamBatches:
    """The songs end to end in B rows, with a target at every step.

    Args:
        songs: integers, (length,) each.
        end: TERM, which stands in front of each song and behind it.
        contexts: of each song, (length + 1, K), or None.
        batch_size: B, the rows.
        chunk: T, steps at a time; the last chunk of an epoch may be shorter, or a step longer.

    Raises:
        ValueError: if there are fewer tokens than rows.
    """

    carries_state = True

    def __init__(
        self, songs: Sequence[np.ndarray], end: int, batch_size: int, chunk: int,
        contexts: Sequence[np.ndarray] | None = None,
    ):  # fmt: skip
        self.batch_size, self.chunk = batch_size, chunk
        self._pieces = [_piece(song, end, contexts and contexts[n]) for n, song in enumerate(songs)]
        self.row_length = sum(len(piece.tokens) for piece in self._pieces) // batch_size
        if self.row_length == 0:
            raise ValueError(f"the songs have too few tokens for {batch_size} rows")

    def epoch(self, rng: np.random.Generator) -> Epoch:
        """The songs in an order drawn anew; what the rows leave over is cut off at a random end."""
        pieces = [self._pieces[song] for song in rng.permutation(len(self._pieces))]
        line = [None if arrays[0] is None else np.concatenate(arrays) for arrays in zip(*pieces, strict=True)]
        used = self.row_length * self.batch_size
        start = rng.integers(len(line[0]) - used + 1)

        def in_rows(array: np.ndarray | None) -> np.ndarray | None:
            if array is None:
                return None
            return array[start : start + used].reshape(self.batch_size, self.row_length, *array.shape[1:])

        rows = list(map(in_rows, line))

        steps = -(-self.row_length // self.chunk)
        if steps > 1 and self.row_length % self.chunk == 1:  # a step alone might have no target: it joins those before
            steps -= 1

        def batch(step: int) -> Batch:
            here = slice(step * self.chunk, None if step == steps - 1 else (step + 1) * self.chunk)
            return Batch(*(None if array is None else array[:, here] for array in rows))

        return Epoch(steps, batch)


def _piece(song: np.ndarray, end: int, context: np.ndarray | None) -> Batch:
    """One song as a piece of the line: all its steps, and one more, without a target, after which it has ended."""
    tokens, targets = np.array([end, *song, end], np.int32), np.array([*song, end, IGNORED], np.int32)
    if context is not None:
        context = np.concatenate([context, np.full_like(context[:1], NOTHING)])
    return Batch(tokens, targets, context, np.arange(len(tokens)) == len(song) + 1)


def last_targets(data: ScoreDataset, windows: np.ndarray, start_len: int, batch_size: int = 256) -> Iterator[Batch]:
    """Windows and the token after each, to judge a model as the article does.

    Args:
        data, windows: the songs, and window numbers.
        start_len: how many TERM the model is used to; where more stand in front of a song,
            they are left out, and such a window is shorter.
        batch_size: windows of one length at a time.
    """
    lengths = np.minimum(data.position_of[windows] + start_len, data.sequence_len)
    for length in np.unique(lengths):
        group = windows[lengths == length]
        for first in range(0, len(group), batch_size):
            tokens, targets, context = data.batch(group[first : first + batch_size], "last")
            yield Batch(tokens[:, -length:], targets, None if context is None else context[:, -length:])


class HeldOut:
    """The songs of a training: those to learn from, in batches, and those that are held out to judge it by.

    The split has the numbers of the songs (`by_song`) or windows to train on, to validate with and to test with.
    """

    def __init__(self, data: ScoreDataset, split: Split, by_song: bool):
        self.data, self.split, self.by_song, self.end = data, split, by_song, data.end
        self.windows = [data.windows_of(part) for part in split] if by_song else split

    def __str__(self) -> str:
        counts = (f"{len(part):,} {name}" for part, name in zip(self.split, PARTS, strict=True))
        return f"{'songs' if self.by_song else 'windows, drawn at random'}: {', '.join(counts)}"

    def songs(self, part: int) -> list[np.ndarray]:
        """Whole songs as integers: 0 to train on, 1 to validate with, 2 to test with."""
        return [self.data.songs[song] for song in self.split[part]]

    def contexts(self, part: int) -> list[np.ndarray] | None:
        """Their contexts, (length + 1, K) each; None if there are none."""
        return self.data.contexts and [self.data.contexts[song] for song in self.split[part]]

    def batches(self, kind: str, outputs: str, stride: int, batch_size: int) -> "WindowBatches | StreamBatches":
        """The songs to train on, `batch_size` 'windows' or 'streams' at a time; for the rest, see `WindowBatches`.

        Raises:
            ValueError: if the three do not go together; the message begins with the option of `train.py`.
        """
        if kind == "windows":
            return WindowBatches(self.data, self.windows[0], stride, batch_size, outputs)
        if outputs == "last":
            raise ValueError("--outputs last needs --batches windows; streams have a target at every step")
        if self.data.sequence_len == 1:
            raise ValueError("--sequence-len 1 needs --batches windows; streams take two steps or more")
        if not self.by_song:
            raise ValueError("--split window needs --batches windows; streams read whole songs")
        try:
            return StreamBatches(self.songs(0), self.end, batch_size, self.data.sequence_len, self.contexts(0))
        except ValueError as error:
            raise ValueError(f"--batch-size {batch_size}: {error}; give a smaller one") from None

    def last_targets(self, part: int, start_len: int) -> Iterator[Batch]:
        """The windows of one part, with the token after each; see `last_targets`."""
        return last_targets(self.data, self.windows[part], start_len)

    def some_windows(self, start_len: int, about: int) -> Batch:
        """A batch of the longest validation windows, chosen from about so many that are spread over all."""
        windows = self.windows[1]
        *_, longest = last_targets(self.data, windows[:: max(1, len(windows) // about)], start_len)
        return longest
