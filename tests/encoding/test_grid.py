"""Scores to tokens and back."""

import re
from fractions import Fraction

import numpy as np
import pytest
from music21 import chord, converter, duration, harmony, key, meter, note, stream, tie

from encoding import GridEncoder, SongRejected
from encoding.grid import name_of, transpose_tokens
from encoding.key import key_of

EXAMPLE = "55 _ _ _ 60 _ _ _ r _ _ _ 62 _ 64 65"


def part(*elements) -> stream.Part:
    result = stream.Part()
    for element in elements:
        result.append(element)
    return result


def encode(*elements, time_step: float = 1 / 16) -> str:
    return " ".join(GridEncoder(time_step).encode_song(stream.Score([part(*elements)])))


def n(pitch, quarters=1.0, tied: str | None = None) -> note.Note:
    result = note.Note(pitch, quarterLength=quarters)
    result.tie = tie.Tie(tied) if tied else None
    return result


def test_example_of_the_article():
    rest = note.Rest(quarterLength=1)
    assert encode(n(55), n(60), rest, n(62, 0.5), n(64, 0.25), n(65, 0.25)) == EXAMPLE


def test_other_time_steps():
    assert encode(n(60, Fraction(1, 3)), n(62, Fraction(2, 3)), time_step=1 / 12) == "60 62 _"
    assert encode(n(60, 0.5), n(62, 1), time_step=1 / 8) == "60 62 _"
    for wrong in (0, -1, 2, float("nan"), 1e-6):
        with pytest.raises(ValueError, match="time_step"):
            GridEncoder(wrong)


@pytest.mark.parametrize(
    "elements",
    [
        (n(60, 0.125), n(62, 0.875)),  # durations beside the grid
        (n(60, Fraction(1, 3)), n(62, Fraction(1, 3)), n(64, Fraction(1, 3))),  # a triplet
        (note.Rest(quarterLength=0.125), n(60, 1), note.Rest(quarterLength=0.875)),  # onset beside the grid
    ],
)
def test_off_the_grid(elements):
    with pytest.raises(SongRejected, match="beside the grid"):
        encode(*elements)


def test_ties_are_one_note():
    assert encode(n(60, 1, "start"), n(60, 1, "continue"), n(60, 0.5, "stop"), n(60, 0.5)) == (
        "60 _ _ _ _ _ _ _ _ _ 60 _"
    )
    # Two halves of a sixteenth: only the whole must be on the grid.
    assert encode(n(60, 0.125, "start"), n(60, 0.125, "stop")) == "60"


def test_ties_that_lead_nowhere():
    assert encode(n(60, 0.5, "start"), n(62, 0.5, "stop")) == "60 _ 62 _"  # another pitch
    assert encode(n(64, 0.5, "start"), n(62, 0.5, "stop")) == "64 _ 62 _"
    assert encode(n(60, 0.5, "stop"), n(60, 0.5)) == "60 _ 60 _"  # no beginning
    rest = note.Rest(quarterLength=0.25)
    assert encode(n(60, 0.5, "start"), rest, n(60, 0.5, "stop")) == "60 _ r 60 _"  # interrupted


def test_grace_notes_and_chord_symbols_are_left_out():
    grace = note.Note(72).getGrace()
    assert grace.duration.isGrace
    assert encode(harmony.ChordSymbol("Am"), n(60), grace, harmony.NoChord(), n(62)) == "60 _ _ _ 62 _ _ _"


def test_rests_in_a_row_stay_apart_and_gaps_become_rests():
    assert encode(note.Rest(quarterLength=0.5), note.Rest(quarterLength=0.5), n(60)) == "r _ r _ 60 _ _ _"
    gap = stream.Part()
    gap.insert(0.5, n(60, 0.5))
    gap.insert(2, n(62, 0.5))
    assert " ".join(GridEncoder().encode_song(gap)) == "r _ 60 _ r _ _ _ 62 _"


