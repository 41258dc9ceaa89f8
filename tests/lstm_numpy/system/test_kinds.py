"""Values on a command line: what is taken, up to the borders, and the sentence for what is not."""

import argparse
import math
from pathlib import Path

import pytest

from lstm_numpy.system.kinds import fraction, number, numbers, probability, some_of, some_path, some_text


def refused(read, text, sentence):
    with pytest.raises(argparse.ArgumentTypeError) as error:
        read(text)
    assert str(error.value) == sentence


def test_numbers():
    count, share, any_size = number(int, 1, 10), number(float, 0, 1), number(float, 0, infinite=True)
    assert [count("1"), count("9"), share("0"), share("0.999"), any_size("1e9")] == [1, 9, 0.0, 0.999, 1e9]
    assert isinstance(count("3"), int)
    assert any_size("inf") == math.inf
    for text in ("0", "10", "-1", "1.5", "x", ""):
        refused(count, text, f"{text!r} is not a whole number of at least 1 and below 10")
    for text in ("-0.001", "1", "nan", "inf"):
        refused(share, text, f"{text!r} is not a number of at least 0 and below 1")
    for text in ("inf", "-1"):
        refused(number(float, 0), text, f"{text!r} is not a number of at least 0")
    refused(any_size, "-inf", "'-inf' is not a number of at least 0")
    refused(any_size, "nan", "'nan' is not a number of at least 0")


def test_fractions():
    read = fraction(0.25, 1, "a share")
    for text, value in {"1/4": 0.25, "0.25": 0.25, "3/3": 1, "1": 1, "1/2": 0.5, "0.5/": 0.5}.items():
        assert read(text) == value
    for text in ("1/5", "1.01", "1/0", "x", "1/x", "", "-1/2", "nan"):
        refused(read, text, f"{text!r} is not a share")


def test_probabilities():
    assert [probability("1"), probability("1e-9"), probability("0.5")] == [1, 1e-9, 0.5]
    for text in ("0", "-0.5", "1.0001", "nan", "x"):
        with pytest.raises(argparse.ArgumentTypeError, match=text):
            probability(text)


def test_texts_lists_and_paths():
    assert some_text("a") == "a"
    assert some_path("a/b") == Path("a/b")
    for read in (some_text, some_path):
        refused(read, "", "nothing is given")
    assert numbers("3,0,3,12") == [3, 0, 12]
    with pytest.raises(argparse.ArgumentTypeError, match="'-1' is not a whole number of at least 0"):
        numbers("1,-1")
    read = some_of(["kern", "abc"], "format")
    assert read("abc, kern") == ["abc", "kern"]
    refused(read, "abc,midi", "'midi' is not a format; choose from kern,abc")
