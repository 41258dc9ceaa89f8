"""Labels for each step of a song."""

import numpy as np

from encoding.comparing.landmarks import onsets, phrase_ends, places_in_bar, places_in_beat
from encoding.reading.meter import Meter


def test_landmarks():
    tokens = "55 _ 60 _ _ _ 62 _ r _ 64 _".split()
    meter = Meter(upbeat=2, bar=6, beat=2)
    np.testing.assert_array_equal(places_in_bar(12, meter), [4, 5, 0, 1, 2, 3, 4, 5, 0, 1, 2, 3])
    np.testing.assert_array_equal(places_in_beat(12, meter), [0, 1] * 6)
    np.testing.assert_array_equal(np.flatnonzero(onsets(tokens)), [0, 2, 6, 10])
    np.testing.assert_array_equal(np.flatnonzero(phrase_ends(tokens)), [6, 7, 10, 11])
    assert not phrase_ends(["r", "_"]).any()
