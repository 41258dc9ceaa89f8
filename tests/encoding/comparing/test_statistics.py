"""The figures of melodies, by hand."""

import math

import numpy as np
import pytest

from encoding import Meter, Told
from encoding.comparing.comparison import compare_melodies
from encoding.comparing.statistics import (
    KEY_PROFILES,
    Melody,
    bars,
    describe,
    histograms,
    key_clarity,
    key_correlations,
    overlap,
    sounds_minor,
)

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
    found = describe(Melody(MELODY))
    assert (found["length"], found["notes"], found["range"]) == (16, 4, 4)
    assert found["in scale"] == 1
    assert found["ends on C or A"] == 1
    assert found["cut off"] == found["hammered"] == found["short at first"] == 0
    other = describe(Melody([*MELODY, "61", "_", "r"], ended=False))
    assert other["in scale"] == 4 / 5
    assert other["ends on C or A"] == 0  # the last note counts, not the rest behind it
    assert other["cut off"] == 1


def test_what_needs_meter_or_mode_is_nan_without():
    of_meter, of_mode, meter = set(bars([], None)), {"ends on the tonic", "mode agrees"}, Meter(0, 4, 2)
    for told, missing in (
        (Told(), of_meter | of_mode), (Told(meter), of_mode), (Told(None, False), of_meter), (Told(meter, True), set()),
    ):  # fmt: skip
        found = describe(Melody(MELODY, told))
        assert {name for name, value in found.items() if math.isnan(value)} == missing


def test_a_melody_without_notes():
    found = describe(Melody(["r", "_"], Told(None, False)))
    names = ("notes", "range", "in scale", "key clarity", "ends on C or A", "ends on the tonic", "hammered")
    assert [found[name] for name in names] == [0] * 7
    assert math.isnan(found["mode agrees"])
    assert math.isnan(found["short at first"])
    with pytest.raises(ValueError, match="position 0"):
        describe(Melody(["_", "60"]))


def test_the_tonic_of_the_mode():
    for last, minor, ends in (("60", False, 1), ("60", True, 0), ("69", True, 1), ("57", True, 1), ("69", False, 0)):
        assert describe(Melody(["64", last, "r"], Told(None, minor)))["ends on the tonic"] == ends


def test_the_mode_that_is_heard():
    major, minor = [(60, 4), (64, 2), (67, 3), (69, 1)], [(69, 4), (60, 2), (64, 3), (67, 1)]
    assert (sounds_minor(major), sounds_minor(minor)) == (False, True)
    assert not sounds_minor([(number, 1) for number in range(12)])
    tokens = ["69", "_", "_", "_", "60", "_", "64", "_", "_", "67"]
    assert [describe(Melody(tokens, Told(None, minor)))["mode agrees"] for minor in (True, False)] == [1, 0]


def test_hammered():
    assert describe(Melody(["60"] * 7))["hammered"] == 1
    assert describe(Melody(["60", "_"] * 6))["hammered"] == 0
    assert describe(Melody(["60"] * 5 + ["r"] + ["60"] * 5 + ["62"] + ["60"] * 5))["hammered"] == 0
    assert describe(Melody(["r"] * 9))["hammered"] == 0


def test_short_notes_at_first():
    """Of the notes that begin in the first eight steps: here at 0, 4, 5 and 7."""
    tokens = ["60", "_", "r", "r", "62", "64", "_", "65", "_", "67", "69", "71"]
    assert describe(Melody(tokens))["short at first"] == 1 / 4
    assert describe(Melody([*tokens[:8], "67"]))["short at first"] == 2 / 4
    assert math.isnan(describe(Melody(["r"] + ["_"] * 7 + ["60"]))["short at first"])


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
    assert key_correlations(scale)[12 + 4] == pytest.approx(np.corrcoef(time, KEY_PROFILES[12 + 4])[0, 1])  # E minor


def test_bars():
    one, two, three = ["60", "_", "62", "_"], ["64", "_", "_", "_"], ["_", "65", "67", "_"]
    song = ["59", *one, *two, *one, *three, *two, "60", "_", "_"]
    found = bars(song, Meter(1, 4, 2))
    assert found == {
        "bar lines cut": 1 / 6,  # that before `three`; the lines are at 1, 5, 9, 13, 17 and 21
        "whole bars": True, "repeated bars": 2 / 5,
        "as 1 bar before": 0, "as 2 bars before": 1 / 5, "as 4 bars before": 0,
    }  # fmt: skip
    assert not bars(song[:-1], Meter(1, 4, 2))["whole bars"]
    assert bars(song, Meter(0, 4, 2))["repeated bars"] == 1 / 6  # laid from another step, they are others
    found = bars(two * 5, Meter(0, 4, 2))
    assert [found[name] for name in ("bar lines cut", "repeated bars")] == [0, 4 / 5]
    assert [found[f"as {back} before"] for back in ("1 bar", "2 bars", "4 bars")] == [4 / 5, 3 / 5, 1 / 5]


def test_a_melody_within_its_first_bar():
    found = bars(["60", "_", "62"], Meter(2, 4, 2))
    assert math.isnan(found["repeated bars"])
    assert (found["bar lines cut"], found["whole bars"]) == (0, False)
    assert math.isnan(bars(["60", "_"], Meter(2, 4, 2))["bar lines cut"])  # a bar line behind the end is none within
    assert math.isnan(bars(["60", "_"], Meter(0, 4, 2))["bar lines cut"])  # nor is one before the beginning


def test_sets_beside_each_other():
    told = Told(Meter(0, 4, 4), None)
    songs = [Melody(MELODY, told), Melody(MELODY), Melody([*MELODY, "60"], told)]
    sets = {"songs": songs, "others": [Melody(["66", "_"])]}
    found = compare_melodies(sets, "songs", lambda values: [sum(values) / len(values)] * 3)
    assert found["songs"]["overlap"] == pytest.approx({"pitch class": 1, "interval": 1, "duration": 1})
    assert found["others"]["overlap"] == pytest.approx({"pitch class": 0, "interval": 0, "duration": 3 / 13})
    assert found["songs"]["means"]["notes"] == pytest.approx([13 / 3] * 3)
    assert found["songs"]["means"]["whole bars"] == [1 / 2] * 3  # of the two that have a meter
    assert all(map(math.isnan, found["others"]["means"]["whole bars"]))
    assert found["others"]["lengths"] == [2]
