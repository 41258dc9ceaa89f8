"""StringToIntEncoder: tokens to integers and back."""

from collections.abc import Sequence

from encoding.tokens import HOLD_SYMBOL, PITCHES, REST_SYMBOL, TERM_SYMBOL


class StringToIntEncoder:
    """Numbers the tokens of songs: TERM is 0, the rest follow sorted as strings.

    Sorting makes the numbering depend on the set of tokens alone, not on their order.
    """

    end = 0  # the id of TERM: it ends a song, and stands in front of its beginning

    def __init__(self, encoded_songs: Sequence[Sequence[str]]):
        tokens = {token for song in encoded_songs for token in song}
        self.symbols: list[str] = [TERM_SYMBOL, *sorted(tokens - {TERM_SYMBOL})]
        self._ids = {symbol: index for index, symbol in enumerate(self.symbols)}

    @classmethod
    def from_symbols(cls, symbols: Sequence[str]) -> "StringToIntEncoder":
        """The same vocabulary again, from its `symbols` (a checkpoint holds them).

        Raises:
            ValueError: if the symbols are not TERM followed by the rest, sorted and unique.
        """
        vocabulary = cls([symbols])
        if vocabulary.symbols != list(symbols):
            raise ValueError("a vocabulary is TERM and then its other symbols, sorted and each once")
        return vocabulary

    @property
    def not_first(self) -> list[int]:
        """The ids that cannot begin a song: TERM and, as there is nothing to hold yet, HOLD."""
        return [self._ids[symbol] for symbol in (TERM_SYMBOL, HOLD_SYMBOL) if symbol in self._ids]

    @property
    def kinds(self) -> dict[str, list[int]]:
        """The ids of all notes, and those of HOLD, REST and TERM, which are the kinds 'hold', 'rest' and 'end'."""
        kind_of = {HOLD_SYMBOL: "hold", REST_SYMBOL: "rest", TERM_SYMBOL: "end"}
        kinds: dict[str, list[int]] = {"note": [], "hold": [], "rest": [], "end": []}
        for symbol, index in self._ids.items():
            kinds[kind_of.get(symbol, "note")].append(index)
        return kinds

    def __len__(self) -> int:
        return len(self.symbols)

    def encode(self, symbol: str) -> int:
        """The id of a token.

        Raises:
            ValueError: for an unknown symbol; the message lists the nearest known ones.
        """
        if symbol not in self._ids:
            raise ValueError(f"unknown symbol {symbol!r}; the nearest known are {', '.join(self._nearest(symbol))}")
        return self._ids[symbol]

    def decode(self, index: int) -> str:
        """The token of an id.

        Raises:
            ValueError: if there is no such id.
        """
        if not 0 <= index < len(self):
            raise ValueError(f"there is no symbol {index}; the vocabulary has ids 0 to {len(self) - 1}")
        return self.symbols[index]

    def _nearest(self, symbol: str) -> list[str]:
        """For a pitch the four nearest pitches, for anything else the most similar strings."""
        import difflib

        if str(symbol).isdecimal():
            pitches = [known for known in self.symbols if known in PITCHES]
            return sorted(pitches, key=lambda known: (abs(int(known) - int(symbol)), int(known)))[:4]
        return difflib.get_close_matches(str(symbol), self.symbols, n=4, cutoff=0.0)
