"""Keys: which one a score is in, and how far it is from there to C major or A minor.

Songs in different keys use different pitches for the same melody. Brought to one key they
share a vocabulary, and the network sees each turn of phrase more often.

On the *line of fifths*

    ... Bb  F   C   G   D   A   E   B   F#  C# ...
        -2  -1  0   1   2   3   4   5   6   7

each tonic has a place of its own, which says how many sharps or flats its key has.
"""

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import music21.key
    from music21.stream import Stream

LETTERS = "FCGDAEB"  # places -1 to 5 on the line of fifths; seven places further, each is a semitone higher
SEMITONES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
C4, A4 = 60, 69  # the tonics of C major and A minor, the keys that the songs are brought to

# A church mode counts as major or minor by the third above its tonic.
HAS_MINOR_THIRD = {
    "major": False, "ionian": False, "lydian": False, "mixolydian": False,
    "minor": True, "aeolian": True, "dorian": True, "phrygian": True, "locrian": True,
}  # fmt: skip


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
        return LETTERS.index(self.tonic[0]) - 1 + 7 * (self.tonic.count("#") - self.tonic.count("b"))

    @property
    def fifths(self) -> int:
        """The signature: so many sharps, or, below zero, flats."""
        return self.place - (3 if self.minor else 0)

    @property
    def number(self) -> int:
        """The tonic in octave 4 as a MIDI number."""
        return 60 + SEMITONES[self.tonic[0]] + self.tonic.count("#") - self.tonic.count("b")

    @property
    def shift(self) -> int:
        """Semitones from C4 (major) or A4 (minor) to the tonic.

        It is taken in octave 4, wherever a melody lies, so songs that are moved by this keep their register.
        """
        return self.number - (A4 if self.minor else C4)

    def simplest(self) -> "Key":
        """The same key for the ear, with at most six sharps or flats where this one has more than seven."""
        if abs(self.fifths) <= 7:
            return self
        return _key_at(self.place - 12 * round(self.fifths / 12), self.minor)

    def __str__(self) -> str:
        return f"{self.tonic} {'minor' if self.minor else 'major'}"


C_MAJOR = Key("C")


def letter_at(place: int) -> tuple[str, int]:
    """The letter at a place on the line of fifths, and its accidental."""
    return LETTERS[(place + 1) % 7], (place + 1) // 7


def _key_at(place: int, minor: bool) -> Key:
    letter, alter = letter_at(place)
    return Key(letter + ("#" if alter > 0 else "b") * abs(alter), minor)


def key_of(score: "Stream", mode_by_third: bool = False) -> Key | None:
    """The key that is written or, if there is none, the one that the notes suggest.

    Args:
        score: a music21 stream.
        mode_by_third: do not believe a written major: call the song minor if the minor third above the tonic sounds
            longer, in sum, than the major third. For sources that drop the mode of their keys, which are then read as
            major.

    Returns:
        The key, a church mode as major or minor on the same tonic; None if the notes suggest none either.
    """
    key = written_key(score) or analysed_key(score)
    if key is None:
        return None
    tonic = round(key.tonic.ps)  # music21 puts a pitch without an octave into octave 4
    minor = HAS_MINOR_THIRD[key.mode.removeprefix("hypo")] or (mode_by_third and _minor_third_prevails(score, tonic))
    return Key(key.tonic.name.replace("-", "b"), minor)


def written_key(score: "Stream") -> "music21.key.Key | None":
    """The first key that names a tonic and a mode we know, else None."""
    from music21 import key
    from music21.humdrum.spineParser import MiscTandem

    for found in score.recurse().getElementsByClass((key.Key, MiscTandem)):
        if isinstance(found, MiscTandem):
            found = _kern_mode(found.tandem)
        if found is not None and found.mode is not None and found.mode.removeprefix("hypo") in HAS_MINOR_THIRD:
            return found
    return None


def _kern_mode(tandem: str) -> "music21.key.Key | None":
    """A church mode as kern writes it, such as *d:dor; music21 hands it on without reading it."""
    from music21 import key

    match = re.fullmatch(r"\*([A-Ga-g])([#-]*):(ion|dor|phr|lyd|mix|aeo|loc)", tandem)
    if match is None:
        return None
    letter, accidentals, short = match.groups()
    found = key.Key(letter.upper() + accidentals)
    found.mode = next(mode for mode in HAS_MINOR_THIRD if mode.startswith(short))
    return found


def analysed_key(score: "Stream") -> "music21.key.Key | None":
    """The key that music21 reads from the durations of the pitches, else None."""
    from music21.exceptions21 import Music21Exception

    try:
        return score.analyze("key")
    except Music21Exception:
        return None


def _minor_third_prevails(score: "Stream", tonic: int) -> bool:
    sounding = {3: 0.0, 4: 0.0}  # semitones above the tonic -> quarter notes
    for note in score.recurse().notes:
        for pitch in note.pitches:
            interval = round(pitch.ps - tonic) % 12
            if interval in sounding:
                sounding[interval] += float(note.quarterLength)
    return sounding[3] > sounding[4]
