"""The token cache: damaged entries, and processes that fill it at once."""

import os
import subprocess
from pathlib import Path
from unittest.mock import patch

import numpy as np
from damage import KINDS, damaged
from outcomes import Row
from runs import start, write_songs
from scores import quietly

from encoding.reading import cache

LOAD = "from encoding import load_corpus; import sys; print(load_corpus(sys.argv[1]).songs)"


def damages(folder: Path, count: int, seed: int = 0) -> Row:
    """An entry that is damaged is not believed; the songs are read again, and the entry is as before."""
    row, rng = Row("damaged entries of the token cache"), np.random.default_rng(seed)
    songs = write_songs(folder, count=2)
    with patch.dict(os.environ, {"XDG_CACHE_HOME": str(folder / "cache")}):
        corpus = quietly(songs)
        (entry,) = cache.folder().iterdir()
        intact = entry.read_bytes()
        for n in range(count):
            content = damaged(intact, KINDS[n % len(KINDS)], rng)
            entry.write_bytes(content)
            problem = None if quietly(songs) == corpus else "other songs"
            if entry.read_bytes() != intact and content.splitlines() != intact.splitlines():
                problem = problem or "the entry was not made again"
            row.add("made again", problem)
    return row


def at_once(folder: Path, count: int) -> Row:
    """Two processes that find the cache empty."""
    row = Row("two processes that fill the token cache at once")
    songs = write_songs(folder, count=70)
    for n in range(count):
        with patch.dict(os.environ, {"XDG_CACHE_HOME": str(folder / f"cache {n}")}):
            processes = [
                start("-c", [LOAD, songs], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) for _ in range(2)
            ]
            printed = {process.communicate()[0] for process in processes}
            found = list(cache.folder().iterdir())
            ready = len(found) == 1 and cache.load(found[0].stem) is not None
            same = printed == {f"{quietly(songs).songs}\n"}
        row.add("both have all songs, one whole entry is left", None if ready and same else f"{found}, {len(printed)}")
    return row
