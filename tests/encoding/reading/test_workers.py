"""Workers that hang while they start."""

import threading
import time

import pytest
from songs import abc_song

from encoding.reading import workers
from encoding.reading.parse import Source


@pytest.fixture
def hired(tmp_path, monkeypatch):
    """Every worker hangs for longer than it is waited for; gives those that were hired."""
    (tmp_path / "sitecustomize.py").write_text("import time\ntime.sleep(40)\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    hired = []

    class Known(workers.Worker):
        def __init__(self):
            super().__init__()
            hired.append(self)

    monkeypatch.setattr(workers, "Worker", Known)
    return hired


def test_a_worker_that_hangs_while_it_starts_is_given_up(hired, monkeypatch):
    monkeypatch.setattr(workers, "START", 0.3)
    team = workers.Team()
    assert team.hire() is None
    assert not team.workers
    assert [worker.process.poll() is None for worker in hired] == [False]


def test_what_workers_that_hang_would_have_parsed_is_parsed_here(hired, monkeypatch):
    monkeypatch.setattr(workers, "START", 0.3)
    sources = [Source(f"{n}", abc_text=abc_song(n, "C4 D4 E4 F4")) for n in (1, 2)]
    results = workers.encode_all(sources, 1 / 16, lambda *_: None)
    assert [(result.name, result.reason) for result in results] == [("1", None), ("2", None)]
    assert hired
    assert all(worker.process.poll() is not None for worker in hired)


def test_a_worker_can_be_dismissed_while_it_starts(hired):
    team, found = workers.Team(), []
    thread = threading.Thread(target=lambda: found.append(team.hire()), daemon=True)
    thread.start()
    while not team.workers and thread.is_alive():
        time.sleep(0.01)
    assert team.workers
    team.dismiss()
    thread.join()
    assert found == [None]
    assert hired[0].process.poll() is not None
