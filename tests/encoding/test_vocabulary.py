"""Tokens to integers."""

import pytest

from encoding import StringToIntEncoder

SONGS = ["60 _ 62 r".split(), "100 _ 9".split()]


def test_term_first_and_the_rest_sorted_as_strings():
    vocabulary = StringToIntEncoder(SONGS)
    assert vocabulary.symbols == [".", "100", "60", "62", "9", "_", "r"]
    assert len(vocabulary) == 7
    assert [vocabulary.encode(symbol) for symbol in vocabulary.symbols] == list(range(7))
    assert [vocabulary.decode(index) for index in range(7)] == vocabulary.symbols
    assert StringToIntEncoder(SONGS[::-1]).symbols == vocabulary.symbols
    assert vocabulary.not_first == [0, 5]


def test_unknown_symbols_name_the_nearest():
    vocabulary = StringToIntEncoder(SONGS)
    with pytest.raises(ValueError, match=r"'61'.*60, 62, 100"):
        vocabulary.encode("61")
    with pytest.raises(ValueError, match="unknown symbol 'R'.*r"):
        vocabulary.encode("R")
    for known in (vocabulary, StringToIntEncoder([*SONGS, ["61"]])):
        for index in (-1, len(known), len(known) + 1):
            with pytest.raises(ValueError, match=f"no symbol {index}; the vocabulary has ids 0 to {len(known) - 1}$"):
                known.decode(index)


def test_from_symbols():
    vocabulary = StringToIntEncoder(SONGS)
    assert StringToIntEncoder.from_symbols(vocabulary.symbols).symbols == vocabulary.symbols
    for wrong in (["60", "."], [".", "62", "60"], [".", "60", "60"], ["60"], ["-1", "."]):
        with pytest.raises(ValueError, match="vocabulary"):
            StringToIntEncoder.from_symbols(wrong)


def test_the_nearest_pitches_and_the_most_similar_words():
    vocabulary = StringToIntEncoder(["9 57 60 62 64 67 100 120 _ r".split()])
    for unknown, nearest in (("61", "60, 62, 64, 57"), ("110", "100, 120, 67, 64"), ("0", "9, 57, 60, 62"),
                             ("65", "64, 67, 62, 60"), ("66", "67, 64, 62, 60")):  # fmt: skip
        with pytest.raises(ValueError, match=f"unknown symbol '{unknown}'; the nearest known are {nearest}$"):
            vocabulary.encode(unknown)
    with pytest.raises(ValueError, match="the nearest known are ([^,]+, ){3}[^,]+$"):
        vocabulary.encode("60x")
    with pytest.raises(ValueError, match="are 60, "):
        vocabulary.encode("60x")


def test_kinds_and_what_cannot_come_first():
    vocabulary = StringToIntEncoder(SONGS)
    assert vocabulary.kinds == {"note": [1, 2, 3, 4], "hold": [5], "rest": [6], "end": [0]}
    assert vocabulary.end == 0
    assert StringToIntEncoder([["60"]]).not_first == [0]
