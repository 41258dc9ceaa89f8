"""A melody as a picture: the piano roll, as a PNG."""

import io
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from encoding.key import C_MAJOR, Key
from encoding.tokens import PITCHES, REST_SYMBOL, events
from encoding.writing.bars import Layout
from encoding.writing.spelling import spell

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ROW = 32  # quarter notes that a row of the picture has at most, if a bar is no longer


def piano_roll(tokens: Sequence[str], time_step: float, layout: Layout, title: str) -> bytes:
    """A PNG with time to the right, in rows of whole bars, and pitch upwards; the bars have lines and numbers."""
    from matplotlib.figure import Figure

    bar, upbeat = float(layout.time.bar), layout.upbeat * 4 * time_step % float(layout.time.bar)
    length, width = max(1, len(tokens)) * 4 * time_step, bar * max(1, ROW // bar)
    begin = upbeat - bar if upbeat else 0.0  # of the bar that the upbeat is the end of
    rows = max(1, math.ceil((length - begin) / width - 1e-9))
    figure = Figure(figsize=(10, 0.6 + 2.2 * rows), layout="constrained")
    figure.suptitle(title)
    for row, axes in enumerate(figure.subplots(rows, squeeze=False)[:, 0]):
        start = begin + row * width
        draw_roll(axes, tokens, time_step, layout.key)
        lines = [start + n * bar for n in range(round(width / bar))]
        for n, line in enumerate(lines, start=row * len(lines) + (0 if upbeat else 1)):
            axes.axvline(line, color="0.3", linewidth=1, zorder=0.5)
            if n and line < length:
                axes.text(line, 1.0, f" {n}", transform=axes.get_xaxis_transform(), va="bottom", fontsize=9)
        beat = float(layout.time.beat)
        axes.set_xticks([start + n * beat for n in range(round(width / beat) + 1)], [])
        axes.set_xlim(start, min(start + width, length) if rows == 1 else start + width)
    axes.set_xlabel(f"bars of {layout.time}, a line at each beat")
    return png(figure, 110)


def png(figure: "Figure", dpi: int) -> bytes:
    """A figure as the content of a PNG file."""
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=dpi)
    return file.getvalue()


def scale_names(tokens: Sequence[str], key: Key) -> dict[int, str]:
    """The pitches of the key's scale, from one below the lowest note of a melody to one above its highest, by name."""
    pitches = [int(token) for token in tokens if token in PITCHES] or [60]
    scale = {(key.number + (3 if key.minor else 0) + step) % 12 for step in (0, 2, 4, 5, 7, 9, 11)}
    shown = range(max(0, min(pitches) - 1), min(127, max(pitches) + 1) + 1)
    return {number: str(spell([number], key)[0]) for number in shown if number % 12 in scale}


def draw_roll(axes: "Axes", tokens: Sequence[str], time_step: float, key: Key = C_MAJOR) -> None:
    """The notes as bars: to the right in quarter notes, upwards in semitones; the scale of the key is named."""
    quarters_per_step = 4 * time_step
    notes = [(onset, int(symbol), steps) for onset, symbol, steps in events(tokens) if symbol != REST_SYMBOL]
    for onset, number, steps in notes:
        start, length = onset * quarters_per_step, steps * quarters_per_step
        # A little shorter than it sounds, so that repeated notes can be told apart.
        axes.broken_barh([(start, length - min(0.3 * quarters_per_step, 0.08))], (number - 0.4, 0.8), color="#0072B2")
    names = scale_names(tokens, key)
    low, high = min(names, default=60), max(names, default=60)
    axes.set_ylim(low - 1.5, high + 1.5)
    gap, shown = (high - low) / 14, []
    for number in names:  # as many as there is room for
        if not shown or number - shown[-1] >= gap:
            shown.append(number)
    axes.set_yticks(shown, [names[number] for number in shown], fontsize=8)
    axes.grid(alpha=0.3)
    axes.set_axisbelow(True)
    axes.set_ylabel("pitch")
