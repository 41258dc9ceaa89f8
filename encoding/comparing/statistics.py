"""What a melody is like, in numbers: histograms of a set of melodies, and figures of each one.

Melodies by the network and songs that it has not heard are counted by the same code.
"""

import math
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from encoding.context import Meter, Told
from encoding.tokens import HOLD_SYMBOL, REST_SYMBOL, events
from encoding.writing import MOST_REPEATED, most_repeated

WHITE_KEYS = frozenset({0, 2, 4, 5, 7, 9, 11})  # the pitch classes of C major and of A minor
C, A = 0, 9  # the tonics of these, where all songs are transposed to
BACK = (1, 2, 4)  # bars before, where a bar may stand for the first time
BEGINNING = 8  # steps

# How well each pitch class fits a key, from the tonic upwards, as listeners rate it (Krumhansl & Kessler 1982).
MAJOR_PROFILE = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
MINOR_PROFILE = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)
# The major keys from C upwards, then the minor ones: (24, 12).
KEY_PROFILES = np.array([np.roll(one, n) for one in (MAJOR_PROFILE, MINOR_PROFILE) for n in range(12)])


class Melody(NamedTuple):
    """A song or what was composed, in C major or A minor; a `writing.Composition` says the same, and more."""

    tokens: Sequence[str]  # without TERM
    told: Told = Told()  # its meter and mode, as far as they are known
    ended: bool = True  # by itself; if not, it was cut off


def notes(tokens: Sequence[str]) -> list[tuple[int, int]]:
    """(MIDI number, duration in steps) of each note; rests are left out."""
    return [(int(symbol), steps) for _, symbol, steps in events(tokens) if symbol != REST_SYMBOL]


def histograms(melodies: Sequence[Sequence[str]]) -> dict[str, dict[int, float]]:
    """Three distributions over all notes of all melodies, each with the sum 1.

    Of 'pitch class' (0 is C) it is the share of the sounding time, so that long notes weigh more; 'interval' counts
    semitones from each note to the next, be there a rest or not; 'duration' is in steps.
    """
    pitch_class, interval, duration = Counter(), Counter(), Counter()
    for tokens in melodies:
        sounding = notes(tokens)
        for number, steps in sounding:
            pitch_class[number % 12] += steps
            duration[steps] += 1
        for (one, _), (two, _) in pairwise(sounding):
            interval[two - one] += 1
    counts = {"pitch class": pitch_class, "interval": interval, "duration": duration}
    return {
        name: {value: counter[value] / counter.total() for value in sorted(counter)} for name, counter in counts.items()
    }


def overlap(p: Mapping[Hashable, float], q: Mapping[Hashable, float]) -> float:
    """Σ min(p, q), which is 1 minus the total variation distance: 1 of equal histograms, 0 if they share nothing."""
    return sum(min(p[value], q[value]) for value in p.keys() & q.keys())


def describe(melody: Melody) -> dict[str, float]:
    """The figures of one melody; those that say whether it is so are 1 or 0, and NaN is what it does not have.

    'range' is from the lowest to the highest note, in semitones; 'mode agrees' with that of `sounds_minor`; 'hammered'
    is one pitch struck more than six times running; 'short at first' the share of the notes begun in the first eight
    steps that last one step. If the meter is known, there is also what `bars` finds.
    """
    tokens, (meter, minor), sounding = melody.tokens, melody.told, notes(melody.tokens)
    numbers = [number for number, _ in sounding]
    last = numbers[-1] % 12 if numbers else None
    first = [steps == 1 for onset, symbol, steps in events(tokens) if onset < BEGINNING and symbol != REST_SYMBOL]
    figures = {
        "length": len(tokens),
        "notes": len(numbers),
        "range": max(numbers) - min(numbers) if numbers else 0,
        "in scale": sum(number % 12 in WHITE_KEYS for number in numbers) / max(1, len(numbers)),
        "key clarity": key_clarity(sounding),
        "ends on C or A": last in (C, A),
        "ends on the tonic": math.nan if minor is None else last == (A if minor else C),
        "mode agrees": math.nan if minor is None or not numbers else sounds_minor(sounding) == minor,
        "hammered": most_repeated(tokens) > MOST_REPEATED,
        "short at first": sum(first) / len(first) if first else math.nan,
        "cut off": not melody.ended,
        **bars(tokens, meter),
    }
    return {name: float(value) for name, value in figures.items()}


def bars(tokens: Sequence[str], meter: Meter | None) -> dict[str, float]:
    """Whether a melody keeps to its bars, which are laid from the upbeat; NaN if it has no meter or no bar to tell.

    Returns:
        'bar lines cut', the share of the bar lines within it that stand where a note or rest is held; 'whole bars', 1
        if the last bar and the upbeat make up a whole one, else 0; 'repeated bars', the share of its bars that stood
        somewhere before, token for token; 'as 1 bar before', 'as 2 bars before' and so on, of those that stood there.
    """
    lines, whole = (), []
    if meter is not None:
        lines = [step for step in range(meter.upbeat, len(tokens), meter.bar) if step]
        starts = range(meter.upbeat, len(tokens) - meter.bar + 1, meter.bar)
        whole = [tuple(tokens[start : start + meter.bar]) for start in starts]

    def share(count: int) -> float:
        return count / len(whole) if whole else math.nan

    return {
        "bar lines cut": sum(tokens[line] == HOLD_SYMBOL for line in lines) / len(lines) if lines else math.nan,
        "whole bars": math.nan if meter is None else len(tokens) % meter.bar == 0,
        "repeated bars": share(len(whole) - len(set(whole))),
        **{
            f"as {back} bar{'s' * (back > 1)} before": share(
                sum(one == other for one, other in zip(whole, whole[back:], strict=False))
            )
            for back in BACK
        },
    }


def key_clarity(sounding: Sequence[tuple[int, int]]) -> float:
    """How clearly a melody, given by its `notes`, is in any key: the largest of its `key_correlations`."""
    return float(key_correlations(sounding).max())


def sounds_minor(sounding: Sequence[tuple[int, int]]) -> bool:
    """Whether a melody, given by its `notes`, is more like A minor than like C major, by its `key_correlations`."""
    correlations = key_correlations(sounding)
    return bool(correlations[12 + A] > correlations[C])


def key_correlations(sounding: Sequence[tuple[int, int]]) -> np.ndarray:
    """The correlations of a melody's sounding time by pitch class with the KEY_PROFILES, (24,).

    They are 0 if there is no note, or if all pitch classes sound equally long.
    """
    time = np.zeros(12)
    for number, steps in sounding:
        time[number % 12] += steps
    if np.ptp(time) == 0:
        return np.zeros(len(KEY_PROFILES))
    time -= time.mean()
    profiles = KEY_PROFILES - KEY_PROFILES.mean(axis=1, keepdims=True)
    return profiles @ time / (np.linalg.norm(profiles, axis=1) * np.linalg.norm(time))
