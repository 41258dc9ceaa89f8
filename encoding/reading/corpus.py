"""load_corpus: from files, or from music21's own collection, to a Corpus of token lists."""

import hashlib
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TextIO

import numpy as np

from encoding.context import Meter, Told
from encoding.grid import GridEncoder
from encoding.key import Key
from encoding.reading import cache
from encoding.reading.abc import decode, split_tunes
from encoding.reading.parse import Source
from encoding.reading.sources import KINDS, CorpusError, is_collection, score_files
from encoding.reading.workers import encode_all, is_final
from encoding.tokens import TERM_SYMBOL


@dataclass(frozen=True)
class Corpus:
    """Songs on the grid, in C major or A minor."""

    songs: list[list[str]]  # the tokens of each
    names: list[str]  # unique: the file's relative path and, where it can hold several songs, # and a number
    rejected: dict[str, str]  # name -> reason, of each song that was left out
    source: str  # where the songs come from
    meters: list[Meter | None]  # of each song, None where it has none or more than one
    keys: list[Key]  # in which each song stood

    def report(self, longest: int | None = 20) -> str:
        """What was found, kept and left out, and why; at most `longest` rejections (None: all)."""
        kept, left_out = len(self.songs), len(self.rejected)
        lines = [
            f"{self.source}: {kept + left_out:,} songs found, {kept:,} kept, {left_out:,} left out",
            f"{sum(map(len, self.songs)):,} tokens, {len(self.symbols)} symbols with TERM",
        ]
        lines += [f"  left out {name}: {reason}" for name, reason in list(self.rejected.items())[:longest]]
        if longest is not None and left_out > longest:
            lines.append(f"  and {left_out - longest:,} more")
        return "\n".join(lines)

    @property
    def symbols(self) -> set[str]:
        return {token for song in self.songs for token in song} | {TERM_SYMBOL}

    def limited_to(self, count: int, seed: int) -> "Corpus":
        """So many of the songs, drawn from all over the corpus: neighbours are often variants of one song."""
        chosen = np.sort(np.random.default_rng([seed, count]).permutation(len(self.songs))[:count])
        lists = {name: [getattr(self, name)[n] for n in chosen] for name in ("songs", "names", "meters", "keys")}
        return replace(self, **lists)

    @cached_property
    def told(self) -> list[Told]:
        """What a network may be told of each song beside its tokens."""
        return [Told(meter, key.minor) for meter, key in zip(self.meters, self.keys, strict=True)]

    def digest(self) -> str:
        """A checksum by which a resumed run recognises its songs."""
        return hashlib.sha256(json.dumps([self.names, self.songs]).encode()).hexdigest()

    def difference(self, vocabulary: Sequence[str]) -> str:
        """In which way the songs are not those that gave this vocabulary, in words."""
        if self.symbols != set(vocabulary):
            changed = (self.symbols - set(vocabulary), "new"), (set(vocabulary) - self.symbols, "missing")
            changes = [f"{' '.join(sorted(symbols))} {how}" for symbols, how in changed if symbols]
            return f"the vocabulary of {self.source} differs from that of the run ({', '.join(changes)})"
        return f"the songs of {self.source} differ from those of the run, in names or notes"


def progress_line(stream: TextIO | None) -> Callable[[int, int], None]:
    """A callback that shows how many scores are parsed.

    On a terminal it rewrites one line, in a log file it writes a line for each quarter done, and to None nothing.
    """
    last_quarter = 0

    def show(done: int, total: int) -> None:
        nonlocal last_quarter
        line, quarter = f"parsing scores: {done} of {total}", 4 * done // total
        if stream is None:
            return
        if stream.isatty():
            print(f"\r{line}", end="\n" if done == total else "", file=stream, flush=True)
        elif quarter > last_quarter:
            print(line, file=stream, flush=True)
        last_quarter = quarter

    return show


def load_corpus(
    path: str | Path | None = None, time_step: float = 1 / 16, progress: Callable[[int, int], None] | None = None, *,
    only_cached: bool = False,
) -> Corpus | None:  # fmt: skip
    """Load, encode and transpose songs; the second time they come from a cache.

    Args:
        path: a score, a folder that is searched through, or a .zip of scores; or the name of a part of music21's
            corpus: 'erk', which None stands for, or 'essen'. (A folder called erk is './erk' or Path('erk').)
        time_step: the grid, as a share of a whole note.
        progress: called with (sources done, sources in all) while scores are parsed; None shows a line on stderr.
        only_cached: parse nothing.

    Returns:
        The corpus, empty if every song was rejected. With `only_cached`, None if it is not in the cache.

    Raises:
        FileNotFoundError: if the path does not exist.
        CorpusError: if the path holds no score of a known kind.
        ValueError: if time_step is out of range.
    """
    GridEncoder(time_step)  # raises if it is out of range, before any file is read
    progress = progress or progress_line(sys.stderr)
    path = "erk" if path is None else path
    with score_files(path) as (files, left_out, name):
        if not files and not left_out:
            raise CorpusError(f"{name}: no scores found; put files of a kind that is read there: {KINDS}")
        key = cache.key(files, time_step, is_collection(path))
        results = cache.load(key)
        if results is None:
            if only_cached:
                return None
            sources = [source for item in files.items() for source in _sources(*item, is_collection(path))]
            results = encode_all(sources, time_step, progress)
            if all(map(is_final, results)):
                cache.store(key, results)
    kept = [result for result in results if result.tokens is not None]
    return Corpus(
        songs=[result.tokens.split() for result in kept],
        names=[result.name for result in kept],
        rejected=left_out | {result.name: result.reason for result in results if result.tokens is None},
        source=name,
        meters=[Meter(*result.meter) if result.meter is not None else None for result in kept],
        keys=[Key(*result.key) for result in kept],
    )


def read_songs(data: str, time_step: float, limit: int | None, seed: int, out: TextIO | None) -> Corpus:
    """The songs of a training, after saying to `out` what was found in them; if there is a limit, the seed draws them.

    CorpusError if there is no song that can be used.
    """
    try:
        corpus = load_corpus(data, time_step, progress_line(out))
    except FileNotFoundError as error:
        raise CorpusError(f"{error}; give a score, a folder or a .zip") from None
    print(corpus.report(), file=out, flush=True)
    if not corpus.songs:
        raise CorpusError(f"{data}: none of its songs can be used; give songs of one voice on the grid")
    if limit is not None and limit < len(corpus.songs):
        corpus = corpus.limited_to(limit, seed)
        print(f"of these, {limit} songs are used (--limit-songs)", file=out)
    return corpus


def _sources(name: str, file: Path, mode_by_third: bool) -> Sequence[Source]:
    if file.suffix.lower() != ".abc":
        return [Source(name, path=str(file))]
    try:
        content = file.read_bytes()
    except OSError:
        return [Source(name, path=str(file))]  # the reason is then found as for other formats
    tunes = split_tunes(decode(content))
    return [Source(f"{name}#{n}", abc_text=tune, mode_by_third=mode_by_third) for n, tune in enumerate(tunes, start=1)]
