"""Composing with a network: what it is told of each melody, and which of the melodies that it draws are kept."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple, Protocol

import numpy as np

from encoding.context import ContextEncoder, Told
from encoding.tokens import PITCHES, events
from encoding.writing.arrangement import Arrangement, arrange_as_asked
from encoding.writing.primer import Primer

# What makes a melody one that nobody needs to hear: it is drawn again.
RULES = {
    "cut": "not ended by itself",
    "hammered": "one pitch more than six times running",
    "copied": "more than half of it in one song that was learned from",
}
SILENT = "silent"  # nothing but rests was added; that is no melody, whatever the rules
ATTEMPTS = 20  # after which the last one is kept, with what is wrong with it
LONGEST_BARS = 64  # of a melody that does not end by itself
MOST_REPEATED = 6

# (generators, what each is told, the longest and the shortest of each in steps) -> token lists
Draw = Callable[[Sequence[np.random.Generator], Sequence[Callable] | None, list[int], list[int]], list[list[str]]]


class Composition(NamedTuple):
    """A melody as the network composed it, in C major or A minor."""

    tokens: list[str]
    told: Told
    ended: bool  # by itself; if not, it was cut off
    redrawn: dict[str, int]  # how often each rule has struck before
    faults: list[str]  # the rules that strike this one
    untold: Sequence[str] = ()  # what was asked for and means nothing to the network: meter, mode

    def in_words(self) -> str:
        """What became of it, if there is something to tell."""
        again = [f"{count} x {RULES.get(rule, 'without a note')}" for rule, count in self.redrawn.items()]
        told = [f"drawn again ({', '.join(again)})"] if again else []
        told += [f"the network has learned from no song in this {what}, or is not told it" for what in self.untold]
        return "; ".join(told + [f"kept all the same: {RULES.get(fault, 'without a note')}" for fault in self.faults])


def compose(
    draw: Draw, context: ContextEncoder, arrangement: Arrangement, rngs: Sequence[np.random.Generator], given: int,
    copied: Callable[[Sequence[str]], bool] | None = None, rules: Sequence[str] = tuple(RULES),
    attempts: int | None = None,
) -> list[Composition]:  # fmt: skip
    """A melody by each generator.

    What is told of it is drawn first, as it is told of the songs that were learned from, as far as the arrangement
    leaves it open. Then melodies are drawn until no rule strikes.

    Args:
        draw: the network.
        given: how many tokens at the beginning of each are not composed.
        copied: whether what was composed stands in a song, if the songs are known.
        rules: of RULES, those that are kept.
        attempts: take this one of the melodies drawn, whatever it is like; to make one again.

    Raises:
        ValueError: if a melody would not fit between the shortest and the longest, or has no note after ATTEMPTS.
    """
    told = [arrangement.told(context, rng) for rng in rngs]
    limits = [list(arrangement.limits(one, LONGEST_BARS, given)) for one in told]
    kept: dict[int, Composition] = {}
    before: dict[int, list[str]] = {}
    redrawn = [Counter() for _ in rngs]
    for attempt in range(1, (attempts or ATTEMPTS) + 1):
        left = [n for n in range(len(rngs)) if n not in kept]
        contexts = [context.following(told[n]) for n in left] if context.width else None
        # One step more than is allowed shows whether the end comes just there.
        longest, shortest = [limits[n][0] + 1 for n in left], [limits[n][1] for n in left]
        melodies = draw([rngs[n] for n in left], contexts, longest, shortest)
        for n, tokens in zip(left, melodies, strict=True):
            tokens, ended = tokens[: limits[n][0]], len(tokens) <= limits[n][0]
            faults = _faults(tokens, given, ended, rules, copied)
            # To make one again, count; else, take the first without fault, or the last: at temperature 0, the next is
            # no other.
            is_last = attempt == ATTEMPTS or tokens == before.get(n)
            before[n] = tokens
            if attempt == attempts or (attempts is None and (not faults or is_last)):
                if SILENT in faults and attempts is None:
                    raise ValueError(
                        "no note follows; give more room (--max-len), fewer --primer-notes or another --seed"
                    )
                untold = _untold(context, arrangement, told[n])
                kept[n] = Composition(tokens, told[n], ended, dict(redrawn[n]), faults, untold)
            else:
                redrawn[n].update(faults[:1])
                if SILENT in faults:  # as after a song that has ended: the next may not end at once
                    limits[n][1] = min(max(limits[n][1], given + told[n].meter.bar), limits[n][0])
        if len(kept) == len(rngs):
            break
    return [kept[n] for n in range(len(rngs))]


class Network(Protocol):
    """A trained network, such as lstm_numpy.training.Trained."""

    context: ContextEncoder
    time_step: float

    def drawing(self, seq: Sequence[str] | None, temperature: float) -> Draw: ...


def as_drawn(
    network: Network, rngs: Sequence[np.random.Generator], temperature: float, longest: str | None = None
) -> tuple[list[Composition], Arrangement]:
    """Melodies as the network draws them, whatever they are like, in C major or A minor; and how to arrange them."""
    arrangement = arrange_as_asked(network.time_step, Primer([]), longest=longest, range_="any")
    draw = network.drawing(None, temperature)
    return compose(draw, network.context, arrangement, rngs, 0, rules=(), attempts=1), arrangement


def _untold(context: ContextEncoder, arrangement: Arrangement, told: Told) -> list[str]:
    asked = {"meter": arrangement.time is not None, "mode": arrangement.minor is not None}
    known = {
        "meter": {"place", "meter"} & set(context.parts) and context.knows(told.meter),
        "mode": "mode" in context.parts,
    }
    return [what for what in asked if asked[what] and not known[what]]


def _faults(tokens: Sequence[str], given: int, ended: bool, rules: Sequence[str], copied: Callable | None) -> list[str]:
    found = {
        SILENT: not any(token in PITCHES for token in tokens[given:]),
        "cut": "cut" in rules and not ended,
        "hammered": "hammered" in rules and most_repeated(tokens[given:]) > MOST_REPEATED,
        "copied": "copied" in rules and copied is not None and copied(tokens[given:]),
    }
    return [rule for rule, struck in found.items() if struck]


def most_repeated(tokens: Sequence[str]) -> int:
    """How many notes of one pitch follow one another without another note or a rest, at most."""
    start = next((n for n, token in enumerate(tokens) if token != "_"), len(tokens))
    symbols = [symbol for _, symbol, _ in events(tokens[start:])]
    return max((len(list(run)) for symbol, run in groupby(symbols) if symbol in PITCHES), default=0)


def tally(melodies: Sequence[Composition]) -> Mapping[str, int]:
    """How often each rule has struck, over all melodies."""
    return sum((Counter(melody.redrawn) for melody in melodies), Counter())
