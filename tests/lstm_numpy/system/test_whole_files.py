"""Files are written whole or not at all."""

import pytest

from lstm_numpy.system.whole_files import remove_leftovers, write_all, write_whole


def test_files_are_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "file"
    write_whole(path, b"old")
    write_whole(path, b"new")
    assert path.read_bytes() == b"new"

    def full(*_):
        raise OSError(28, "No space left on device")

    for name in ("fsync", "replace"):
        with monkeypatch.context() as patch:
            patch.setattr(f"os.{name}", full)
            with pytest.raises(OSError, match="space"):
                write_whole(path, b"newer")
        assert path.read_bytes() == b"new"
        assert list(tmp_path.iterdir()) == [path]


def test_other_errors_pass_unchanged(tmp_path, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("os.fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_whole(tmp_path / "file", b"new")
    assert not list(tmp_path.iterdir())


def test_an_error_names_the_file_that_was_meant(tmp_path):
    with pytest.raises(FileNotFoundError) as error:
        write_whole(tmp_path / "nowhere" / "file", b"")
    assert error.value.filename == str(tmp_path / "nowhere" / "file")


def test_many_files_and_what_is_left_of_killed_processes(tmp_path):
    write_all(tmp_path, {"a": b"1", "b.npz": b"2"})
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a": b"1", "b.npz": b"2"}
    for name in (".a.123.tmp", ".b.npz.7.tmp", "a.123.tmp", ".a.tmp", ".a.x.tmp"):
        (tmp_path / name).touch()
    remove_leftovers(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"a", "b.npz", "a.123.tmp", ".a.tmp", ".a.x.tmp"}
