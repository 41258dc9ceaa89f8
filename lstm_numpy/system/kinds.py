"""Kinds of values on a command line: each function makes, or is, a type for argparse that says what it wants."""

import argparse
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType


def number(kind: type, least: float, below: float = math.inf, infinite: bool = False) -> Callable[[str], float]:
    """A type for argparse: a number of a kind, from `least` up to, but not including, `below`.

    `infinite` lets infinity itself pass.
    """
    words = {int: "a whole number", float: "a number"}[kind]

    def read(text: str):
        try:
            value = kind(text)
        except ValueError:
            value = None
        if value is None or not (least <= value < below or (infinite and value == math.inf)):
            limit = f"of at least {least}" + ("" if below == math.inf else f" and below {below}")
            raise argparse.ArgumentTypeError(f"{text!r} is not {words} {limit}")
        return value

    return read


def fraction(least: float, most: float, wanted: str) -> Callable[[str], float]:
    """A type for argparse: a number from `least` to `most`, written as 1/16 or 0.0625; `wanted` says which."""

    def read(text: str) -> float:
        numerator, _, denominator = text.partition("/")
        try:
            value = float(numerator) / float(denominator or 1)
        except (ValueError, ZeroDivisionError):
            value = math.nan
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"{text!r} is not {wanted}")
        return value

    return read


def some_text(text: str) -> str:
    """A type for argparse: text that is not empty."""
    if not text:
        raise argparse.ArgumentTypeError("nothing is given")
    return text


def some_path(text: str) -> Path:
    """A type for argparse: a path. Path takes "" for the current folder, which nobody means."""
    return Path(some_text(text))


def probability(text: str) -> float:
    """A type for argparse: a number above 0 and at most 1."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a probability above 0 and at most 1")
    return value


def numbers(text: str) -> list[int]:
    """A type for argparse: whole numbers of at least 0, separated by commas, each once."""
    return list(dict.fromkeys(number(int, 0)(part) for part in text.split(",")))


def some_of(
    choices: Sequence[str], what: str, or_none: bool = False, other_names: Mapping[str, str] = MappingProxyType({})
) -> Callable[[str], list[str]]:
    """A type for argparse: some of the choices, separated by commas, perhaps 'none'; `what` names one of them."""

    def read(text: str) -> list[str]:
        chosen = list(dict.fromkeys(other_names.get(name.strip(), name.strip()) for name in text.split(",")))
        if or_none and chosen == ["none"]:
            return []
        for name in chosen:
            if name not in choices:
                raise argparse.ArgumentTypeError(f"{name!r} is not a {what}; choose from {','.join(choices)}")
        return chosen

    return read
