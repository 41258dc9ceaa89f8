"""Melodies as files, read back by others than their writer."""

import io
import sys
import wave

import numpy as np
import pytest
from music21 import converter

from encoding import GridEncoder
from encoding.render import FORMATS, RenderError, render
from encoding.sound import PEAK, SAMPLE_RATE, frequency, synthesise

MELODY = "r _ 55 _ _ _ 60 _ 60 _ 64 67 _ _ _ _ 72 _ _ _ 71 _".split()


def variable_length(track: bytes, i: int) -> tuple[int, int]:
    """A number of the MIDI standard, seven bits to a byte, and the place behind it."""
    value = 0
    while True:
        value = value << 7 | track[i] & 127
        i += 1
        if track[i - 1] < 128:
            return value, i


def read_midi(content: bytes) -> list[tuple[float, float, int]]:
    """(onset, duration in quarter notes, number) of each note, by the MIDI standard's own bytes."""
    assert content[:4] == b"MThd"
    division = int.from_bytes(content[12:14], "big")
    notes, place = [], 14
    while place < len(content):
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
                size, i = variable_length(track, i + (status == 0xFF))
                i += size
            elif status >> 4 in (8, 9):
                number, velocity = track[i], track[i + 1]
                i += 2
                if status >> 4 == 9 and velocity:
                    sounding[number] = time
                elif number in sounding:
                    start = sounding.pop(number)
                    notes.append((start / division, (time - start) / division, number))
            else:
                i += 1 if status >> 4 in (0xC, 0xD) else 2
    return sorted(notes)


EXPECTED = [(0.5, 1, 55), (1.5, 0.5, 60), (2, 0.5, 60), (2.5, 0.25, 64), (2.75, 1.25, 67), (4, 1, 72), (5, 0.5, 71)]


def test_midi():
    notes = read_midi(render(MELODY, "midi"))
    first = notes[0][0] - 0.5  # music21 may begin a file with a rest of its own
    assert [(onset - first, duration, number) for onset, duration, number in notes] == EXPECTED


def test_musicxml(tmp_path):
    content = render(MELODY, "musicxml", title="A title & more")
    assert b"A title &amp; more" in content
    path = tmp_path / "song.musicxml"
    path.write_bytes(content)
    read = converter.parse(path, forceSource=True)
    assert GridEncoder().encode_song(read)[: len(MELODY)] == MELODY


def test_tokens_and_picture():
    assert render(MELODY, "tokens").decode().split() == MELODY
    assert render(MELODY, "roll").startswith(b"\x89PNG")


def read_wav(content):
    with wave.open(io.BytesIO(content)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, SAMPLE_RATE)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32767


def test_wav_duration_and_level():
    samples = read_wav(render(MELODY, "wav"))
    assert len(samples) / SAMPLE_RATE == pytest.approx(len(MELODY) * 0.125 + 0.3, abs=0.001)  # sixteenths at 120
    assert 0.3 < np.abs(samples).max() <= PEAK
    assert np.abs(samples[: int(0.24 * SAMPLE_RATE)]).max() == 0  # it begins with a rest


def test_wav_does_not_click():
    """No step between samples is larger than the steepest tone can make; borders are silent."""
    samples = synthesise(["60", "_", "67", "60", "60", "_", "_", "_"], 0.125)
    for onset in (0, 2, 3, 4, 8):
        at = round(onset * 0.125 * SAMPLE_RATE)
        assert np.abs(samples[max(0, at - 2) : at + 2]).max() < 1e-3
    assert np.abs(np.diff(samples)).max() < 0.15


@pytest.mark.parametrize("number", [36, 57, 69, 81, 100])
def test_wav_pitch(number):
    samples = synthesise([str(number)] + ["_"] * 15, 0.125)[: 2 * SAMPLE_RATE]
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), 8 * len(samples)))
    low = int(0.9 * frequency(number) * 16)
    peak = (low + spectrum[low : int(1.1 * frequency(number) * 16)].argmax()) / 16
    assert abs(1200 * np.log2(peak / frequency(number))) < 1  # cents
    assert frequency(69) == 440


@pytest.mark.parametrize("tokens", [[], ["r"], ["60"], ["127"], ["0", "_"]])
@pytest.mark.parametrize("format", FORMATS)
def test_smallest_melodies(tokens, format):
    assert render(tokens, format)


def test_what_cannot_be_written(tmp_path, monkeypatch):
    with pytest.raises(ValueError, match="unknown format"):
        render(MELODY, "mp3")
    for format in ("midi", "musicxml", "roll", "wav"):
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
