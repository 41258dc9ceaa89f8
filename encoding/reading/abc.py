"""ABC text, prepared so that music21 reads from it what the ABC standard says.

music21 is the parser. But some things it passes over in silence, and some it takes for notes;
a song would then be encoded wrongly. What the grid does not need (words, chord symbols, grace
notes, decorations, clefs) is taken out of the text beforehand; what it needs and music21 does
not read is a reason to leave the song out.
"""

import re
from fractions import Fraction

from encoding.grid import SongRejected

MODES = "major|maj|minor|min|m|dor|phr|lyd|mix|aeo|ion"
KEY = re.compile(rf"([A-G][#b]?)\s*((?:{MODES})[a-z]*)?(?:\s|$)", re.IGNORECASE)
CLEF = re.compile(r"\s*(clef=)?(treble|bass|alto|tenor|perc|none)?[+-]?8?\s*", re.IGNORECASE)
# C, none, 6/8, 2+3/8, and FREI4/4 in the Essen collection; on others, music21 may try forever.
METER = re.compile(r"\s*[A-Za-z|]*\s*(\(?\d{1,2}(\+\d{1,2}){0,4}\)?/\d{1,2})?\s*")
LOWEST = ",,,,"  # C,,,, is C0; for music21 one octave lower, C-1, is C flat 1


def split_tunes(text: str) -> list[str]:
    """The tunes of an ABC file, each with the fields of the file's own header in front.

    A tune begins with an X: field and ends with a blank line after its key, or with the next
    tune; a file without X: is a single tune.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    before, *tunes = re.split(r"(?m)^(?=X:)", text)
    if not tunes:
        return [_until_blank_line(before)]
    header = "".join(f"{line}\n" for line in before.splitlines() if re.match(r"[A-Za-z]:|%", line))
    return [header + _until_blank_line(tune) for tune in tunes]


def _until_blank_line(tune: str) -> str:
    """What stands behind a blank line after the key is free text and no longer music."""
    key = re.search(r"(?m)^K:.*$", tune)
    if key is None:
        return tune
    return tune[: key.end()] + re.split(r"\n[ \t]*\n", tune[key.end() :])[0] + "\n"


def score_of(tune: str):
    """Read one ABC tune with music21, without bars, beams and clefs, which the grid ignores.

    An accidental holds to the end of its bar, as in every version of the ABC standard, and
    over a tie. music21 does the first only where a version from 2.0 on is declared, so that is
    done here, and the second never.

    Where the bar lines stood is noted in the score's `editorial["bar_lines"]`, for `encoding.reading.meter`.

    Raises:
        SongRejected: if the tune has several voices, or anything that music21 would misread.
    """
    from music21 import abcFormat

    handler = abcFormat.ABCHandler(abcVersion=(2, 1, 0))
    handler.process(prepare(tune))
    _carry_accidentals_over_ties(handler.tokens)
    # Without bar lines, music21 writes the notes into one flat part and spares itself most of
    # its work: barring, beaming, splitting at bars.
    lines = _bar_lines(handler.tokens)
    handler.tokens = [token for token in handler.tokens if not isinstance(token, abcFormat.ABCBar)]
    score = abcFormat.translate.abcToStreamScore(handler)
    score.editorial["bar_lines"] = lines
    return score


def prepare(tune: str) -> str:
    """The tune's X, M, L and K fields and its music, each change of M, L or K on a line of its own.

    Raises:
        SongRejected: as `score_of`.
    """
    lines, voices = [], set()
    for line in tune.splitlines():
        if re.match(r"[A-Za-z+]:", line):
            lines.append(line.split("%")[0].rstrip())
        else:
            music = re.sub(r'"[^"]*"|![^!]*!|\+[a-z]+\+|\{[^}]*\}', "", line).split("%")[0]
            lines += re.sub(r"\[([A-Za-z]:[^\]]*)\]", r"\n\1\n", music).splitlines()
    prepared = []
    for line in lines:
        if line.startswith("V:"):
            voices.update(line[2:].split()[:1])
        elif line.startswith("K:"):
            prepared.append(f"K:{_key(line[2:].strip())}")
        elif line.startswith("M:") and not METER.fullmatch(line[2:]):
            raise SongRejected(f"music21 cannot read the meter {line[2:].strip()[:40]!r}")
        elif re.match(r"[XML]:", line):
            prepared.append(line if line[0] == "X" else _checked(line))
        elif not re.match(r"[A-Za-z+]:", line):
            prepared.append(_music(line))
    if len(voices) > 1:
        raise SongRejected("it is not monophonic: it is written in several voices")
    return "\n".join(prepared) + "\n"


def _key(field: str) -> str:
    """Tonic and mode, without the clef behind them."""
    match = KEY.match(field)
    rest = field[match.end() :] if match else field
    if rest and not CLEF.fullmatch(rest):
        raise SongRejected(f"music21 cannot read the key {field!r}")
    return match[0].strip() if match else ""


def _music(line: str) -> str:
    """One line of notes, checked for what music21 would misread."""
    line = re.sub(r"y\d*|[`\\~.HLMOPSTuv]", "", line)  # spacers, line ends, and ornaments of a single character
    if "&" in line:
        raise SongRejected("it is not monophonic: it is written in several voices")
    if rest := re.search(r"[ZXx]", line):
        raise SongRejected(f"music21 does not read rests written as {rest[0]}; write them as z with their length")
    if letter := re.search(r"[H-WYh-w]", line):  # free text, or an ornament of the file's own
        raise SongRejected(f"music21 does not read the symbol {letter[0]!r}")
    if re.search(r"[_^=]\d*/", line):
        raise SongRejected("a pitch between two semitones")
    if LOWEST + "," in line:
        raise SongRejected("a pitch below the range that music21 reads")
    return _checked(line)


def _checked(line: str) -> str:
    """A line without the huge numbers on which music21 would spend hours."""
    if rest := re.search(r"\d{5}", line):
        raise SongRejected(f"a number that begins with {rest[0]}, larger than music has")
    return line


def _carry_accidentals_over_ties(tokens: list) -> None:
    """A note that is tied over a bar line keeps its accidental, though none is written again."""
    from music21 import abcFormat

    before = None
    for token in tokens:
        if isinstance(token, abcFormat.ABCNote):
            if before is not None and token.tie in ("stop", "continue") and before.tie in ("start", "continue"):
                same = _letter(before.src) == _letter(token.src) and not re.search(r"[_^=]", token.src)
                if same:
                    token.pitchName = before.pitchName
            before = token


def _bar_lines(tokens: list) -> list[Fraction]:
    """Where the single bar lines stand, in quarter notes; a double one or a repeat may divide a bar."""
    from music21 import abcFormat

    lines, elapsed = [], Fraction(0)
    for token in tokens:
        if isinstance(token, abcFormat.ABCNote):
            in_tuplet = token.activeTuplet.tupletMultiplier() if token.activeTuplet is not None else 1
            elapsed += Fraction(token.quarterLength) * Fraction(in_tuplet)
        elif isinstance(token, abcFormat.ABCBar) and token.isRegular():
            lines.append(elapsed)
    return lines


def _letter(src: str) -> str:
    """The letter of a note and its octave marks."""
    return "".join(re.findall(r"[A-Ga-g,']", src))
