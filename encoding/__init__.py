"""Scores to grid tokens, integers and training windows, and back to scores.

The data's way, in the order to read: `tokens`, `grid` (with `key`), `vocabulary`, `context`, `dataset`, `split`,
`batches`. That is what the article has, and what is told beside the tokens.

What is built around it has rooms: `reading` (files and collections to songs on the grid), `writing` (tokens to scores,
sound and pictures), `page` (what a browser shows of them), `comparing` (melodies beside songs). A room imports this
floor and the rooms named before it.

music21 is imported only when a score is read or written.
"""

from encoding.batches import HeldOut, StreamBatches, WindowBatches
from encoding.context import ContextEncoder, Meter, Told
from encoding.dataset import IGNORED, ScoreDataset
from encoding.grid import GridEncoder, SongRejected
from encoding.reading import Corpus, CorpusError, load_corpus
from encoding.split import draw_split, split_by_song, split_by_window
from encoding.tokens import HOLD_SYMBOL, REST_SYMBOL, TERM_SYMBOL
from encoding.vocabulary import StringToIntEncoder

__all__ = [
    "HOLD_SYMBOL", "IGNORED", "REST_SYMBOL", "TERM_SYMBOL", "ContextEncoder", "Corpus", "CorpusError", "GridEncoder",
    "HeldOut", "Meter", "ScoreDataset", "SongRejected", "StreamBatches", "StringToIntEncoder", "Told", "WindowBatches",
    "draw_split", "load_corpus", "split_by_song", "split_by_window",
]  # fmt: skip
