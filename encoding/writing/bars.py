"""A melody as a musician writes it: in bars, with an upbeat, its notes split where one could not read them.

The tokens say which pitch sounds and for how long. A `Layout` says the rest: key, meter, upbeat and
tempo. `bars` puts the two together; MusicXML, MIDI and ABC are all written from what it returns.
"""

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import groupby
from typing import NamedTuple

from encoding.grid import GridEncoder
from encoding.key import C_MAJOR, Key
from encoding.reading import Meter, beat_of
from encoding.tokens import REST_SYMBOL, events
from encoding.writing.spelling import Spelling, spell

COMPOSER = "an LSTM"
LONGEST = 6  # quarter notes: a dotted whole note


class TimeSignature(NamedTuple):
    """Such as 3/4."""

    numerator: int
    denominator: int

    @classmethod
    def parse(cls, text: str) -> "TimeSignature":
        """From '3/4'.

        Raises:
            ValueError: if it is no time signature, or one with more than 32 beats or finer than 1/32.
        """
        match = re.fullmatch(r"\s*(\d{1,2})/(1|2|4|8|16|32)\s*", text)
        if match is None or not 1 <= int(match[1]) <= 32:
            raise ValueError(f"{text!r} is not a meter; write it like 3/4 or 6/8")
        return cls(int(match[1]), int(match[2]))

    @classmethod
    def of(cls, meter: Meter, quarters_per_step: Fraction) -> "TimeSignature":
        """The one whose bars and beats are so long: three quavers a beat is 6/8, not 3/4."""
        beat, beats = meter.beat * quarters_per_step, meter.bar // meter.beat
        compound = beat.numerator % 3 == 0
        unit = beat / 3 if compound else beat
        return cls(beats * 3 if compound else beats, int(4 / unit))

    @property
    def bar(self) -> Fraction:
        """Its length in quarter notes."""
        return Fraction(4 * self.numerator, self.denominator)

    @property
    def beat(self) -> Fraction:
        """What notes are grouped by, in quarter notes: the beat that one counts, a quarter in 2/2."""
        beat = beat_of(self.numerator, self.denominator)
        return beat if self.compound else min(beat, Fraction(1))

    @property
    def compound(self) -> bool:
        """Whether a beat has three parts."""
        return self.numerator in (6, 9, 12)

    def __str__(self) -> str:
        return f"{self.numerator}/{self.denominator}"


class Layout(NamedTuple):
    """What the tokens do not say."""

    key: Key = C_MAJOR  # the signature, and how pitches are spelled
    time: TimeSignature = TimeSignature(4, 4)
    upbeat: int = 0  # grid steps before the first whole bar
    tempo: float = 120  # quarter notes per minute
    ended: bool = True  # if not, it was cut off, and has no final bar line

    def __str__(self) -> str:
        return f"{self.time}, {self.key}{'' if self.ended else '; cut off'}"


class Piece(NamedTuple):
    """A note or rest, or a part of one, that stands in one bar and is written with one symbol."""

    pitch: Spelling | None  # None is a rest
    place: Fraction  # where in the bar it begins, in quarter notes; an upbeat of a quarter in 3/4 is at 2
    quarters: Fraction  # its length
    tied: bool  # whether the next piece goes on with it


def bars(tokens: Sequence[str], time_step: float, layout: Layout) -> list[list[Piece]]:
    """The melody bar by bar; the first is the upbeat, if there is one.

    The last bar is filled up with rests or, where there is an upbeat, left as much shorter if the
    melody lets it. Bars of rests behind the last note are left out. Of an empty song, there is one empty bar.

    Raises:
        ValueError: if the tokens are not valid.
    """
    step, time = GridEncoder(time_step).quarters_per_step, layout.time
    melody = list(events(tokens))
    pitches = iter(spell([int(symbol) for _, symbol, _ in melody if symbol != REST_SYMBOL], layout.key))
    lengths = [(None if symbol == REST_SYMBOL else next(pitches), steps * step) for _, symbol, steps in melody]
    upbeat = layout.upbeat * step % time.bar
    now = time.bar - upbeat if upbeat else Fraction(0)  # counted from the beginning of the first bar
    end = now + sum(length for _, length in lengths)
    if end % time.bar or not tokens:
        short = end > time.bar and end % time.bar <= time.bar - upbeat
        lengths.append((None, (time.bar - upbeat if short else time.bar) - end % time.bar))
    written: list[list[Piece]] = [[]]
    for resting, group in groupby(lengths, key=lambda item: item[0] is None):
        if resting:  # rests in a row are one
            now = _write(written, None, now, sum(length for _, length in group), time)
            continue
        for pitch, length in group:
            now = _write(written, pitch, now, length, time)
    while len(written) > 1 and all(piece.pitch is None for piece in written[-1]):
        written.pop()
    return written


