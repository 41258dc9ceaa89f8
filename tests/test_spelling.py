"""Keys and how pitches are spelled in them, against what theory books say and against music21's keys."""

import pytest
from music21 import key as music21_key

from encoding.spelling import Key, signature, spell
from encoding.tokens import note_names


def names(numbers: str, key: str) -> str:
    return " ".join(str(spelling) for spelling in spell([int(number) for number in numbers.split()], Key.parse(key)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("G", ("G", False)), ("Bb", ("Bb", False)), ("e minor", ("E", True)), ("E minor", ("E", True)),
        ("g major", ("G", False)), ("e", ("E", True)), ("F#m", ("F#", True)), ("bb", ("Bb", True)),
        ("B♭ major", ("Bb", False)), (" c# min ", ("C#", True)), ("Cb", ("Cb", False)), ("a-minor", ("A", True)),
    ],
)  # fmt: skip
def test_keys_as_musicians_type_them(text, expected):
    assert Key.parse(text) == expected
    assert Key.parse(str(Key.parse(text))) == expected


@pytest.mark.parametrize("text", ["", "H", "G##", "G dorian", "minor", "CC", "1"])
def test_what_is_no_key(text):
    with pytest.raises(ValueError, match="is not a key"):
        Key.parse(text)


@pytest.mark.parametrize(
    ("text", "instead"), [("G#", "Ab major"), ("D#", "Eb major"), ("Fb", "E major"), ("Gb minor", "F# minor")]
)
def test_keys_that_nobody_writes(text, instead):
    with pytest.raises(ValueError, match=f"write {instead}"):
        Key.parse(text)


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
