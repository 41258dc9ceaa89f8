"""Files are written whole or not at all."""

import pytest

from lstm_numpy.system.whole_files import write_whole


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
