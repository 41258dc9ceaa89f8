"""Melodies as files, read back by others than their writer."""

import io
import shutil
import struct
import subprocess
import sys
import wave
from fractions import Fraction
from xml.etree import ElementTree

import numpy as np
import pytest
from music21 import converter

from encoding import GridEncoder, load_corpus
from encoding.grid import transpose_tokens
from encoding.key import Key
from encoding.tokens import events
from encoding.writing import FORMATS, RenderError, check_soundfont, draw_roll, render
from encoding.writing.bars import Layout, TimeSignature
from encoding.writing.sound import PARTIALS, PEAK, SAMPLE_RATE, frequency, synthesise

MELODY = "r _ 55 _ _ _ 60 _ 60 _ 64 67 _ _ _ _ 72 _ _ _ 71 _".split()


def variable_length(track: bytes, i: int) -> tuple[int, int]:
    """A number of the MIDI standard, seven bits to a byte, and the place behind it."""
    value = 0
    while True:
        value = value << 7 | track[i] & 127
        i += 1
        if track[i - 1] < 128:
            return value, i


def read_midi(content: bytes) -> tuple[list[tuple[float, float, int]], dict[int, bytes]]:
    """By the MIDI standard's own bytes: (onset, duration in quarter notes, number) of each note; and the
    events of the first tick that are no notes, by their kind: 0x51 tempo, 0x58 meter, 0x59 key."""
    assert content[:4] == b"MThd"
    division = int.from_bytes(content[12:14], "big")
    notes, opening, place = [], {}, 14
    while place < len(content):
        assert content[place : place + 4] == b"MTrk"
        length = int.from_bytes(content[place + 4 : place + 8], "big")
        track, place = content[place + 8 : place + 8 + length], place + 8 + length
        i = time = status = 0
        sounding = {}
        while i < len(track):
            wait, i = variable_length(track, i)
            time += wait
            if track[i] >= 128:
                status = track[i]
                i += 1
            if status in (0xFF, 0xF0):
                kind = track[i]
                size, i = variable_length(track, i + (status == 0xFF))
                if status == 0xFF and time == 0:
                    opening[kind] = track[i : i + size]
                i += size
            elif status >> 4 in (8, 9):
                number, velocity = track[i], track[i + 1]
                i += 2
                if status >> 4 == 9 and velocity:
                    assert number not in sounding
                    sounding[number] = time
                else:
                    start = sounding.pop(number)
                    notes.append((start / division, (time - start) / division, number))
            else:
                i += 1 if status >> 4 in (0xC, 0xD) else 2
        assert not sounding
    return sorted(notes), opening


EXPECTED = [(0.5, 1, 55), (1.5, 0.5, 60), (2, 0.5, 60), (2.5, 0.25, 64), (2.75, 1.25, 67), (4, 1, 72), (5, 0.5, 71)]
WALTZ = Layout(Key("E", minor=True), TimeSignature(3, 4), upbeat=2, tempo=90)


def sounding(tokens) -> list[tuple[float, float, int]]:
    return [(onset / 4, steps / 4, int(symbol)) for onset, symbol, steps in events(tokens) if symbol != "r"]


def random_melody(rng, length=60) -> list[str]:
    symbols = [*map(str, range(53, 80)), "r"] + ["_"] * 70
    return ["64", *map(str, rng.choice(symbols, size=length))]


def layouts():
    for key, meter, upbeat in [("G", "3/4", 4), ("c minor", "4/4", 0), ("Db", "6/8", 2), ("f# minor", "2/4", 6)]:
        yield Layout(Key.parse(key), TimeSignature.parse(meter), upbeat, tempo=75)


def test_midi(rng):
    assert read_midi(render(MELODY, "midi"))[0] == EXPECTED == sounding(MELODY)
    notes, opening = read_midi(render(MELODY, "midi", layout=WALTZ))
    assert notes == EXPECTED  # ties are one note
    assert int.from_bytes(opening[0x51], "big") == pytest.approx(60e6 / 90, abs=1)  # microseconds a quarter
    assert opening[0x58][:2] == bytes([1, 3])  # 1/2³, the upbeat
    assert opening[0x59] == bytes([1, 1])  # a sharp, minor
    assert read_midi(render(MELODY, "midi"))[1][0x59] == bytes([0, 0])
    for layout in layouts():
        tokens = random_melody(rng)
        notes, opening = read_midi(render(tokens, "midi", layout=layout))
        assert notes == sounding(tokens)
        assert int.from_bytes(opening[0x59][:1], "big", signed=True) == layout.key.fifths
        upbeat = Fraction(layout.upbeat, 16) or Fraction(layout.time.numerator, layout.time.denominator)
        assert Fraction(opening[0x58][0], 2 ** opening[0x58][1]) == upbeat


