"""The token cache: parsed songs, under the user's cache folder, so that a second start is instant.

An entry is a text file: a checksum, then the results as JSON. Its name is a digest of all
that the tokens depend on, so an entry never goes stale; one that is damaged is made again.
"""

import contextlib
import hashlib
import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

from encoding.grid import ENCODER_VERSION
from encoding.reading.parse import Result


def folder() -> Path:
    """Where the cache lies: the platform's cache folder, or XDG_CACHE_HOME where that is set."""
    if os.environ.get("XDG_CACHE_HOME"):
        base = Path(os.environ["XDG_CACHE_HOME"])
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    elif sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", Path.home()))
    else:
        base = Path.home() / ".cache"
    return base / "lstm-numpy-folk-songs"


def key(files: Mapping[str, Path], time_step: float, mode_by_third: bool) -> str:
    """A digest of the files' names and content, the grid, and the versions that read them."""
    settings = [ENCODER_VERSION, version("music21"), time_step, mode_by_third]
    digest = hashlib.sha256(json.dumps(settings).encode())
    for name, file in files.items():
        try:
            content = _checksum(file.read_bytes())
        except OSError as error:  # such a score will be left out, with this reason
            content = error.strerror
        digest.update(json.dumps([name, content]).encode())
    return digest.hexdigest()


def load(entry: str) -> list[Result] | None:
    """The results of an earlier run, or None if there are none or they are damaged."""
    try:
        checksum, content = (folder() / f"{entry}.json").read_text(encoding="utf-8").split("\n", 1)
        if checksum != _checksum(content.encode()):
            return None
        return [Result(**fields) for fields in json.loads(content)]
    except (OSError, ValueError, TypeError):
        return None


def store(entry: str, results: Sequence[Result]) -> None:
    """Keep results for the next run; without a writable cache folder, do nothing."""
    content = json.dumps([asdict(result) for result in results])
    path = folder() / f"{entry}.json"
    temporary = path.with_suffix(f".{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(temporary, "w", encoding="utf-8") as file:
            file.write(f"{_checksum(content.encode())}\n{content}")
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)  # whole or not at all, also if two runs do this at once
    except OSError:
        with contextlib.suppress(OSError):
            temporary.unlink()


def _checksum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
