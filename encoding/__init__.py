"""Scores to grid tokens, integers and training windows, and back to scores.

The data's way, in the order to read: `tokens`, `grid` (with `key`), `vocabulary`, `dataset`,
`batches`, `split`; then how files are found and parsed: `corpus`, `parse`, `abc`, `meter`, `workers`,
`cache`; how a melody is written out at the end: `arrangement`, `spelling`, `notation`, `write_abc`,
`sound`, `render`, `record`; what a musician would look for in it: `landmarks`; and what it is like,
beside folk songs: `statistics`, `novelty`, `comparison`, `report`, `page`, `dashboard`.

music21 is imported only when a score is read or written.
"""

from encoding.batches import StreamBatches, WindowBatches
from encoding.corpus import Corpus, CorpusError, load_corpus
from encoding.dataset import IGNORED, ScoreDataset
from encoding.grid import GridEncoder, SongRejected
from encoding.split import split_by_song, split_by_window
from encoding.tokens import HOLD_SYMBOL, REST_SYMBOL, TERM_SYMBOL
from encoding.vocabulary import StringToIntEncoder

__all__ = [
    "HOLD_SYMBOL",
    "IGNORED",
    "REST_SYMBOL",
    "TERM_SYMBOL",
    "Corpus",
    "CorpusError",
    "GridEncoder",
    "ScoreDataset",
    "SongRejected",
    "StreamBatches",
    "StringToIntEncoder",
    "WindowBatches",
    "load_corpus",
    "split_by_song",
    "split_by_window",
]
