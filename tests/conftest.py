"""Shared by all tests: one thread, a cache folder of their own, and small scores."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy is imported

import numpy as np
import pytest


@pytest.fixture(autouse=True, scope="session")
def own_cache(tmp_path_factory):
    """Tests neither use nor touch the user's token cache."""
    before = os.environ.get("XDG_CACHE_HOME")
    os.environ["XDG_CACHE_HOME"] = str(tmp_path_factory.mktemp("cache"))
    yield
    if before is None:
        del os.environ["XDG_CACHE_HOME"]
    else:
        os.environ["XDG_CACHE_HOME"] = before


@pytest.fixture
def rng():
    return np.random.default_rng(7)


def abc_song(number: int, notes: str, key: str = "C", length: str = "1/16", meter: str = "4/4") -> str:
    """One ABC tune; lengths are in sixteenths unless said otherwise."""
    return f"X:{number}\nT:Song {number}\nM:{meter}\nL:{length}\nK:{key}\n{notes}\n"


def random_abc(number: int, rng: np.random.Generator, n_notes: int = 24) -> str:
    """A random walk on the scale of C major, in quavers and crotchets."""
    scale = "C D E F G A B c d e".split()
    place, words = int(rng.integers(len(scale))), []
    for _ in range(n_notes):
        place = int(np.clip(place + rng.integers(-2, 3), 0, len(scale) - 1))
        words.append(f"{scale[place]}{rng.choice([2, 4])}")
    return abc_song(number, " ".join(words) + " z4 |]")


@pytest.fixture
def song_folder(tmp_path, rng):
    """A folder with twelve small songs in two ABC files."""
    folder = tmp_path / "songs"
    (folder / "deep").mkdir(parents=True)
    (folder / "one.abc").write_text("\n".join(random_abc(n, rng) for n in range(1, 7)))
    (folder / "deep" / "two.abc").write_text("\n".join(random_abc(n, rng) for n in range(1, 7)))
    return folder
