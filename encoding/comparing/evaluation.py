"""Melodies that a model composed beside its songs, for the evaluation of the model."""

from collections.abc import Mapping, Sequence

import numpy as np

from encoding.comparing.comparison import Mean, compare_melodies, find_copies
from encoding.comparing.dashboard import charts
from encoding.comparing.novelty import Novelty
from encoding.comparing.report import report
from encoding.comparing.statistics import Melody
from encoding.context import ContextEncoder, Told
from encoding.page import Page, markdown
from encoding.reading import Corpus, printable
from encoding.split import Split
from encoding.tokens import PITCHES
from encoding.vocabulary import StringToIntEncoder
from encoding.writing import Composition

PARTS = ("training songs", "validation songs", "test songs")


def told_to_n_grams(
    songs: Sequence[np.ndarray], told: Sequence[Told], vocabulary: StringToIntEncoder
) -> dict[str, list[np.ndarray]]:
    """What n-grams are told of each song, (length + 1, K) each, by how that is called.

    All of it, and in this order, as n-grams do best with it on the validation songs of the default corpus. Tokens of
    bars before would harm them: the more comes first in a context, the rarer it is.
    """
    encoder = ContextEncoder(vocabulary, ("place", "meter", "mode", "again"), told)
    columns = [encoder.columns.index(name) for name in ("heard", "again", "mode", "meter", "place")]
    known = [encoder.of_song(*song)[:, columns] for song in zip(songs, told, strict=True)]
    return {"told the place": [rows[:, 2:] for rows in known], "told the last time, too": known}


def judge_melodies(
    corpus: Corpus, split: Split, composed: Mapping[float, Sequence[Composition]], mean: Mean, seed: int
) -> dict:
    """Melodies (temperature -> as many of each) beside the test songs, and what of each stands in the training songs.

    Training songs, drawn by the seed, are compared with the others; for the other arguments, see `compare_melodies`.

    Returns:
        'melodies' (see `compare_melodies`) and 'copies' (see `find_copies`), by the names of the sets.
    """
    training, validation, test = split
    songs = [Melody(*song) for song in zip(corpus.songs, corpus.told, strict=True)]
    sets = {name: [songs[n] for n in part] for name, part in zip(PARTS[:0:-1], (test, validation), strict=True)}
    sets |= {f"temperature {temperature:g}": melodies for temperature, melodies in composed.items()}
    novelty = Novelty([corpus.songs[n] for n in training], [corpus.names[n] for n in training])
    copies = {
        name: find_copies(novelty, [melody.tokens for melody in melodies], mean)
        for name, melodies in sets.items() if name != "validation songs"
    }  # fmt: skip
    count = max(map(len, composed.values()))
    some = np.random.default_rng(seed).permutation(training)[:count]
    own = [corpus.names[n] for n in some]
    copies["training songs"] = find_copies(novelty, [corpus.songs[n] for n in some], mean, own)
    return {"melodies": compare_melodies(sets, "test songs", mean), "copies": copies}


def about(model: str, corpus: Corpus, split: Split, composed: Mapping, seed: int) -> dict:
    """What was judged, for the report: the model's name, how many songs and melodies, and how many were cut off."""
    return {
        "model": printable(model), "songs": corpus.source, "seed": seed,
        **{name: len(part) for name, part in zip(PARTS, split, strict=True)},
        "test notes": sum(token in PITCHES for n in split[2] for token in corpus.songs[n]),
        "melodies": max(map(len, composed.values())),
        "cut": {f"{t:g}": sum(not melody.ended for melody in melodies) for t, melodies in composed.items()},
    }  # fmt: skip


def evaluation_page(figures: Mapping) -> Page:
    """The evaluation as text, tables and a picture."""
    page = Page(f"Evaluation of {figures['about']['model']}", "")
    text = report(figures)
    page.lead = markdown(text.partition("\n## ")[0].partition("\n")[2])
    page.put_text(text)
    page.put("Melodies and songs as curves", *charts(figures))
    return page