def test_not_monophonic():
    with pytest.raises(SongRejected, match="monophonic"):
        encode(chord.Chord([60, 64]))
    two_parts = stream.Score([part(n(60, 2)), part(note.Rest(quarterLength=1), n(64, 1))])
    with pytest.raises(SongRejected, match="monophonic"):
        GridEncoder().encode_song(two_parts)
    bar = stream.Measure([stream.Voice([n(60, 2)]), stream.Voice([n(64, 2)])])
    with pytest.raises(SongRejected, match="monophonic"):
        GridEncoder().encode_song(stream.Score([stream.Part([bar])]))


def test_parts_that_sound_in_turn_are_not_one_melody():
    in_turn = stream.Score([part(n(60, 1), note.Rest(quarterLength=1)), part(note.Rest(quarterLength=1), n(48, 1))])
    with pytest.raises(SongRejected, match="several parts"):
        GridEncoder().encode_song(in_turn)


def test_silent_voices_do_not_matter():
    silent = stream.Score([part(n(60, 1), n(62, 1)), part(note.Rest(quarterLength=2))])
    assert GridEncoder().encode_song(silent) == "60 _ _ _ 62 _ _ _".split()
    assert encode(chord.Chord([60])) == "60 _ _ _"  # a chord of one note is a note


def test_unpitched_and_microtones():
    with pytest.raises(SongRejected, match="without pitch"):
        encode(note.Unpitched(quarterLength=1))
    quarter_tone = n(60)
    quarter_tone.pitch.ps = 60.5
    with pytest.raises(SongRejected, match="semitones"):
        encode(quarter_tone)


def test_pitch_range():
    low = n(60)
    low.pitch.ps = -3  # music21's own .midi would fold this into another octave
    with pytest.raises(SongRejected, match="outside"):
        encode(low)
    with pytest.raises(SongRejected, match="outside"):
        transpose_tokens(["127", "_"], 1)
    assert transpose_tokens(["127", "_", "r"], -7) == ["120", "_", "r"]


def test_songs_are_filtered():
    good, bad = part(key.Key("C"), n(60)), part(key.Key("C"), n(60, 0.1))
    encoded, invalid = GridEncoder().encode_songs([good, bad, part(note.Rest()), good])
    assert encoded == ["60 _ _ _".split()] * 2
    assert invalid == [1, 2]


@pytest.mark.parametrize(
    ("offset", "place"),
    [
        (0, "at the beginning of the song"), (Fraction(1, 8), "1/8 quarter into the song"), (1, "1 quarter into"),
        (Fraction(17, 8), "2 1/8 quarters into"), (3, "3 quarters into"), (Fraction(1, 1000), "at the beginning"),
        (Fraction(501, 1000), "about 1/2 quarter into"),
        (Fraction(499, 1000), "about 1/2 quarter into"), (Fraction(1, 48), "chord 1/48 quarter into"),
        (Fraction(1, 49), "about 1/48 quarter into"), (Fraction(10, 9), "1 1/9 quarters into"),
    ],
)  # fmt: skip
def test_the_place_of_what_does_not_fit(offset, place):
    """A chord at this place: the message says where, as one counts."""
    chords = stream.Part()
    chords.insert(offset, chord.Chord([60, 64]))
    with pytest.raises(SongRejected, match=place) as error:
        GridEncoder().encode_song(chords)
    assert error.value.quarters == pytest.approx(offset, abs=1e-4)
    assert str(SongRejected("it has no notes")) == "it has no notes"
    assert SongRejected("it has no notes").quarters is None


def test_what_falls_beside_the_grid_is_named():
    with pytest.raises(SongRejected, match="ends beside the grid of 1/16, 1/8 quarter into"):
        encode(n(60, 0.125))
    off = stream.Part()
    off.insert(0.125, n(60, 1))
    with pytest.raises(SongRejected, match="begins beside the grid of 1/12, 1/8 quarter into"):
        GridEncoder(1 / 12).encode_song(off)


