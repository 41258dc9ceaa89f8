"""The figures of melodies, by hand."""

import numpy as np
import pytest

from encoding.comparing.comparison import compare_melodies
from encoding.comparing.statistics import KEY_PROFILES, describe, histograms, key_clarity, overlap, repeated_bars

MELODY = "60 _ _ _ r _ 64 _ 62 _ _ _ 60 _ _ _".split()


def test_histograms():
    found = histograms([MELODY, ["61"]])
    assert found["pitch class"] == pytest.approx({0: 8 / 15, 1: 1 / 15, 2: 4 / 15, 4: 2 / 15})
    assert found["interval"] == pytest.approx({-2: 2 / 3, 4: 1 / 3})  # across the rest, too
    assert found["duration"] == pytest.approx({1: 1 / 5, 2: 1 / 5, 4: 3 / 5})
    assert histograms([["r", "_"]]) == {"pitch class": {}, "interval": {}, "duration": {}}


def test_overlap():
    p, q = {0: 0.5, 2: 0.5}, {2: 0.25, 3: 0.75}
    assert overlap(p, q) == overlap(q, p) == 0.25
    assert overlap(p, p) == 1
    assert overlap(p, {}) == 0


def test_one_melody():
    found = describe(MELODY)
    assert (found["length"], found["notes"], found["range"]) == (16, 4, 4)
    assert found["in scale"] == 1
    assert found["ends on C or A"] == 1
    assert found["whole beats"] == 1
    other = describe([*MELODY, "61", "_", "r"])
    assert other["in scale"] == 4 / 5
    assert other["ends on C or A"] == 0  # the last note counts, not the rest behind it
    assert other["whole beats"] == 0
    assert describe([*MELODY, "61", "_", "r"], steps_per_beat=19)["whole beats"] == 1


def test_a_melody_without_notes():
    found = describe(["r", "_"])
    assert [found[name] for name in ("notes", "range", "in scale", "key clarity", "ends on C or A")] == [0, 0, 0, 0, 0]
    with pytest.raises(ValueError, match="position 0"):
        describe(["_", "60"])


def test_key_clarity():
    for profile in (KEY_PROFILES[3], KEY_PROFILES[20]):  # E flat major, G sharp minor
        exact = [(60 + pitch_class, round(100 * weight)) for pitch_class, weight in enumerate(profile)]
        assert key_clarity(exact) == pytest.approx(1)
    assert KEY_PROFILES[3].argmax() == 3
    assert KEY_PROFILES[20].argmax() == 8
    scale = [(number, 4) for number in (60, 62, 64, 65, 67, 69, 71)]
    time = np.zeros(12)
    time[[0, 2, 4, 5, 7, 9, 11]] = 4
    assert key_clarity(scale) == pytest.approx(max(np.corrcoef(time, profile)[0, 1] for profile in KEY_PROFILES))
    assert key_clarity([(number, 1) for number in range(12)]) == 0


def test_repeated_bars():
    three, four = ["60", *["_"] * 11], ["62", *["_"] * 15]
    assert repeated_bars(three * 4) == 3 / 4  # the grid of twelve steps; on that of sixteen, fewer are the same
    assert repeated_bars(four * 3 + ["60"]) == 2 / 3
    assert repeated_bars(["60", "_"] + four * 3) == 1 / 3  # an upbeat: bars of "60 _ 62 ...", "_ _ 62 ...", ...
    assert repeated_bars(four) == 0
    assert repeated_bars(["60"]) == 0


def test_sets_beside_each_other():
    sets = {"songs": [MELODY, MELODY], "others": [["66", "_"]]}
    found = compare_melodies(sets, "songs", lambda values: [sum(values) / len(values)] * 3)
    assert found["songs"]["overlap"] == pytest.approx({"pitch class": 1, "interval": 1, "duration": 1})
    assert found["others"]["overlap"] == pytest.approx({"pitch class": 0, "interval": 0, "duration": 1 / 4})
    assert found["songs"]["means"]["notes"] == [4, 4, 4]
    assert found["others"]["lengths"] == [2]
