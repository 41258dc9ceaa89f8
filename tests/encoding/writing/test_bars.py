"""Bars, upbeats and the pieces that notes are written in; and the same as ABC."""

from fractions import Fraction
from itertools import pairwise

import pytest

from encoding.grid import GridEncoder
from encoding.key import Key
from encoding.reading.meter import Meter
from encoding.tokens import REST_SYMBOL, events
from encoding.writing.abc import abc
from encoding.writing.bars import Layout, TimeSignature, bars, in_triplet, writable

METERS = ["4/4", "3/4", "2/4", "6/8", "3/8", "2/2", "9/8", "12/8", "5/4", "7/8", "3/2"]


def random_melody(rng, length: int) -> list[str]:
    symbols = [*map(str, range(55, 80)), "r", "_", "_", "_", "_"]
    tokens = [str(symbol) for symbol in rng.choice(symbols * 3 + ["_"] * 150, size=length)]
    return [str(rng.integers(60, 72)), *tokens]


def layout_of(meter="4/4", upbeat=0, key="C") -> Layout:
    return Layout(Key.parse(key), TimeSignature.parse(meter), upbeat)


def music(tokens: str, meter="4/4", upbeat=0, key="C", time_step=1 / 16) -> str:
    """The bars as ABC, on one line."""
    text = abc(tokens.split(), time_step, layout_of(meter, upbeat, key), "Title")
    return " ".join(text.split("K:")[1].splitlines()[1:])


@pytest.mark.parametrize("meter", METERS)
@pytest.mark.parametrize("time_step", [1 / 16, 1 / 32, 1 / 12, 1 / 24, 1 / 20])
def test_bars_hold_the_melody(rng, meter, time_step):
    """Whatever the grid: bars are full, pieces stand end to end, and tied together give the notes again."""
    step, time = GridEncoder(time_step).quarters_per_step, TimeSignature.parse(meter)
    for upbeat in (0, 1, 2, 5):
        tokens = random_melody(rng, 70)
        written = bars(tokens, time_step, layout_of(meter, upbeat))
        for number, bar in enumerate(written):
            assert all(one.place + one.quarters == two.place for one, two in pairwise(bar))
            assert bar[-1].place + bar[-1].quarters <= time.bar
            if number < len(written) - 1:
                assert bar[-1].place + bar[-1].quarters == time.bar
            if number > 0:
                assert bar[0].place == 0
            if time_step != 1 / 20:  # fifths of a quarter have no symbol of their own
                assert all(writable(p.quarters) for p in bar if p.quarters < time.bar or p.pitch is not None)
        heard, tied = [], False
        for piece in [piece for bar in written for piece in bar]:
            if tied:
                assert piece.pitch == heard[-1][0]
                heard[-1][1] += piece.quarters
            elif piece.pitch is not None:
                heard.append([piece.pitch, piece.quarters])
            tied = piece.tied
        notes = [steps * step for _, symbol, steps in events(tokens) if symbol != REST_SYMBOL]
        assert [quarters for _, quarters in heard] == notes


@pytest.mark.parametrize(
    ("tokens", "meter", "expected"),
    [
        ("60 _ _ _ _ _ 62 _ 64 _ _ _ _ _ _ _", "4/4", "C3 D E4 |]"),
        ("60 _ 62 _ _ _ 64 _ 65 _ _ _ _ _ _ _", "4/4", "C D2 E F4 |]"),  # the usual syncopation
        ("60 _ _ _ 62 _ 64 _ _ _ 65 _ _ _ _ _", "4/4", "C2 DE- EF- F2 |]"),  # the middle is shown
        ("60 _ _ _ 62 _ _ _ _ _ _ _ 64 _ _ _", "4/4", "C2 D4 E2 |]"),
        ("60 _ _ _ 62 _ _ _ _ _ 64 _ 65 _ _ _", "4/4", "C2 D2- DE F2 |]"),
        ("60 62 _ _ 64 _ _ 65 67 _ _ _ _ _ _ _", "4/4", "C/2D3/2 E3/2F/2 G4 |]"),
        ("60 _ _ _ _ 62 _ _ 64 _ _ _ _ _ _ _", "4/4", "C2- C/2D3/2 E4 |]"),
        ("60 _ _ _ _ _ _ 62 64 _ _ _ _ _ _ _", "4/4", "C2- C3/2D/2 E4 |]"),
        ("60" + " _" * 27, "4/4", "C8- | C6 z2 |]"),
        ("60" + " _" * 35, "3/4", "C6- | C6- | C6 |]"),
        ("60 _ _ _ 62 _ 64 _ _ _ _ _", "6/8", "C2D E3 |]"),
        ("60 _ 62 _ _ _ _ _ 64 _ _ _", "6/8", "CD2- DE2 |]"),  # beats of three quavers
        ("60 _ 62 _ _ _ _ _ 64 _ _ _", "3/4", "CD- D2 E2 |]"),
        ("60 _ _ _ _ _ _ _ _ _ _ _", "6/8", "C6 |]"),
        ("60 _ _ _ _ _ _ _ 62 _ _ _", "6/8", "C3- CD2 |]"),
        ("60 _ r _ _ _ _ _ _ _ _ _ _ _ _ _ r" + " _" * 16 + " 60 _ _", "4/4", "C z z2 z4 | z8 | z/2C3/2 z2 z4 |]"),
        ("60 _ _ _ r _ _ _ _ _ _ _", "3/4", "C2 z2 z2 |]"),
        ("60 _ r _ _ _ r _ _ _ _ _", "6/8", "Czz z3 |]"),
        ("r" + " _" * 15 + " 60 _ _ _", "4/4", "z8 | C2 z2 z4 |]"),
        ("60 _ _ _" + " r _ _ _" * 8, "4/4", "C2 z2 z4 |]"),  # rests in a row are one; no bars of them at the end
        ("60 _ _ _ _ _ 62 _ _ _ _ _", "3/8", "C3 | D3 |]"),
        ("60 _ _ _ _ _ _ _ _ _ _ _ _ _ 62 _", "2/2", "C6- CD |]"),
    ],
)  # fmt: skip
def test_durations_are_written_as_musicians_do(tokens, meter, expected):
    def without_beams(text):
        return text.replace(" ", "").replace("|", " | ")

    assert without_beams(music(tokens, meter)) == without_beams(expected)


