"""From what the network composes, in C major or A minor, to the key and the register in which it is wanted.

A melody is moved as a whole, by the interval between two keys and by octaves; nothing else about it changes.
"""

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from encoding.context import ContextEncoder, Meter, Told
from encoding.grid import GridEncoder, transpose_tokens
from encoding.key import C_MAJOR, SEMITONES, Key
from encoding.reading import beat_of
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


class Span(NamedTuple):
    """A length as it is typed: 12 steps, 2 bars or 1.5 beats."""

    count: Fraction
    unit: str

    @classmethod
    def parse(cls, text: str) -> "Span":
        """From '12' (steps), '2 bars', '1 beat'.

        Raises:
            ValueError: if it is none.
        """
        match = re.fullmatch(r"\s*(\d{1,6}(?:\.\d{1,3})?)\s*(step|beat|bar)?s?\s*", text)
        if match is None or (match[2] in (None, "step") and "." in match[1]):
            raise ValueError(f"{text!r} is not a length; write it like 12 (steps), '2 bars' or '1 beat'")
        return cls(Fraction(match[1]), match[2] or "step")

    def steps(self, meter: Meter) -> int:
        """In grid steps, rounded down."""
        return int(self.count * {"step": 1, "beat": meter.beat, "bar": meter.bar}[self.unit])


class Arrangement(NamedTuple):
    """What is asked of each melody; what is None is as it is told of the songs that were learned from."""

    step: Fraction  # quarter notes in a grid step
    shift: int  # semitones from C major or A minor to its key
    range_: Range  # where it should lie; it is moved there by octaves
    tempo: float
    key: Key | None  # if None, it stays in C major or A minor
    minor: bool | None
    time: TimeSignature | None
    upbeat: Span | None
    longest: Span | None
    shortest: Span

    @property
    def as_asked(self) -> Told:
        """What is told of a melody if nothing is known of songs: 4/4 without an upbeat, unless something is asked."""
        time = self.time or TimeSignature(4, 4)
        meter = Meter(0, int(time.bar / self.step), int(beat_of(time.numerator, time.denominator) / self.step) or 1)
        upbeat = self.upbeat.steps(meter) % meter.bar if self.upbeat else 0
        return Told(meter._replace(upbeat=upbeat), self.minor)

    def told(self, context: ContextEncoder, rng: np.random.Generator) -> Told:
        """What the network is told of one melody: as asked and, where that is left open, as of a song that is drawn."""

        def fits(told: Told) -> bool:
            return told.meter is not None and (
                (self.minor is None or told.minor == self.minor)
                and (self.time is None or TimeSignature.of(told.meter, self.step) == self.time)
                and (self.upbeat is None or told.meter.upbeat == self.upbeat.steps(told.meter))
            )

        if (drawn := context.draw(rng, fits)) is not None:
            return drawn
        other = context.draw(rng, lambda told: self.minor is None or told.minor == self.minor)
        return self.as_asked if other is None else self.as_asked._replace(minor=other.minor)

    def limits(self, told: Told, longest_bars: int, given: int = 0) -> tuple[int, int]:
        """The most and the fewest steps of a melody of which this is told, behind so many that are given."""
        shortest = self.shortest.steps(told.meter)
        if self.longest:
            return self.longest.steps(told.meter), shortest
        return max(longest_bars * told.meter.bar, given + 8 * told.meter.bar, shortest + 8 * told.meter.bar), shortest

    def of(
        self, composed: Sequence[str], told: Told | None = None, ended: bool = True, cut: int = 0
    ) -> tuple[list[str], Layout, int]:
        """One melody in C major or A minor, arranged as it was composed: what was told of it says meter and mode.

        So many steps as `cut` says are left out at its beginning, and what they leave of a note, too.

        Returns:
            The tokens, their layout, and by how many semitones they were moved in all.

        Raises:
            SongRejected: if they do not fit between the MIDI numbers 0 and 127.
        """
        told = told or self.as_asked
        start = next((n for n in range(cut, len(composed)) if composed[n] != HOLD_SYMBOL), len(composed)) if cut else 0
        tokens = transpose_tokens(composed[start:], self.shift)
        octaves = octaves_into(self.range_, tokens)
        tokens = transpose_tokens(tokens, 12 * octaves)
        key, pitches = self.key, [int(token) for token in tokens if token in PITCHES]
        if key is None:  # the last note tells the mode, where nothing else does
            minor = told.minor
            if minor is None:
                minor = bool(pitches) and pitches[-1] % 12 == A_MINOR.number % 12
            key = A_MINOR if minor else C_MAJOR
        time = self.time or TimeSignature.of(told.meter, self.step)
        layout = Layout(key, time, (told.meter.upbeat - start) % told.meter.bar, self.tempo, ended)
        return tokens, layout, self.shift + 12 * octaves


def arrange_as_asked(
    time_step: float, primer: Primer, *, key: str | None = None, meter: str | None = None, upbeat: str | None = None,
    tempo: float | None = None, range_: str | None = None, longest: str | None = None, shortest: str = "0",
) -> Arrangement:  # fmt: skip
    """An arrangement as the primer suggests it, unless something else is asked for.

    Key, meter, range and lengths come as a musician types them.

    Args:
        time_step: the length of a step as a share of a whole note.
        primer: what the melodies begin with. The key of its score takes them back to exactly where that stood.
        key: the key instead. From C major's tonic to that of a major key, from A minor's to that of a
            minor one, the melody takes the shortest way; that of a score, from where the score stood.
        meter, upbeat: instead of the primer's.
        tempo: quarter notes per minute; if None, the primer's, or 120.
        range_: where the melodies should lie; if None, G3 to G5 or, if there is a primer, where that puts them.
        longest, shortest: the length of each.

    Raises:
        ValueError: if one of them cannot be read (the message begins with its option), if the upbeat is as long as a
            bar, or a bar no whole number of steps.
    """
    key = _read("--key", Key, key)
    time, upbeat = _read("--meter", TimeSignature, meter), _read("--upbeat", Span, upbeat)
    range_ = _read("--range", Range, range_)
    longest, shortest = _read("--max-len", Span, longest), _read("--min-len", Span, shortest)
    step = GridEncoder(time_step).quarters_per_step
    if time is None and primer.meter:
        time = TimeSignature.of(primer.meter, step)
        upbeat = upbeat or Span(Fraction(primer.meter.upbeat), "step")
    if time is not None and (time.bar / step).denominator != 1:
        raise ValueError(f"a bar of {time} is no whole number of the model's steps; give another --meter")
    if upbeat is not None:
        whole = time or TimeSignature(4, 4)
        bar = int(whole.bar / step)
        if upbeat.steps(Meter(0, bar, int(whole.beat / step))) >= bar:
            raise ValueError(f"--upbeat: a bar of {whole} has only {bar} steps; give less")
    shift = primer.key.shift if primer.key else 0
    if key:
        shift = nearest_shift(key, shift)
    range_ = range_ or (ANY if primer.tokens else SINGABLE)
    wanted = key or primer.key
    return Arrangement(
        step, shift, range_, tempo or primer.tempo or 120.0, wanted, wanted and wanted.minor, time, upbeat, longest,
        shortest,
    )  # fmt: skip


def _read(option: str, kind: type, text: str | None):
    try:
        return None if text is None else kind.parse(text)
    except ValueError as error:
        raise ValueError(f"{option}: {error}") from None
