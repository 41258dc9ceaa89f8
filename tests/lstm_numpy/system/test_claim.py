"""One process at a time in a folder, with the locks of this system and, in a stand-in, with those of Windows."""

import os
import sys
from types import SimpleNamespace

import pytest

from lstm_numpy.system import claimed


class FakeMsvcrt(SimpleNamespace):
    """Windows' locks on files: a file has one, whoever opens it; it ends when the descriptor is closed.

    Attributes:
        error: raised in the place of locking.
    """

    LK_NBLCK = 2

    def __init__(self):
        self.error, self.asked = None, []
        self.fcntl = pytest.importorskip("fcntl", reason="its locks stand for those of Windows")

    def locking(self, descriptor: int, mode: int, count: int) -> None:
        self.asked.append((mode, count))
        if self.error:
            raise self.error
        try:
            self.fcntl.flock(descriptor, self.fcntl.LOCK_EX | self.fcntl.LOCK_NB)
        except BlockingIOError:
            raise PermissionError(13, "Permission denied") from None


@pytest.fixture
def msvcrt(monkeypatch):
    fake = FakeMsvcrt()
    monkeypatch.setitem(sys.modules, "fcntl", None)
    monkeypatch.setitem(sys.modules, "msvcrt", fake)
    return fake


@pytest.fixture(params=["here", "on Windows"])
def system(request):
    if request.param == "on Windows":
        request.getfixturevalue("msvcrt")
    else:
        pytest.importorskip("fcntl", reason="no locks on folders here")


@pytest.mark.usefixtures("system")
def test_a_folder_is_held_until_the_end_and_no_file_is_left(tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    with claimed(tmp_path), claimed(other):
        for _ in range(2):  # being refused changes nothing
            with pytest.raises(BlockingIOError), claimed(tmp_path):
                pytest.fail("two have it")
    assert list(tmp_path.iterdir()) == [other]
    assert not list(other.iterdir())
    with pytest.raises(RuntimeError), claimed(tmp_path):
        raise RuntimeError
    with claimed(tmp_path):  # it has been set free
        pass


@pytest.mark.usefixtures("system")
def test_no_descriptor_is_left_open(tmp_path):
    first = os.open(os.devnull, os.O_RDONLY)
    os.close(first)
    with claimed(tmp_path), pytest.raises(BlockingIOError), claimed(tmp_path):
        pass
    again = os.open(os.devnull, os.O_RDONLY)
    os.close(again)
    assert again == first


def test_on_windows_one_byte_is_locked_without_waiting(tmp_path, msvcrt):
    with claimed(tmp_path):
        assert (tmp_path / ".claim").stat().st_size == 0
    assert msvcrt.asked == [(msvcrt.LK_NBLCK, 1)]


def test_on_windows_the_file_of_a_killed_process_is_no_claim(tmp_path, msvcrt):
    (tmp_path / ".claim").touch()
    with claimed(tmp_path), pytest.raises(BlockingIOError), claimed(tmp_path):
        pass
    assert not list(tmp_path.iterdir())


def test_on_windows_a_file_that_cannot_be_removed_stays(tmp_path, msvcrt, monkeypatch):
    """So it is if another process has just opened it."""

    def in_use(*_):
        raise PermissionError(13, "in use")

    monkeypatch.setattr("pathlib.Path.unlink", in_use)
    with claimed(tmp_path):
        pass
    assert [path.name for path in tmp_path.iterdir()] == [".claim"]


def test_a_disk_without_locks_holds_nothing(tmp_path, msvcrt):
    msvcrt.error = OSError(22, "Invalid argument")
    with claimed(tmp_path), claimed(tmp_path):
        pass
    assert not list(tmp_path.iterdir())


def test_a_system_without_locks_holds_nothing(tmp_path, monkeypatch):
    for name in ("fcntl", "msvcrt"):
        monkeypatch.setitem(sys.modules, name, None)
    with claimed(tmp_path), claimed(tmp_path):
        assert not list(tmp_path.iterdir())
