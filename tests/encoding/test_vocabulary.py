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
    for index in (-1, 7):
        with pytest.raises(ValueError, match="ids 0 to 6"):
            vocabulary.decode(index)


def test_from_symbols():
    vocabulary = StringToIntEncoder(SONGS)
    assert StringToIntEncoder.from_symbols(vocabulary.symbols).symbols == vocabulary.symbols
    for wrong in (["60", "."], [".", "62", "60"], [".", "60", "60"], ["60"]):
        with pytest.raises(ValueError, match="vocabulary"):
            StringToIntEncoder.from_symbols(wrong)
