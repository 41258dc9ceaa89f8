"""Reading scores: from files, or from music21's own corpus, to songs on the grid.

In the order to read: `sources` (which files), `corpus` (from a path to a Corpus); then what happens to each file:
`parse` (one source of scores), a file for each format (`abc`, made of `abc_reader`, `abc_fields` and `abc_tokens`;
`kern`, `musicxml`, and `midi` with `touch`), `meter` (bars and upbeat); and how many are read quickly: `workers` (on
all cores), `cache` (only once).

Imports the ground floor. music21 is imported only when a score is read.
"""

from encoding.reading.corpus import Corpus, load_corpus, progress_line, read_songs
from encoding.reading.meter import Meter, beat_of
from encoding.reading.sources import COLLECTIONS, CorpusError, lasting_name, printable

__all__ = [
    "COLLECTIONS", "Corpus", "CorpusError", "Meter", "beat_of", "lasting_name", "load_corpus", "printable",
    "progress_line", "read_songs",
]  # fmt: skip
