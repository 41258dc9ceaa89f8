"""Keys as musicians type them."""

import pytest

from encoding.key import Key


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
