"""A small run for all tests of the scripts."""

import numpy as np
import pytest
from running import SMALL, run_train
from songs import random_abc


@pytest.fixture(scope="session")
def trained(tmp_path_factory):
    """A folder of songs and a run on it."""
    folder = tmp_path_factory.mktemp("trained")
    songs = folder / "songs.abc"
    rng = np.random.default_rng(3)
    songs.write_text("\n".join(random_abc(n, rng) for n in range(1, 13)))
    run = folder / "run"
    assert run_train("--data", songs, "--out", run, *SMALL) == 0
    return songs, run
