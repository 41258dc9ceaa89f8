"""load_corpus: from files, or from music21's own collection, to a Corpus of token lists."""

import importlib.util
import re
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TextIO

from encoding import cache
from encoding.abc import split_tunes
from encoding.grid import GridEncoder
from encoding.meter import Meter
from encoding.parse import SCORE_SUFFIXES, Result, Source
from encoding.spelling import Key
from encoding.tokens import TERM_SYMBOL
from encoding.workers import encode_all, is_final

# What can be loaded by name, from music21/corpus/essenFolksong: the pattern of the files' names
# and a description. The files test*.abc, pieces to try programs on, are left out.
COLLECTIONS = {
    "erk": (r"erk[123]0\.abc", "erk (Essen collection, from music21's corpus)"),
    "essen": (r"(?!test).*\.abc", "essen (the whole Essen collection, from music21's corpus)"),
}

LARGEST = 2**26  # bytes that a score in a .zip may unfold to: a few can claim to be terabytes


class CorpusError(ValueError):
    """A path from which no corpus can be loaded; the message names it and the mend."""


@dataclass(frozen=True)
class Corpus:
    """Songs on the grid, in C major or A minor.

    Attributes:
        songs: the token lists.
        names: the name of each song, unique: its file's relative path, and where a file can
            hold several songs, '#' and its number in the file.
        rejected: name -> reason, of each song that was left out.
        source: where the songs come from.
        meters: the meter of each song, None where it has none or more than one.
        keys: the key in which each song stood.
    """

    songs: list[list[str]]
    names: list[str]
    rejected: dict[str, str]
    source: str
    meters: list[Meter | None]
    keys: list[Key]

    def report(self, longest: int | None = 20) -> str:
        """What was found, kept and left out, and why; at most `longest` rejections (None: all)."""
        found = len(self.songs) + len(self.rejected)
        symbols = {token for song in self.songs for token in song} | {TERM_SYMBOL}
        lines = [
            f"{self.source}: {found:,} songs found, {len(self.songs):,} kept, {len(self.rejected):,} left out",
            f"{sum(map(len, self.songs)):,} tokens, {len(symbols)} symbols with TERM",
        ]
        lines += [f"  left out {name}: {reason}" for name, reason in list(self.rejected.items())[:longest]]
        if longest is not None and len(self.rejected) > longest:
            lines.append(f"  and {len(self.rejected) - longest:,} more")
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.report()


def progress_line(stream: TextIO) -> Callable[[int, int], None]:
    """A callback that shows how many scores are parsed.

    On a terminal it rewrites one line; in a log file it writes a line for each quarter done.
    """
    last_quarter = 0

    def show(done: int, total: int) -> None:
        nonlocal last_quarter
        line, quarter = f"parsing scores: {done} of {total}", 4 * done // total
        if stream.isatty():
            print(f"\r{line}", end="\n" if done == total else "", file=stream, flush=True)
        elif quarter > last_quarter:
            print(line, file=stream, flush=True)
        last_quarter = quarter

    return show


def load_corpus(
    path: str | Path | None = None,
    time_step: float = 1 / 16,
    progress: Callable[[int, int], None] | None = None,
    *,
    only_cached: bool = False,
) -> Corpus | None:
    """Load, encode and transpose songs; the second time they come from a cache.

    Args:
        path: a score, a folder that is searched through, or a .zip of scores; or the name of
            a part of music21's corpus: 'erk', which None stands for, is German folk songs, and
            'essen' the whole collection, from Europe and China. (A folder called erk is
            './erk' or Path('erk').)
        time_step: the grid, as a share of a whole note.
        progress: called with (sources done, sources in all) while scores are parsed; None
            shows a line on stderr.
        only_cached: parse nothing.

    Returns:
        The corpus. It may be empty if every song was rejected. With `only_cached`, None if it is
        not in the cache.

    Raises:
        FileNotFoundError: if the path does not exist.
        CorpusError: if the path holds no score of a known kind.
        ValueError: if time_step is out of range.
    """
    GridEncoder(time_step)  # raises if it is out of range, before any file is read
    progress = progress or progress_line(sys.stderr)
    path = "erk" if path is None else path
    with _files(path) as (files, left_out, name):
        if not files and not left_out:
            raise CorpusError(f"{name}: no scores found; put files of a kind that is read there: {_kinds()}")
        key = cache.key(files, time_step, _is_collection(path))
        results = cache.load(key)
        if results is None and only_cached:
            return None
        if results is None:
            results = _encode_files(files, time_step, progress, mode_by_third=_is_collection(path))
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