def test_the_longest_song():
    whole = stream.Part([n(60, 1), note.Rest(quarterLength=24_999)])
    assert len(GridEncoder().encode_song(whole)) == 100_000
    whole.append(note.Rest(quarterLength=0.25))
    with pytest.raises(SongRejected, match="more than 100,000 steps"):
        GridEncoder().encode_song(whole)


def test_the_finest_and_the_coarsest_grid():
    assert encode(n(60, Fraction(1, 64)), n(62, Fraction(1, 32)), time_step=1 / 256) == "60 62 _"
    assert encode(n(60, 4), n(62, 8), time_step=1) == "60 62 _"
    with pytest.raises(ValueError, match="from 1/256 to 1, not"):
        GridEncoder(1 / 257)


def test_the_highest_and_the_lowest_note():
    for ps, name in ((-1, "B-2"), (0, None), (127, None), (128, "G#9")):
        extreme = n(60)
        extreme.pitch.ps = ps
        if name is None:
            assert encode(extreme) == f"{ps} _ _ _"
            continue
        with pytest.raises(SongRejected, match=f"the note {name}, which lies outside C-1 to G9, at the beginning"):
            encode(extreme)
    assert transpose_tokens(["1", "126"], -1) == ["0", "125"]
    assert transpose_tokens(["1", "126"], 1) == ["2", "127"]
    with pytest.raises(SongRejected, match=r"C-1, moved by -1 semitones"):
        transpose_tokens(["0"], -1)
    assert [name_of(pitch) for pitch in (0, 11, 12, 60, 61, 127)] == ["C-1", "B-1", "C0", "C4", "C#4", "G9"]


def test_a_pitch_between_two_semitones_is_named():
    quarter_tone = n(60)
    quarter_tone.pitch.ps = 60.5
    with pytest.raises(SongRejected, match="between two semitones, C4 and C#4, 1 quarter into"):
        encode(note.Rest(quarterLength=1), quarter_tone)
    quarter_tone.pitch.ps = 61.5
    with pytest.raises(SongRejected, match="between two semitones, C#4 and D4, at the beginning"):
        encode(quarter_tone)


def test_rests_of_a_silent_voice_that_overlap_a_note():
    """A rest that begins while a note sounds, or during which one begins, is no rest of the melody."""
    voices = stream.Part()
    for onset in (0, 3):
        voices.insert(onset, n(60, 1))
    for onset in (0, 0.5, 3, 3.5):  # while a note sounds
        voices.insert(onset, note.Rest(quarterLength=1.25))
    voices.insert(2, note.Rest(quarterLength=1.5))  # the second note begins before it ends
    assert " ".join(GridEncoder().encode_song(voices)) == "60 _ _ _ r _ _ _ _ _ _ _ 60 _ _ _"


def test_chords_of_one_note_are_tied_as_notes_are():
    tied = chord.Chord([60], quarterLength=1)
    tied.tie = tie.Tie("start")
    assert encode(tied, n(60, 1, "stop")) == "60 _ _ _ _ _ _ _"


def test_chord_symbols_may_have_a_length():
    symbols = stream.Part([n(60, 1), n(62, 1)])
    symbols.insert(0, harmony.ChordSymbol("Am", quarterLength=2))
    assert GridEncoder().encode_song(symbols) == "60 _ _ _ 62 _ _ _".split()
    with pytest.raises(SongRejected, match="without pitch"):
        encode(chord.Chord(quarterLength=1))


def test_songs_of_hundreds_of_steps_and_notes():
    assert encode(*(n(60, 1) for _ in range(100))) == " ".join(["60 _ _ _"] * 100)
    assert len(GridEncoder().take_notes(["60"] * 300, 280)) == 280


