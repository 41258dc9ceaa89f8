"""What sounds when: the common language in which the project and another reader are compared."""

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from encoding import REST_SYMBOL
from encoding.key import Key
from encoding.tokens import events
from encoding.writing.names import in_words

CLOSE = Fraction(1, 12)  # of a quarter note: what two readers may differ by, since one counts in ticks


class Sound(NamedTuple):
    """A note: from when to when, in quarter notes, and its MIDI number."""

    onset: Fraction
    end: Fraction
    pitch: int

    def __str__(self) -> str:
        return f"{in_words(str(self.pitch))} from {float(self.onset):g} to {float(self.end):g}"


class NotCompared(Exception):
    """The other reader cannot say what sounds; the message is the reason."""


def sounds_of(tokens: Sequence[str], key: Key, time_step: float) -> list[Sound]:
    """The notes of a song on the grid, back in the key in which it stood."""
    quarters = 4 * Fraction(time_step).limit_denominator(256)
    return [
        Sound(onset * quarters, (onset + steps) * quarters, int(symbol) + key.shift)
        for onset, symbol, steps in events(tokens)
        if symbol != REST_SYMBOL
    ]


def first_difference(ours: Sequence[Sound], theirs: Sequence[Sound], held_short: bool = False) -> str | None:
    """Where two readings of a song part, in words; None if they are equal.

    Args:
        ours, theirs: the notes in the order of their onsets.
        held_short: theirs sound as they were played, and may end earlier than they are written: up to the
            next onset, ours may end later.
    """
    for number, (our, their) in enumerate(zip(ours, theirs, strict=False), start=1):
        equal = our.pitch == their.pitch and abs(our.onset - their.onset) <= CLOSE
        latest = their.end
        if held_short:
            latest = max(latest, theirs[number].onset if number < len(theirs) else our.end)
        if not equal or not their.end - CLOSE <= our.end <= latest + CLOSE:
            return f"note {number} is {our}, for the other reader {their}"
    if len(ours) != len(theirs):
        number = min(len(ours), len(theirs))
        more = (ours if len(ours) > number else theirs)[number]
        return f"{len(ours)} notes, for the other reader {len(theirs)}; the first more is {more}"
    return None
