"""Keys and how pitches are spelled in them, against what theory books say and against music21's keys."""

import pytest
from music21 import key as music21_key

from encoding.key import Key
from encoding.writing.names import note_names
from encoding.writing.spelling import signature, spell


def names(numbers: str, key: str) -> str:
    return " ".join(str(spelling) for spelling in spell([int(number) for number in numbers.split()], Key.parse(key)))


@pytest.mark.parametrize("tonic", "C G D A E B F# C# F Bb Eb Ab Db Gb Cb".split())
@pytest.mark.parametrize("mode", ["major", "minor"])
def test_signatures_and_scales_are_music21s(tonic, mode):
    key, theirs = Key(tonic, mode == "minor"), music21_key.Key(tonic.replace("b", "-"), mode)
    if abs(theirs.sharps) > 7:
        return
    assert key.fifths == theirs.sharps
    altered = {pitch.step: round(pitch.alter) for pitch in theirs.alteredPitches}
    assert signature(key) == {letter: altered.get(letter, 0) for letter in "CDEFGAB"}
    scale = theirs.getPitches(f"{tonic.replace('b', '-')}4", f"{tonic.replace('b', '-')}5")
    spelled = spell([round(pitch.ps) for pitch in scale], key)
    assert [str(one) for one in spelled] == [pitch.nameWithOctave.replace("-", "b") for pitch in scale]


@pytest.mark.parametrize(
    ("numbers", "key", "expected"),
    [
        ("66 67", "G", "F#4 G4"),
        ("66 65", "Db", "Gb4 F4"),
        ("63 60", "c minor", "Eb4 C4"),
        ("71 72", "c minor", "B4 C5"),
        ("68 69", "a minor", "G#4 A4"),  # the leading tone
        ("64 66 68 69", "a minor", "E4 F#4 G#4 A4"),  # melodic minor
        ("68 66 69", "a minor", "G#4 F#4 A4"),
        ("69 70 69", "a minor", "A4 Bb4 A4"),
        ("64 63 64", "a minor", "E4 D#4 E4"),  # the neighbour below
        ("80 78 76 79 80", "g# minor", "G#5 F#5 E5 F##5 G#5"),
        ("61 62", "C", "C#4 D4"),
        ("62 61 60", "C", "D4 Db4 C4"),
        ("67 68 69", "C", "G4 G#4 A4"),
        ("69 68 67", "C", "A4 Ab4 G4"),
        ("63 64", "C", "D#4 E4"),
        ("67 66 65", "C", "G4 F#4 F4"),  # the raised fourth, always
        ("59 60", "Cb", "Cb4 C4"),  # the octave goes with the letter
        ("60 61", "C#", "B#3 C#4"),
        ("0 127", "C", "C-1 G9"),
    ],
)
def test_spelling(numbers, key, expected):
    assert names(numbers, key) == expected


def test_note_names_in_a_key():
    assert note_names("66 _ r 70".split(), Key.parse("Gb")) == "Gb4:2 r:1 Bb4:1"
