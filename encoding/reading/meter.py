"""The meter of a song: how long its bars are, and where the first begins. The tokens have no bar lines."""

from bisect import bisect_right
from fractions import Fraction
from typing import TYPE_CHECKING

from encoding.context import Meter

if TYPE_CHECKING:
    from music21.stream import Stream


def meter_of(score: "Stream", quarters_per_step: Fraction) -> Meter | None:
    """The meter of a score, if the whole song has one and its bars lie on the grid.

    None if no meter is written or more than one, if there is no bar line within the song, if a bar line stands beside
    its place (as in songs with irregular bars), or if upbeat, bar or beat is no whole number of steps.
    """
    from music21 import meter

    written = list(score.recurse().getElementsByClass(meter.TimeSignature))
    if len({signature.ratioString for signature in written}) != 1:
        return None
    bar = Fraction(4 * written[0].numerator, written[0].denominator) / quarters_per_step
    end = Fraction(score.highestTime)
    upbeats = {line / quarters_per_step % bar for line in bar_lines(score) if 0 < line < end}
    if len(upbeats) != 1:
        return None
    beat = beat_of(written[0].numerator, written[0].denominator)
    lengths = [upbeats.pop(), bar, beat / quarters_per_step]
    return Meter(*map(int, lengths)) if all(length.denominator == 1 for length in lengths) else None


def bar_lines(score: "Stream") -> list[Fraction]:
    """Where the bars of a score begin, in quarter notes: as its measures do, or where `editorial` notes them."""
    from music21 import stream

    if "bar_lines" in score.editorial:
        return score.editorial["bar_lines"]
    for part in (score, *score.getElementsByClass(stream.Part)):
        if measures := part.getElementsByClass(stream.Measure):
            return [Fraction(part.elementOffset(measure)) for measure in measures]
    return []


def bar_at(score: "Stream", quarters: Fraction) -> str | None:
    """The number of the bar in which a time lies, as it is printed; None if no bars are known."""
    from music21 import stream

    if "bar_starts" in score.editorial:  # of all but the first
        return str(1 + bisect_right(score.editorial["bar_starts"], quarters))
    number = bisect_right(bar_lines(score), quarters)  # of the bar lines up to there
    if "bar_lines" in score.editorial:
        return str(number) if number else None
    measures = score.recurse().getElementsByClass(stream.Measure)
    return measures[number - 1].measureNumberWithSuffix() if number else None


def beat_of(numerator: int, denominator: int) -> Fraction:
    """In quarter notes: the lower number, and three of it where the upper is 6, 9 or 12."""
    return Fraction(4 * (3 if numerator in (6, 9, 12) else 1), denominator)
