"""Reading scores: from files, or from music21's own corpus, to songs on the grid.

In the order to read: `sources` (which files), `corpus` (from a path to a Corpus); then what happens to each file:
`parse` (one source of scores), `kern`, `musicxml`, `midi` with `touch` (notes from keys), for ABC `abc_tokens`
(its words), `abc_fields` (its fields), `abc_reader` (a tune) and `abc` (a file), then `meter` (bars and upbeat) and
`tempo`; and how many are read quickly: `workers` (on all cores), `cache` (only once).

Imports the ground floor. music21 is imported only when a score is read.
"""

from encoding.reading.corpus import Corpus, load_corpus, read_songs
from encoding.reading.meter import Meter, beat_of
from encoding.reading.sources import CorpusError, lasting_name, printable
from encoding.reading.tempo import tempo_of

__all__ = [
    "Corpus", "CorpusError", "Meter", "beat_of", "lasting_name", "load_corpus", "printable", "read_songs", "tempo_of",
]  # fmt: skip
