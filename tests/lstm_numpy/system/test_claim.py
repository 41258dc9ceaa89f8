"""One process at a time in a folder, with the locks of this system."""

import os
import sys

import pytest

from lstm_numpy.system import claimed

locks = pytest.mark.skipif(sys.platform == "win32", reason="no locks on folders here")


@locks
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


@locks
def test_no_descriptor_is_left_open(tmp_path):
    first = os.open(os.devnull, os.O_RDONLY)
    os.close(first)
    with claimed(tmp_path), pytest.raises(BlockingIOError), claimed(tmp_path):
        pass
    again = os.open(os.devnull, os.O_RDONLY)
    os.close(again)
    assert again == first


@locks
def test_a_disk_without_locks_holds_nothing(tmp_path, monkeypatch):
    def no_locks(*_):
        raise OSError(22, "Invalid argument")

    monkeypatch.setattr("fcntl.flock", no_locks)
    with claimed(tmp_path), claimed(tmp_path):
        assert not list(tmp_path.iterdir())


def test_a_system_without_locks_holds_nothing(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "fcntl", None)
    with claimed(tmp_path), claimed(tmp_path):
        assert not list(tmp_path.iterdir())
