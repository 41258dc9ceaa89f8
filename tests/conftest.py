"""Shared by all tests: one thread, a cache folder of their own, and small scores."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy is imported

import numpy as np
import pytest
from songs import random_abc


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


@pytest.fixture
def song_folder(tmp_path, rng):
    """A folder with twelve small songs in two ABC files."""
    folder = tmp_path / "songs"
    (folder / "deep").mkdir(parents=True)
    (folder / "one.abc").write_text("\n".join(random_abc(n, rng) for n in range(1, 7)))
    (folder / "deep" / "two.abc").write_text("\n".join(random_abc(n, rng) for n in range(1, 7)))
    return folder
