"""One source of scores -> the token lists of its songs. This runs in the worker processes.

Whatever music21 makes of a file, the outcome is a list of results, never an exception: a
song is either tokens or a reason why there are none.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from encoding.grid import GridEncoder, SongRejected
from encoding.reading import abc, kern, midi, musicxml
from encoding.reading.meter import bar_at, meter_of

SCORE_SUFFIXES = (".krn", ".abc", ".mid", ".midi", ".musicxml", ".mxl", ".xml")


@dataclass(frozen=True)
class Source:
    """Something to parse: a file of any format, or the text of a single ABC tune."""

    name: str  # what the song will be called
    path: str | None = None
    abc_text: str | None = None
    mode_by_third: bool = False  # for music21's Essen files; see `key_of`


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
    scores = _tried(source.name, lambda: list(_scores(source, encoder)))
    if isinstance(scores, Result):
        return [scores]
    return [_tried(name, partial(_encode, encoder, name, score, source)) for name, score in scores]


def _tried(name: str, work: Callable[[], object]) -> object:
    """What comes of the work, or a Result with the reason why nothing does."""
    try:
        return work()
    except SongRejected as rejection:
        return Result(name, reason=str(rejection))
    except ImportError:
        raise  # a fault of the installation, not of the file
    except Exception as error:  # music21 raises errors of every kind on damaged files
        return Result(name, reason=_in_words(error))


def _encode(encoder: GridEncoder, name: str, score, source: Source) -> Result:
    try:
        tokens, key = encoder.encode_with_key(score, source.mode_by_third)
    except SongRejected as rejection:
        bar = None if rejection.quarters is None else bar_at(score, rejection.quarters)
        raise rejection if bar is None else SongRejected(f"{rejection}, in bar {bar}") from None
    return Result(name, tokens=" ".join(tokens), meter=meter_of(score, encoder.quarters_per_step), key=key)


def _scores(source: Source, encoder: GridEncoder) -> Iterator[tuple[str, object]]:
    if source.abc_text is not None:
        yield source.name, abc.score_of(source.abc_text)
        return
    content = Path(source.path).read_bytes()
    suffix = Path(source.path).suffix.lower()
    if not content:
        raise SongRejected("the file is empty")
    if suffix == ".krn":
        yield from kern.scores_of(content, source.name)
    elif suffix in (".mid", ".midi"):
        yield source.name, midi.score_of(content, encoder.quarters_per_step)
    else:
        yield source.name, musicxml.score_of(content)


def _in_words(error: Exception) -> str:
    """Of most errors, only their programmers can make sense."""
    if isinstance(error, OSError) and error.strerror:
        return f"it cannot be opened: {error.strerror}"
    if isinstance(error, MemoryError):
        return "it asks for more memory than there is"
    return "something in it is no music that can be read; it may be damaged"
