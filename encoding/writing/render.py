"""A melody as the content of a file: tokens as text, MIDI, MusicXML, ABC, WAV, or a picture of a piano roll."""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from encoding.writing.abc import abc
from encoding.writing.bars import Layout
from encoding.writing.roll import piano_roll
from encoding.writing.score import score
from encoding.writing.sound import as_loud, wav

FORMATS = {
    "tokens": ".txt", "midi": ".mid", "musicxml": ".musicxml", "abc": ".abc", "roll": ".png", "wav": ".wav",
}  # fmt: skip


class RenderError(RuntimeError):
    """A melody could not be written out; the message says why and what to do."""


def render(
    tokens: Sequence[str], format: str, time_step: float = 1 / 16, title: str = "Melody",
    soundfont: str | Path | None = None, layout: Layout = Layout(),  # noqa: B008 (it cannot change)
) -> bytes:  # fmt: skip
    """One melody, without TERM and perhaps empty, in one format, a key of FORMATS.

    Args:
        time_step: the length of a step as a share of a whole note.
        title: for the score and the picture.
        soundfont: an .sf2 file; the WAV is then played by FluidSynth instead of our own synthesiser.
        layout: key, meter, upbeat and tempo.

    Raises:
        ValueError: if the tokens are not valid or the format is unknown.
        RenderError: if FluidSynth is needed and fails.
    """
    if format == "tokens":
        return (" ".join(tokens) + "\n").encode()
    if format == "midi":
        return midi(tokens, time_step, layout, title)
    if format == "musicxml":
        return musicxml(tokens, time_step, layout, title)
    if format == "abc":
        return abc(tokens, time_step, layout, title).encode()
    if format == "roll":
        return piano_roll(tokens, time_step, layout, title)
    if format == "wav":
        ours = wav(tokens, seconds_per_step=4 * time_step * 60 / layout.tempo)
        return as_loud(fluidsynth(midi(tokens, time_step, layout, title), soundfont), ours) if soundfont else ours
    raise ValueError(f"unknown format {format!r}; known are {', '.join(FORMATS)}")


def render_all(tokens: Sequence[str], formats: Sequence[str], *more: object) -> dict[str, bytes]:
    """One melody in those formats that are one of FORMATS, by their suffixes; for the other arguments, see `render`."""
    return {FORMATS[format]: render(tokens, format, *more) for format in formats if format in FORMATS}


def check_soundfont(soundfont: Path, formats: Sequence[str]) -> None:
    """See that a soundfont can be used.

    Raises:
        RenderError: if it is no file, FluidSynth is missing, or no WAV is asked for.
    """
    if not soundfont.is_file():
        raise RenderError(f"--soundfont {soundfont}: there is no such file; give an .sf2 file")
    with open(soundfont, "rb") as file:
        head = file.read(12)
    if head[:4] != b"RIFF" or head[8:] != b"sfbk":  # FluidSynth would play another font without a word
        raise RenderError(f"--soundfont {soundfont}: this is no soundfont; give an .sf2 file")
    if shutil.which("fluidsynth") is None:
        raise RenderError("--soundfont needs fluidsynth on the PATH; install FluidSynth or leave the option out")
    if "wav" not in formats:
        raise RenderError("--soundfont is for the format wav; add it to --formats or leave the option out")


def midi(tokens: Sequence[str], time_step: float, layout: Layout, title: str) -> bytes:
    """A standard MIDI file, by music21."""
    from music21.midi.translate import streamToMidiFile

    return streamToMidiFile(score(tokens, time_step, layout, title, upbeat_alone=True)).writestr()


def musicxml(tokens: Sequence[str], time_step: float, layout: Layout, title: str) -> bytes:
    """A MusicXML document, by music21; the same whenever it is written."""
    from music21.musicxml.m21ToXml import GeneralObjectExporter

    document = GeneralObjectExporter(score(tokens, time_step, layout, title)).parse()
    return re.sub(rb"\s*<encoding-date>.*?</encoding-date>", b"", document)


def fluidsynth(midi_file: bytes, soundfont: str | Path) -> bytes:
    """Play a MIDI file through FluidSynth, which must be on the PATH, into a WAV file.

    Raises:
        RenderError: if FluidSynth is missing or fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "melody.mid", Path(folder) / "melody.wav"
        source.write_bytes(midi_file)
        command = ["fluidsynth", "-ni", "-q", "-F", str(target), "-r", "44100", "-g", "1", str(soundfont), str(source)]
        try:
            done = subprocess.run(command, capture_output=True, text=True)
        except OSError:
            raise RenderError("fluidsynth is not on the PATH; install FluidSynth or leave out --soundfont") from None
        if done.returncode != 0 or not target.exists():
            reason = " ".join(done.stderr.split())[:200]
            raise RenderError(f"fluidsynth could not play with {soundfont} ({reason}); give a working .sf2 file")
        return target.read_bytes()
