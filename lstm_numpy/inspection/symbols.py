"""How what the network reads and does is shown: its symbols in words, its numbers in colours."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

PROBABILITY, SIGNED = "Greys", "PuOr_r"  # colour maps for 0 to 1 and for -1 to 1


class Notation(NamedTuple):
    """How the symbols of the vocabulary are written, and how long they last."""

    labels: Sequence[str]  # of each symbol
    order: Sequence[int]  # the symbols from the lowest row of a picture to the highest
    end: int  # the end symbol
    kinds: Mapping[str, Sequence[int]]  # a kind of symbols, in words -> the symbols
    each: tuple[str, Sequence[int]]  # symbols of which each one's mean is told, and what they are, in words
    duration: float  # of a step
    time: str  # what durations are counted in, in words
    settled: int  # steps after which a surprise is no longer that of a beginning
