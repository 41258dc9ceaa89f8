"""MIDI files: notes held short, notes too short, files that are cut off or of another kind."""

import re
import struct
from fractions import Fraction

import midi_bytes
import numpy as np
import pytest
from midi_bytes import melody, note

from encoding import GridEncoder, SongRejected, load_corpus
from encoding.key import Key
from encoding.reading import midi
from encoding.reading.meter import Meter
from encoding.writing.names import note_names
from encoding.writing.render import render

TUNE = "60 _ _ _ _ _ _ _ 62 _ 64 _ 65 _ _ _ r _ _ _ 67 _ _ 65 64 _ _ _ _ _ _ _ _ _ _ _ r _ 62 _ 60 _ _ _".split()


def read(content: bytes, time_step: float = 1 / 16) -> str:
    encoder = GridEncoder(time_step)
    return note_names(encoder.encode_song(midi.score_of(content, encoder.quarters_per_step)))


def refusal(content: bytes) -> str:
    with pytest.raises(SongRejected) as rejection:
        read(content)
    return str(rejection.value)


# -- notes held short --------------------------------------------------------------------------


@pytest.mark.parametrize("share", [0.98, 0.95, 0.9, 0.85, 0.8, 0.7])
@pytest.mark.parametrize("ticks", [96, 480, 1024])
def test_notes_held_for_a_share_of_their_length(share, ticks):
    assert read(melody(TUNE, lambda length: share * length, ticks)) == note_names(TUNE)


@pytest.mark.parametrize("silence", [1, 10, 20, 40])
def test_notes_let_go_some_time_early(silence):
    assert read(melody(TUNE, lambda length: length - silence)) == note_names(TUNE)


def test_a_half_note_held_for_nine_tenths():
    assert read(midi_bytes.file(note(60, 0, 864))) == "C4:8"
    assert read(midi_bytes.file(note(60, 0, 864) + note(62, 960, 1440))) == "C4:8 D4:4"  # among others that are whole
    assert read(midi_bytes.file(note(60, 0, 864) + note(62, 960, 1392))) == "C4:8 D4:4"


@pytest.mark.parametrize(
    "tokens", ["60 _ _ _ _ _ _ r 62 _ _ _", "60 _ _ r 62 _ _ r 64 _ _ r 65 _ _ _", "60 r 62 r 64 r 65"]
)
def test_true_rests_stay_where_ends_mean_what_they_say(tokens):
    for early in (0, 1):  # as many programs do, a tick
        content = melody(tokens.split(), lambda length, early=early: length - early)
        assert read(content) == note_names(tokens.split())


def test_a_true_rest_among_notes_held_short():
    tokens = "60 _ _ _ _ _ _ r 62 _ _ _ 64 _ _ _ _ _ 65 _ 67 _ _ _".split()
    assert read(melody(tokens, lambda length: 0.9 * length)) == note_names(tokens)


def test_played_by_hand(rng):
    """Onsets beside their steps, notes let go now earlier, now later: no rests come of it."""
    tokens = [token for _ in range(12) for token in "60 _ _ _ 62 _ 64 _ 65 _ _ _ _ _ _ _".split()]
    messages, steps = [], [4, 2, 2, 8] * 12
    onsets = np.concatenate([[0], np.cumsum(steps)])
    for n, length in enumerate(steps):
        onset = 120 * onsets[n] + (rng.integers(-15, 16) if n else 0)
        messages += note((60, 62, 64, 65)[n % 4], int(onset), int(onset + 120 * length * rng.uniform(0.88, 0.99)))
    read_back = read(midi_bytes.file(messages)).split()
    assert read_back[:-1] == note_names(tokens).split()[:-1]  # how long the last is, nobody can say


def test_staccato_sounds_short():
    assert read(melody(["60", "_", "_", "_"] * 4, lambda length: length / 2)) == "C4:2 r:2 C4:2 r:2 C4:2 r:2 C4:2"


def test_legato_is_one_voice():
    assert read(melody(TUNE, lambda length: length + 12)) == note_names(TUNE)


# -- short, overlapping and lost notes -----------------------------------------------------------


