"""Kinds of values on a command line: each function makes, or is, a type for argparse that says what it wants."""

import argparse
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType


def _checked(read: Callable[[str], float], fits: Callable[[float], bool], wanted: str) -> Callable[[str], float]:
    """A type for argparse: what is read from the text, if it fits, which NaN never does."""

    def value_of(text: str):
        try:
            value = read(text)
        except (ValueError, ZeroDivisionError):
            value = math.nan
        if not fits(value):
            raise argparse.ArgumentTypeError(f"{text!r} is not {wanted}")
        return value

    return value_of


def number(kind: type, least: float, below: float = math.inf, infinite: bool = False) -> Callable[[str], float]:
    """A number of a kind, from `least` up to, but not including, `below`; `infinite` lets infinity itself pass."""
    wanted = {int: "a whole number", float: "a number"}[kind] + f" of at least {least}"
    wanted += "" if below == math.inf else f" and below {below}"
    return _checked(kind, lambda value: least <= value < below or (infinite and value == math.inf), wanted)


def fraction(least: float, most: float, wanted: str) -> Callable[[str], float]:
    """A number from `least` to `most`, written as 1/16 or 0.0625; `wanted` says which."""

    def read(text: str) -> float:
        numerator, _, denominator = text.partition("/")
        return float(numerator) / float(denominator or 1)

    return _checked(read, lambda value: least <= value <= most, wanted)


probability = _checked(float, lambda value: 0 < value <= 1, "a probability above 0 and at most 1")


def some_text(text: str) -> str:
    """Text that is not empty."""
    if not text:
        raise argparse.ArgumentTypeError("nothing is given")
    return text


def some_path(text: str) -> Path:
    """Path takes "" for the current folder, which nobody means."""
    return Path(some_text(text))


def numbers(text: str) -> list[int]:
    """Whole numbers of at least 0, separated by commas, each once."""
    return list(dict.fromkeys(number(int, 0)(part) for part in text.split(",")))


def some_of(
    choices: Sequence[str], what: str, or_none: bool = False, other_names: Mapping[str, str] = MappingProxyType({})
) -> Callable[[str], list[str]]:
    """A list of some of the choices, separated by commas, or perhaps 'none'; `what` names one of them."""

    def read(text: str) -> list[str]:
        chosen = list(dict.fromkeys(other_names.get(name.strip(), name.strip()) for name in text.split(",")))
        if or_none and chosen == ["none"]:
            return []
        for name in chosen:
            if name not in choices:
                raise argparse.ArgumentTypeError(f"{name!r} is not a {what}; choose from {','.join(choices)}")
        return chosen

    return read
