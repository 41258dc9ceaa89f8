"""What a melody begins with, as it is typed or read from a score."""

import re
from pathlib import Path
from typing import NamedTuple

from encoding.grid import GridEncoder
from encoding.key import SEMITONES, Key
from encoding.reading import CorpusError, Meter, load_corpus, tempo_of
from encoding.tokens import HOLD_SYMBOL, PITCHES, REST_SYMBOL, events
from encoding.vocabulary import StringToIntEncoder


class Primer(NamedTuple):
    """What a melody begins with: tokens in C major or A minor and, if known, meter, key and tempo of their score."""

    tokens: list[str]
    meter: Meter | None = None
    key: Key | None = None
    tempo: float | None = None  # quarter notes per minute

    @classmethod
    def from_score(cls, path: Path, time_step: float) -> "Primer":
        """The first song of a score file.

        Raises:
            ValueError: if there is none that can be used.
        """
        if path.is_dir():
            raise ValueError(f"{path} is a folder; give one score in it")
        try:
            corpus = load_corpus(path, time_step, progress=lambda done, total: None)
        except (CorpusError, FileNotFoundError) as error:
            raise ValueError(str(error)) from None
        if not corpus.songs:
            raise ValueError(f"{path} cannot be used: {next(iter(corpus.rejected.values()), 'it holds no song')}")
        return cls(corpus.songs[0], corpus.meters[0], corpus.keys[0], tempo_of(path))


def read_primer(
    vocabulary: StringToIntEncoder, time_step: float, *, text: str | None = None,
    score: Path | None = None, notes: int | None = None, recorded: Primer | None = None,
) -> Primer:  # fmt: skip
    """The beginning that is asked for, or an empty one.

    Args:
        vocabulary, time_step: those of the model that is to go on from it.
        notes: how many of its notes are taken, if not all.
        text, score: its tokens as they are typed, or the file that has them.
        recorded: if none is given, that of a melody that is made again.

    Raises:
        ValueError: if it cannot be read, or the model does not know its tokens; begins with the option at fault.
    """
    option = "--primer" if text is not None else "--primer-file" if score is not None else "--again"
    try:
        primer = recorded or Primer([])
        if text is not None:
            primer = Primer(tokens_of(text, time_step))
        elif score is not None:
            primer = Primer.from_score(score, time_step)
        for token in primer.tokens:
            vocabulary.encode(token)
        if notes is not None:
            primer = primer._replace(tokens=GridEncoder(time_step).take_notes(primer.tokens, notes))
        list(events(primer.tokens))  # raises at the first token that is out of place
        if (text is not None or score is not None) and not primer.tokens:
            raise ValueError("there is nothing in it to go on from")
    except ValueError as error:
        raise ValueError(f"{option}: {error}") from None
    if notes is not None and not primer.tokens:
        raise ValueError("--primer-notes takes notes of a primer; give --primer or --primer-file")
    return primer


def tokens_of(text: str, time_step: float) -> list[str]:
    """Tokens as they are typed, or notes as the screen shows them: C4:4 is 60 and three holds, C4 alone a quarter note.

    Raises:
        ValueError: if a note has no MIDI number.
    """
    words = text.split()
    found = [re.fullmatch(r"(?:([A-G])([#b]{0,2})(-?\d)|r)(?::([1-9]\d{0,3}))?", word) for word in words]
    named = [match for match in found if match and (match[1] or match[4])]
    if not named:
        return words
    tokens: list[str] = []
    for word, match in zip(words, found, strict=True):
        if match is None:
            raise ValueError(f"{word!r} is no note; write all of them like C4:4 (four steps) or r:2, or all as tokens")
        letter, accidentals, octave, steps = match.groups()
        symbol = REST_SYMBOL
        if letter:
            symbol = str(12 * (int(octave) + 1) + SEMITONES[letter] + accidentals.count("#") - accidentals.count("b"))
            if symbol not in PITCHES:
                raise ValueError(f"{word!r} has no MIDI number from 0 to 127")
        length = int(steps) if steps else max(1, round(1 / 4 / time_step))
        tokens += [symbol] + [HOLD_SYMBOL] * (length - 1)
    return tokens