def test_notes_beside_the_grid():
    runs = {
        "thirty-seconds": [(60, 0, 60), (62, 60, 120), (64, 120, 600)],
        "sixty-fourths": [(60, 0, 30), (62, 30, 60), (64, 60, 90), (65, 120, 600)],
        "one sixty-fourth": [(60, 0, 480), (62, 480, 510), (64, 960, 1440)],
        "a triplet": [(60, 0, 160), (62, 160, 320), (64, 320, 480)],
        "a grace note that takes time": [(62, 0, 20), (60, 20, 480)],
    }
    for name, notes in runs.items():
        content = midi_bytes.file([message for one in notes for message in note(*one)])
        assert "beside the grid" in refusal(content), name
    assert read(midi_bytes.file(note(60, 0, 160) + note(62, 160, 320) + note(64, 320, 480)), 1 / 12) == "C4:1 D4:1 E4:1"
    assert "3 3/8 quarters" in refusal(midi_bytes.file(note(60, 0, 480) + note(62, 1620, 2400)))


def test_chords_are_no_melody():
    assert "monophonic" in refusal(midi_bytes.file(note(60, 0, 480) + note(64, 0, 480)))
    assert "monophonic" in refusal(midi_bytes.file(note(60, 0, 480) + note(64, 5, 480)))  # not quite at once
    assert "two notes sound 1 quarter into the song" in refusal(midi_bytes.file(note(60, 0, 960) + note(64, 480, 960)))
    assert "several parts" in refusal(midi_bytes.file(note(60, 0, 480), note(64, 480, 960)))


def test_of_overlapping_notes_of_one_pitch_the_later_wins():
    assert read(midi_bytes.file(note(60, 0, 960) + note(60, 480, 1440))) == "C4:4 C4:8"
    assert read(midi_bytes.file(note(60, 0, 960) + note(60, 480, 960))) == "C4:4 C4:4"
    assert read(midi_bytes.file(note(60, 0, 481) + note(60, 480, 960))) == "C4:4 C4:4"  # let go a tick late
    twice_struck = [(0, b"\x90\x3c\x50"), *note(60, 480, 960), *note(60, 1440, 1920)]
    assert read(midi_bytes.file(twice_struck)) == "C4:4 C4:4 r:4 C4:4"


def test_a_note_that_is_never_let_go():
    reason = refusal(midi_bytes.file([*note(60, 0, 480), (720, b"\x90\x3e\x50")]))
    assert "the note D4 is never let go" in reason
    assert "1 1/2 quarters" in reason


def test_what_does_not_sound():
    ornament = note(72, 480, 480)
    silent = [
        (0, b"\x80\x3c\x00"),
        (0, b"\x90\x3c\x00"),
        (0, b"\xb0\x7b\x00"),
        (240, b"\xe0\x00\x50"),
        (0, b"\xc0\x05"),
    ]
    words = [(0, b"\xff\x03\x04Tune"), (0, b"\xf0\x03\x01\x02\xf7")]
    assert read(midi_bytes.file(silent + words + note(60, 0, 480) + ornament + note(62, 480, 960))) == "C4:4 D4:4"


def test_drums_have_no_pitch():
    assert "drums" in refusal(midi_bytes.file(note(38, 0, 480, channel=9)))


def test_running_status_and_channels_in_turn():
    content = b"\x00\x90\x3c\x50\x83\x60\x3c\x00\x00\x3e\x50\x83\x60\x3e\x00" + b"\x00" + midi_bytes.END
    assert read(midi_bytes.file(kind=0, count=1) + midi_bytes.chunk(content)) == "C4:4 D4:4"
    assert read(midi_bytes.file(note(60, 0, 480) + note(62, 480, 960, channel=3))) == "C4:4 D4:4"


# -- damaged files and other kinds -------------------------------------------------------------------


def test_a_file_that_is_cut_off_is_refused_wherever_it_ends():
    content = render(TUNE, "midi")
    assert read(content) == note_names(TUNE)
    for length in range(4, len(content)):
        assert "cut off" in refusal(content[:length]), length
    for length in range(4):
        assert "no MIDI file" in refusal(content[:length])


