"""A melody as a picture: the piano roll."""

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from encoding.key import C_MAJOR, Key
from encoding.tokens import REST_SYMBOL, events
from encoding.writing.bars import Layout
from encoding.writing.spelling import spell

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


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
    return png(figure, 110)


def png(figure: "Figure", dpi: int) -> bytes:
    """A figure as the content of a PNG file."""
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=dpi)
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