def _encode_files(files: dict[str, Path], time_step: float, progress, mode_by_third: bool) -> list[Result]:
    sources = [source for item in files.items() for source in _sources(*item, mode_by_third)]
    return encode_all(sources, time_step, progress)


def _sources(name: str, file: Path, mode_by_third: bool) -> Sequence[Source]:
    if file.suffix.lower() != ".abc":
        return [Source(name, path=str(file))]
    try:
        content = file.read_bytes()
    except OSError:
        return [Source(name, path=str(file))]  # the reason is then found as for other formats
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    tunes = split_tunes(text)
    return [Source(f"{name}#{n}", abc_text=tune, mode_by_third=mode_by_third) for n, tune in enumerate(tunes, start=1)]


# -- finding the files -------------------------------------------------------------------


@contextmanager
def _files(path: str | Path) -> Iterator[tuple[dict[str, Path], dict[str, str], str]]:
    """The score files behind a path by their unique names, those left out with reasons, a name for the whole."""
    if _is_collection(path):
        # Found without importing music21, which a cached corpus does not need.
        folder = Path(importlib.util.find_spec("music21").origin).parent / "corpus" / "essenFolksong"
        pattern, description = COLLECTIONS[path]
        yield (
            {file.name: file for file in sorted(folder.iterdir()) if re.fullmatch(pattern, file.name)},
            {},
            description,
        )
        return
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"{path}: there is no such file or folder")
    if path.is_dir():
        found = sorted(file for file in path.rglob("*") if file.is_file())
        names = {_printable(file.relative_to(path).as_posix()): file for file in found}
        yield {name: file for name, file in names.items() if _is_score(name)}, {}, _printable(str(path))
    elif path.suffix.lower() == ".zip":
        with tempfile.TemporaryDirectory() as folder:
            yield *_unpack(path, Path(folder)), _printable(str(path))
    elif _is_score(path.name):
        yield {_printable(path.name): path}, {}, _printable(str(path))
    else:
        raise CorpusError(f"{path}: not a kind of score that is read; give a folder, a .zip or one of {_kinds()}")


def _is_collection(path: str | Path) -> bool:
    return isinstance(path, str) and path in COLLECTIONS


def _unpack(archive: Path, folder: Path) -> tuple[dict[str, Path], dict[str, str]]:
    """Write the scores of a .zip to numbered files; the paths in the archive are only names.

    Returns:
        The files by name, and the reasons for leaving others out.

    Raises:
        CorpusError: if nothing can be unpacked.
    """
    files: dict[str, Path] = {}
    left_out: dict[str, str] = {}
    try:
        with zipfile.ZipFile(archive) as members:
            for number, member in enumerate(members.infolist()):
                if member.is_dir() or not _is_score(member.filename):
                    continue
                name = _printable(member.filename)
                if name in files or name in left_out:
                    name = f"{name} ({number})"
                try:
                    content = _unpack_one(members, member)
                except Exception as error:  # zipfile raises errors of every kind on damaged members
                    left_out[name] = f"it cannot be unpacked ({error})"
                    continue
                files[name] = folder / f"{number}{PurePosixPath(member.filename).suffix.lower()}"
                files[name].write_bytes(content)
    except OSError:
        raise
    except Exception as error:
        raise CorpusError(f"{archive}: cannot be unpacked ({error}); give an intact .zip without password") from None
    if left_out and not files:
        reason = next(iter(left_out.values()))
        raise CorpusError(f"{archive}: cannot be unpacked ({reason}); give an intact .zip without password")
    return files, left_out


def _unpack_one(members: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    path = PureWindowsPath(member.filename)  # which knows both / and \\
    if path.root or ".." in path.parts:
        raise ValueError("its path leads out of the archive")
    if member.file_size > LARGEST:
        raise ValueError(f"it would be {member.file_size:,} bytes long")
    return members.read(member)  # which reads no more than file_size bytes


def _printable(name: str) -> str:
    """A name that can be written to any file: bytes that are no UTF-8 as \\udcff."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


def _is_score(name: str) -> bool:
    """By its suffix, and not one of the resource forks that macOS adds to archives."""
    parts = PurePosixPath(name).parts
    hidden = "__MACOSX" in parts or parts[-1].startswith("._")
    return not hidden and parts[-1].lower().endswith(SCORE_SUFFIXES)


def _kinds() -> str:
    return " ".join(SCORE_SUFFIXES)
