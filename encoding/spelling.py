"""Keys, and how the pitches of a melody are spelled in them: F sharp in G major, G sharp in A minor.

A MIDI number does not say whether it is an F sharp or a G flat. On the *line of fifths*

    ... Bb  F   C   G   D   A   E   B   F#  C# ...
        -2  -1  0   1   2   3   4   5   6   7

each spelling has a place of its own, and the pitches of a key lie close together.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

LETTERS = "FCGDAEB"  # places -1 to 5 on the line of fifths; seven places further, each is a semitone higher
SEMITONES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
C4, A4 = 60, 69  # the tonics of C major and A minor, the keys that the songs are brought to

# For each number of semitones above the tonic, the way from the tonic on the line of fifths. The
# first is the usual spelling; a second, if there is one, is for a note that goes on in its direction:
# a raised note up to its neighbour, a lowered one down. So a minor key has its raised sixth and
# leading tone, and both have the raised fourth.
MAJOR = ((0,), (7, -5), (2,), (-3, 9), (4,), (-1,), (6,), (1,), (8, -4), (3,), (-2,), (5,))
MINOR = ((0,), (-5, 7), (2,), (-3,), (4,), (-1,), (6, -6), (1,), (-4,), (3,), (-2,), (5,))


class Spelling(NamedTuple):
    """A pitch as it is written: letter, accidental in semitones, octave (C4 is middle C)."""

    letter: str
    alter: int
    octave: int

    def __str__(self) -> str:
        return self.letter + ("#" if self.alter > 0 else "b") * abs(self.alter) + str(self.octave)


class Key(NamedTuple):
    """A major or minor key; its tonic is a letter with # or b behind it, such as 'Bb'."""

    tonic: str
    minor: bool = False

    @classmethod
    def parse(cls, text: str) -> "Key":
        """From what a musician types: 'G', 'Bb major', 'e minor', 'F#m'. A small letter alone means minor.

        Raises:
            ValueError: if it is no key, or none with at most seven sharps or flats.
        """
        match = re.fullmatch(r"\s*([A-Ga-g])([#b♯♭]?)[\s-]*(major|maj|minor|min|m)?\s*", text)
        if match is None:
            raise ValueError(f"{text!r} is not a key; write it like G, Bb, 'e minor' or 'F# major'")
        letter, accidental, mode = match.groups()
        minor = mode.startswith("mi") or mode == "m" if mode else letter.islower()
        key = cls(letter.upper() + accidental.replace("♯", "#").replace("♭", "b"), minor)
        if abs(key.fifths) > 7:
            raise ValueError(f"{key} would take more than seven sharps or flats; write {key.simplest()}")
        return key

    @property
    def place(self) -> int:
        """Of the tonic, on the line of fifths."""
        accidentals = self.tonic[1:]
        return LETTERS.index(self.tonic[0]) - 1 + 7 * (accidentals.count("#") - accidentals.count("b"))

    @property
    def fifths(self) -> int:
        """The signature: so many sharps, or, below zero, flats."""
        return self.place - (3 if self.minor else 0)

    @property
    def number(self) -> int:
        """The tonic in octave 4 as a MIDI number."""
        accidentals = self.tonic[1:]
        return 60 + SEMITONES[self.tonic[0]] + accidentals.count("#") - accidentals.count("b")

    @property
    def shift(self) -> int:
        """Semitones from C4 (major) or A4 (minor) to the tonic in octave 4."""
        return self.number - (A4 if self.minor else C4)

    def simplest(self) -> "Key":
        """The same key for the ear, with at most six sharps or flats where this one has more than seven."""
        if abs(self.fifths) <= 7:
            return self
        return _at(self.place - 12 * round(self.fifths / 12), self.minor)

    def __str__(self) -> str:
        return f"{self.tonic} {'minor' if self.minor else 'major'}"


C_MAJOR = Key("C")


def spell(numbers: Sequence[int], key: Key = C_MAJOR) -> list[Spelling]:
    """The pitches of a melody, spelled as is usual in the key.

    Args:
        numbers: MIDI numbers, in the order in which they sound, without rests.
        key: decides how they are spelled.

    Returns:
        A spelling for each.
    """
    table = MINOR if key.minor else MAJOR
    spelled = []
    for number, following in zip(numbers, [*numbers[1:], None], strict=False):
        ways = table[(number - key.number) % 12]
        way = ways[0]
        if len(ways) == 2 and following is not None and following - number == (1 if ways[1] > 0 else -1):
            way = ways[1]
        letter, alter = _letter(key.place + way)
        spelled.append(Spelling(letter, alter, (number - alter) // 12 - 1))
    return spelled


def signature(key: Key) -> dict[str, int]:
    """What the key's signature does to each letter, in semitones."""
    return {letter: (key.fifths + 6 - index) // 7 for index, letter in enumerate(LETTERS)}


def _letter(place: int) -> tuple[str, int]:
    """The letter at a place on the line of fifths, and its accidental."""
    return LETTERS[(place + 1) % 7], (place + 1) // 7


def _at(place: int, minor: bool) -> Key:
    letter, alter = _letter(place)
    return Key(letter + ("#" if alter > 0 else "b") * abs(alter), minor)
