"""The tempo that a score's file is written with."""

import pytest

from encoding.reading import tempo_of
from encoding.writing.primer import Primer

ABC = "X:1\nT:a\n{}M:3/4\nL:1/8\nK:G\nG2A2B2|G6|]\n"


@pytest.mark.parametrize(
    ("field", "tempo"),
    [("Q:1/4=90\n", 90), ("Q: 3/8 = 60\n", 90), ('Q:"Andante" 1/2=40 % slow\n', 80), ("Q:1/4=72.5\n", 72.5), ("", None),
     ("Q:120\n", None), ('Q:"Andante"\n', None)],
)  # fmt: skip
def test_abc(tmp_path, field, tempo):
    path = tmp_path / "a.abc"
    path.write_text("%abc\n" + ABC.format(field) + "\n" + ABC.format("Q:1/4=11\n").replace("X:1", "X:2"))
    assert tempo_of(path) == tempo
    assert Primer.from_score(path, 1 / 16).tempo == tempo


@pytest.mark.parametrize("suffix", ["musicxml", "mid"])
def test_other_formats(tmp_path, suffix):
    from music21 import meter, note, stream, tempo

    part = stream.Part([tempo.MetronomeMark(number=60, referent=1.5), meter.TimeSignature("6/8")])
    part.append([note.Note("C4", quarterLength=1.5), note.Note("D4", quarterLength=1.5)])
    path = tmp_path / f"a.{suffix}"
    part.write(suffix, path)
    assert tempo_of(path) == pytest.approx(90)


def test_what_is_no_score_has_no_tempo(tmp_path):
    (tmp_path / "a.krn").write_text("Dear diary\n")
    assert tempo_of(tmp_path / "a.krn") is None
