"""One source of scores -> the token lists of its songs. This runs in the worker processes.

Whatever music21 makes of a file, the outcome is a list of results, never an exception: a
song is either tokens or a reason why there are none.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from encoding.grid import GridEncoder, SongRejected

SCORE_SUFFIXES = (".krn", ".abc", ".mid", ".musicxml", ".mxl", ".xml")


@dataclass(frozen=True)
class Source:
    """Something to parse: a file of any format, or the text of a single ABC tune.

    name is what the song will be called; mode_by_third is meant for music21's Essen files
    (see `encoding.key`).
    """

    name: str
    path: str | None = None
    abc_text: str | None = None
    mode_by_third: bool = False


@dataclass(frozen=True)
class Result:
    """A song's tokens, joined by spaces, or the reason for leaving it out."""

    name: str
    tokens: str | None = None
    reason: str | None = None


def encode_source(source: Source, time_step: float) -> list[Result]:
    """Parse one source and encode each song in it, in C major or A minor."""
    encoder = GridEncoder(time_step)
    try:
        scores = list(_scores(source, encoder))
    except SongRejected as rejection:
        return [Result(source.name, reason=str(rejection))]
    except Exception as error:  # music21 raises errors of every kind on damaged files
        return [Result(source.name, reason=f"music21 cannot read it ({_in_one_line(error)})")]
    return [_encode(encoder, name, score, source.mode_by_third) for name, score in scores]


def _encode(encoder: GridEncoder, name: str, score, mode_by_third: bool) -> Result:
    try:
        return Result(name, tokens=" ".join(encoder.encode_for_training(score, mode_by_third=mode_by_third)))
    except SongRejected as rejection:
        return Result(name, reason=str(rejection))
    except Exception as error:
        return Result(name, reason=f"music21 cannot interpret it ({_in_one_line(error)})")


def _scores(source: Source, encoder: GridEncoder) -> Iterator[tuple[str, object]]:
    if source.abc_text is not None:
        yield source.name, abc_score(source.abc_text)
        return
    from music21 import converter, stream

    # forceSource: read the file itself, not a pickle that music21 may have left of it.
    # MIDI knows no note values, so onsets are rounded to the grid, or to triplets if nearer.
    per_quarter = 1 / encoder.quarters_per_step
    divisors = {4, 3} | ({int(per_quarter)} if per_quarter.denominator == 1 else set())
    parsed = converter.parse(Path(source.path), forceSource=True, quarterLengthDivisors=tuple(divisors))
    if isinstance(parsed, stream.Opus):
        for number, score in enumerate(parsed.scores, start=1):
            yield f"{source.name}#{number}", score
    else:
        yield source.name, parsed


# -- ABC -------------------------------------------------------------------------------


def abc_tunes(text: str) -> list[str]:
    """Split an ABC file into its tunes, each with the file's own header in front.

    A tune begins with an X: field; a file without any is a single tune.
    """
    header, *tunes = re.split(r"(?m)^(?=X:)", text)
    return [header + tune for tune in tunes] or [header]


def abc_score(text: str):
    """Read one ABC tune with music21, without bars, beams and clefs, which the grid ignores.

    An accidental holds to the end of its bar, as in every version of the ABC standard.
    music21 does so only where a version is declared (from 2.0), so one is declared here
    unless the tune has its own.

    Raises:
        SongRejected: if the tune has several voices, or something that music21 passes over in
            silence although it sounds or takes time.
    """
    from music21 import abcFormat

    music = _music_lines(text)
    voices = set(re.findall(r"(?m)^V:\s*(\S+)", text)) | set(re.findall(r"\[V:\s*([^\]\s]+)", text))
    if len(voices) > 1 or "&" in music:
        raise SongRejected("it is not monophonic: it is written in several voices")
    if inline := re.search(r"\[[KL]:[^\]]*\]", music):
        raise SongRejected(f"music21 passes over the change {inline[0]} within a line; put it on a line of its own")
    if rest := re.search(r"[ZXx]", re.sub(r"\[\w:[^\]]*\]", "", music)):
        raise SongRejected(f"music21 passes over rests written as {rest[0]}; write them as z with their length")
    handler = abcFormat.ABCHandler(abcVersion=(2, 1, 0))
    handler.process(text)
    # The accidentals are resolved by now. Without bar lines, music21 writes the notes into
    # one flat part and spares itself most of its work: barring, beaming, splitting at bars.
    handler.tokens = [token for token in handler.tokens if not isinstance(token, abcFormat.ABCBar)]
    return abcFormat.translate.abcToStreamScore(handler)


def _music_lines(text: str) -> str:
    """The text without fields, comments, quoted annotations and decorations such as !trill!."""
    lines = [line.split("%")[0] for line in text.splitlines() if not re.match(r"[A-Za-z+]:", line)]
    return re.sub(r'"[^"]*"|![^!\n]*!', "", "\n".join(lines))


def _in_one_line(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:200]
