"""A folder that one process at a time works in."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def claimed(folder: str | Path) -> Iterator[None]:
    """Hold a folder against other processes that claim it; raises BlockingIOError if another holds it.

    The system's lock on the folder itself: it leaves no file, and ends with the process, however that ends. Where there
    is none (on Windows, some network disks), nothing is held.
    """
    try:
        import fcntl
    except ImportError:
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise
        except OSError:  # there are no locks on this disk
            pass
        yield
    finally:
        os.close(descriptor)
