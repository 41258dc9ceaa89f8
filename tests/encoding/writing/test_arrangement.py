"""Melodies in another key, another register, and without their beginning."""

import pytest

from encoding.key import Key
from encoding.reading.meter import Meter
from encoding.tokens import PITCHES
from encoding.writing.arrangement import ANY, Primer, Range, arrange_as_asked, nearest_shift, octaves_into
from encoding.writing.record import primer_of_record, read_record, record_of_primer, write_record

STEP = 1 / 16


def pitches(tokens) -> list[int]:
    return [int(token) for token in tokens if token in PITCHES]


@pytest.mark.parametrize(
    ("key", "shift"),
    [("C", 0), ("G", -5), ("F", 5), ("F#", 6), ("Gb", 6), ("B", -1), ("a minor", 0), ("e minor", -5), ("c minor", 3)],
)
def test_the_nearest_way_between_keys(key, shift):
    assert nearest_shift(Key.parse(key)) == shift


def test_a_primer_goes_back_to_where_it_stood():
    """Also where the nearest way would lead to another octave: B major's B4 has come to C4."""
    for name in ("G", "B", "bb minor", "Db", "c# minor"):
        key = Key.parse(name)
        arrangement = arrange_as_asked(STEP, Primer(["60"], Meter(2, 12, 6), key))
        tokens, layout, shift = arrangement.of("60 _ 64 r".split())
        assert shift == key.shift
        assert pitches(tokens) == [60 + shift, 64 + shift]
        assert layout.key == key
        assert (str(layout.time), layout.upbeat) == ("6/8", 2)


def test_what_is_asked_for_comes_first():
    primer = Primer(["60"], Meter(2, 12, 6), Key("G"))
    arrangement = arrange_as_asked(STEP, primer, key="d minor", meter="3/4", tempo=90)
    tokens, layout, shift = arrangement.of(["60"])
    assert (tokens, shift) == (["65"], 5)  # the primer, which stood on G4, goes down to F4, in D minor's signature
    high = Primer(["60"], None, Key("B"))  # on B4
    assert [arrange_as_asked(STEP, high, key=name).shift for name in ("B", "Bb", "C", "F")] == [11, 10, 12, 17]
    assert arrange_as_asked(STEP, Primer(["60"]), key="Bb").shift == -2
    assert (layout.key, layout.time, layout.upbeat, layout.tempo) == (Key("D", True), (3, 4), 0, 90)
    for upbeat, steps in (("4", 4), ("1 beat", 6), ("0.5 beats", 3)):
        assert arrange_as_asked(STEP, primer, upbeat=upbeat).of(["60"])[1].upbeat == steps
    for upbeat in ("12", "1 bar", "2 beats"):
        with pytest.raises(ValueError, match="--upbeat: a bar of 6/8 has only 12 steps"):
            arrange_as_asked(STEP, primer, upbeat=upbeat)
    for upbeat in ("x", "1.5", "-1", "1 mile", "", "1.5 steps"):
        with pytest.raises(ValueError, match="--upbeat: .* is not a length"):
            arrange_as_asked(STEP, primer, upbeat=upbeat)
    with pytest.raises(ValueError, match="no whole number"):
        arrange_as_asked(1 / 4, primer, meter="3/8")


def test_without_a_wish_the_last_note_tells_major_from_minor():
    arrangement = arrange_as_asked(STEP, Primer([]))
    for last, key in (("60", "C major"), ("69", "A minor"), ("57", "A minor"), ("67", "C major")):
        assert str(arrangement.of(["64", last, "_", "r"])[1].key) == key
    assert str(arrangement.of([])[1].key) == "C major"
    asked = arrange_as_asked(STEP, Primer([]), key="C")
    assert str(asked.of(["69"])[1].key) == "C major"


def test_range():
    assert Range.parse("G3-G5") == (55, 79)
    assert Range.parse(" Bb2 - f#4 ") == (46, 66)
    assert Range.parse("any") == ANY
    for text in ("", "G3", "G5-G3", "C4-B4", "C-2-C4", "C4-C10"):
        with pytest.raises(ValueError, match="is not a range"):
            Range.parse(text)
    for tokens, octaves in [
        ("60 79", 0), ("60 80", 0), ("50 60", 1), ("54 55", 1), ("54 80", -1), ("81 84 96", -2), ("36 40", 2), ("r", 0),
    ]:  # fmt: skip
        assert octaves_into(Range(55, 79), tokens.split()) == octaves
    assert octaves_into(Range(100, 112), ["3", "127"]) == 0  # nothing leaves 0..127
    tokens, _, shift = arrange_as_asked(STEP, Primer([]), key="G").of("59 _ 62".split())
    assert (tokens, shift) == (["66", "_", "69"], 7)  # five down lies too low, so an octave higher
    assert arrange_as_asked(STEP, Primer(["59"]), key="G").of(["59"])[2] == -5  # a primer stays where it is


def test_without_the_primer():
    """A note that the primer began is left out, and the bars stay where they were."""
    arrangement = arrange_as_asked(STEP, Primer(["60"] * 6, Meter(4, 12, 4), Key("C")))
    tokens, layout, _ = arrangement.of("60 62 64 65 67 69 _ _ 71 _ 72".split(), cut=6)
    assert tokens == ["71", "_", "72"]
    assert layout.upbeat == (4 - 8) % 12
    assert arrangement.of("60 62 64 65 67 69 _".split(), cut=6)[0] == []
    assert arrangement.of("60 62 64 65 67 69".split(), cut=0)[0][0] == "60"


def test_records():
    for primer in (Primer([]), Primer("60 _ r".split(), Meter(0, 16, 4), Key("Bb"))):
        record = {
            "number": 3, "seed": 7, "tokens": "60 _", "options": {}, "model": {"file": "a.npz", "sha256": "0"},
            "composed": {"redrawn": {"cut": 2}},
            "primer": record_of_primer(primer),
        }  # fmt: skip
        content = write_record(record)
        assert primer_of_record(read_record(content)) == primer
        assert write_record(read_record(content)) == content
        for name in record:
            with pytest.raises(ValueError, match="not the record"):
                read_record(write_record({**record, name: None}))
    for content in (b"", b"\xff", b"[]", b"3", b'{"number": 1}'):
        with pytest.raises(ValueError, match="not the record"):
            read_record(content)
