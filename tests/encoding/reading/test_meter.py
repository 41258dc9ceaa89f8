"""Bars and upbeats are found while a score is parsed, and labels for each step follow from them."""

import pytest
from songs import abc_song

from encoding import load_corpus
from encoding.reading.meter import Meter
from encoding.writing.render import render


def meter_of(tmp_path, name: str, content: str, **more) -> Meter | None:
    (tmp_path / name).write_text(content)
    corpus = load_corpus(tmp_path / name, progress=lambda done, total: None, **more)
    assert corpus.rejected == {}
    assert len(corpus.meters) == len(corpus.songs) == 1
    return corpus.meters[0]


@pytest.mark.parametrize(
    ("notes", "meter", "expected"),
    [
        ("C4 D4 E4 F4 | G16 |]", "4/4", (0, 16, 4)),
        ("| C4 D4 E4 F4 | G16 |", "4/4", (0, 16, 4)),
        ("G2 | C4 D4 E4 F4 | G14 |]", "4/4", (2, 16, 4)),
        ("G2 | C4 D4 | E4 G2\nG2 | C4 D4 | E6 |]", "2/4", (2, 8, 4)),  # a line may end within a bar
        ("G2 | C4 D2 C2 D2 E2 | C12 |]", "6/8", (2, 12, 6)),
        ("G4 | C4 D4 C4 | C8 |]", "3/4", (4, 12, 4)),
        ("G2 | C4 D2- | D4 C2 | C4 |]", "3/8", (2, 6, 2)),  # ties
        ("G4 | C4 D4 E2 F2 || G4 | C12 :| G4 | C16 |]", "4/4", (4, 16, 4)),  # a repeat within a bar
        ("(3C4D4E4 F8 | C16 | C16 |]", "4/4", (0, 16, 4)),
        ("C4 D4 | E4 F8 | G8", "2/4", None),  # a bar too long
        ("C4 D4 | [M:3/4] E4 F4 G4 | E12", "2/4", None),  # another meter
        ("C4 D4 | [M:2/4] E4 F4 | E8", "2/4", (0, 8, 4)),  # the same again
        ("C4 D4 E4 F4 |]", "4/4", None),  # no bar line within the song
        ("C4 D4 | E4 F4 | G8", "none", None),
        ("C4 D4 | E4 F4 | G8", "C|", None),  # half bars
        ("C4 | D4 E4 F4 C4 | G8", "C", (4, 16, 4)),
    ],
)  # fmt: skip
def test_abc(tmp_path, notes, meter, expected):
    more = {"time_step": 1 / 48} if "(3" in notes else {}
    found = meter_of(tmp_path, "a.abc", abc_song(1, notes, meter=meter), **more)
    assert found == (expected if not more else (0, 48, 12))


def test_a_bar_must_fit_the_grid(tmp_path):
    """Quarters fit a grid of quarters, and bars of three quavers do not."""
    song = abc_song(1, "C4 C4 | C4 C4 | C4", meter="2/4")
    assert meter_of(tmp_path, "a.abc", song, time_step=1 / 4) == (0, 2, 1)
    song = abc_song(1, "C4 C4 | C4 C4 | C4", meter="4/8")
    assert meter_of(tmp_path, "b.abc", song, time_step=1 / 4) is None  # its beat is half a step


KERN = "**kern\n*M{meter}\n*C:\n{notes}\n*-\n"


def test_kern(tmp_path):
    bars = "=1\n4c\n4d\n4e\n=2\n2.c\n=="
    assert meter_of(tmp_path, "a.krn", KERN.format(meter="3/4", notes=bars)) == (0, 12, 4)
    assert meter_of(tmp_path, "b.krn", KERN.format(meter="3/4", notes="4g\n" + bars)) == (4, 12, 4)
    changing = bars.replace("=2", "=2\n*M2/4")
    assert meter_of(tmp_path, "c.krn", KERN.format(meter="3/4", notes=changing)) is None


def xml_score(*bars: tuple[str, int]) -> str:
    """Bars of quarters, each with its meter; an incomplete first one is marked as an upbeat, as editors do."""
    measures, before = [], None
    for number, (meter, quarters) in enumerate(bars, start=1):
        beats = int(meter[0])
        change = f"<time><beats>{beats}</beats><beat-type>4</beat-type></time>" if meter != before else ""
        upbeat = ' implicit="yes"' if quarters < beats else ""
        notes = "<note><pitch><step>C</step><octave>4</octave></pitch><duration>1</duration></note>" * quarters
        attributes = f"<attributes><divisions>1</divisions>{change}</attributes>"
        measures.append(f'<measure number="{number}"{upbeat}>{attributes}{notes}</measure>')
        before = meter
    parts = '<part-list><score-part id="P"><part-name/></score-part></part-list>'
    return f'<score-partwise>{parts}<part id="P">{"".join(measures)}</part></score-partwise>'


def test_musicxml(tmp_path):
    whole = [("3/4", 3)] * 3
    assert meter_of(tmp_path, "a.musicxml", xml_score(*whole)) == (0, 12, 4)
    assert meter_of(tmp_path, "b.musicxml", xml_score(("3/4", 1), *whole)) == (4, 12, 4)
    assert meter_of(tmp_path, "c.musicxml", xml_score(*whole, ("2/4", 2), *whole)) is None


def test_a_melody_of_ours(tmp_path):
    """music21 writes a melody without a meter in bars of 4/4, and says so in a MIDI file, too."""
    tokens = "60 _ _ _ 62 _ _ _ 64 _ _ _ 65 _ _ _ 67 _ _ _ _ _ _ _".split()
    (tmp_path / "a.musicxml").write_bytes(render(tokens, "musicxml"))
    (tmp_path / "b.mid").write_bytes(render(tokens, "midi"))
    corpus = load_corpus(tmp_path, progress=lambda done, total: None)
    assert corpus.meters == [(0, 16, 4), (0, 16, 4)]


def test_meters_come_from_the_cache_too(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    song = abc_song(1, "G2 | C4 D4 E4 F4 | G14 |]")
    first, second = (meter_of(tmp_path, "a.abc", song) for _ in range(2))
    assert first == second == (2, 16, 4)
    assert isinstance(second, Meter)
