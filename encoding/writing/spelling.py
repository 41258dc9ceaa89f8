"""How the pitches of a melody are spelled in a key: F sharp in G major, G sharp in A minor.

A MIDI number does not say whether it is an F sharp or a G flat. On the line of fifths (see `encoding.key`)
each spelling has a place of its own, and the pitches of a key lie close together.
"""

from collections.abc import Sequence
from typing import NamedTuple

from encoding.key import C_MAJOR, LETTERS, Key, letter_at

# For each number of semitones above the tonic, the way from the tonic on the line of fifths. The first is the usual
# spelling; a second, if there is one, is for a note that goes on in its direction: a raised note up to its neighbour, a
# lowered one down. So a minor key has its raised sixth and leading tone, and both have the raised fourth.
MAJOR = ((0,), (7, -5), (2,), (-3, 9), (4,), (-1,), (6,), (1,), (8, -4), (3,), (-2,), (5,))
MINOR = ((0,), (-5, 7), (2,), (-3,), (4,), (-1,), (6, -6), (1,), (-4,), (3,), (-2,), (5,))


class Spelling(NamedTuple):
    """A pitch as it is written: letter, accidental in semitones, octave (C4 is middle C)."""

    letter: str
    alter: int
    octave: int

    def __str__(self) -> str:
        return self.letter + ("#" if self.alter > 0 else "b") * abs(self.alter) + str(self.octave)


def spell(numbers: Sequence[int], key: Key = C_MAJOR) -> list[Spelling]:
    """The pitches of a melody, MIDI numbers in the order in which they sound, each spelled as is usual in the key."""
    table = MINOR if key.minor else MAJOR
    spelled = []
    for number, following in zip(numbers, [*numbers[1:], None], strict=False):
        ways = table[(number - key.number) % 12]
        way = ways[0]
        if len(ways) == 2 and following is not None and following - number == (1 if ways[1] > 0 else -1):
            way = ways[1]
        letter, alter = letter_at(key.place + way)
        spelled.append(Spelling(letter, alter, (number - alter) // 12 - 1))
    return spelled


def signature(key: Key) -> dict[str, int]:
    """What the key's signature does to each letter, in semitones."""
    return {letter: (key.fifths + 6 - index) // 7 for index, letter in enumerate(LETTERS)}
