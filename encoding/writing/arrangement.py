"""From what the network composes, in C major or A minor, to the key and the register in which it is wanted.

A melody is moved as a whole, by the interval between two keys and by octaves; nothing else about it changes.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from encoding.grid import GridEncoder, transpose_tokens
from encoding.key import C_MAJOR, SEMITONES, Key
from encoding.tokens import HOLD_SYMBOL, PITCHES
from encoding.writing.bars import Layout, TimeSignature
from encoding.writing.primer import Primer


class Range(NamedTuple):
    """The lowest and the highest note that a voice can sing, as MIDI numbers."""

    low: int
    high: int

    @classmethod
    def parse(cls, text: str) -> "Range":
        """From 'G3-G5' (C4 is middle C); 'any' is all that there is.

        Raises:
            ValueError: if it is no range, or one of less than an octave.
        """
        if text == "any":
            return ANY
        match = re.fullmatch(r"\s*([A-Ga-g])([#b]?)(-?\d)\s*-\s*([A-Ga-g])([#b]?)(-?\d)\s*", text)
        if match is None:
            raise ValueError(f"{text!r} is not a range; write it like G3-G5, or any")
        low, high = _number(*match.groups()[:3]), _number(*match.groups()[3:])
        if not 0 <= low <= high - 12 <= 115:
            raise ValueError(f"{text!r} is not a range of an octave or more between C-1 and G9; write it like G3-G5")
        return cls(low, high)


SINGABLE = Range(55, 79)  # G3 to G5
ANY = Range(0, 127)
A_MINOR = Key("A", minor=True)


def _number(letter: str, accidental: str, octave: str) -> int:
    return 12 * (int(octave) + 1) + SEMITONES[letter.upper()] + {"": 0, "#": 1, "b": -1}[accidental]


def nearest_shift(key: Key, start: int = 0) -> int:
    """Semitones from C to a major key, or from A to a minor one, in the octave where they are nearest to `start`."""
    return start + (key.shift - start + 5) % 12 - 5


def octaves_into(range_: Range, tokens: Sequence[str]) -> int:
    """By how many octaves to move a melody so that the fewest notes lie outside a range; the least that does it."""
    numbers = [int(token) for token in tokens if token in PITCHES] or [60]

    def outside(octaves: int) -> tuple[int, int]:
        return sum(not range_.low <= number + 12 * octaves <= range_.high for number in numbers), abs(octaves)

    possible = [n for n in range(-10, 11) if min(numbers) + 12 * n >= 0 and max(numbers) + 12 * n <= 127]
    return min(possible, key=outside)


class Arrangement(NamedTuple):
    """What is to be made of each melody."""

    shift: int  # semitones from C major or A minor to its key
    range_: Range  # where it should lie; it is moved there by octaves
    layout: Layout  # how it is written down, if nothing is cut off at its beginning
    bar: int  # of the layout's meter, in grid steps
    # Whether the layout's key was asked for. If not, the melody stays in C major or A minor, and its last note says in
    # which of the two.
    chosen: bool

    def of(self, composed: Sequence[str], cut: int = 0) -> tuple[list[str], Layout, int]:
        """One melody in C major or A minor, arranged.

        So many steps as `cut` says are left out at its beginning, and what they leave of a note, too.

        Returns:
            The tokens, their layout, and by how many semitones they were moved in all.

        Raises:
            SongRejected: if they do not fit between the MIDI numbers 0 and 127.
        """
        start = next((n for n in range(cut, len(composed)) if composed[n] != HOLD_SYMBOL), len(composed)) if cut else 0
        tokens = transpose_tokens(composed[start:], self.shift)
        octaves = octaves_into(self.range_, tokens)
        tokens = transpose_tokens(tokens, 12 * octaves)
        layout = self.layout._replace(upbeat=(self.layout.upbeat - start) % self.bar)
        pitches = [int(token) for token in tokens if token in PITCHES]
        if not self.chosen and pitches and pitches[-1] % 12 == A_MINOR.number % 12:
            layout = layout._replace(key=A_MINOR)
        return tokens, layout, self.shift + 12 * octaves


def arrange_as_asked(
    time_step: float, primer: Primer, *, key: str | None = None, meter: str | None = None, upbeat: int | None = None,
    tempo: float = 120, range_: str | None = None,
) -> Arrangement:  # fmt: skip
    """An arrangement as the primer suggests it, unless something else is asked for.

    Key, meter and range come as a musician types them.

    Args:
        time_step: the length of a step as a share of a whole note.
        primer: what the melodies begin with. The key of its score takes them back to exactly where that stood.
        key: the key instead. From C major's tonic to that of a major key, from A minor's to that of a
            minor one, the melody takes the shortest way; that of a score, from where the score stood.
        meter: instead of the primer's, or of 4/4.
        upbeat: grid steps, instead of the primer's, or of none.
        tempo: quarter notes per minute.
        range_: where the melodies should lie; if None, G3 to G5 or, if there is a primer, where that puts them.

    Raises:
        ValueError: if one of them cannot be read (the message begins with its option), if the upbeat is as long as a
            bar, or a bar no whole number of steps.
    """
    key = _read("--key", Key, key)
    time = _read("--meter", TimeSignature, meter)
    range_ = _read("--range", Range, range_)
    step = GridEncoder(time_step).quarters_per_step
    known = primer.meter if time is None else None
    time = time or (TimeSignature.of(known, step) if known else TimeSignature(4, 4))
    bar = time.bar / step
    if bar.denominator != 1:
        raise ValueError(f"a bar of {time} is no whole number of the model's steps; give another --meter")
    if upbeat is None:
        upbeat = known.upbeat if known else 0
    if upbeat >= bar:
        raise ValueError(f"--upbeat {upbeat}: a bar of {time} has only {bar} steps; give less")
    shift = primer.key.shift if primer.key else 0
    if key:
        shift = nearest_shift(key, shift)
    layout = Layout(key or primer.key or C_MAJOR, time, upbeat, tempo)
    range_ = range_ or (ANY if primer.tokens else SINGABLE)
    return Arrangement(shift, range_, layout, int(bar), chosen=bool(key or primer.key))


def _read(option: str, kind: type, text: str | None):
    try:
        return None if text is None else kind.parse(text)
    except ValueError as error:
        raise ValueError(f"{option}: {error}") from None
