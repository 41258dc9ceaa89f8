"""How much of a melody stands in the songs that were learned from.

A *run* is a stretch of steps of the melody that also stands in a song, step by step: holds where there are
holds, rests where there are rests, and the same notes, or all of them higher or lower by the same number of
semitones. So the first note of a run may be any note, and decides by how much the others are shifted.

A run of k steps or more contains a *window* of k steps that stands in a song. The windows of all songs
are looked up in an index, under their tokens with the first note at zero:

    67 _ 69 _ r _ 67 _      and      60 _ 62 _ r _ 60 _      become      0 _ 2 _ r _ 0 _

The longest windows are tried first, as few of them are found by chance; each that is found is followed to
the end of its run.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from encoding.tokens import HOLD_SYMBOL, REST_SYMBOL

WINDOWS = (64, 32, 16, 8, 4, 2, 1)  # each at most twice the next, so that runs found by one stay short
HOLD, REST = -1000, -1001  # below all pitches and all differences of pitches


class Run(NamedTuple):
    """The longest run of a melody.

    Attributes:
        steps: its length; 0 if nothing of the melody stands in any song.
        share: that, of the melody's length.
        start: the step of the melody where it begins.
        song: the name of the song that has it; of several, the first.
        song_start: the step of that song where it begins.
        transposition: semitones from the song up to the melody; 0 if the run holds no note.
    """

    steps: int
    share: float
    start: int
    song: str
    song_start: int
    transposition: int

    @property
    def copied(self) -> bool:
        """Whether it is more than half of the melody."""
        return self.share > 0.5


class Novelty:
    """Finds what a melody shares with songs.

    Args:
        songs: token lists, such as those that a model was trained on.
        names: a name for each.

    Raises:
        ValueError: if there are not as many names as songs.
    """

    def __init__(self, songs: Sequence[Sequence[str]], names: Sequence[str]):
        if len(songs) != len(names):
            raise ValueError(f"there are {len(songs)} songs but {len(names)} names")
        self.names = list(names)
        self._songs = [_numbers(song) for song in songs]
        self._indices: dict[int, dict[bytes, list[tuple[int, int]]]] = {}  # made when first asked for

    def longest_run(self, tokens: Sequence[str], without: str | None = None) -> Run:
        """The longest run of a melody; of several, the one that begins first.

        Args:
            tokens: a melody, without TERM.
            without: the name of a song that is not looked at, so that a song can be held
                against the others.
        """
        melody = _numbers(tokens)
        for k in WINDOWS:
            longest = (0, 0, 0, 0)  # steps, start, song, song_start
            index = self._index(k) if k <= len(melody) else {}
            for start, window in enumerate(_windows(melody, k)):
                for song, song_start in index.get(window, ()):
                    if self.names[song] == without:
                        continue
                    steps = _follow(melody, start, self._songs[song], song_start)
                    if steps > longest[0]:
                        longest = (steps, start, song, song_start)
            if longest[0]:
                steps, start, song, song_start = longest
                there = self._songs[song][song_start : song_start + steps]
                shift = _first_note(melody[start : start + steps]) - _first_note(there)
                return Run(steps, steps / len(melody), start, self.names[song], song_start, shift)
        return Run(0, 0.0, 0, "", 0, 0)

    def _index(self, k: int) -> dict[bytes, list[tuple[int, int]]]:
        """Where each window of k steps stands: window -> (song, step), in order."""
        if k not in self._indices:
            self._indices[k] = index = {}
            for song, numbers in enumerate(self._songs):
                for start, window in enumerate(_windows(numbers, k)):
                    index.setdefault(window, []).append((song, start))
        return self._indices[k]


def _follow(one: Sequence[int], i: int, two: Sequence[int], j: int) -> int:
    """For how many steps one from step i and two from step j are the same, up to one transposition."""
    shift = None
    longest = min(len(one) - i, len(two) - j)
    for step in range(longest):
        a, b = one[i + step], two[j + step]
        if a < 0 or b < 0:
            same = a == b
        else:
            shift = a - b if shift is None else shift
            same = a - b == shift
        if not same:
            return step
    return longest


def _numbers(tokens: Sequence[str]) -> list[int]:
    """Pitches as they are, holds and rests as negative numbers."""
    special = {HOLD_SYMBOL: HOLD, REST_SYMBOL: REST}
    return [special[token] if token in special else int(token) for token in tokens]


def _windows(numbers: Sequence[int], k: int) -> list[bytes]:
    """The windows of k steps, the first note of each moved to zero."""
    if len(numbers) < k:
        return []
    windows = np.lib.stride_tricks.sliding_window_view(np.array(numbers, np.int16), k)
    is_note = windows >= 0
    first = np.take_along_axis(windows, is_note.argmax(axis=1)[:, None], axis=1)
    return [window.tobytes() for window in np.where(is_note, windows - first, windows)]


def _first_note(numbers: Sequence[int]) -> int:
    """The first pitch, or 0 if there is none."""
    return next((number for number in numbers if number >= 0), 0)