def test_the_rests_of_silent_parts_do_not_count():
    silent = part(note.Rest(quarterLength=1), note.Rest(quarterLength=1))
    for parts in ([silent, part(n(60, 1))], [part(n(60, 1)), silent, part()]):
        assert GridEncoder().encode_song(stream.Score(parts)) == "60 _ _ _".split()
    assert GridEncoder().encode_song(stream.Score([silent, part()])) == "r _ _ _ r _ _ _".split()
    late = stream.Score()
    late.insert(1, part(n(60, 1)))
    assert GridEncoder().encode_song(late) == "r _ _ _ 60 _ _ _".split()


def test_one_part_among_empty_ones_is_the_melody():
    parts = [part(note.Rest(quarterLength=4)), part(n(60, 1), n(62, 1)), part()]
    assert GridEncoder().encode_song(stream.Score(parts)) == "60 _ _ _ 62 _ _ _".split()


# -- transposition -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tonic", "mode", "shift"),
    [
        ("C", "major", 0), ("G", "major", -7), ("B-", "major", -10), ("F", "major", -5), ("C-", "major", 1),
        ("a", "minor", 0), ("e", "minor", 5), ("g", "minor", 2), ("c#", "minor", 8),
        ("d", "dorian", 7), ("e", "phrygian", 5), ("f", "lydian", -5), ("g", "mixolydian", -7),
        ("a", "aeolian", 0), ("b", "locrian", -2), ("c", "ionian", 0), ("d", "hypodorian", 7),
    ],
)  # fmt: skip
def test_interval_from_the_tonic_in_octave_4(tonic, mode, shift):
    written = key.Key(tonic)
    written.mode = mode
    assert -key_of(part(written, n(60))).shift == shift


def test_register_is_kept():
    high = part(key.Key("G"), n(79), n(91))
    assert GridEncoder().encode_songs([high])[0] == ["72 _ _ _ 84 _ _ _".split()]
    assert GridEncoder().encode_songs([high], transpose=False)[0] == ["79 _ _ _ 91 _ _ _".split()]


def test_key_from_the_notes_where_none_is_written():
    scale = [n(pitch) for pitch in (62, 64, 66, 67, 69, 71, 73, 74, 69, 66, 62, 62)]  # D major
    assert -key_of(part(*scale)).shift == -2
    assert -key_of(part(key.KeySignature(2), *scale)).shift == -2  # a signature names no tonic
    assert key_of(stream.Part()) is None


def test_mode_by_third():
    minor = (n(67, 2), n(70, 2), n(71, 1), n(74, 1))  # on G: more B flat than B
    major = (n(67, 2), n(70, 1), n(71, 2), n(74, 1))
    assert -key_of(part(key.Key("G"), *minor), mode_by_third=True).shift == 2
    assert -key_of(part(key.Key("g"), *major), mode_by_third=True).shift == 2  # a written minor is believed
    assert -key_of(part(key.Key("G"), *major), mode_by_third=True).shift == -7
    assert -key_of(part(key.Key("G"), *minor)).shift == -7  # the written mode counts elsewhere


# -- back to scores ----------------------------------------------------------------------------


def random_song(rng, length: int) -> list[str]:
    tokens = [str(rng.integers(128)) if rng.random() < 0.8 else "r"]
    while len(tokens) < length:
        draw = rng.random()
        tokens.append("_" if draw < 0.6 else "r" if draw < 0.7 else str(rng.integers(128)))
    return tokens


@pytest.mark.parametrize("time_step", [1 / 16, 1 / 12, 1 / 8])
def test_decoding_keeps_every_step(rng, time_step):
    encoder = GridEncoder(time_step)
    songs = [random_song(rng, length) for length in (1, 2, 3, 17, 64, 65, 200)]
    songs += [["60"], ["r", "_"], ["r", "r"], [], "60 _ _ _ _ r".split(), ["0", "127", "_", "_", "_", "_", "_"]]
    for tokens, score in zip(songs, encoder.decode_songs(songs), strict=True):
        assert encoder.encode_song(score) == tokens


