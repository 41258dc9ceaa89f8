"""The three symbols that are not pitches, what makes a token list valid, and tokens in words.

A melody is a list of strings on a grid. Each token is one *grid step* (a sixteenth note,
unless the encoder was told otherwise):

    "60"   a note begins, given by its MIDI number (0 to 127; 60 is the C in octave 4)
    "r"    a rest begins
    "_"    the note or rest before it is held for one more step
    "."    the song has ended (never inside a song; the data set puts it there)
"""

from collections.abc import Iterator, Sequence

from encoding.spelling import C_MAJOR, Key, spell

TERM_SYMBOL = "."
HOLD_SYMBOL = "_"
REST_SYMBOL = "r"

PITCHES = frozenset(str(number) for number in range(128))


def events(tokens: Sequence[str]) -> Iterator[tuple[int, str, int]]:
    """Group the tokens of a song into its notes and rests.

    Args:
        tokens: a song on the grid, without TERM.

    Yields:
        (position of the onset in steps, MIDI number or REST_SYMBOL, duration in steps).

    Raises:
        ValueError: at the first token that is unknown, a hold with nothing to hold, or a
            TERM; the message names its position (from 0) and the token.
    """
    onset, symbol = 0, None
    for position, token in enumerate(tokens):
        if token == HOLD_SYMBOL:
            if symbol is None:
                raise ValueError(
                    f"position {position}: '{HOLD_SYMBOL}' holds nothing, it comes before any note or rest"
                )
            continue
        if token == TERM_SYMBOL:
            raise ValueError(f"position {position}: '{TERM_SYMBOL}' ends a song and cannot stand inside one")
        if token != REST_SYMBOL and token not in PITCHES:
            raise ValueError(f"position {position}: {token!r} is not a token (0 to 127, '_' or 'r')")
        if symbol is not None:
            yield onset, symbol, position - onset
        onset, symbol = position, token
    if symbol is not None:
        yield onset, symbol, len(tokens) - onset


def note_names(tokens: Sequence[str], key: Key = C_MAJOR) -> str:
    """The melody as a musician would say it: each note's name and its length in steps.

    ``60 _ _ _ 70 _ r _`` becomes ``C4:4 Bb4:2 r:2``. Sharps and flats are spelled as is
    usual in the key.

    Raises:
        ValueError: if the tokens are not a valid melody.
    """
    melody = list(events(tokens))
    names = iter(spell([int(symbol) for _, symbol, _ in melody if symbol != REST_SYMBOL], key))
    return " ".join(f"{REST_SYMBOL if symbol == REST_SYMBOL else next(names)}:{steps}" for _, symbol, steps in melody)


def note_name(number: int) -> str:
    """The name of a MIDI number, spelled as in C major: C4 for 60."""
    return str(spell([number], C_MAJOR)[0])


def in_words(symbol: str) -> str:
    """A token as a label: C4 for 60, 'hold', 'rest' or 'end' for the others."""
    names = {HOLD_SYMBOL: "hold", REST_SYMBOL: "rest", TERM_SYMBOL: "end"}
    return names[symbol] if symbol in names else note_name(int(symbol))


def upwards(symbols: Sequence[str]) -> list[int]:
    """The places of the symbols in their list, upwards: end, rest, hold, and then the pitches."""
    below = [TERM_SYMBOL, REST_SYMBOL, HOLD_SYMBOL]

    def height(place: int) -> int:
        symbol = symbols[place]
        return int(symbol) if symbol in PITCHES else below.index(symbol) - len(below)

    return sorted(range(len(symbols)), key=height)
