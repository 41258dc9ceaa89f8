"""ScoreDataset: the songs as one array of integers, and training windows as views on it.

Each song is laid down with `sequence_len` TERM in front and one behind:

    .  .  .  .  60  _  _  _  62  _  .          (sequence_len 4)
    └── window ─┘ └ target
       └─ window ──┘ └ target
                    ...          └ target: the song ends

so a song of n tokens gives n + 1 windows, the first all padding, the last with TERM as target.
"""

from collections.abc import Sequence

import numpy as np

from encoding.context import NOTHING, ContextEncoder, Told
from encoding.vocabulary import StringToIntEncoder

IGNORED = -1  # a target that the loss leaves out


class ScoreDataset:
    """Windows of `sequence_len` tokens and the token that follows each.

    Args:
        encoded_songs: token lists, without TERM.
        string_to_int: the vocabulary.
        sequence_len: tokens in a window, at least 1.
        context, told: what is known beside the tokens, and what of that is told of each song.

    `contexts` has for each song what is known at each step and at its end, (length + 1, K); None if that is nothing.

    Raises:
        ValueError: for a sequence_len below 1 or a token that the vocabulary lacks.
    """

    def __init__(
        self, encoded_songs: Sequence[Sequence[str]], string_to_int: StringToIntEncoder, sequence_len: int = 64,
        context: ContextEncoder | None = None, told: Sequence[Told] = (),
    ):  # fmt: skip
        if sequence_len < 1:
            raise ValueError(f"sequence_len must be at least 1, not {sequence_len}")
        self.sequence_len, self.end = sequence_len, string_to_int.end
        self.songs = [np.array([string_to_int.encode(token) for token in song], np.int32) for song in encoded_songs]

        padding = np.full(sequence_len, string_to_int.end, np.int32)
        end = padding[:1]
        self._tokens = np.concatenate([part for song in self.songs for part in (padding, song, end)] or [padding])
        # The same array as targets: to predict the padding would be learning to write empty songs.
        ignored = np.full(sequence_len, IGNORED, np.int32)
        self._targets = np.concatenate([part for song in self.songs for part in (ignored, song, end)] or [padding])

        self.contexts = self._context = None
        if context is not None and context.width and self.songs:
            self.contexts = [context.of_song(*one) for one in zip(self.songs, told, strict=True)]
            # What is known of a step stands beside the token before it, which is read when that step is predicted.
            before, after = (np.full((n, context.width), NOTHING, np.int32) for n in (sequence_len - 1, 1))
            self._context = np.concatenate([part for rows in self.contexts for part in (before, rows, after)])

        for array in (self._tokens, self._targets):
            array.setflags(write=False)  # the windows are views: who writes to one would change others

        # Window i belongs to song_of[i], begins at start_of[i] in the array and has
        # position_of[i] tokens of the song (the rest is padding), unless the song is longer.
        windows_per_song = np.array([len(song) + 1 for song in self.songs], np.intp)
        self.song_of = np.repeat(np.arange(len(self.songs)), windows_per_song)
        first_window = np.cumsum(windows_per_song) - windows_per_song
        self.position_of = np.arange(len(self.song_of)) - first_window[self.song_of]
        self.start_of = np.arange(len(self.song_of)) + sequence_len * self.song_of

    def __len__(self) -> int:
        return len(self.start_of)

    def __getitem__(self, index: int) -> tuple[np.ndarray, int]:
        """Window i, a view of shape (sequence_len,), and the token after it."""
        start = self.start_of[index]
        return self._tokens[start : start + self.sequence_len], int(self._tokens[start + self.sequence_len])

    def targets(self, index: int) -> np.ndarray:
        """The targets at every step of window i, IGNORED in the front padding: a view, (sequence_len,)."""
        start = self.start_of[index] + 1
        return self._targets[start : start + self.sequence_len]

    def batch(self, indices: np.ndarray, outputs: str) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
        """Several windows, (B,), with 'every' target of their steps or only the 'last', the token after each window.

        Returns:
            tokens (B, sequence_len); targets (B,) or (B, sequence_len); the context (B, sequence_len, K), or None.

        Raises:
            ValueError: for any other outputs.
        """
        if outputs not in ("last", "every"):
            raise ValueError(f"outputs must be 'last' or 'every', not {outputs!r}")
        steps = self.start_of[indices][:, None] + np.arange(self.sequence_len)
        targets = self._tokens[steps[:, -1] + 1] if outputs == "last" else self._targets[steps + 1]
        return self._tokens[steps], targets, None if self._context is None else self._context[steps]

    def windows_of(self, songs: np.ndarray) -> np.ndarray:
        """All windows that belong to the given songs, in order."""
        return np.flatnonzero(np.isin(self.song_of, songs))

    def spaced(self, windows: np.ndarray, stride: int, rng: np.random.Generator) -> np.ndarray:
        """Of the given windows, every stride-th of each song, and each song's last.

        With targets at every step, windows that overlap by all but one step teach almost the same. Where each song
        begins to count is drawn anew, so that over the epochs every window comes to its turn.
        """
        offset = rng.integers(stride, size=len(self.songs))
        song, position = self.song_of[windows], self.position_of[windows]
        last = position == np.array([len(tokens) for tokens in self.songs])[song]
        return windows[((position + offset[song]) % stride == 0) | last]