def test_a_track_without_end_is_refused():
    whole = midi_bytes.track_bytes(note(60, 0, 480) + note(62, 480, 960))
    header = midi_bytes.file(kind=0, count=1)
    assert read(header + midi_bytes.chunk(whole)) == "C4:4 D4:4"
    assert "cut off" in refusal(header + midi_bytes.chunk(whole[: -len(midi_bytes.END) - 1]))
    assert "behind its end" in refusal(header + midi_bytes.chunk(whole + whole))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (midi_bytes.file(note(60, 0, 480), note(62, 0, 480), kind=2), "format 2"),
        (midi_bytes.file(note(60, 0, 480), kind=7), "format 7"),
        (midi_bytes.file(note(60, 0, 480), ticks=0xE728), "SMPTE"),
        (midi_bytes.file(note(60, 0, 480), ticks=0), "quarter note"),
        (midi_bytes.file(note(60, 0, 480), count=2), "cut off"),
        (midi_bytes.file(note(60, 0, 480), note(62, 480, 960), count=1), "more tracks than its header speaks of (1)"),
        (midi_bytes.file([(0, b"\xff\x59\x02\x09\x00")]), "no such key"),
        (midi_bytes.file([(0, b"\xff\x58\x04\x00\x02\x18\x08")]), "no such meter"),
        (midi_bytes.file([(0, b"\x90\x3c\xc0")]), "above 127"),
        (midi_bytes.file([(0, b"\x3c\x40")]), "no such event"),
        (midi_bytes.file([(0, b"\xf4\x01\x02")]), "no such event"),
        (b"RIFF" + bytes(40), "no MIDI file"),
        (b"", "no MIDI file"),
    ],
)
def test_reasons_are_in_words(content, reason):
    assert reason in refusal(content)
    assert not re.search(r"0x|Error|Exception|<", refusal(content))


def test_chunks_of_other_kinds_are_passed_over():
    other = struct.pack(">4sI", b"XFIH", 3) + b"abc"
    content = midi_bytes.file(note(60, 0, 480))
    assert read(content[:14] + other + content[14:] + other) == "C4:4"
    for behind in (b"\x1a", b"\r\n", b"some words that follow"):
        assert read(content + behind) == "C4:4"


# -- with bars and keys --------------------------------------------------------------------------


def test_suffix_key_meter_and_place(tmp_path):
    signs = [(0, b"\xff\x58\x04\x03\x02\x18\x08"), (0, b"\xff\x59\x02\xfe\x01")]  # 3/4, G minor
    bars = [message for n in range(9) for message in note(67 + n % 3, 480 * n, 480 * n + 432)]
    (tmp_path / "song.midi").write_bytes(midi_bytes.file(signs, bars))
    (tmp_path / "chord.MID").write_bytes(midi_bytes.file(signs, bars + note(40, 480 * 4, 480 * 5)))
    corpus = load_corpus(tmp_path, progress=lambda done, total: None)
    assert corpus.names == ["song.midi"]
    assert (corpus.meters, corpus.keys) == ([Meter(0, 12, 4)], [Key("G", True)])
    assert note_names(corpus.songs[0]).startswith("A4:4 Bb4:4 B4:4 A4:4")
    assert "in bar 2" in corpus.rejected["chord.MID"]


@pytest.mark.parametrize("time_step", [1 / 16, 1 / 12, 1 / 8, 1 / 24, 1 / 32])
def test_our_own_files_are_read_back(rng, time_step):
    for _ in range(5):
        tokens = ["60"]
        for _ in range(60):
            kind = rng.choice(["_", "r", "note"], p=[0.5, 0.1, 0.4])
            resting = [token for token in tokens if token != "_"][-1] == "r"
            tokens.append("_" if kind == "r" and resting else str(rng.integers(128)) if kind == "note" else kind)
        tokens.append("64")  # MIDI has no rest at the end
        assert read(render(tokens, "midi", time_step), time_step) == note_names(tokens)


def test_a_song_without_end():
    """Ticks to the limit: as for every song that is too long, a reason, at once."""
    far = [message for n in range(1, 40) for message in note(60, (2**28 - 1) * n, (2**28 - 1) * n + 1)]
    assert "it is more than 100,000 steps long" in refusal(
        midi_bytes.file([(0, b"\xff\x58\x04\x01\x06\x18\x08"), *far], ticks=1)
    )
    assert Fraction(1, 4) == GridEncoder().quarters_per_step
