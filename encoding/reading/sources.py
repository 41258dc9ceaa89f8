"""Finding the scores behind a path: a file, a folder, a .zip, or a part of music21's own corpus."""

import importlib.util
import re
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath, PureWindowsPath

from encoding.reading.parse import SCORE_SUFFIXES

# What can be loaded by name, from music21/corpus/essenFolksong: the pattern of the files' names
# and a description. The files test*.abc, pieces to try programs on, are left out.
COLLECTIONS = {
    "erk": (r"erk[123]0\.abc", "erk (Essen collection, from music21's corpus)"),
    "essen": (r"(?!test).*\.abc", "essen (the whole Essen collection, from music21's corpus)"),
}

KINDS = " ".join(SCORE_SUFFIXES)
LARGEST = 2**26  # bytes that a score in a .zip may unfold to: a few can claim to be terabytes


class CorpusError(ValueError):
    """A path from which no corpus can be loaded; the message names it and the mend."""


def lasting_name(given: str | None) -> str:
    """What a path or the name of a collection means, whatever the current folder is when it is used again."""
    given = "erk" if given is None else given
    return given if given in COLLECTIONS else str(Path(given).absolute())


@contextmanager
def score_files(path: str | Path) -> Iterator[tuple[dict[str, Path], dict[str, str], str]]:
    """The score files behind a path by their unique names, those left out with reasons, a name for the whole."""
    if is_collection(path):
        # Found without importing music21, which a cached corpus does not need.
        folder = Path(importlib.util.find_spec("music21").origin).parent / "corpus" / "essenFolksong"
        pattern, description = COLLECTIONS[path]
        found = [file for file in sorted(folder.iterdir()) if re.fullmatch(pattern, file.name)]
        yield {file.name: file for file in found}, {}, description
        return
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"{path}: there is no such file or folder")
    if path.is_dir():
        found = sorted(file for file in path.rglob("*") if file.is_file())
        names = {printable(file.relative_to(path).as_posix()): file for file in found}
        yield {name: file for name, file in names.items() if _is_score(name)}, {}, printable(str(path))
    elif path.suffix.lower() == ".zip":
        with tempfile.TemporaryDirectory() as folder:
            yield *_unpack(path, Path(folder)), printable(str(path))
    elif _is_score(path.name):
        yield {printable(path.name): path}, {}, printable(str(path))
    else:
        raise CorpusError(f"{path}: not a kind of score that is read; give a folder, a .zip or one of {KINDS}")


def is_collection(path: str | Path) -> bool:
    return isinstance(path, str) and path in COLLECTIONS


def _unpack(archive: Path, folder: Path) -> tuple[dict[str, Path], dict[str, str]]:
    """Write the scores of a .zip to numbered files, as its paths are only names; returns them and those left out."""
    files, left_out = {}, {}
    try:
        with zipfile.ZipFile(archive) as members:
            for number, member in enumerate(members.infolist()):
                if member.is_dir() or not _is_score(member.filename):
                    continue
                name = printable(member.filename)
                if name in files or name in left_out:
                    name = f"{name} ({number})"
                try:
                    content = _unpack_one(members, member)
                except Exception as error:  # zipfile raises errors of every kind on damaged members
                    left_out[name] = f"it cannot be unpacked ({_in_words(error)})"
                    continue
                files[name] = folder / f"{number}{PurePosixPath(member.filename).suffix.lower()}"
                files[name].write_bytes(content)
        if left_out and not files:
            raise CorpusError(next(iter(left_out.values())))
        return files, left_out
    except OSError:
        raise
    except Exception as error:
        why = _in_words(error)
        raise CorpusError(f"{archive}: cannot be unpacked ({why}); give an intact .zip without password") from None


def _unpack_one(members: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    path = PureWindowsPath(member.filename)  # which knows both / and \\
    if path.root or ".." in path.parts:
        raise CorpusError("its path leads out of the archive")
    if member.file_size > LARGEST:
        raise CorpusError(f"it would be {member.file_size:,} bytes long")
    return members.read(member)  # which reads no more than file_size bytes


def _in_words(error: Exception) -> str:
    if isinstance(error, CorpusError):
        return str(error)
    if isinstance(error, NotImplementedError):
        return "it is packed in a way that is not known"
    return "it needs a password" if isinstance(error, RuntimeError) else "it is damaged"


def printable(name: str) -> str:
    """A file's name, or text with one, that can be written to any file and drawn: bytes that are no UTF-8 as \\udcff.

    Where the system's encoding is ASCII (LANG=C), Python takes umlauts for such bytes; here they are umlauts.
    """
    with suppress(UnicodeEncodeError):  # on Windows there may be surrogates that stand for no byte
        name = name.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


def _is_score(name: str) -> bool:
    """By its suffix, and not one of the resource forks that macOS adds to archives."""
    parts = PurePosixPath(name).parts
    hidden = "__MACOSX" in parts or parts[-1].startswith("._")
    return not hidden and parts[-1].lower().endswith(SCORE_SUFFIXES)
