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
song before it; only where a row begins in the middle of a song is the part before missing. What came before the song is
still in the state, too: the TERM in between is all that tells the network to let go of it.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from encoding.dataset import ScoreDataset
from encoding.split import PARTS, Split

Batch = tuple[np.ndarray, np.ndarray]  # tokens (B, T); targets (B,) or (B, T)


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
            return self.data.batch(order[first : first + self.batch_size], self.outputs)

        return Epoch(-(-len(order) // self.batch_size), batch)


class StreamBatches:
    """The songs end to end in B rows, with a target at every step.

    Args:
        songs: integers, (length,) each.
        end: TERM, which stands in front of the first song and behind each.
        batch_size: B, the rows.
        chunk: T, steps at a time; the last chunk of an epoch may be shorter.

    Raises:
        ValueError: if there are fewer tokens than rows.
    """

    carries_state = True

    def __init__(self, songs: Sequence[np.ndarray], end: int, batch_size: int, chunk: int):
        self.songs, self.end, self.batch_size, self.chunk = songs, end, batch_size, chunk
        self.row_length = sum(len(song) + 1 for song in songs) // batch_size
        if self.row_length == 0:
            raise ValueError(f"the songs have too few tokens for {batch_size} rows")

    def epoch(self, rng: np.random.Generator) -> Epoch:
        """The songs in an order drawn anew; what the rows leave over is cut off at a random end."""
        line = [np.array([self.end])]
        for song in rng.permutation(len(self.songs)):
            line += [self.songs[song], [self.end]]
        line = np.concatenate(line)
        used = self.row_length * self.batch_size
        start = rng.integers(len(line) - used)  # one token more than used: the last target
        tokens = line[start : start + used].reshape(self.batch_size, -1)
        targets = line[start + 1 : start + 1 + used].reshape(self.batch_size, -1)

        def batch(step: int) -> Batch:
            steps = slice(step * self.chunk, (step + 1) * self.chunk)
            return tokens[:, steps], targets[:, steps]

        return Epoch(-(-self.row_length // self.chunk), batch)


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
            tokens, targets = data.batch(group[first : first + batch_size], "last")
            yield tokens[:, -length:], targets


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

    def batches(self, kind: str, outputs: str, stride: int, batch_size: int) -> "WindowBatches | StreamBatches":
        """The songs to train on, `batch_size` 'windows' or 'streams' at a time; for the rest, see `WindowBatches`.

        Raises:
            ValueError: if the three do not go together; the message begins with the option of `train.py`.
        """
        if kind == "windows":
            return WindowBatches(self.data, self.windows[0], stride, batch_size, outputs)
        if outputs == "last":
            raise ValueError("--outputs last needs --batches windows; streams have a target at every step")
        if not self.by_song:
            raise ValueError("--split window needs --batches windows; streams read whole songs")
        try:
            return StreamBatches(self.songs(0), self.end, batch_size, self.data.sequence_len)
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
