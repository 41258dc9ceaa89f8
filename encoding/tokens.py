"""The three symbols that are not pitches, and what makes a token list valid.

A melody is a list of strings on a grid. Each token is one *grid step* (a sixteenth note,
unless the encoder was told otherwise):

    "60"   a note begins, given by its MIDI number (0 to 127; 60 is the C in octave 4)
    "r"    a rest begins
    "_"    the note or rest before it is held for one more step
    "."    the song has ended (never inside a song; the data set puts it there)
"""

from collections.abc import Iterator, Sequence

TERM_SYMBOL = "."
HOLD_SYMBOL = "_"
REST_SYMBOL = "r"

PITCHES = frozenset(str(number) for number in range(128))


def events(tokens: Sequence[str]) -> Iterator[tuple[int, str, int]]:
    """Group the tokens of a song into its notes and rests.

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
                raise ValueError(f"position {position}: '_' holds nothing, it comes before any note or rest")
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
