"""One sequence and what the network made of it, as a picture. What the symbols stand for comes as text."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lstm_numpy.inspection.gates import Reading
from lstm_numpy.system import BLUE, GREY, ORANGE, png

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PROBABILITY, SIGNED = "Greys", "PuOr_r"  # colour maps for 0 to 1 and for -1 to 1
VISIBLE = 0.02  # symbols that are never likelier than this, and never come, get no row


class Notation(NamedTuple):
    """How the symbols of the vocabulary are written, and how long they last."""

    labels: Sequence[str]  # of each symbol
    order: Sequence[int]  # the symbols from the lowest row of a picture to the highest
    end: int  # the end symbol
    kinds: Mapping[str, Sequence[int]]  # a kind of symbols, in words -> the symbols
    each: tuple[str, Sequence[int]]  # symbols of which each one's mean is told, and what they are, in words
    duration: float  # of a step
    time: str  # what durations are counted in, in words
    settled: int  # steps after which a surprise is no longer that of a beginning


def explained(
    symbols: np.ndarray, reading: Reading, notation: Notation, units: Mapping[int, str], step: int, back: np.ndarray,
    given: int, title: str, draw_top: Callable[["Axes"], None], lines: Sequence[int] = (),
) -> bytes:  # fmt: skip
    """A PNG of one sequence, (T,), and, aligned below it, what the network made of it step by step.

    Args:
        units: unit of the last layer -> what to say of it.
        step, back: the step whose prediction is traced back, and how much each earlier symbol mattered, (step,); see
            `looks_back`.
        given: how many symbols were given and not drawn.
        draw_top: draws the sequence itself into the uppermost panel, on the time axis.
        lines: the steps before which a line stands, such as where bars begin.
    """
    from matplotlib.figure import Figure

    T = len(symbols)
    rows = [s for s in notation.order if reading.p[:, s].max() > VISIBLE or s in symbols]
    heights = [2.2, 0.4 + 0.17 * len(rows), 1.1, *[0.95] * len(units), 1.2]
    # Long sequences get a wider picture, up to what programs can still open.
    figure = Figure(figsize=(min(60.0, max(10.0, 0.08 * T)), sum(heights) + 1.2), layout="constrained")
    panels = figure.subplots(len(heights), sharex=True, height_ratios=heights)
    top, probabilities, surprisal, *of_units, last = panels
    edges = np.arange(T + 1) * notation.duration

    draw_top(top)
    top.set_title(title)
    p = reading.p[:, rows].T
    image = probabilities.pcolormesh(edges, np.arange(len(p) + 1) - 0.5, p, cmap=PROBABILITY, vmin=0, vmax=1)
    probabilities.set_yticks(range(len(p)), [notation.labels[s] for s in rows])
    came = [rows.index(s) for s in symbols]
    middle = edges[:-1] + notation.duration / 2
    probabilities.plot(middle, came, "o", ms=3.2, mfc="none", mec=ORANGE, mew=0.9)
    probabilities.set_title("p(next token), before it is read; ring: the one that came", fontsize=9, loc="left")

    name = notation.labels[symbols[step]]
    _surprisal(surprisal, edges, reading.surprisal, step, name)
    for axes, (unit, text) in zip(of_units, units.items(), strict=True):
        gates, signed = _unit(axes, edges, reading.layers[-1], unit)
        axes.set_title(f"unit {unit} after each token ({text})", fontsize=9, loc="left")

    _back(last, edges, step, back, f"{name} at {edges[step]:g} {notation.time}")
    for axes in panels:
        axes.tick_params(labelsize=8)
        for line in lines:
            axes.axvline(edges[line], color="0.35", lw=0.8)
        if given:
            axes.axvline(edges[given], color="black", lw=1.2, ls=(0, (4, 2)))
    if given:
        at = {"xy": (edges[given], 1), "xycoords": ("data", "axes fraction"), "textcoords": "offset points"}
        top.annotate("given", **at, xytext=(-4, -9), ha="right", fontsize=8)
        top.annotate("composed", **at, xytext=(4, -9), ha="left", fontsize=8)
    last.set(xlim=(0, edges[-1]), xlabel=f"time ({notation.time})")
    figure.colorbar(image, ax=probabilities, label="probability, and gates below", pad=0.01, fraction=0.02)
    if units:
        figure.colorbar(signed, ax=of_units, label="tanh c", pad=0.01, fraction=0.02)
        figure.colorbar(gates, ax=of_units, label="gates i, f, o", pad=0.01, fraction=0.02)
    return png(figure)


def _unit(axes: "Axes", edges: np.ndarray, layer, unit: int):
    """Gates i, f, o in greys from 0 to 1; below them tanh(c) in colours from -1 to 1."""
    gates = np.stack([layer.o, layer.f, layer.i])[:, :, unit, 0]
    value = np.tanh(layer.c[None, :, unit, 0])
    grey = axes.pcolormesh(edges, np.arange(4) + 0.5, gates, cmap=PROBABILITY, vmin=0, vmax=1)
    coloured = axes.pcolormesh(edges, [-0.9, 0.4], value, cmap=SIGNED, vmin=-1, vmax=1)
    axes.set_yticks([-0.25, 1, 2, 3], ["tanh c", "o", "f", "i"])
    return grey, coloured


def _surprisal(axes: "Axes", edges: np.ndarray, bits: np.ndarray, step: int, name: str) -> None:
    axes.stairs(bits, edges, fill=True, color=BLUE)
    axes.axhline(bits.mean(), color=GREY, lw=0.8, ls="--")
    axes.margins(y=0.2)
    axes.set_ylabel("bits")
    axes.set_title(f"surprisal, -log$_2$ p of the token that came; mean {bits.mean():.2f} bits", fontsize=9, loc="left")
    point = (edges[step] + edges[step + 1]) / 2, bits[step]
    axes.plot(*point, "v", color=ORANGE, ms=5, clip_on=False)
    align, shift = ("left", 6) if step < 0.9 * len(bits) else ("right", -6)
    place = {"textcoords": "offset points", "xytext": (shift, 0), "ha": align, "va": "bottom"}
    axes.annotate(f"{name}: {bits[step]:.1f}", point, color=ORANGE, fontsize=8, **place)


def _back(axes: "Axes", edges: np.ndarray, step: int, back: np.ndarray, what: str) -> None:
    if step:
        axes.stairs(back, edges[: step + 1], fill=True, color=BLUE)
    axes.axvspan(edges[step], edges[step + 1], color=ORANGE)
    axes.set_ylabel("‖gradient‖\n(nats)")
    axes.set_yscale("log")
    if back.size and back.max() > 0:
        axes.set_ylim(back.max() / 1e4, 2 * back.max())
    text = f"how much each token mattered for {what}: norm of the gradient of its -log p (logarithmic)"
    axes.set_title(text, fontsize=9, loc="left")
