"""Random ABC tunes whose right notes are known: the project must read each as it was meant."""

import tempfile
from itertools import groupby
from pathlib import Path

import numpy as np
from comparison import Tally, compare

from encoding import load_corpus


def compare_made_up(count: int, seed: int) -> list[Tally]:
    """The tallies of tunes made by `random_abc`: against the notes they were made from, and against abc2midi."""
    from random_abc import random_tune

    tunes = [random_tune(np.random.default_rng([seed, n]), strict=True) for n in range(count)]
    meant, others = Tally("made up, and the notes that were meant"), Tally("made up, and abc2midi")
    numbered = sorted(enumerate(tunes), key=lambda pair: pair[1].time_step)
    for time_step, group in groupby(numbered, key=lambda pair: pair[1].time_step):
        with tempfile.TemporaryDirectory() as home:
            right = {}
            for n, tune in group:
                (Path(home) / f"{n}.abc").write_text(tune.text, encoding="utf-8")
                right[f"{n}.abc#1"] = tune.tokens
            corpus = load_corpus(home, time_step)
            for name, tokens in zip(corpus.names, corpus.songs, strict=True):
                meant.kept += 1
                if tokens == right.get(name):
                    meant.equal += 1
                else:
                    meant.different[name] = "other tokens than were meant"
            meant.different |= corpus.rejected
            for tally in compare(Path(home), time_step):
                others.kept += tally.kept
                others.equal += tally.equal
                for name, difference in tally.different.items():
                    if name in meant.different:
                        others.different[name] = difference
                    else:  # the project is right
                        others.not_compared["abc2midi plays it otherwise than it was meant"] += 1
                others.not_compared += tally.not_compared
                others.refused += tally.refused
    return [meant, others]