def read_musicxml(content: bytes) -> tuple:
    """The document, its measures, and (onset, duration in quarter notes, number) of each note, ties joined."""
    document = ElementTree.fromstring(content)
    (part,) = document.findall("part")
    divisions = int(part.find("measure/attributes/divisions").text)
    notes, now, tied = [], 0, False
    for note in part.iter("note"):
        length = int(note.find("duration").text) / divisions
        if note.find("rest") is None:
            step, octave = note.find("pitch/step").text, int(note.find("pitch/octave").text)
            number = 12 * (octave + 1) + "C D EF G A B".index(step) + int(note.findtext("pitch/alter", "0"))
            if tied:
                assert notes[-1][2] == number
                notes[-1] = (notes[-1][0], notes[-1][1] + length, number)
            else:
                notes.append((now, length, number))
            kinds = {tie.get("type") for tie in note.findall("tie")}
            assert kinds == {tied_.get("type") for tied_ in note.findall("notations/tied")}
            assert ("stop" in kinds) == tied
            tied = "start" in kinds
        now += length
    return document, part.findall("measure"), notes


def test_musicxml(tmp_path):
    content = render(MELODY, "musicxml", title="A title & more", layout=WALTZ)
    document, measures, notes = read_musicxml(content)
    assert notes == EXPECTED
    assert document.findtext("work/work-title") == "A title & more"
    opening = measures[0].find("attributes")
    assert (opening.findtext("key/fifths"), opening.findtext("key/mode")) == ("1", "minor")
    assert (opening.findtext("time/beats"), opening.findtext("time/beat-type")) == ("3", "4")
    assert (measures[0].get("number"), measures[0].get("implicit")) == ("0", "yes")  # the upbeat
    assert measures[1].get("number") == "1"
    mark = measures[0].find("direction/direction-type/metronome")
    assert (mark.findtext("beat-unit"), mark.findtext("per-minute")) == ("quarter", "90")
    assert measures[0].find("direction/sound").get("tempo") == "90"
    assert measures[-1].findtext("barline/bar-style") == "light-heavy"  # the final bar line
    path = tmp_path / "song.musicxml"
    path.write_bytes(render(MELODY, "musicxml"))
    assert GridEncoder().encode_song(converter.parse(path, forceSource=True))[: len(MELODY)] == MELODY


def test_musicxml_in_any_key_and_meter(rng):
    for layout in layouts():
        tokens = random_melody(rng)
        content = render(tokens, "musicxml", layout=layout)
        _, measures, notes = read_musicxml(content)
        assert notes == sounding(tokens)
        assert content == render(tokens, "musicxml", layout=layout)  # nothing in it is drawn or dated
        divisions = int(measures[0].findtext("attributes/divisions"))
        lengths = [sum(int(n.text) for n in measure.iter("duration")) / divisions for measure in measures]
        assert all(length == layout.time.bar for length in lengths[1:-1])
        assert lengths[0] == (layout.upbeat / 4 or layout.time.bar)
        symbols = [note for measure in measures for note in measure.iter("note")]
        assert all(note.get("print-object") != "no" for note in symbols)
        assert all(note.find("type") is not None or note.find("rest").get("measure") for note in symbols)


def test_accidentals_in_musicxml():
    """The signature's are not written; others are, and a natural where one ends; beams join the notes of a beat."""
    layout = Layout(Key("A", minor=True), TimeSignature(3, 4), 4)
    tokens = "64 _ _ _ 68 _ 69 _ 67 _ 68 _ 68 _ _ _ 69 _ _ _ _ _ _ _".split()
    _, measures, _ = read_musicxml(render(tokens, "musicxml", layout=layout))
    texts = ("pitch/step", "accidental", "beam")
    assert [tuple(note.findtext(text) for text in texts) for note in measures[1].iter("note")] == [
        ("G", "sharp", "begin"), ("A", None, "end"), ("G", "natural", "begin"), ("G", "sharp", "end"),
        ("G", None, None),
    ]  # fmt: skip


