"""What is read from ABC is what the standard says, or the tune is left out."""

import pytest
from music21 import converter, corpus
from songs import abc_song

from encoding import GridEncoder, SongRejected, load_corpus
from encoding.reading.abc import score_of, split_tunes


def tokens_of(abc: str) -> str:
    return " ".join(GridEncoder().encode_song(score_of(abc)))


def music(notes: str, **more) -> str:
    return tokens_of(abc_song(1, notes, **more))


def test_accidentals_hold_to_the_end_of_the_bar():
    assert music("^F F =F F | F z3") == "66 66 65 65 65 r _ _"
    assert tokens_of("%abc-1.6\n" + abc_song(1, "^F F | F")) == "66 66 65"
    assert music("F ^c c | c", key="G") == "66 73 73 72"


def test_ties():
    assert music("|: C2- | C2 D2- D2 :|") == "60 _ _ _ 62 _ _ _"
    assert music("^F2-|F2 F2") == "66 _ _ _ 65 _"  # the accidental reaches over the tie, not further
    assert music("_B2-|B2-|B2 B2") == "70 _ _ _ _ _ 71 _"
    assert music("^F2-|=F2") == "66 _ 65 _"


@pytest.mark.parametrize(
    "notes",
    [
        "C4 & E4",
        "[V:1] C4 [V:2] D4",
        "W C4",
        "C4 ^/D4",
    ],
)
def test_what_cannot_be_read_is_rejected(notes):
    with pytest.raises(SongRejected):
        music(notes)


def test_what_the_grid_does_not_need_does_not_matter():
    plain = music("C4 D4 E4 F4")
    for notes in (
        '"XZ&"C4 !fine!D4 {g}E4 y F4 % Zx&',
        "+fermata+C4 ~D4 .E4 vF4",
        "TC4 HD4 ME4 uF4",
        "C4 D4 E4 F4\nw: la la la la\ns: !pp! *\n+: more",
        "C4 D4\\\nE4 F4",
        "[V:1] C4 D4 [r:remark & more] E4 F4",
        "V:1\nC4 D4\nV:1\nE4 F4",
    ):
        assert music(notes) == plain
    assert music("C>{e}D", length="1/4") == music("C>D", length="1/4")


def test_changes_within_a_line():
    assert music("C4 [K:G] F4") == "60 _ _ _ 66 _ _ _"
    assert music("C4 [L:1/8] D2") == "60 _ _ _ 62 _ _ _"


@pytest.mark.parametrize(
    ("key", "tonic_song"),
    [
        ("G clef=treble", "67 _ 69 _ 66 _"), ("G treble", "67 _ 69 _ 66 _"), ("G major", "67 _ 69 _ 66 _"),
        ("Em", "67 _ 69 _ 66 _"), ("D dor", "67 _ 69 _ 65 _"), ("Ddor clef=bass", "67 _ 69 _ 65 _"),
    ],
)  # fmt: skip
def test_keys(key, tonic_song):
    assert music("G2 A2 F2", key=key) == tonic_song


def test_written_key_counts(tmp_path):
    (tmp_path / "a.abc").write_text(abc_song(1, "G2 A2 F2 G2", key="G clef=treble"))
    assert " ".join(load_corpus(tmp_path).songs[0]) == "60 _ 62 _ 59 _ 60 _"


def test_tunes_are_separated():
    two = abc_song(1, "C") + "\n" + abc_song(2, "D")
    for text in (two, "\ufeff".encode().decode("utf-8-sig") + two, two.replace("\n", "\r\n"), two.replace("\n", "\r")):
        assert [tokens_of(tune) for tune in split_tunes(text)] == ["60", "62"]
    assert tokens_of(split_tunes("L:1/16\nK:C\nC")[0]) == "60"
    header = split_tunes("A book of tunes, bad ones.\nL:1/4\n\n" + "X:1\nK:C\nC\n\nX:2\nK:C\nD\n")
    assert [tokens_of(tune) for tune in header] == ["60 _ _ _", "62 _ _ _"]  # the file's own L: holds for all


def test_free_text_after_a_tune():
    tune = abc_song(1, "C4 D4") + "\nThis is a bad ending.\n"
    assert [tokens_of(t) for t in split_tunes(tune)] == ["60 _ _ _ 62 _ _ _"]


def test_byte_order_mark(tmp_path):
    text = abc_song(1, "C4 D4") + "\n" + abc_song(2, "D4 E4")
    (tmp_path / "a.abc").write_bytes(text.encode("utf-8-sig"))
    assert load_corpus(tmp_path).names == ["a.abc#1", "a.abc#2"]


def test_flat_reading_equals_music21s_own():
    """Leaving out bars and beams changes no token."""
    tunes = split_tunes(corpus.getWork("essenFolksong/erk5").read_text())
    assert len(tunes) >= 5
    for tune in tunes:
        whole = converter.parse("%abc-2.1\n" + tune, format="abc", forceSource=True)
        assert GridEncoder().encode_song(score_of(tune)) == GridEncoder().encode_song(whole)


def test_users_own_abc_keeps_its_mode(tmp_path):
    (tmp_path / "a.abc").write_text(abc_song(1, "A4 _B4 c4 A4", key="A"))  # sounds minor, is written major
    assert load_corpus(tmp_path).songs[0][0] == str(69 - 9)
