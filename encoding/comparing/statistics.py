"""What a melody is like, in numbers: histograms of a set of melodies, and figures of each one.

Melodies by the network and songs that it has not heard are counted by the same code.
"""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from itertools import pairwise

import numpy as np

from encoding.tokens import REST_SYMBOL, events

WHITE_KEYS = frozenset({0, 2, 4, 5, 7, 9, 11})  # the pitch classes of C major and of A minor
TONICS = frozenset({0, 9})  # C and A, where all songs are transposed to

# How well each pitch class fits a key, from the tonic upwards, as listeners rate it (Krumhansl & Kessler 1982).
MAJOR_PROFILE = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
MINOR_PROFILE = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)
KEY_PROFILES = np.array([np.roll(one, n) for one in (MAJOR_PROFILE, MINOR_PROFILE) for n in range(12)])  # (24, 12)


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


def describe(tokens: Sequence[str], steps_per_beat: int = 4) -> dict[str, float]:
    """The figures of one melody, which comes without TERM; `steps_per_beat` counts the grid steps of a quarter note.

    Of what is true or not, the figure is 1 or 0; 'range' is from the lowest to the highest note, in semitones.
    """
    sounding = notes(tokens)
    numbers = [number for number, _ in sounding]
    return {
        "length": len(tokens),
        "notes": len(numbers),
        "range": max(numbers) - min(numbers) if numbers else 0,
        "in scale": sum(number % 12 in WHITE_KEYS for number in numbers) / max(1, len(numbers)),
        "key clarity": key_clarity(sounding),
        "ends on C or A": float(bool(numbers) and numbers[-1] % 12 in TONICS),
        "whole beats": float(len(tokens) % steps_per_beat == 0),
        "repeated bars": repeated_bars(tokens, steps_per_beat),
    }


def key_clarity(sounding: Sequence[tuple[int, int]]) -> float:
    """How clearly a melody, given by its `notes`, is in any key: the largest correlation with the profile of a key.

    Correlated is the sounding time of the twelve pitch classes; 0 if all sound equally long.
    """
    time = np.zeros(12)
    for number, steps in sounding:
        time[number % 12] += steps
    if np.ptp(time) == 0:
        return 0.0
    time -= time.mean()
    profiles = KEY_PROFILES - KEY_PROFILES.mean(axis=1, keepdims=True)
    correlations = profiles @ time / (np.linalg.norm(profiles, axis=1) * np.linalg.norm(time))
    return float(correlations.max())


def repeated_bars(tokens: Sequence[str], steps_per_beat: int = 4) -> float:
    """The share of bars that have occurred before in the melody, token for token.

    The tokens know no bar lines: a bar is here a stretch of four beats, or of three, counted from the first step, and
    the larger share is taken. An upbeat moves all these bars alike, so that repetitions are still found.
    """
    shares = [0.0]
    for bar in (4 * steps_per_beat, 3 * steps_per_beat):
        bars = [tuple(tokens[start : start + bar]) for start in range(0, len(tokens) - bar + 1, bar)]
        if bars:
            shares.append((len(bars) - len(set(bars))) / len(bars))
    return max(shares)
