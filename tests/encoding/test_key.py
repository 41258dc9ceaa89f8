"""Keys as musicians type them."""

import pytest

from encoding.key import Key, letter_at


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


# Sharps (or, below zero, flats) of the signature, and semitones from C4 or A4 to the tonic in octave 4.
@pytest.mark.parametrize(
    ("text", "fifths", "shift"),
    [
        ("C", 0, 0), ("G", 1, 7), ("D", 2, 2), ("A", 3, 9), ("E", 4, 4), ("B", 5, 11), ("F#", 6, 6), ("C#", 7, 1),
        ("F", -1, 5), ("Bb", -2, 10), ("Eb", -3, 3), ("Ab", -4, 8), ("Db", -5, 1), ("Gb", -6, 6), ("Cb", -7, -1),
        ("a", 0, 0), ("e", 1, -5), ("b", 2, 2), ("f#", 3, -3), ("c#", 4, -8), ("g#", 5, -1), ("d#", 6, -6),
        ("a#", 7, 1), ("d", -1, -7), ("g", -2, -2), ("c", -3, -9), ("f", -4, -4), ("bb", -5, 1), ("eb", -6, -6),
        ("ab", -7, -1),
    ],
)  # fmt: skip
def test_signatures_and_shifts(text, fifths, shift):
    key = Key.parse(text)
    assert (key.fifths, key.shift) == (fifths, shift)
    assert key.simplest() is key
    assert key.number == (69 if key.minor else 60) + shift


def test_keys_of_more_than_seven_accidentals_have_a_simpler_name():
    simpler = {"G#": "Ab", "D#": "Eb", "A#": "Bb", "E#": "F", "B#": "C", "Fb": "E", "C##": "D", "Bbb": "A", "Ebb": "D",
               "A##": "B", "B##": "Db"}  # fmt: skip
    for tonic, other in simpler.items():
        assert Key(tonic).simplest() == Key(other)
    for tonic, other in {"E#": "F", "B#": "C", "Gb": "F#", "Db": "C#", "Cb": "B", "Fb": "E", "C##": "D"}.items():
        assert Key(tonic, minor=True).simplest() == Key(other, minor=True)


def test_letters_on_the_line_of_fifths():
    names = ["Fb", "Cb", "Gb", "Db", "Ab", "Eb", "Bb", "F", "C", "G", "D", "A", "E", "B", "F#", "C#", "G#", "D#"]
    for place, name in enumerate(names, -8):
        letter, alter = letter_at(place)
        assert letter + "b" * -alter + "#" * alter == name
        assert Key(name).place == place