def _write(written: list[list[Piece]], pitch: Spelling | None, now: Fraction, length: Fraction, time) -> Fraction:
    """Add a note or rest in pieces, opening new bars; returns when it ends."""
    while length:
        number, place = divmod(now, time.bar)
        if number == len(written):
            written.append([])
        most = min(length, time.bar - place)
        quarters = _rest(place, most, time) if pitch is None else _note(place, most, time)
        now, length = now + quarters, length - quarters
        written[-1].append(Piece(pitch, place, quarters, tied=pitch is not None and length > 0))
    return now


def beamed_from(piece: Piece, pieces: Sequence[Piece], time: TimeSignature) -> Fraction:
    """Where in its bar the notes begin that a piece is beamed with: a beat or, if quavers alone fill it, half a bar."""
    half = _middle(time)
    if half and not time.compound:
        beside = [other for other in pieces if other.place // half == piece.place // half]
        if len(beside) == 4 and all(other.pitch and other.quarters == Fraction(1, 2) for other in beside):
            return piece.place // half * half
    return piece.place // time.beat * time.beat


def _note(place: Fraction, length: Fraction, time: TimeSignature) -> Fraction:
    """How much of a note is written as one: as much as leaves the beats to be seen.

    Within a beat, anything. A note that begins on a beat may go on over others; one that begins
    beside it is tied to the next beat, apart from the usual syncopation, quaver, crotchet, quaver.
    """
    beat, middle = time.beat, _middle(time)
    to_beat = beat - place % beat
    over_middle = place < middle < place + length
    if length <= to_beat:
        return _longest_writable(length)
    if to_beat < beat:  # it begins beside a beat
        syncopation = not time.compound and to_beat == beat / 2 and length == beat and not over_middle
        return length if syncopation else _longest_writable(to_beat)
    if over_middle and place > 0 and length % beat:
        return middle - place
    if writable(length) and (length % beat == 0 or not time.compound):
        return length
    beats = length // beat
    return next((n * beat for n in range(beats, 0, -1) if writable(n * beat)), beat)


def _rest(place: Fraction, length: Fraction, time: TimeSignature) -> Fraction:
    """How much of a rest is written as one: a whole bar, half a bar of four beats, a beat, or less."""
    beat = time.beat
    if length == time.bar:
        return length
    if place % (2 * beat) == 0 and length >= 2 * beat and _middle(time) % (2 * beat) == 0 and _middle(time):
        return 2 * beat
    if place % beat == 0 and length >= beat:
        return beat
    start, most = place % beat, min(length, beat - place % beat)
    sizes = (size for size in _sizes(start, most) if size <= most and start % size == 0)
    return next(sizes, most)


def _middle(time: TimeSignature) -> Fraction:
    """The middle of a bar of four beats; 0 for others, whose middle need not be seen."""
    return time.bar / 2 if time.bar == 4 * time.beat else Fraction(0)


def _longest_writable(length: Fraction) -> Fraction:
    """The length itself, or what can be written of it so that what is left can be written, too."""
    if writable(length):
        return length
    return next((size for size in _sizes(length) if size < length and writable(length - size)), length)


def _sizes(*times: Fraction) -> Iterator[Fraction]:
    """Plain lengths, the longest first; those of triplets, if one of the times is counted in thirds."""
    longest = Fraction(4, 3) if any(time.denominator % 3 == 0 for time in times) else Fraction(4)
    return (longest / 2**k for k in range(10))


def writable(quarters: Fraction) -> bool:
    """Whether a single symbol is so long: plain, dotted, or one of a triplet."""
    return quarters <= LONGEST and any(_power_of_two(quarters * x) for x in (1, Fraction(2, 3), Fraction(3, 2)))


def in_triplet(quarters: Fraction) -> bool:
    """Whether it takes a triplet to write this length."""
    return not _power_of_two(quarters) and _power_of_two(quarters * Fraction(3, 2))


def _power_of_two(x: Fraction) -> bool:
    return x.numerator & (x.numerator - 1) == 0 and x.denominator & (x.denominator - 1) == 0
