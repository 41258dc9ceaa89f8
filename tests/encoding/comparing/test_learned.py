"""A few melodies beside the songs behind a model."""

import re

import numpy as np

from encoding import Corpus, Meter, Told
from encoding.comparing.learned import Learned, melody_of, report_on_melodies
from encoding.comparing.statistics import Melody
from encoding.key import Key
from encoding.page.page import Page

SONG = "60 _ 62 _ 64 _ _ _".split()
RECORD = {
    "number": 1, "seed": 0, "model": {"file": "a.npz"}, "options": {"temperature": "0.6"}, "primer": {"tokens": ""},
    "meter": "6/8", "upbeat": 2, "key": "E minor", "transposed_by": -5,
    "told": {"meter": [4, 12, 6], "minor": True}, "tokens": "64 _ 62 _ 64 _",
    "composed": {"steps": 6, "ended": False}, "likelihood": {"notes": 3, "nats_per_step": 0.5, "bits_per_note": 2.0},
}  # fmt: skip


def test_a_recorded_melody_is_judged_as_it_is_written():
    back = ["69", "_", "67", "_", "69", "_"]
    assert melody_of(RECORD) == Melody(back, Told(Meter(2, 12, 6), True), ended=False)
    assert melody_of({**RECORD, "told": {"meter": None, "minor": None}}).told == Told()


def test_the_report_compares_with_whole_songs_and_what_is_told_of_them():
    meters = [Meter(0, 8, 4), None, Meter(0, 4, 4), Meter(0, 8, 8)]
    keys = [Key("C"), Key("C"), Key("C"), Key("A", minor=True)]
    corpus = Corpus([SONG, SONG * 2, SONG * 3, SONG * 4], list("abcd"), {}, "songs", meters, keys)
    learned = Learned(corpus, [np.array([0]), np.array([1]), np.array([2, 3])])
    asked = []

    def judge(songs, told):
        asked.extend(zip(map(len, songs), told, strict=True))
        return 0.5, 20.0

    def mean(values):
        return [sum(values) / len(values)] * 3

    records = [{**RECORD, "novelty": learned.novelty(RECORD["tokens"].split())}]
    page = Page("Melodies", "")
    report_on_melodies(page, learned, records, judge, mean)
    assert asked == [(24, Told(Meter(0, 4, 4), False)), (32, Told(Meter(0, 8, 8), True))]
    rows = [re.findall(r"<t[dh]>(.*?)</t[dh]>", row) for row in re.findall(r"<tr>(.*?)</tr>", page.content().decode())]
    found = {row[0]: row[1:] for row in rows if row}
    assert found["length, steps"] == ["6", "28 (28 to 28)"]
    assert found["ends on the tonic of its mode"] == ["100.0 %", "0.0 % (0.0 to 0.0)"]
    assert found["cut off"] == ["100.0 %", "0.0 % (0.0 to 0.0)"]
    assert found["repeated bars"] == ["none", f"{100 * (4 / 6 + 3 / 4) / 2:.1f} % (70.8 to 70.8)"]
