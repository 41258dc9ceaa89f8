"""Where a musician would look in a melody: places in the beat and in the bar, ends of phrases, onsets.

They are labels, one per grid step, with which the units of a network can be compared, and the words for them.
"""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from encoding.context import Meter, Told
from encoding.tokens import PITCHES, REST_SYMBOL, events

BEAT, BAR, PHRASE, ONSET = "the place in the beat", "the place in the bar", "phrase ends", "onsets"
READABLE = range(64, 161)  # steps of a song that is shown as text, if there is one of such a length


class Songs(NamedTuple):
    """Songs to judge the units on."""

    kind: tuple[str, str]  # one and many of them in words: 'held-out song', 'held-out songs'
    names: list[str]
    tokens: list[list[str]]
    told: list[Told]

    @property
    def meters(self) -> list[Meter | None]:
        """Of each of them."""
        return [told.meter for told in self.told]

    def counted(self, count: int) -> str:
        """So many of these songs, in words."""
        return f"{count:,} {self.kind[count != 1]}"


class Landmark(NamedTuple):
    """Labels for some songs, and how to speak of what follows them."""

    name: str  # the landmark in words
    measure: str  # how closely a unit follows it, in words
    short: str  # both where there is little room
    labels: list[np.ndarray | None]  # of each song, truth values or places (steps,), or None where it has none
    where: str  # on which songs a unit is judged
    coarser: list[np.ndarray | None] | None = None  # labels that these divide; to follow them is not to follow these


def landmarks(songs: Songs) -> list[Landmark]:
    """Places in beat and bar in the songs of the commonest meter, if there is one; phrase ends and onsets in all."""
    found, time = [], commonest_time(songs.meters)
    if time is not None:
        bar, beat = time
        count = sum(in_time(meter, time) for meter in songs.meters)
        where = f"over the {songs.counted(count)} with {bar // beat} beats of {beat} steps in a bar"
        meters = [meter if in_time(meter, time) else None for meter in songs.meters]
        pairs = list(zip(map(len, songs.tokens), meters, strict=True))
        beats = [places_in_beat(steps, meter) if meter else None for steps, meter in pairs]
        bars = [places_in_bar(steps, meter) if meter else None for steps, meter in pairs]
        # A clock of beats follows the bar as well, as whole beats fill it; that is taken away.
        beyond = "correlation ratio beyond the beat", "bar, beyond the beat, η"
        found.append(Landmark(BEAT, "correlation ratio", "beat η", beats, where))
        found.append(Landmark(BAR, *beyond, bars, where, coarser=beats))
    where = f"over {songs.counted(len(songs.tokens))}"
    return [
        *found,
        Landmark(PHRASE, "correlation", "phrase ends r", list(map(phrase_ends, songs.tokens)), where),
        Landmark(ONSET, "correlation", "onsets r", list(map(onsets, songs.tokens)), where),
    ]


def places_in_bar(steps: int, meter: Meter) -> np.ndarray:
    """The place of each step in its bar, from 0; (steps,)."""
    return (np.arange(steps) - meter.upbeat) % meter.bar


def places_in_beat(steps: int, meter: Meter) -> np.ndarray:
    """The place of each step in its beat, from 0; (steps,)."""
    return places_in_bar(steps, meter) % meter.beat


def onsets(tokens: Sequence[str]) -> np.ndarray:
    """Whether each token starts a note; (steps,)."""
    return np.array([token in PITCHES for token in tokens], bool)


def phrase_ends(tokens: Sequence[str]) -> np.ndarray:
    """Whether each step belongs to a note that a rest or the end of the song follows; (steps,).

    The tokens have no phrase marks, and this finds only the phrases that end with a breath. In *erk*, whose files have
    one phrase on each line, 97 % of these notes are the last of a line; but of all lines, only 43 % end so.
    """
    ends = np.zeros(len(tokens), bool)
    melody = list(events(tokens))
    for index, (onset, symbol, steps) in enumerate(melody):
        last = index + 1 == len(melody) or melody[index + 1][1] == REST_SYMBOL
        ends[onset : onset + steps] = last and symbol != REST_SYMBOL
    return ends


def commonest_time(meters: Sequence[Meter | None]) -> tuple[int, int] | None:
    """Bar and beat, in steps, of most songs that have a meter; None if no song has one."""
    times = Counter((meter.bar, meter.beat) for meter in meters if meter is not None)
    return times.most_common(1)[0][0] if times else None


def in_time(meter: Meter | None, time: tuple[int, int] | None) -> bool:
    """Whether a song's bars and beats are as long as these."""
    return meter is not None and (meter.bar, meter.beat) == time


def readable_song(songs: Songs) -> tuple[str, list[str], Told]:
    """Name, tokens and what is told of the first song of the commonest meter that is neither short nor long."""
    time = commonest_time(songs.meters)
    numbers = [n for n, meter in enumerate(songs.meters) if in_time(meter, time)] or range(len(songs.meters))
    n = next((n for n in numbers if len(songs.tokens[n]) in READABLE), numbers[0])
    return f"{songs.names[n]}, one of the {songs.kind[1]}", songs.tokens[n], songs.told[n]
