"""A folder that one process at a time works in."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def claimed(folder: str | Path) -> Iterator[None]:
    """Hold a folder against other processes that claim it.

    The system's lock on the folder itself: it leaves no file, and ends with the process, however
    that ends. Windows locks files alone (see `_claimed_by_file`). Where there are no locks at all
    (some network disks), nothing is held.

    Raises:
        BlockingIOError: if another holds it.
    """
    try:
        import fcntl
    except ImportError:
        with _claimed_by_file(Path(folder) / ".claim"):
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


@contextlib.contextmanager
def _claimed_by_file(path: Path) -> Iterator[None]:
    """The same on Windows, by a lock on a file, which is removed at the end.

    If the process is killed, its lock ends and the empty file stays, until the next one that claims the
    folder ends. Windows does not remove a file that a process has open, so nobody's lock is removed.
    Never tried on Windows: only with a stand-in for `msvcrt` (tests/lstm_numpy/system/test_claim.py).
    """
    try:
        import msvcrt
    except ImportError:  # no locks at all
        yield
        return
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT)
    try:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    except PermissionError as error:  # so Windows says that another has it
        os.close(descriptor)
        raise BlockingIOError(error.errno, error.strerror, str(path)) from None
    except OSError:  # there are no locks on this disk
        pass
    try:
        yield
    finally:
        os.close(descriptor)  # which ends the lock
        with contextlib.suppress(OSError):  # another is about to lock it
            path.unlink()
