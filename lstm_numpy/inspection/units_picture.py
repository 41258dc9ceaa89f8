"""Single units as a picture: their values as colours of a text, and how often their gates are shut or open."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from lstm_numpy.inspection.explained import SIGNED
from lstm_numpy.inspection.gates import OPEN, SHUT
from lstm_numpy.system import BLUE, GREY, ORANGE, png

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Shares = Mapping[str, tuple[np.ndarray, np.ndarray]]  # gate -> how often it is shut and open, see `saturation`


Strip = tuple[str, np.ndarray]  # a title, and the values of one unit along a sequence, (T,), from -1 to 1


def draw_units(
    strips: Sequence[Strip], texts: Sequence[str], first_line: int, period: int, shares: Shares,
    marked: Sequence[int], title: str,
) -> bytes:  # fmt: skip
    """Symbols as text, coloured by the value of a unit, and how often each unit's gates are shut or open.

    Both are pictures of Karpathy, Johnson & Li 2015 (figures 2 and 3). `texts` are the T symbols, a block for each
    strip. A line stands before symbol `first_line` and then after every `period` symbols; the text is broken at lines,
    so that the same place of every period stands below the other. The `marked` units are named.
    """
    from matplotlib.figure import Figure

    per_line = period * max(1, 32 // period)
    before = -first_line % per_line  # empty places in front of the first symbol
    lines = -(-(before + len(texts)) // per_line)
    text_height = len(strips) * (0.6 + 0.27 * lines)
    figure = Figure(figsize=(10, text_height + 4.4), layout="constrained")
    text_part, share_part = figure.subfigures(2, height_ratios=[text_height, 4.0])
    text_part.suptitle(title, fontsize=10)
    blocks = text_part.subplots(len(strips), squeeze=False)[:, 0]
    for axes, strip in zip(blocks, strips, strict=True):
        image = _coloured_text(axes, strip, texts, before, per_line, period)
    text_part.colorbar(image, ax=list(blocks), label="tanh c after the token", pad=0.01, fraction=0.015)
    _saturation(share_part, shares, marked)
    return png(figure)


def _coloured_text(axes: "Axes", strip: Strip, texts: Sequence[str], before: int, per_line: int, period: int):
    title, values = strip
    cells = np.full(before + len(texts), np.nan)
    cells[before:] = values
    cells = np.append(cells, np.full(-len(cells) % per_line, np.nan)).reshape(-1, per_line)
    image = axes.pcolormesh(np.ma.masked_invalid(cells), cmap=SIGNED, vmin=-1, vmax=1)
    for place, (text, value) in enumerate(zip(texts, values, strict=True), start=before):
        row, column = divmod(place, per_line)
        color = "white" if abs(value) > 0.7 else "black"
        axes.text(column + 0.5, row + 0.5, text, ha="center", va="center", fontsize=8, color=color)
    for column in range(0, per_line + 1, period):
        axes.axvline(column, color="black", lw=1)
    axes.set(xlim=(-0.05, per_line + 0.05), ylim=(len(cells), 0))
    axes.set_axis_off()
    axes.set_title(title, fontsize=9, loc="left")
    return image


def _saturation(figure: "Figure", shares: Shares, marked: Sequence[int]) -> None:
    panels = figure.subplots(1, len(shares), sharex=True, sharey=True)
    for axes, (gate, (shut, opened)) in zip(panels, shares.items(), strict=True):
        axes.plot(shut, opened, "o", ms=4, mfc="none", mec=BLUE, alpha=0.6)
        for unit in marked:
            axes.plot(shut[unit], opened[unit], "s", ms=6, color=ORANGE, zorder=4)  # no label hides it
            # Of two at nearly one place, the upper is named above and the lower below.
            near = [other for other in marked if abs(shut[other] - shut[unit]) < 0.1]
            below = any(0 < opened[other] - opened[unit] < 0.08 for other in near)
            place = {"textcoords": "offset points", "xytext": (6, -9 if below else 3)}
            behind = {"boxstyle": "square,pad=0.05", "fc": "white", "ec": "none", "alpha": 0.8}
            axes.annotate(str(unit), (shut[unit], opened[unit]), color=ORANGE, fontsize=9, bbox=behind, **place)
        axes.plot([0, 1], [1, 0], color=GREY, lw=0.8)
        axes.set(title=gate, xlabel=f"share of the time below {SHUT:g}")
        axes.grid(alpha=0.3)
    panels[0].set_ylabel(f"share of the time above {OPEN:g}")
