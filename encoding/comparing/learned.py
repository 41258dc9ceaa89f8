"""The songs behind a model: those that it learned from, those that it was judged by, and melodies beside both."""

import math
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

import numpy as np

from encoding.comparing.comparison import Mean, compare_melodies, copies_of, usual_overlap
from encoding.comparing.dashboard import charts
from encoding.comparing.landmarks import Songs
from encoding.comparing.novelty import Novelty
from encoding.comparing.page import SONGS, THESE
from encoding.comparing.page import page as text
from encoding.comparing.statistics import Melody
from encoding.context import Meter, Told
from encoding.grid import transpose_tokens
from encoding.page import Page
from encoding.reading import Corpus, CorpusError, load_corpus, printable, read_songs
from encoding.split import Split, draw_split
from encoding.tokens import PITCHES


class NoSplitError(ValueError):
    """It cannot be told which songs a model has learned from; the message says why."""


def songs_of_training(data: str | None, config: Mapping) -> Corpus:
    """The songs of a model's training, from where they are now (`data`) or, if that is None, where they were then.

    Raises:
        CorpusError: if the songs cannot be read.
    """
    settings = config["time_step"], config["limit_songs"], config["seed"]
    return read_songs(data or config["data"], *settings, sys.stdout)


def split_of(corpus: Corpus, config: Mapping, split: Split | None, rng: np.random.Generator) -> Split:
    """Which of the songs a model was trained on, validated with and tested with.

    Args:
        corpus: the songs.
        config: the settings of the training.
        split: as the model's file has it; None draws it again.
        rng: draws it.

    Raises:
        NoSplitError: if no songs were held out, or the songs are not those of the training.
    """
    if config["split"] != "song":
        raise NoSplitError("the training held out single windows, so that no song is unheard")
    if corpus.digest() != config.get("songs_digest"):
        raise NoSplitError("the songs are not those of the training")
    return split or draw_split(corpus.songs, "song", rng)


class Learned:
    """Songs of a model's training, and those that it was validated and tested with."""

    def __init__(self, corpus: Corpus, split: Split):
        learned, validation, test = split
        self.source = corpus.source
        self.told = [corpus.told[n] for n in test]  # of the test songs
        self.validation, self.test = ([corpus.songs[n] for n in part] for part in (validation, test))
        self._index = Novelty([corpus.songs[n] for n in learned], [corpus.names[n] for n in learned])

    @classmethod
    def read(cls, data: str | None, config: Mapping, split: Split | None, rng: np.random.Generator) -> "Learned":
        """The songs behind a model; for arguments and errors, see `songs_of_training` and `split_of`."""
        corpus = songs_of_training(data, config)
        return cls(corpus, split_of(corpus, config, split, rng))

    @classmethod
    def if_cached(
        cls, data: str | None, config: Mapping, split: Split | None, rng: np.random.Generator
    ) -> "Learned | None":
        """The same if it takes no parsing; None if the songs are not in the token cache, or not those."""
        try:
            corpus = load_corpus(data or config["data"], config["time_step"], only_cached=True)
            return corpus and cls(corpus, split_of(corpus, config, split, rng))
        except (ValueError, OSError):
            return None

    def novelty(self, tokens: Sequence[str]) -> dict:
        """The longest run of a melody that stands in a song that was learned from (see `novelty.Run`)."""
        return self._index.longest_run(tokens).as_record()


def melody_of(record: Mapping) -> Melody:
    """The melody of a record (see `writing.record`), back in C major or A minor, its bars as they are written."""
    meter, tokens = record["told"]["meter"], transpose_tokens(record["tokens"].split(), -record["transposed_by"])
    told = Told(meter and Meter(record["upbeat"], *meter[1:]), record["told"]["minor"])
    return Melody(tokens, told, record["composed"]["ended"])


def report_on_melodies(
    page: Page, learned: Learned, records: Sequence[Mapping],
    judge: Callable[[Sequence, Sequence], tuple[float, float]], mean: Mean,
) -> None:  # fmt: skip
    """Add to a page how good some melodies are, how new, and how like folk songs.

    Args:
        page: of the melodies.
        learned: the songs behind the model.
        records: of the melodies (see `writing.record`), each with its novelty.
        judge: from songs and what is told of each to nats per step, and nats in all, of the model on them.
        mean: see `compare_melodies`.
    """
    nats_per_step, nats = judge(learned.test, learned.told)
    notes = sum(token in PITCHES for song in learned.test for token in song)
    songs, others = learned.test, learned.validation
    sets = {SONGS: list(map(Melody, songs, learned.told)), THESE: list(map(melody_of, records))}
    runs = {SONGS: [learned.novelty(song) for song in learned.test], THESE: [record["novelty"] for record in records]}
    figures = {
        "melodies": compare_melodies(sets, SONGS, mean),
        "copies": {name: copies_of(found, mean) for name, found in runs.items()},
        "songs": learned.source,
        "usual overlap": usual_overlap(others, songs, len(records), np.random.default_rng(0)),
        "songs likelihood": (nats_per_step, nats / math.log(2) / notes),
    }
    page.put_text(text(records, figures))
    page.put("Melodies and songs as curves", *charts(figures))


def songs_to_look_at(
    data: str | None, config: Mapping, split: Split | None, rng: np.random.Generator, known: Collection[str],
    most: int = 200,
) -> Songs:  # fmt: skip
    """The test songs of a model's training; of other songs, all that it can read.

    Args:
        data, config, split, rng: see `songs_of_training` and `split_of`; why there is no split is printed.
        known: the tokens that the model can read.
        most: of more songs, so many are taken, spread evenly over them.

    Raises:
        CorpusError: if there is none.
    """
    corpus = songs_of_training(data, config)
    try:
        numbers, kind = split_of(corpus, config, split, rng)[2], ("held-out song", "held-out songs")
    except NoSplitError as reason:
        numbers = [n for n, song in enumerate(corpus.songs) if set(known).issuperset(song)]
        name = printable(Path(data or config["data"]).name)
        kind = f"song of {name}", f"songs of {name}"
        print(f"{reason}; units are judged on the {kind[1]}")
    found = len(numbers)
    if found == 0:
        raise CorpusError(f"{corpus.source}: no song is written in tokens that the model knows")
    if found > most:  # neighbours in a corpus are alike
        numbers = [numbers[n * found // most] for n in range(most)]
        print(f"{most} of {found:,} {kind[1]}, spread evenly over them, are read")
    return Songs(kind, *([items[n] for n in numbers] for items in (corpus.names, corpus.songs, corpus.told)))
