"""Melodies by the network beside folk songs, in the same figures."""

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from encoding.comparing.novelty import Novelty
from encoding.comparing.statistics import Melody, describe, histograms, overlap

Mean = Callable[[Sequence[float]], list[float]]  # numbers -> their mean and the ends of its interval
LONG_RUN = 32  # steps; two bars of four quarters in sixteenths
DRAWS = 200


def compare_melodies(sets: Mapping[str, Sequence[Melody]], reference: str, mean: Mean) -> dict[str, dict]:
    """The statistics of several sets of melodies.

    Args:
        sets: name -> melodies, or whatever else has tokens, what is told of them, and whether they ended.
        reference: the set with whose histograms the others are compared.
        mean: gives a mean its interval.

    Returns:
        For each set 'melodies' (how many), 'means' (of each figure of `describe`, over the melodies that have it; NaN
        if none has), 'histograms', 'overlap' of each with that of the reference, and 'lengths' and 'ranges' of the
        melodies.
    """
    all_histograms = {name: histograms([melody.tokens for melody in melodies]) for name, melodies in sets.items()}
    result = {}
    for name, melodies in sets.items():
        described = [describe(melody) for melody in melodies]
        columns = {figure: [one[figure] for one in described] for figure in described[0]}
        known = {figure: [value for value in column if not math.isnan(value)] for figure, column in columns.items()}
        result[name] = {
            "melodies": len(melodies),
            "means": {figure: mean(values) if values else [math.nan] * 3 for figure, values in known.items()},
            "histograms": all_histograms[name],
            "overlap": {
                figure: overlap(histogram, all_histograms[reference][figure])
                for figure, histogram in all_histograms[name].items()
            },
            "lengths": columns["length"],
            "ranges": columns["range"],
        }
    return result


def usual_overlap(
    songs: Sequence[Sequence[str]], reference: Sequence[Sequence[str]], count: int, rng: np.random.Generator
) -> dict[str, list[float]]:
    """The overlap that `count` of the songs, drawn DRAWS times, have with those of the reference.

    Returns:
        By histogram, the median and the middle 95 %.
    """
    wanted, found = histograms(reference), {}
    for _ in range(DRAWS):
        drawn = histograms([songs[n] for n in rng.integers(len(songs), size=count)])
        for name, histogram in drawn.items():
            found.setdefault(name, []).append(overlap(histogram, wanted[name]))
    return {name: np.quantile(values, [0.5, 0.025, 0.975]).tolist() for name, values in found.items()}


def find_copies(novelty: Novelty, melodies: Sequence[Sequence[str]], mean: Mean, own: Sequence[str] = ()) -> dict:
    """What a set of melodies shares with songs, as `copies_of` says it.

    Args:
        novelty: knows the songs.
        melodies, mean: see `compare_melodies`.
        own: if the melodies are among the songs, their names: each is compared with the others.
    """
    names = own or [None] * len(melodies)
    runs = [novelty.longest_run(tokens, name) for tokens, name in zip(melodies, names, strict=True)]
    return copies_of([run.as_record() for run in runs], mean)


def copies_of(runs: Sequence[Mapping], mean: Mean) -> dict:
    """From the longest run of each melody (`novelty.Run.as_record`) to figures of all.

    Returns:
        'longest', 'share': means, in steps and of the melody's length; 'long', 'very long', the shares of melodies
        with a run of LONG_RUN steps or more, and of twice as many; 'half', of those that copy more than half of
        themselves; 'runs', of each melody.
    """
    return {
        "longest": mean([run["steps"] for run in runs]),
        "share": mean([run["share"] for run in runs]),
        "long": mean([run["steps"] >= LONG_RUN for run in runs]),
        "very long": mean([run["steps"] >= 2 * LONG_RUN for run in runs]),
        "half": mean([run["copied"] for run in runs]),
        "runs": list(runs),
    }