def test_last_step_survives_musicxml(tmp_path, rng):
    """Bars split notes and tie them; the way back joins them again. (Rests have no ties.)"""
    tokens = ["60" if token == "r" else token for token in random_song(rng, 90)]
    score = GridEncoder().decode_song(tokens)
    path = score.write("musicxml", tmp_path / "song.musicxml")
    read = converter.parse(path, forceSource=True)
    assert GridEncoder().encode_song(read)[: len(tokens)] == tokens


@pytest.mark.parametrize(
    ("tokens", "position", "token"),
    [("_ 60", 0, "_"), ("60 _ x", 2, "x"), ("60 . 62", 1, "."), ("60 .", 1, "."), ("60 128", 1, "128"),
     ("60 060", 1, "060"), ("60 -1", 1, "-1"), ("60 R", 1, "R")],
)  # fmt: skip
def test_invalid_tokens(tokens, position, token):
    with pytest.raises(ValueError, match=f"position {position}.*'{re.escape(token)}'"):
        GridEncoder().decode_song(tokens.split())


def test_take_notes():
    encoder, melody = GridEncoder(), "r _ 60 _ r 62 _ _ 64 r _".split()
    assert encoder.take_notes(melody, 0) == []
    assert encoder.take_notes(melody, 1) == "r _ 60 _".split()
    assert encoder.take_notes(melody, 2) == "r _ 60 _ r 62 _ _".split()
    assert encoder.take_notes(melody, 3) == "r _ 60 _ r 62 _ _ 64".split()  # the rest behind it is no part of it
    assert encoder.take_notes(melody, 9) == melody
    with pytest.raises(ValueError, match="negative"):
        encoder.take_notes(melody, -1)


def test_kern(tmp_path):
    path = tmp_path / "song.krn"
    path.write_text("**kern\n*M4/4\n*k[f#]\n*G:\n=1-\n[4g\n4g]\n8a\n16b\n16r\n4dd\n=2\n8qee\n2g\n==\n*-\n")
    encoded, invalid = GridEncoder().encode_songs([converter.parse(path, forceSource=True)])
    assert invalid == []
    assert " ".join(encoded[0]) == "60 _ _ _ _ _ _ _ 62 _ 64 r 67 _ _ _ 60 _ _ _ _ _ _ _"


@pytest.mark.parametrize(
    ("tandem", "shift"), [("*d:dor", 7), ("*e:phr", 5), ("*G:mix", -7), ("*B-:lyd", -10), ("*a:", 0), ("*b-:aeo", -1)]
)
def test_keys_and_modes_of_kern(tmp_path, tandem, shift):
    path = tmp_path / "song.krn"
    path.write_text(f"**kern\n*k[]\n{tandem}\n4d\n4f\n*-\n")
    assert -key_of(converter.parse(path, forceSource=True)).shift == shift


def test_meter_and_upbeat_do_not_shift_the_grid():
    upbeat = stream.Measure([meter.TimeSignature("3/4"), n(60, 1)], number=0)
    upbeat.padAsAnacrusis()
    full = stream.Measure([n(62, 1), n(64, 2)], number=1)
    score = stream.Score([stream.Part([upbeat, full])])
    assert GridEncoder().encode_song(score) == "60 _ _ _ 62 _ _ _ 64 _ _ _ _ _ _ _".split()


def test_zero_length_ornament():
    ornament = note.Note(72)
    ornament.duration = duration.Duration(0)
    assert encode(ornament, n(60)) == "60 _ _ _"


def test_numbers_do_not_depend_on_numpy_floats():
    assert GridEncoder(np.float64(1 / 16)).quarters_per_step == Fraction(1, 4)


def test_only_a_minor_third_that_sounds_longer_makes_a_song_minor():
    tonic = key.Key("G")
    for thirds, minor in (
        ([], False),
        ([(70, 0.5), (71, 0.5)], False),
        ([(70, 0.25), (71, 0.5)], False),
        ([(70, 0.25)], True),
    ):
        song = part(tonic, n(67, 1), *(n(pitch, quarters) for pitch, quarters in thirds))
        assert key_of(song, mode_by_third=True).minor == minor