def test_what_stands_on_paper_in_musicxml():
    """Part and instrument have names, the tempo stands above and counts what one counts, quavers go in fours."""
    tokens = "60 _ 62 _ 64 _ 65 _ 67 _ 65 _ 64 62 60 _".split()
    for meter, unit, dots, number, beams in [
        ("4/4", "quarter", 0, "90", "begin continue continue end begin end begin continue end"),
        ("6/8", "quarter", 1, "60", "begin continue end begin continue end begin continue"),
    ]:
        content = render(tokens, "musicxml", layout=Layout(time=TimeSignature.parse(meter), tempo=90))
        document, measures, _ = read_musicxml(content)
        assert document.findtext("part-list/score-part/part-name") == "Melody"
        assert document.findtext("part-list/score-part/score-instrument/instrument-name") == "Piano"
        direction = measures[0].find("direction")
        assert direction.get("placement") == "above"
        mark = direction.find("direction-type/metronome")
        assert (mark.findtext("beat-unit"), len(mark.findall("beat-unit-dot"))) == (unit, dots)
        assert mark.findtext("per-minute") == number
        assert float(direction.find("sound").get("tempo")) == 90  # always in quarter notes
        found = [beam.text for note in document.iter("note") for beam in note.findall("beam[@number='1']")]
        assert " ".join(found).startswith(beams)


UPBEATS = [("3/4", 4), ("4/4", 12), ("6/8", 2), ("2/2", 1), ("4/4", 0)]


@pytest.mark.parametrize(("meter", "upbeat"), UPBEATS)
def test_bar_lines_in_midi(tmp_path, rng, meter, upbeat):
    """The first bar has a meter of its own if it is an upbeat; so they fall right for mido's messages and for us."""
    layout, tokens = Layout(time=TimeSignature.parse(meter), upbeat=upbeat), random_melody(rng)
    path = tmp_path / "song.mid"
    path.write_bytes(render(tokens, "midi", layout=layout))
    corpus = load_corpus(path, progress=lambda done, total: None)
    assert corpus.told[0].meter[:2] == (upbeat, 4 * layout.time.bar)
    mido = pytest.importorskip("mido", reason="mido is not installed")
    file = mido.MidiFile(path)
    now, bars, notes = 0, [], []
    for message in mido.merge_tracks(file.tracks):
        now += message.time
        if message.type == "time_signature":
            bars.append((now / file.ticks_per_beat, Fraction(4 * message.numerator, message.denominator)))
        elif message.type == "note_on" and message.velocity:
            notes.append((now / file.ticks_per_beat, message.note))
    assert bars == ([(0, upbeat / 4)] if upbeat else []) + [(upbeat / 4, layout.time.bar)]
    assert notes == [(onset, number) for onset, _, number in sounding(tokens)]


def test_lines_of_abc_are_no_longer_than_a_page(rng):
    tokens = [str(number) for number in rng.integers(60, 72, size=256)]
    lines = render(tokens, "abc").decode().splitlines()
    assert max(map(len, lines)) <= 80
    assert sum(line.count("|") for line in lines) == 16
    quarters = render("60 _ _ _".split() * 34, "abc", layout=Layout(upbeat=8)).decode().splitlines()[7:]
    assert [line.count("|") for line in quarters] == [5, 4]  # the upbeat stands before four bars


