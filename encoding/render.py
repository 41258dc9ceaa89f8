"""A melody written out: tokens as text, MIDI, MusicXML, ABC, WAV, or a picture of a piano roll.

Each function returns the content of a file as bytes; who calls decides where it goes.
"""

import io
import re
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from encoding.notation import Layout, score
from encoding.sound import wav
from encoding.spelling import C_MAJOR, Key, spell
from encoding.tokens import REST_SYMBOL, events
from encoding.write_abc import abc

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FORMATS = {
    "tokens": ".txt", "midi": ".mid", "musicxml": ".musicxml", "abc": ".abc", "roll": ".png", "wav": ".wav",
}  # fmt: skip


class RenderError(RuntimeError):
    """A melody could not be written out; the message says why and what to do."""


def render(
    tokens: Sequence[str],
    format: str,
    time_step: float = 1 / 16,
    title: str = "Melody",
    soundfont: str | Path | None = None,
    layout: Layout = Layout(),  # noqa: B008 (it cannot change)
) -> bytes:
    """One melody in one format.

    Args:
        tokens: a song on the grid, without TERM; it may be empty.
        format: a key of FORMATS.
        time_step: the length of a step as a share of a whole note.
        title: for the score and the picture.
        soundfont: an .sf2 file; the WAV is then played by FluidSynth instead of our own
            synthesiser.
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
        if soundfont is not None:
            return fluidsynth(midi(tokens, time_step, layout, title), soundfont)
        return wav(tokens, seconds_per_step=4 * time_step * 60 / layout.tempo)
    raise ValueError(f"unknown format {format!r}; known are {', '.join(FORMATS)}")


def midi(tokens: Sequence[str], time_step: float, layout: Layout, title: str) -> bytes:
    """A standard MIDI file, by music21."""
    from music21.midi.translate import streamToMidiFile

    return streamToMidiFile(score(tokens, time_step, layout, title)).writestr()


def musicxml(tokens: Sequence[str], time_step: float, layout: Layout, title: str) -> bytes:
    """A MusicXML document, by music21; the same whenever it is written."""
    from music21.musicxml.m21ToXml import GeneralObjectExporter

    document = GeneralObjectExporter(score(tokens, time_step, layout, title)).parse()
    return re.sub(rb"\s*<encoding-date>.*?</encoding-date>", b"", document)


def piano_roll(tokens: Sequence[str], time_step: float, layout: Layout, title: str) -> bytes:
    """A PNG with time to the right, in quarter notes, a line at each bar, and pitch upwards."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 3.2), layout="constrained")
    axes = figure.subplots()
    draw_roll(axes, tokens, time_step, layout.key)
    length = max(1, len(tokens)) * 4 * time_step
    line = layout.upbeat * 4 * time_step % float(layout.time.bar)
    while line < length:
        axes.axvline(line, color="0.4", linewidth=0.8, zorder=0.5)
        line += float(layout.time.bar)
    axes.set_xlim(0, length)
    axes.set_xlabel(f"time (quarter notes); a line at each bar of {layout.time}")
    axes.set_title(title)
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=110)
    return file.getvalue()


def draw_roll(axes: "Axes", tokens: Sequence[str], time_step: float, key: Key = C_MAJOR) -> None:
    """The notes as bars: to the right in quarter notes, upwards in semitones; the scale of the key is named."""
    quarters_per_step = 4 * time_step
    notes = [(onset, int(symbol), steps) for onset, symbol, steps in events(tokens) if symbol != REST_SYMBOL]
    pitches = [number for _, number, _ in notes] or [60]
    low, high = max(0, min(pitches) - 1), min(127, max(pitches) + 1)
    for onset, number, steps in notes:
        # A little shorter than it sounds, so that repeated notes can be told apart.
        span = (onset * quarters_per_step, (steps - 0.3) * quarters_per_step)
        axes.broken_barh([span], (number - 0.4, 0.8), color="#0072B2")
    axes.set_ylim(low - 0.5, high + 0.5)
    scale = {(key.number + (3 if key.minor else 0) + step) % 12 for step in (0, 2, 4, 5, 7, 9, 11)}
    shown = [number for number in range(low, high + 1) if number % 12 in scale]
    axes.set_yticks(shown, [str(spell([number], key)[0]) for number in shown], fontsize=8)
    axes.grid(alpha=0.3)
    axes.set_axisbelow(True)
    axes.set_ylabel("pitch")


def fluidsynth(midi_file: bytes, soundfont: str | Path) -> bytes:
    """Play a MIDI file through FluidSynth, which must be on the PATH, into a WAV file.

    Raises:
        RenderError: if FluidSynth is missing or fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "melody.mid", Path(folder) / "melody.wav"
        source.write_bytes(midi_file)
        command = ["fluidsynth", "-ni", "-q", "-F", str(target), "-r", "44100", str(soundfont), str(source)]
        try:
            done = subprocess.run(command, capture_output=True, text=True)
        except OSError:
            raise RenderError("fluidsynth is not on the PATH; install FluidSynth or leave out --soundfont") from None
        if done.returncode != 0 or not target.exists():
            reason = " ".join(done.stderr.split())[:200]
            raise RenderError(f"fluidsynth could not play with {soundfont} ({reason}); give a working .sf2 file")
        return target.read_bytes()
