"""ABC files: their tunes, and the score of a tune.

`abc_reader` reads the notes by itself; music21 gets them one by one, not as ABC. Its own ABC reader takes much on
trust that it does not know, and a text that it reads rightly would have to say the same again: every accidental and
length written out, which is more than to build the score.
"""

import re
from fractions import Fraction
from typing import TYPE_CHECKING

from encoding.reading.abc_reader import Bar, MeterSign, Sound, read_tune
from encoding.reading.abc_tokens import FIELD

if TYPE_CHECKING:
    from music21.stream import Score


def decode(content: bytes) -> str:
    """The text of a file: UTF-8 or UTF-16 with or without a byte order mark, else Latin-1."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = content.decode("utf-16", errors="replace")
    elif 0 in content[:2]:  # half a letter
        text = content.decode("utf-16-be" if content[0] == 0 else "utf-16-le", errors="replace")
    else:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = content.decode("latin-1")
    return text.rstrip("\n\r\x1a")  # old programs end a file with Ctrl-Z


def split_tunes(text: str) -> list[str]:
    """The tunes of an ABC file, each from its X: field on, with the fields of the file's own header in front.

    A file without X: is one tune; so is what stands in front of the first X: if there is a K: in it.
    """
    text = text.replace("\ufeff", "").replace("\r\n", "\n").replace("\r", "\n")
    text = re.sub(r"(?ms)^[ \t]*%%\s*begin(\w+).*?^[ \t]*%%\s*end\1.*?$", "%", text)  # text blocks
    first, *tunes = re.split(r"(?m)^(?=X:(?![|:\]]))", "\n".join(map(str.strip, text.split("\n"))))
    if not tunes or re.search(r"(?m)^K:", first):
        return [first, *tunes]
    header = [line for line in first.split("\n") if line.startswith("%") or FIELD.match(line)]
    return ["\n".join([*header, tune]) for tune in tunes]


def score_of(tune: str) -> "Score":
    """The score of one ABC tune: its notes, keys and meters without bars, beams and clefs, which the grid ignores.

    For `encoding.reading.meter`, its `editorial` notes single bar lines, and where all bars but the first begin.
    """
    from music21 import key, meter, note, stream, tie

    score, lines, starts, now, tied = stream.Score(), [], [], Fraction(0), False
    for event in read_tune(tune):
        if isinstance(event, Bar):
            if event.single:
                lines.append(now)
            starts += [now] * (event.number - 1 - len(starts))
            continue
        if isinstance(event, Sound):
            accidental = ("#" if event.alter > 0 else "-") * abs(event.alter)
            element = note.Note(event.letter + accidental, octave=event.octave) if event.letter else note.Rest()
            element.quarterLength = event.quarters
            if tied or event.tied:
                element.tie = tie.Tie("continue" if tied and event.tied else "start" if event.tied else "stop")
            tied = event.tied
        elif isinstance(event, MeterSign):
            element = meter.TimeSignature(f"{event.upper}/{event.lower}")
        else:
            element = key.Key(event.tonic.replace("b", "-"), "minor" if event.minor else "major")
        score.coreInsert(now, element)
        if isinstance(event, Sound):
            now += event.quarters
    score.coreElementsChanged()
    score.editorial["bar_lines"], score.editorial["bar_starts"] = lines, starts
    return score
