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
        (file("4c", "4R", "4d"), "'4R' in line 6 is no note or rest of one length and one pitch"),
        (file("4c", "4X'", "4d"), """"4X'" in line 6"""),
        (file("4c", "4d").removesuffix(b"*-\n"), "it is cut off: there is no *-"),
        (file("4c", "4c\t4d"), "line 6 has 2 columns, and 1 are open"),
        (file("*^", "4c", "*v\t*v"), "line 6 has 1 columns, and 2 are open"),
        (file("4c", "*-", "4d"), "line 7 has 1 columns, and 0 are open"),
        (b"!!!a song\n" + file("4c"), "line 1"),
    ],
)
def test_reasons_name_the_line(content, reason):
    assert reason in refusal(content)


@pytest.mark.parametrize(
    "damaged",
    "4cd 4cC 4cDc 4bB -4c 4c#- 4c-# 4cn# 4c#n c 4cL4d 4.c. 4c. .4c 4rc 4cr 4Pd 4%0c 04c 4%c 4 # 4c-4 r 4e=".split(),
)
def test_damaged_notes(damaged):
    assert f"{damaged!r} in line 6" in refusal(file("4c", damaged, "4d"))


def test_bar_lines_go_through_all_columns():
    whole = b"**kern\t**kern\n4c\t4r\n=2\t=2\n*\t*\n!\t!\n4d\t4r\n*-\t*-\n"
    assert read(whole) == "C4:4 D4:4"
    for sign in (b"=2", b"*", b"!"):
        line = sign + b"\t" + sign + b"\n"
        assert "begins with " + chr(sign[0]) in refusal(whole.replace(line, sign + b"\t4e\n"))


def test_notes_with_signs():
    for sign in (
        "4dd",
        "(4dd",
        "{4dd/L",
        "4dd\\JJk)",
        "&(4dd&)",
        "4dd;",
        "4dd'",
        '4dd"',
        "4ddT",
        "4ddn",
        "4dd^^yy",
        "4;dd",
    ):
        assert read(file("4c", sign, "4e")) == "C4:4 D5:4 E4:4", sign
    lengths = file("4.c#", "8d--", "16ryy", "16rL", "0CC", "1%2e", "q8dd", "ddq", "8ddQ/L", "2.f")
    assert read(lengths) == "Db4:6 C4:2 r:1 r:1 C2:32 E4:32 F4:12"


def test_columns_that_divide_and_join():
    assert read(file("*^", "4c\t4r", "*v\t*v", "4d")) == "C4:4 D4:4"
    words = [b"**text\t**kern", b"fed\t4c", b"*^\t*", b"4cd\t4cd\t4d", b"*v\t*v\t*", b"cd\t4e", b"*-\t*-", b""]
    assert read(b"\n".join(words)) == "C4:4 D4:4 E4:4"
    assert "'fed' in line 2" in refusal(b"\n".join(words).replace(b"**text", b"**kern"))
