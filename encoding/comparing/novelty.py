"""How much of a melody stands in the songs that were learned from.

A *run* is a stretch of steps of the melody that also stands in a song, step by step: holds where there are
holds, rests where there are rests, and the same notes, or all of them higher or lower by the same number of
semitones. So the first note of a run may be any note, and decides by how much the others are shifted.

A run of k steps or more contains a *window* of k steps that stands in a song. The windows of all songs
are looked up in an index, under their tokens with the first note at zero:

    67 _ 69 _ r _ 67 _      and      60 _ 62 _ r _ 60 _      become      0 _ 2 _ r _ 0 _

The longest windows are tried first, as few of them are found by chance; each that is found is followed to the end of
its run. So that a quarter of a million are compared at once, each is turned into one number, a sum of its steps with
fixed random weights; that two have the same by chance would only cost the time to follow them in vain.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from encoding.tokens import HOLD_SYMBOL, REST_SYMBOL

WINDOWS = (64, 32, 16, 8, 4, 2, 1)  # each at most twice the next, so that runs found by one stay short
LEAST_COPY = 16  # steps; every melody of a few steps stands in some song
HOLD, REST = -1000, -1001  # below all pitches and all differences of pitches
WEIGHTS = np.random.default_rng(0).integers(2**62, size=max(WINDOWS))  # their sums may overflow, always alike


class Run(NamedTuple):
    """The longest run of a melody."""

    steps: int  # its length; 0 if nothing of the melody stands in any song
    share: float  # that, of the melody's length
    start: int  # the step of the melody where it begins
    song: str  # the name of the song that has it; of several, the first
    song_start: int  # the step of that song where it begins
    transposition: int  # semitones from the song up to the melody; 0 if the run holds no note

    @property
    def copied(self) -> bool:
        """Whether it is more than half of the melody, and long enough to be no accident."""
        return self.share > 0.5 and self.steps >= LEAST_COPY

    def as_record(self) -> dict:
        """The fields and `copied`, as plain values."""
        return {**self._asdict(), "copied": self.copied}


class Novelty:
    """Finds what a melody shares with songs, such as those that a model was trained on, given with their names."""

    def __init__(self, songs: Sequence[Sequence[str]], names: Sequence[str]):
        if len(songs) != len(names):
            raise ValueError(f"there are {len(songs)} songs but {len(names)} names")
        self.names = list(names)
        self._songs = [_numbers(song) for song in songs]
        self._indices: dict[int, tuple[np.ndarray, np.ndarray, np.ndarray]] = {}  # made when first asked for

    def longest_run(self, tokens: Sequence[str], without: str | None = None) -> Run:
        """The longest run of a melody, which comes without TERM; of several, the one that begins first.

        One song may be left out by its name, `without`, so that a song can be compared with the others.
        """
        melody = _numbers(tokens)
        for k in WINDOWS:
            longest = (0, 0, 0, 0)  # steps, start, song, song_start
            for start, song, song_start in self._found(melody, k) if k <= len(melody) else ():
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

    def _found(self, melody: Sequence[int], k: int) -> Iterator[tuple[int, int, int]]:
        """The windows of k steps that melody and songs share: (step of the melody, song, step of the song)."""
        numbers, songs, starts = self._index(k)
        wanted = _windows(melody, k)
        first, last = np.searchsorted(numbers, wanted, "left"), np.searchsorted(numbers, wanted, "right")
        for start in np.flatnonzero(first < last):
            for place in range(first[start], last[start]):
                yield int(start), int(songs[place]), int(starts[place])

    def _index(self, k: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """All windows of k steps as numbers, sorted; and the song and the step where each stands."""
        if k not in self._indices:
            windows = [_windows(numbers, k) for numbers in self._songs]
            lengths = [len(one) for one in windows]
            numbers = np.concatenate([*windows, np.empty(0, np.int64)])
            songs = np.repeat(np.arange(len(windows)), lengths)
            starts = np.concatenate([*map(np.arange, lengths), np.empty(0, np.intp)])
            order = np.argsort(numbers, kind="stable")  # of equal ones, the first song first
            self._indices[k] = numbers[order], songs[order], starts[order]
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


def _windows(numbers: Sequence[int], k: int) -> np.ndarray:
    """The windows of k steps, the first note of each moved to zero, as a number each."""
    if len(numbers) < k:
        return np.empty(0, np.int64)
    windows = np.lib.stride_tricks.sliding_window_view(np.array(numbers, np.int64), k)
    is_note = windows >= 0
    first = np.take_along_axis(windows, is_note.argmax(axis=1)[:, None], axis=1)
    return np.where(is_note, windows - first, windows) @ WEIGHTS[:k]


def _first_note(numbers: Sequence[int]) -> int:
    """The first pitch, or 0 if there is none."""
    return next((number for number in numbers if number >= 0), 0)
