"""A few scores that are written here, read by the project and by whatever other readers are installed."""

from fractions import Fraction
from importlib import import_module
from pathlib import Path

import pytest

from encoding import GridEncoder
from encoding.writing.render import render

names = ("abc_player", "comparison", "kern_text", "midi_file", "sounding")
abc_player, comparison, kern_text, midi_file, sounding = map(import_module, names)
Sound = sounding.Sound

TUNE = "67 _ 69 _ 71 _ _ _ 72 _ 71 69 67 _ _ _ r _ _ _ 74 _ _ 72 71 _ _ _ 69 _ _ _ 67 _ _ _ _ _ _ _ 66 _ 67 _".split()
KERN = """**kern\t**text
*M4/4\t*
*k[f#]\t*
*G:\t*
=1-\t=1-
8g\tla
8a\t.
[4b\t.
4b]\t.
8qdd\t.
4r\t.
=2\t=2
4.dd\t.
16cc#L\t.
16b-J\t.
2.GG\t.
[4g\t.
=3\t=3
1g_\t.
=4\t=4
[4g]\t.
4f#\t.
==\t==
*-\t*-
"""


def only(tallies):
    (tally,) = tallies
    return tally


def written(folder: Path, format: str) -> Path:
    path = folder / f"song.{format}"
    path.write_bytes(render(TUNE, {"mid": "midi"}.get(format, format)))
    return path


def test_kern_as_its_text_says(tmp_path):
    (tmp_path / "song.krn").write_text(KERN)
    (tmp_path / "two.krn").write_text("**kern\t**kern\n4c\t4r\n*-\t*-\n")
    tally = only(comparison.compare(tmp_path, 1 / 16))
    assert (tally.kept, tally.equal, tally.different) == (2, 1, {})
    assert "1 not compared: it has several columns of notes" in str(tally)
    (tmp_path / "bom.krn").write_text(KERN, encoding="utf-8-sig")
    (tmp_path / "utf16.krn").write_text(KERN, encoding="utf-16")
    segments = (f"!!!!SEGMENT: {pitch}\n**kern\n4{pitch}\n*-\n" for pitch in "cd")
    (tmp_path / "two.krn").write_text("".join(segments))
    tally = only(comparison.compare(tmp_path, 1 / 16))
    assert (tally.kept, tally.equal, tally.different) == (5, 3, {})
    assert "2 not compared: it has several columns of notes, or several songs" in str(tally)
    quarters = [(0, Fraction(1, 2), 67), (Fraction(1, 2), 1, 69), (1, 3, 71)]
    assert kern_text.read(KERN)[:3] == [Sound(*map(Fraction, times), pitch) for *times, pitch in quarters]


def test_midi_as_mido_reads_it(tmp_path):
    if why_not := midi_file.is_there():
        pytest.skip(why_not)
    written(tmp_path, "mid")
    tally = only(comparison.compare(tmp_path, 1 / 16))
    assert (tally.kept, tally.equal, tally.different) == (1, 1, {})


def test_abc_as_abc2midi_plays_it(tmp_path):
    if why_not := abc_player.is_there():
        pytest.skip(why_not)
    written(tmp_path, "abc")
    repeated = "X:1\nT:Two\nM:6/8\nL:1/8\nK:D\n|:A|d2f e>dc|B3 A2:|\n\n"
    triplet = "X:2\nT:Three\nM:4/4\nL:1/8\nK:Gm\nB2 (3cde B-B =e2|G8|]\n"
    (tmp_path / "more.abc").write_text(repeated + triplet)
    tally = only(comparison.compare(tmp_path, 1 / 16))
    assert tally.different == {}
    assert (tally.kept, tally.equal, sum(tally.refused.values())) == (2, 2, 1)  # the triplet is beside the grid
    assert "beside the grid" in str(tally)


def test_abc_without_numbers_or_in_utf_16(tmp_path):
    if why_not := abc_player.is_there():
        pytest.skip(why_not)
    tunes = [f"T:{name}\nM:4/4\nL:1/8\nK:G\n{name}2Bc d2ef|g8|]\n\n" for name in "ABC"]
    (tmp_path / "unnumbered.abc").write_text("".join(tunes))
    (tmp_path / "utf16.abc").write_text("X:1\n" + tunes[0] + "X:2\n" + tunes[1], encoding="utf-16")
    tally = only(comparison.compare(tmp_path, 1 / 16))
    assert (tally.kept, tally.equal, tally.different) == (2, 2, {})
    assert sum(tally.refused.values()) == 1  # several tunes without numbers are no tune


def test_differences_are_found():
    right = [Sound(Fraction(n), Fraction(n + 1), 60 + n) for n in range(4)]
    assert sounding.first_difference(right, right) is None
    for wrong in ({"pitch": 65}, {"onset": Fraction(9, 4)}, {"end": Fraction(5, 2)}):
        other = [*right[:2], right[2]._replace(**wrong), right[3]]
        assert sounding.first_difference(other, right).startswith("note 3 is "), wrong
        assert sounding.first_difference(right, other).startswith("note 3 is "), wrong
    assert "3 notes, for the other reader 4" in sounding.first_difference(right[:3], right)
    assert "4 notes, for the other reader 3" in sounding.first_difference(right, right[:3])
    short = [sound._replace(end=sound.end - Fraction(1, 5)) for sound in right]
    assert sounding.first_difference(right, short, held_short=True) is None
    assert "note 1 is" in sounding.first_difference(right, short)
    assert "note 1 is" in sounding.first_difference(short, right, held_short=True)


def test_a_wrong_note_is_reported(tmp_path, monkeypatch):
    (tmp_path / "song.krn").write_text(KERN)
    right = GridEncoder.encode_with_key

    def wrong(self, *arguments):
        tokens, key = right(self, *arguments)
        return [*tokens[:4], str(int(tokens[4]) + 1), *tokens[5:]], key

    monkeypatch.setattr(GridEncoder, "encode_with_key", wrong)
    monkeypatch.setattr("sys.executable", "/nowhere/python")  # no workers: it is read here
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    tally = only(comparison.compare(tmp_path, 1 / 16))
    assert tally.different == {"song.krn": "note 3 is C5 from 1 to 3, for the other reader B4 from 1 to 3"}
    assert "1 kept (0 equal, 1 different, 0 not compared), 0 refused" in str(tally)
