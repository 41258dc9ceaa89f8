"""Kern files: ties, byte order marks, damage."""

import re

import pytest

from encoding import GridEncoder, SongRejected, load_corpus
from encoding.reading import kern
from encoding.writing.names import note_names


def file(*lines: str) -> bytes:
    return "\n".join(["!!!OTL: A song", "**kern", "*M4/4", "*C:", *lines, "==", "*-", ""]).encode()


def read(content: bytes) -> str:
    ((_, score),) = kern.scores_of(content, "song")
    return note_names(GridEncoder().encode_song(score))


def refusal(content: bytes) -> str:
    with pytest.raises(SongRejected) as rejection:
        list(kern.scores_of(content, "song"))
    assert not re.search(r"0x|Error|Exception|<|object", str(rejection.value))
    return str(rejection.value)


def test_a_tie_that_goes_on_may_have_both_ends():
    for through in ("[1a]", "]1a[", "1_a", "[1a];"):
        assert read(file("=1", "4g", "[2.a", "=2", through, "=3", "4a]", "4b")) == "G4:4 A4:32 B4:4", through
    assert read(file("=1", "[1a", "=2", "[1a]", "=3", "[1a]", "=4", "1a]")) == "A4:64"
    assert read(file("=1", "[1a]", "=2", "1a]")) == "A4:32"
    assert read(file("=1", "[1a", "=2", "1a]", "=3", "[1a", "=4", "1a]")) == "A4:32 A4:32"


def test_words_in_brackets_are_no_ties():
    lines = ["**kern\t**text", "*\t*", "4c\t[Ah]", "!\t![a] remark", "4d\t.", "*-\t*-", ""]
    assert read("\n".join(lines).encode()) == "C4:4 D4:4"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_byte_order_marks_and_encodings(encoding):
    text = file("=1", "4c", "4d").decode().replace("A song", "Müller …" if encoding != "latin-1" else "Müller")
    for ends in ("\n", "\r\n", "\r"):
        assert read(text.replace("\n", ends).encode(encoding)) == "C4:4 D4:4"


def test_two_songs_in_a_file(tmp_path):
    segments = b"!!!!SEGMENT: one\n" + file("4c", "4d") + b"!!!!SEGMENT: two\n" + file("4e", "4f")
    (tmp_path / "two.krn").write_bytes(segments)
    assert load_corpus(tmp_path, progress=lambda done, total: None).names == ["two.krn#1", "two.krn#2"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"A letter, and no music\n", "no kern file"),
        (file("4c", "4R", "4d"), "'4R' in line 6"),
        (file("4c", "4c\t4d"), "line 6 has 2 columns, and 1 are open"),
        (file("*^", "4c", "*v\t*v"), "line 6 has 1 columns, and 2 are open"),
        (file("4c", "*-", "4d"), "line 7 has 1 columns, and 0 are open"),
        (b"!!!a song\n" + file("4c"), "line 1"),
    ],
)
def test_reasons_name_the_line(content, reason):
    assert reason in refusal(content)


def test_columns_that_divide_and_join():
    assert read(file("*^", "4c\t4r", "*v\t*v", "4d")) == "C4:4 D4:4"
