"""What a musician knows beside the notes so far: where the bar stands, the mode, and what stood there before.

The page of music tells it at a glance; the tokens say nothing of it. So at each step some symbols stand beside the
token, about the step that is to be predicted next. Of what `Told` says and of the tokens before, never of later ones:

    place        its place in the bar
    beginning    its place counted in bars from the song's first step: it tells when the last bar completes the upbeat
    bars         how many bars have gone by
    upbeat       how long the song's upbeat is
    meter        how long bar and beat are, or that nobody knows
    mode         major or minor
    back1 ...    the token that stood so many bars before
    again        the token that followed when the last steps were heard before in this song, how many steps these were,
                 and how often: the longest such passage of 4 to 96 steps, the latest if there are several; of what goes
                 round for the third time, nothing, or a network that composes would hardly leave the circle

Counters of the bar and the events one and two bars before are the idea of Magenta's lookback RNN (2016); `again` is the
match of a compressor such as LZ77. Where something is not known, nothing stands in its place (-1).
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from encoding.vocabulary import StringToIntEncoder

PARTS = ("place", "beginning", "bars", "upbeat", "meter", "mode", "back1", "back2", "back4", "again")
HEARD = (4, 6, 8, 12, 16, 32)  # steps that a passage must have, by class: shorter ones come back by chance
LONGEST = 96
TIMES = (1, 2, 3, 4, 6)  # how often its last steps were heard before, by class
MOST_BARS = 24  # more are not told apart
NOTHING = -1


class Meter(NamedTuple):
    """All in grid steps; step t of the song has the place (t - upbeat) % bar in its bar."""

    upbeat: int  # what sounds before the first bar line, 0 if the song begins with a whole bar
    bar: int
    beat: int  # what one counts in: a quarter in 3/4, three quavers in 6/8, whose bar is as long


class Told(NamedTuple):
    """What is known of a song beside its tokens; None is unknown."""

    meter: Meter | None = None
    minor: bool | None = None


class ContextEncoder:
    """Numbers the symbols of the context.

    Args:
        vocabulary: of the tokens.
        parts: which of PARTS there are; without any, there is no context.
        songs: what is told of the songs to learn from. Meters with other bars or beats than theirs count as unknown.

    `symbols` says in words what each number means; `len()` is how many there are, `width` how many stand at a step, and
    `columns` says which.
    """

    def __init__(self, vocabulary: StringToIntEncoder, parts: Iterable[str], songs: Iterable[Told]):
        self.parts, self.songs = [part for part in PARTS if part in set(parts)], Counter(songs)
        self.times = sorted({told.meter[1:] for told in self.songs if told.meter is not None})  # (bar, beat) each
        longest = max((bar for bar, _ in self.times), default=0)
        tokens = [f"'{symbol}'" for symbol in vocabulary.symbols]
        words = {
            "place": [f"place {place} in the bar" for place in range(longest)],
            "beginning": [f"{place} steps after so many bars" for place in range(longest)],
            "bars": [f"{bars} bars gone by" for bars in range(MOST_BARS + 1)],
            "upbeat": [f"an upbeat of {steps}" for steps in range(longest)],
            "meter": [f"bars of {bar} steps, beats of {beat}" for bar, beat in self.times] + ["no known meter"],
            "mode": ["major", "minor"],
            **{part: [f"{token} {part[4:]} bar(s) before" for token in tokens] for part in PARTS if "back" in part},
            "again": [f"{token} the last time" for token in tokens],
            "heard": [f"the same for {steps} steps or more" for steps in HEARD],
            "times": [f"heard {times} times before or more" for times in TIMES],
        }
        self.columns = [*self.parts, *(["heard", "times"] if "again" in self.parts else [])]
        self._first, self.symbols = {}, []  # the number of each column's first symbol, and all symbols
        for part in self.columns:
            self._first[part] = len(self.symbols)
            self.symbols += words[part]
        self.width = len(self.columns)

    @classmethod
    def from_record(cls, vocabulary: StringToIntEncoder, record: Mapping | None) -> "ContextEncoder":
        """The same again, from its `record` (a checkpoint holds it), or from None one without any part.

        Raises:
            ValueError: if it is none.
        """
        if record is None:
            return cls(vocabulary, (), ())
        try:
            songs = Counter({Told(meter and Meter(*meter), minor): count for meter, minor, count in record["songs"]})
            return cls(vocabulary, record["parts"], songs.elements())
        except (KeyError, TypeError, ValueError):
            raise ValueError("its context is none that this program knows") from None

    @property
    def record(self) -> dict:
        """What it takes to make it again, as JSON can hold it."""
        return {"parts": self.parts, "songs": [[*told, count] for told, count in self.songs.items()]}

    def draw(self, rng: np.random.Generator, fits: Callable[[Told], bool]) -> Told | None:
        """What might be told of a song, as often as it is of those to learn from that fit; None if there are none."""
        fitting = [(told, count) for told, count in self.songs.items() if fits(told)]
        if not fitting:
            return None
        numbers = np.array([count for _, count in fitting])
        return fitting[rng.choice(len(fitting), p=numbers / numbers.sum())][0]

    def __len__(self) -> int:
        return len(self.symbols)

    def knows(self, meter: Meter) -> bool:
        """Whether the meter's bars and beats are among those that may occur."""
        return (meter.bar, meter.beat) in self.times

    def of_song(self, ids: np.ndarray, told: Told) -> np.ndarray | None:
        """The context of each step of a song, and of its end: (length + 1, width), or None if there is none."""
        if not self.width:
            return None
        text = _text(ids)
        return np.array([self._at(text[:t], told) for t in range(len(text) + 1)], np.int32)

    def following(self, told: Told) -> Callable[[Sequence[int]], np.ndarray] | None:
        """From the ids of a song so far to the context of the next step, (width,); None if there is none."""
        return (lambda ids: np.array(self._at(_text(ids), told), np.int32)) if self.width else None

    def _at(self, text: str, told: Told) -> list[int]:
        """The numbers of the symbols at the step behind the text, whose letters are the tokens so far."""
        meter = told.meter if told.meter is not None and self.knows(told.meter) else None
        t, found = len(text), {}
        if meter is not None:
            found["place"] = (t - meter.upbeat) % meter.bar
            found["beginning"], found["upbeat"] = t % meter.bar, meter.upbeat
            found["bars"] = min(t // meter.bar, MOST_BARS)
            for bars in (1, 2, 4):
                if t >= bars * meter.bar:
                    found[f"back{bars}"] = ord(text[t - bars * meter.bar])
        found["meter"] = len(self.times) if meter is None else self.times.index((meter.bar, meter.beat))
        if told.minor is not None:
            found["mode"] = int(told.minor)
        place, steps = (longest_passage(text) if "again" in self._first else None) or (t, 0)
        if 0 < steps < 2 * (t - place):
            times = text.count(text[t - min(steps, HEARD[2]) :], 0, t - 1)
            found["again"], found["heard"] = ord(text[place]), sum(steps >= least for least in HEARD) - 1
            found["times"] = sum(max(1, times) >= least for least in TIMES) - 1
        return [first + found[part] if part in found else NOTHING for part, first in self._first.items()]


def longest_passage(text: str, shortest: int = HEARD[0], longest: int = LONGEST) -> tuple[int, int] | None:
    """Where the text was before at what it is at now: the place behind the latest occurrence of its longest ending.

    Returns:
        The place, and how long the ending is, from `shortest` to `longest`; None if no ending occurred before.
    """
    place, t = None, len(text)
    for steps in range(shortest, min(longest, t - 1) + 1):
        start = text.rfind(text[t - steps :], 0, t - 1)
        if start < 0:
            break
        place = start + steps, steps
    return place


def _text(ids: Sequence[int]) -> str:
    """One letter for each token, as strings are searched fast."""
    return "".join(map(chr, ids))
