"""Tokens in words, for people and for pictures."""

from collections.abc import Sequence

from encoding.key import C_MAJOR, Key
from encoding.tokens import HOLD_SYMBOL, PITCHES, REST_SYMBOL, TERM_SYMBOL, events
from encoding.writing.spelling import spell


def note_names(tokens: Sequence[str], key: Key = C_MAJOR) -> str:
    """The melody as a musician would say it: each note's name and its length in steps.

    ``60 _ _ _ 70 _ r _`` becomes ``C4:4 Bb4:2 r:2``. Sharps and flats are spelled as is usual in the key.

    Raises:
        ValueError: if the tokens are not a valid melody.
    """
    melody = list(events(tokens))
    names = iter(spell([int(symbol) for _, symbol, _ in melody if symbol != REST_SYMBOL], key))
    return " ".join(f"{REST_SYMBOL if symbol == REST_SYMBOL else next(names)}:{steps}" for _, symbol, steps in melody)


def in_words(symbol: str) -> str:
    """A token as a label: C4 for 60, spelled as in C major; 'hold', 'rest' or 'end' for the others."""
    names = {HOLD_SYMBOL: "hold", REST_SYMBOL: "rest", TERM_SYMBOL: "end"}
    return names[symbol] if symbol in names else str(spell([int(symbol)])[0])


def upwards(symbols: Sequence[str]) -> list[int]:
    """The places of the symbols in their list, upwards: end, rest, hold, and then the pitches."""
    below = [TERM_SYMBOL, REST_SYMBOL, HOLD_SYMBOL]

    def height(place: int) -> int:
        symbol = symbols[place]
        return int(symbol) if symbol in PITCHES else below.index(symbol) - len(below)

    return sorted(range(len(symbols)), key=height)
