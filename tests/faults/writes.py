"""Every write of a run as a place where something can happen.

A file is written in steps (see `lstm_numpy.system.whole_files.write_whole`). `at_write` lets something happen in
one step of one write: an error, as on a full disk, or the end of the process.
"""

import builtins
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from lstm_numpy.system import whole_files as files

STAGES = ("opened", "half written", "written", "synced", "moved")


@contextmanager
def at_write(number: int, stage: str, happens: Callable[[], None]) -> Iterator[list[str]]:
    """Call `happens` in one of the writes, counted from 1; with 0, only count them.

    Args:
        stage: 'opened': before anything is written; 'half written'; 'written', but not yet on the
            disk; 'synced', but not yet in its place; 'moved' there.

    Yields:
        The list of the files that are written, by their temporary names, growing.
    """
    written: list[str] = []

    def come_to(here: str) -> None:
        if len(written) == number and here == stage:
            happens()

    class File:
        """Writes in two halves."""

        def __init__(self, path: str, mode: str):
            self.file = builtins.open(path, mode)  # noqa: SIM115

        def __enter__(self):
            return self

        def __exit__(self, *_) -> None:
            self.file.close()

        def __getattr__(self, name: str):
            return getattr(self.file, name)

        def write(self, content: bytes) -> None:
            come_to("opened")
            self.file.write(content[: len(content) // 2])
            self.file.flush()
            come_to("half written")
            self.file.write(content[len(content) // 2 :])

    class System:
        """The module os, as `write_whole` uses it."""

        getpid = staticmethod(os.getpid)

        @staticmethod
        def fsync(file: int) -> None:
            come_to("written")
            os.fsync(file)

        @staticmethod
        def replace(source: str, target: str) -> None:
            come_to("synced")
            os.replace(source, target)
            come_to("moved")

    def opened(path: str, mode: str) -> File:
        written.append(str(path))
        return File(path, mode)

    files.open, files.os = opened, System
    try:
        yield written
    finally:
        del files.open
        files.os = os
