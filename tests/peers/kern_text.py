"""Kern by its text alone: the notes of the one **kern column of a file, without music21."""

import re
from fractions import Fraction

from sounding import NotCompared, Sound

STEPS = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}


def read(text: str) -> list[Sound]:
    """What sounds, ties merged.

    Raises:
        NotCompared: if there are several columns of notes.
    """
    sounds: list[Sound] = []
    at, column, tied = Fraction(0), None, False
    for line in text.splitlines():
        cells = line.split("\t")
        if line.startswith("**"):
            if column is not None or cells.count("**kern") != 1:
                raise NotCompared("it has several columns of notes, or several songs")
            column = cells.index("**kern")
        elif not line.strip() or column is None or line.startswith("!"):
            continue
        elif line.startswith("*"):
            if {"*^", "*v", "*+", "*x"} & set(cells):
                raise NotCompared("its columns divide")
        elif not line.startswith("=") and cells[column] != "." and "q" not in cells[column].lower():
            if " " in cells[column]:
                raise NotCompared("it has chords")
            length = _quarters(cells[column])
            if "r" not in cells[column]:
                sound = Sound(at, at + length, _pitch(cells[column]))
                if tied and re.search(r"[\]_]", cells[column]) and sounds[-1][1:] == (at, sound.pitch):
                    sounds[-1] = sounds[-1]._replace(end=sound.end)
                else:
                    sounds.append(sound)
            tied = bool(re.search(r"[\[_]", cells[column]))
            at += length
    return sounds


def _quarters(cell: str) -> Fraction:
    """4 is a quarter, 0 two whole notes, 3%2 two thirds of a whole note; each dot adds half of the last addition."""
    number, parts, dots = re.search(r"(\d+)(?:%(\d+))?[^.\d]*(\.*)", cell).groups()
    whole = Fraction(2 ** len(number)) if set(number) == {"0"} else Fraction(int(parts or 1), int(number))
    return 4 * whole * (2 - Fraction(1, 2 ** len(dots)))


def _pitch(cell: str) -> int:
    letters = re.search(r"[a-gA-G]+", cell)[0]
    octave = 3 + len(letters) if letters.islower() else 4 - len(letters)
    return 12 * (octave + 1) + STEPS[letters[0].lower()] + cell.count("#") - cell.count("-")