def test_upbeat():
    melody = "62 _ _ _ " + "67 _ _ _ " * 3 + "69 _ _ _ " * 2
    assert music(melody, "3/4", 4, "G") == "D2 | G2 G2 G2 | A2 A2 |]"  # upbeat and end make one bar
    assert music(melody, "3/4", 0, "G") == "D2 G2 G2 | G2 A2 A2 |]"
    assert music(melody, "3/4", 8, "G") == "D2 G2 | G2 G2 A2 | A2 |]"
    assert music(melody + "69", "3/4", 4, "G") == "D2 | G2 G2 G2 | A2 A2 A/2z/2z |]"
    assert music(melody + "69 r", "3/4", 4, "G") == "D2 | G2 G2 G2 | A2 A2 A/2z/2z |]"
    assert music(melody, "3/4", 12, "G") == music(melody, "3/4", 0, "G")  # a whole bar is none


def test_accidentals_hold_within_their_bar():
    tokens = "66 _ 65 _ 66 _ 65 _ 66 _ _ _ 77 _ _ _ 66 _ _ _ 65 _ _ _ 65 _ _ _ _ _ _ _"
    assert music(tokens, "4/4", 0, "C") == "^F=F^F=F ^F2 =f2 | ^F2 =F2 F4 |]"
    assert music(tokens, "4/4", 0, "G") == "F=F^F=F ^F2 =f2 | F2 =F2 F4 |]"
    assert music("61 _ _ _ 61 _ _ _ 61 _ _ _ _ _ _ _ _ _ _ _", "4/4") == "^C2 C2 C4- | ^C2 z2 z4 |]"  # over a tie
    assert music("66 _ _ _ 78 _ _ _ 77 _ _ _ 66 _ _ _", "4/4", 0, "C") == "^F2 ^f2 =f2 ^F2 |]"  # in every octave
    assert music("68 _ _ _ 69 _ _ _ 67 _ _ _ _ _ _ _", "4/4", 0, "a minor") == "^G2 A2 =G4 |]"


def test_octaves_and_double_sharps():
    assert music("36 48 60 72 84 96 _ _", "2/4") == "C,,/2C,/2C/2c/2 c'/2c''3/2 |]"
    assert music("67 _ 68 _ _ _ _ _", "2/4", 0, "g# minor") == "^^FG- G2 |]"


def test_triplets():
    assert music("60 62 64 65 _ 67 69 _ _ _ _ 71", "4/4", time_step=1 / 12) == "(3CDE (3:2:2F2G A2- (3:2:2A2B |]"
    assert in_triplet(Fraction(1, 3))
    assert not in_triplet(Fraction(3, 8))


def test_header_and_lines():
    layout = layout_of("4/4", 0, "bb")._replace(tempo=92.5)
    text = abc(("60 " + "_ " * 15).split() * 6, 1 / 16, layout, "A title")
    assert text.splitlines()[:7] == [
        "X:1", "T:A title", "C:an LSTM", "M:4/4", "L:1/8", "Q:1/4=92.5", "K:Bbm",
    ]  # fmt: skip
    assert [line.count("|") for line in text.splitlines()[7:]] == [4, 2]
    assert text.endswith(" |]\n")
    assert music("", "3/4") == "z6 |]"


@pytest.mark.parametrize("meter", METERS)
def test_time_signatures(meter):
    time = TimeSignature.parse(meter)
    assert str(time) == meter
    step = Fraction(1, 4)
    beat = time.beat if meter not in ("2/2", "3/2") else Fraction(2)
    assert TimeSignature.of(Meter(0, int(time.bar / step), int(beat / step)), step) == time


@pytest.mark.parametrize("text", ["", "3", "3/5", "0/4", "33/4", "-3/4", "3/4/4", "C"])
def test_what_is_no_meter(text):
    with pytest.raises(ValueError, match="is not a meter"):
        TimeSignature.parse(text)
