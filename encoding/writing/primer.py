"""What a melody begins with, as it is typed or read from a score."""

from pathlib import Path
from typing import NamedTuple

from encoding.grid import GridEncoder
from encoding.key import Key
from encoding.reading import CorpusError, Meter, load_corpus
from encoding.tokens import events
from encoding.vocabulary import StringToIntEncoder


class Primer(NamedTuple):
    """What a melody begins with: tokens in C major or A minor and, if known, meter and key of their score."""

    tokens: list[str]
    meter: Meter | None = None
    key: Key | None = None

    @classmethod
    def from_score(cls, path: Path, time_step: float) -> "Primer":
        """The first song of a score file.

        Raises:
            ValueError: if there is none that can be used.
        """
        try:
            corpus = load_corpus(path, time_step, progress=lambda done, total: None)
        except (CorpusError, FileNotFoundError) as error:
            raise ValueError(str(error)) from None
        if not corpus.songs:
            raise ValueError(f"{path} cannot be used: {next(iter(corpus.rejected.values()), 'it holds no song')}")
        return cls(corpus.songs[0], corpus.meters[0], corpus.keys[0])


def read_primer(
    vocabulary: StringToIntEncoder, time_step: float, longest: int, *, text: str | None = None,
    score: Path | None = None, notes: int | None = None, recorded: Primer | None = None,
) -> Primer:  # fmt: skip
    """The beginning that is asked for, or an empty one.

    Args:
        vocabulary, time_step: those of the model that is to go on from it.
        longest, notes: how many steps it may have, and how many of its notes are taken, if not all.
        text, score: its tokens as they are typed, or the file that has them.
        recorded: if none is given, that of a melody that is made again.

    Raises:
        ValueError: if it cannot be read, or the model does not know its tokens; begins with the option at fault.
    """
    option = "--primer" if text is not None else "--primer-file" if score is not None else "--again"
    try:
        primer = recorded or Primer([])
        if text is not None:
            primer = Primer(text.split())
        elif score is not None:
            primer = Primer.from_score(score, time_step)
        for token in primer.tokens:
            vocabulary.encode(token)
        if notes is not None:
            primer = primer._replace(tokens=GridEncoder(time_step).take_notes(primer.tokens, notes))
        list(events(primer.tokens))  # raises at the first token that is out of place
    except ValueError as error:
        raise ValueError(f"{option}: {error}") from None
    if len(primer.tokens) > longest:
        raise ValueError(f"{option}: it has {len(primer.tokens)} steps, more than --max-len {longest}; shorten it")
    return primer
