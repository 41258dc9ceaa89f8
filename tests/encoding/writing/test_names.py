"""Pitches and tokens as people name them."""

from encoding.tokens import events
from encoding.writing.names import in_words, note_names, upwards


def test_events_and_names():
    assert list(events("r 60 _ 61".split())) == [(0, "r", 1), (1, "60", 2), (3, "61", 1)]
    assert note_names("60 _ 70 r 66".split()) == "C4:2 Bb4:1 r:1 F#4:1"
    assert note_names(["0", "127"]) == "C-1:1 G9:1"
    assert in_words("70") == "Bb4"


def test_tokens_as_labels():
    symbols = [".", "100", "60", "_", "r"]
    assert [in_words(symbols[place]) for place in upwards(symbols)] == ["end", "rest", "hold", "C4", "E7"]