@pytest.mark.skipif(shutil.which("abc2midi") is None, reason="abc2midi is not installed")
def test_abc_is_read_back_by_abc2midi(tmp_path, rng):
    for layout in layouts():
        tokens = random_melody(rng)
        (tmp_path / "song.abc").write_bytes(render(tokens, "abc", layout=layout))
        command = ["abc2midi", "song.abc", "-o", "song.mid"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
        assert "Error" not in done.stdout
        found = read_midi((tmp_path / "song.mid").read_bytes())[0]
        assert [number for _, _, number in found] == [number for _, _, number in sounding(tokens)]
        assert [onset for onset, _, _ in found] == pytest.approx([onset for onset, _, _ in sounding(tokens)], abs=0.01)


def test_musicxml_is_read_by_verovio(rng):
    verovio = pytest.importorskip("verovio", reason="verovio is not installed")
    for layout in layouts():
        tokens = random_melody(rng)
        toolkit = verovio.toolkit()
        assert toolkit.loadData(render(tokens, "musicxml", layout=layout).decode())
        played = [note for moment in toolkit.renderToTimemap() for note in moment.get("on", [])]
        assert len(played) >= len(sounding(tokens))  # tied notes are listed apart
        pitches = [toolkit.getMIDIValuesForElement(note)["pitch"] for note in played]
        expected = [number for _, _, number in sounding(tokens)]
        assert [a for a, b in zip(pitches, [None, *pitches], strict=False) if a != b] == [
            a for a, b in zip(expected, [None, *expected], strict=False) if a != b
        ]


def test_rows_and_names_of_a_long_roll():
    """Rows of whole bars, as many as a melody needs; lines at bars and beats; names as far apart as they are high."""
    from encoding.writing.roll import piano_roll

    def size(content):
        return struct.unpack(">II", content[16:24])

    layout = Layout(time=TimeSignature.parse("6/8"), upbeat=2)
    width, short = size(piano_roll(["60"] * 60, 1 / 16, layout, "Short"))
    assert size(piano_roll(["60"] * 400, 1 / 16, layout, "Long")) > (width, 3 * short)


def test_abc_is_read_back_by_music21(tmp_path, rng):
    text = render(MELODY, "abc", title="A title", layout=WALTZ).decode()
    score = converter.parse(text, format="abc")
    assert score.metadata.title == "A title"
    assert score.recurse().getElementsByClass("TimeSignature").first().ratioString == "3/4"
    assert score.recurse().getElementsByClass("MetronomeMark").first().number == 90
    key = score.recurse().getElementsByClass("Key").first()
    assert (key.tonic.name, key.mode) == ("E", "minor")
    for number, layout in enumerate(layouts()):
        tokens = random_melody(rng)
        text = render(tokens, "abc", layout=layout).decode()
        read = converter.parse(f"%abc-2.1\n{text}", format="abc")  # from 2.0 on, accidentals hold through the bar
        assert sounding(GridEncoder().encode_song(read)) == sounding(tokens)
        path = tmp_path / f"{number}.abc"  # and as this program reads it: key, meter and upbeat, too
        path.write_text(text)
        corpus = load_corpus(path, progress=lambda done, total: None)
        assert corpus.keys == [layout.key]
        assert sounding(transpose_tokens(corpus.songs[0], layout.key.shift)) == sounding(tokens)
        upbeat, bar, _ = corpus.meters[0]
        assert (upbeat, bar) == (layout.upbeat, 4 * layout.time.bar)


def test_tokens_and_picture():
    assert render(MELODY, "tokens").decode().split() == MELODY
    assert render(MELODY, "roll").startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("key", "names"),
    [("C", "G4 A4 B4 C5"), ("c minor", "G4 Ab4 Bb4 C5"), ("E", "G#4 A4 B4 C#5"), ("Gb", "Ab4 Bb4 Cb5 Db5")],
)
def test_the_picture_names_pitches_as_the_score_does(key, names):
    from matplotlib.figure import Figure

    axes = Figure().subplots()
    draw_roll(axes, ["68", "_", "72"], 1 / 16, Key.parse(key))
    shown = [label.get_text() for label in axes.get_yticklabels()]
    assert shown == names.split()


def read_wav(content):
    with wave.open(io.BytesIO(content)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, SAMPLE_RATE)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32767


def test_wav_duration_and_level():
    samples = read_wav(render(MELODY, "wav"))
    assert len(samples) / SAMPLE_RATE == pytest.approx(len(MELODY) * 0.125 + 0.3, abs=0.001)  # sixteenths at 120
    assert 0.3 < np.abs(samples).max() <= PEAK < 1  # neither silent nor clipped
    assert np.abs(samples[: int(0.24 * SAMPLE_RATE)]).max() == 0  # it begins with a rest


def steepest(number: int) -> float:
    """The largest jump from sample to sample that the partials of a tone can make together."""
    slopes = [amplitude * multiple for multiple, amplitude in enumerate(PARTIALS, start=1)]
    return PEAK / sum(PARTIALS) * sum(slopes) * 2 * np.pi * frequency(number) / SAMPLE_RATE


def test_wav_does_not_click(rng):
    """No jump between samples is larger than the waveform itself has, and none at a border comes near it."""
    for tokens, seconds in [
        (["60", "_", "67", "60", "60", "_", "_", "_", "r", "72"], 0.125),
        (random_melody(rng), 0.02),  # notes so short that they share their length between swelling and fading
        (random_melody(rng), 0.21),
    ]:
        samples = synthesise(tokens, seconds)
        jumps, notes = np.abs(np.diff(samples)), sounding(tokens)
        assert jumps.max() <= steepest(max(number for _, _, number in notes))
        for onset, length, _ in notes:
            for border in (onset, onset + length):
                at = round(border * 4 * seconds * SAMPLE_RATE)
                assert jumps[max(0, at - 2) : at + 2].max() < 0.02 * jumps.max()
        assert np.abs(samples).max() < PEAK


