"""One source of scores -> the token lists of its songs. This runs in the worker processes.

Whatever music21 makes of a file, the outcome is a list of results, never an exception: a
song is either tokens or a reason why there are none.
"""

import contextlib
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from encoding.grid import GridEncoder, SongRejected
from encoding.reading import abc
from encoding.reading.meter import meter_of
from encoding.tokens import PITCHES

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
    """A song's tokens, joined by spaces, its key, and its meter, if it has one; or the reason for leaving it out."""

    name: str
    tokens: str | None = None
    reason: str | None = None
    meter: tuple[int, int, int] | None = None  # a Meter, which JSON hands on as a list
    key: tuple[str, bool] | None = None  # a Key, likewise


def encode_source(source: Source, time_step: float) -> list[Result]:
    """Parse one source and encode each song in it, in C major or A minor."""
    encoder = GridEncoder(time_step)
    warnings = io.StringIO()
    try:
        with contextlib.redirect_stderr(warnings):
            scores = list(_scores(source, encoder))
    except SongRejected as rejection:
        return [Result(source.name, reason=str(rejection))]
    except ImportError:
        raise  # a fault of the installation, not of the file
    except Exception as error:  # music21 raises errors of every kind on damaged files
        return [Result(source.name, reason=f"music21 cannot read it ({_in_one_line(error)})")]
    # Of kern events that it cannot read (not interpretations, which begin with *), music21 only warns.
    if lost := re.search(r"Error in parsing event \('([^*!.=][^']*)'\)", warnings.getvalue()):
        return [Result(source.name, reason=f"music21 cannot read {lost[1][:40]!r} in it")]
    return [_encode(encoder, name, score, source) for name, score in scores]


def _encode(encoder: GridEncoder, name: str, score, source: Source) -> Result:
    try:
        tokens, key = encoder.encode_with_key(score, source.mode_by_third)
        if source.path is not None and source.path.lower().endswith(".mid"):
            # MIDI has no rests; the last ones are music21's, which fills the bar.
            notes = sum(token in PITCHES for token in tokens)
            tokens = encoder.take_notes(tokens, notes)
        return Result(name, tokens=" ".join(tokens), meter=meter_of(score, encoder.quarters_per_step), key=key)
    except SongRejected as rejection:
        return Result(name, reason=str(rejection))
    except ImportError:
        raise
    except Exception as error:
        return Result(name, reason=f"music21 cannot interpret it ({_in_one_line(error)})")


def _scores(source: Source, encoder: GridEncoder) -> Iterator[tuple[str, object]]:
    if source.abc_text is not None:
        yield source.name, abc.score_of(source.abc_text)
        return
    from music21 import converter, stream

    # forceSource: read the file itself, not a pickle that music21 may have left of it.
    # MIDI knows no note values, so times are rounded to the grid. On sixteenths, triplets are
    # told apart, so that such a song is left out instead of bent.
    per_quarter = 1 / encoder.quarters_per_step
    divisors = (per_quarter.numerator,) if per_quarter.denominator == 1 and per_quarter != 4 else (4, 3)
    parsed = converter.parse(Path(source.path), forceSource=True, quarterLengthDivisors=divisors)
    if isinstance(parsed, stream.Opus):
        for number, score in enumerate(parsed.scores, start=1):
            yield f"{source.name}#{number}", score
    else:
        yield source.name, parsed


def _in_one_line(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:200]
