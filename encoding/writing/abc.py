"""A melody as ABC text, which folk musicians exchange: up to four bars a line, the notes of a beat together."""

from collections.abc import Iterator, Sequence
from fractions import Fraction

from encoding.writing.bars import COMPOSER, Layout, Piece, TimeSignature, bars, beamed_from, in_triplet
from encoding.writing.spelling import signature

UNIT = Fraction(1, 2)  # L:1/8: a note without a number is a quaver
BARS_PER_LINE, WIDTH = 4, 64  # bars, and letters, that a line has at most
ACCIDENTALS = {-2: "__", -1: "_", 0: "=", 1: "^", 2: "^^"}


def abc(tokens: Sequence[str], time_step: float, layout: Layout, title: str) -> str:
    """One tune, by the ABC standard 2.1 (https://abcnotation.com/wiki/abc:standard:v2.1).

    Raises:
        ValueError: if the tokens are not valid.
    """
    key = layout.key
    lines = [
        "X:1", f"T:{title}", f"C:{COMPOSER}", f"M:{layout.time}", "L:1/8", f"Q:1/4={layout.tempo:g}",
        f"K:{key.tonic}{'m' if key.minor else ''}",
    ]  # fmt: skip
    written = bars(tokens, time_step, layout)
    texts = [_bar(pieces, layout.time, signature(key)) for pieces in written]
    upbeat = 1 if written[0][0].place else 0  # it stands in front of the four bars of the first line
    music, bars_in_line = [texts[0]], 1 - upbeat
    for text in texts[1:]:
        if bars_in_line < BARS_PER_LINE and len(music[-1]) + len(text) < WIDTH:
            music[-1] += f" | {text}"
            bars_in_line += 1
        else:
            music.append(text)
            bars_in_line = 1
    return "\n".join([*lines, " |\n".join(music) + (" |]" if layout.ended else " |")]) + "\n"


def _bar(pieces: Sequence[Piece], time: TimeSignature, in_key: dict[str, int]) -> str:
    """The notes of a beat stand together, so that they are beamed; a space parts the beats."""
    valid: dict[tuple, int] = {}  # what the accidentals of this bar have made of letters in one octave and in all
    words, beat = [], None
    for index, piece in enumerate(pieces):
        together = beamed_from(piece, pieces, time) == beat and piece.quarters < 1
        if not together:
            words.append("")
        words[-1] += _triplet(pieces, index, time) + "".join(_symbol(piece, in_key, valid))
        beat = beamed_from(piece, pieces, time) if piece.quarters < 1 else None
    return " ".join(words)


def _symbol(piece: Piece, in_key: dict[str, int], valid: dict) -> Iterator[str]:
    """Accidental, letter, octave, length, tie."""
    if piece.pitch is None:
        yield "z"
    else:
        letter, alter, octave = piece.pitch
        # An accidental holds to the end of its bar: on paper in its own octave, in ABC in all of them, unless
        # a program does as on paper. So it is written if either would go wrong without. Behind a bar line
        # it is written again on a tied note: the standard does without, but not every program knows that.
        if any(valid.get(place, in_key[letter]) != alter for place in ((letter,), (letter, octave))):
            yield ACCIDENTALS[alter]
            valid[letter,] = valid[letter, octave] = alter
        yield letter + "," * (4 - octave) if octave < 5 else letter.lower() + "'" * (octave - 5)
    length = piece.quarters / UNIT * (Fraction(3, 2) if in_triplet(piece.quarters) else 1)
    if length.numerator != 1:
        yield str(length.numerator)
    if length.denominator != 1:
        yield f"/{length.denominator}"
    if piece.tied:
        yield "-"


def _triplet(pieces: Sequence[Piece], index: int, time: TimeSignature) -> str:
    """What stands before the first note of a triplet: so many notes, each two thirds as long as written."""

    def beat(n: int) -> int | None:
        return pieces[n].place // time.beat if in_triplet(pieces[n].quarters) else None

    if beat(index) is None or (index > 0 and beat(index - 1) == beat(index)):
        return ""
    count = next((n for n in range(index, len(pieces)) if beat(n) != beat(index)), len(pieces)) - index
    return "(3" if count == 3 else f"(3:2:{count}"