@pytest.mark.parametrize("tempo", [60, 97.5, 240])
def test_wav_tempo(tempo):
    """Notes begin when the tempo says, and the file is as long as the melody and its silence at the end."""
    samples = read_wav(render(["60", "_", "_", "_", "r", "_", "67", "_"], "wav", layout=Layout(tempo=tempo)))
    quarter = 60 / tempo
    assert len(samples) / SAMPLE_RATE == pytest.approx(2 * quarter + 0.3, abs=2 / SAMPLE_RATE)
    silent = np.abs(samples) < 1e-4
    rest = slice(round(1.01 * quarter * SAMPLE_RATE), round(1.49 * quarter * SAMPLE_RATE))
    assert silent[rest].all()
    for start in (0, 1.5 * quarter):
        at = round(start * SAMPLE_RATE)
        assert not silent[at : at + round(0.01 * SAMPLE_RATE)].all()


@pytest.mark.parametrize(("number", "hertz"), [(36, 65.40639), (57, 220.0), (69, 440.0), (81, 880.0), (100, 2637.0205)])
def test_wav_pitch(number, hertz):
    """Equal temperament, the A above middle C at 440 Hz."""
    samples = synthesise([str(number)] + ["_"] * 15, 0.125)[: 2 * SAMPLE_RATE]
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), 8 * len(samples)))
    low = int(0.9 * hertz * 16)
    peak = (low + spectrum[low : int(1.1 * hertz * 16)].argmax()) / 16
    assert abs(1200 * np.log2(peak / hertz)) < 1  # cents


@pytest.mark.parametrize("tokens", [[], ["r"], ["60"], ["127"], ["0", "_"]])
@pytest.mark.parametrize("format", FORMATS)
def test_smallest_melodies(tokens, format):
    assert render(tokens, format)


def soundfont(tmp_path):
    path = tmp_path / "font.sf2"
    path.write_bytes(b"RIFF\x04\x00\x00\x00sfbk")
    return path


def test_what_is_no_soundfont(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: name)
    check_soundfont(soundfont(tmp_path), ["wav"])
    for content in (b"", b"RIFF", b"some text that is no font", b"RIFF\x04\x00\x00\x00WAVE"):
        (tmp_path / "font.sf2").write_bytes(content)
        with pytest.raises(RenderError, match="no soundfont"):
            check_soundfont(tmp_path / "font.sf2", ["wav"])
    with pytest.raises(RenderError, match="there is no such file"):
        check_soundfont(tmp_path, ["wav"])


def test_fluidsynth_is_as_loud_as_our_own(tmp_path, monkeypatch):
    """Here a script stands for it, which plays 20 dB more softly, on two channels."""
    ours = read_wav(render(MELODY, "wav"))
    quiet = np.repeat((ours * 3276).round().astype("<i2"), 2)
    monkeypatch.setattr(sys.modules["encoding.writing.render"], "fluidsynth", lambda *_: two_channels(quiet))
    with wave.open(io.BytesIO(render(MELODY, "wav", soundfont="font.sf2"))) as file:
        assert file.getnchannels() == 2
        louder = np.frombuffer(file.readframes(file.getnframes()), "<i2")[::2] / 32767
    assert np.abs(louder - ours).max() < 0.001
    loud = np.repeat((ours**3 * 32767).round().astype("<i2"), 2)  # of another shape: nothing is cut off
    monkeypatch.setattr(sys.modules["encoding.writing.render"], "fluidsynth", lambda *_: two_channels(loud))
    with wave.open(io.BytesIO(render(MELODY, "wav", soundfont="font.sf2"))) as file:
        assert np.abs(np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(int)).max() <= 32767


def two_channels(samples) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setparams((2, 2, SAMPLE_RATE, 0, "NONE", "not compressed"))
        out.writeframes(samples.tobytes())
    return file.getvalue()


def test_what_cannot_be_written(tmp_path, monkeypatch):
    with pytest.raises(ValueError, match="unknown format"):
        render(MELODY, "mp3")
    for format in ("midi", "musicxml", "abc", "roll", "wav"):
        with pytest.raises(ValueError, match="position 0"):
            render(["_"], format)
    if sys.platform == "win32":
        return  # the rest plays FluidSynth with a shell script
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RenderError, match="not on the PATH"):
        render(MELODY, "wav", soundfont="font.sf2")
    (tmp_path / "fluidsynth").write_text("#!/bin/sh\necho no such font >&2\nexit 1\n")
    (tmp_path / "fluidsynth").chmod(0o755)
    with pytest.raises(RenderError, match="no such font"):
        render(MELODY, "wav", soundfont="font.sf2")
