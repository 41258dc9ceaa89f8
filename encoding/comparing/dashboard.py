"""The evaluation of a model as one picture."""

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from encoding.comparing.comparison import LONG_RUN

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Colours that stay apart for the colour-blind (Okabe & Ito 2008); a marker and a line for each set, too.
STYLES = (("#000000", "o", "-"), ("#0072B2", "s", "--"), ("#D55E00", "^", ":"), ("#009E73", "D", "-."))
POINTS = {"textcoords": "offset points"}
HATCHES = ("", "/////", ".....", "xxxxx")
PITCH_CLASSES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "G#", "A", "Bb", "B")
SHARES = {
    "in scale": "notes in\nthe scale", "key clarity": "key clarity\n(correlation)", "ends on C or A": "ends on\nC or A",
    "whole beats": "whole number\nof beats", "repeated bars": "repeated\nbars",
}  # fmt: skip


def dashboard(figures: Mapping) -> bytes:
    """A PNG with eight panels: prediction, melodies, copies.

    Args:
        figures: as for `report.report`.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 16), layout="constrained")
    panels = figure.subplots(4, 2)
    sets = {name: one for name, one in figures["melodies"].items() if name != "validation songs"}
    styles = dict(zip([*sets, "training songs"], STYLES, strict=False))

    _draw_losses(panels[0, 0], figures["prediction"])
    _draw_means(panels[0, 1], sets, styles)
    for axes, name in zip(panels[1:].ravel(), ("pitch class", "interval", "duration"), strict=False):
        _draw_histogram(axes, name, sets, styles)
    _draw_at_most(panels[2, 1], {name: one["lengths"] for name, one in sets.items()}, styles)
    panels[2, 1].set_xlabel("length (steps)")
    panels[2, 1].set_title("Length of a melody")
    _draw_at_most(panels[3, 0], {name: one["ranges"] for name, one in sets.items()}, styles)
    panels[3, 0].set_xlabel("from the lowest to the highest note (semitones)")
    panels[3, 0].set_title("Range of a melody")
    _draw_copies(panels[3, 1], figures["copies"], styles)
    for axes in panels.ravel():
        axes.grid(alpha=0.3)
        axes.set_axisbelow(True)
    about = figures["about"]
    figure.suptitle(
        f"{about['model']} on {about['test songs']:,} unseen songs; {about['melodies']} melodies at each temperature"
    )
    return _png(figure)


def few_melodies(figures: Mapping) -> bytes:
    """A PNG with six panels on a few melodies beside songs.

    Args:
        figures: 'melodies' and 'copies', by `compare_melodies` and `find_copies`, of the same two sets; the
            songs come first.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 12), layout="constrained")
    panels = figure.subplots(3, 2).ravel()
    sets = figures["melodies"]
    styles = dict(zip(sets, STYLES, strict=False))
    for axes, name in zip(panels, ("pitch class", "interval", "duration"), strict=False):
        _draw_histogram(axes, name, sets, styles)
    _draw_means(panels[3], sets, styles)
    _draw_at_most(panels[4], {name: one["lengths"] for name, one in sets.items()}, styles)
    panels[4].set_xlabel("length (steps)")
    panels[4].set_title("Length of a melody")
    _draw_copies(panels[5], figures["copies"], styles)
    for axes in panels:
        axes.grid(alpha=0.3)
        axes.set_axisbelow(True)
    return _png(figure)


def _draw_losses(axes: "Axes", rows: Sequence[Mapping]) -> None:
    for place, row in enumerate(rows):
        value, low, high = row["nats per step"]
        color, marker, _ = STYLES[1] if place == 0 else STYLES[0]
        axes.errorbar(
            value, place, xerr=[[value - low], [high - value]], color=color, marker=marker, ms=5, capsize=3, ls="none"
        )
        axes.annotate(f"{value:.3f}", (value, place), xytext=(0, 6), ha="center", fontsize=8, **POINTS)
    axes.set_yticks(range(len(rows)), [row["predictor"] for row in rows])
    axes.set_ylim(len(rows) - 0.5, -0.7)
    axes.set_xlabel("nats per step on unseen songs, with 95 % interval (less is better)")
    axes.set_title("Prediction")


def _draw_means(axes: "Axes", sets: Mapping, styles: Mapping) -> None:
    for shift, (name, one) in zip(np.linspace(-0.2, 0.2, len(sets)), sets.items(), strict=True):
        color, marker, _ = styles[name]
        means = np.array([one["means"][figure] for figure in SHARES])
        errors = np.abs(means[:, 1:] - means[:, :1]).T
        axes.errorbar(
            np.arange(len(SHARES)) + shift, means[:, 0], yerr=errors, color=color, marker=marker, ms=5, capsize=3,
            ls="none", label=name,
        )  # fmt: skip
    axes.set_xticks(range(len(SHARES)), SHARES.values(), fontsize=8)
    axes.set_ylim(0, 1.04)
    axes.set_ylabel("mean, with 95 % interval")
    axes.set_title("Means over the melodies")
    axes.legend(fontsize=8, loc="lower left")


def _draw_histogram(axes: "Axes", name: str, sets: Mapping, styles: Mapping) -> None:
    """A group of bars for each value; what is rare is left out at the edges."""
    histograms = {set_name: one["histograms"][name] for set_name, one in sets.items()}
    frequent = {value for histogram in histograms.values() for value, share in histogram.items() if share >= 0.002}
    values = sorted(frequent)
    if name == "pitch class":
        values = range(12)
    elif name == "interval" and values:
        values = range(values[0], values[-1] + 1)
    width = 0.8 / len(histograms)
    for n, (set_name, histogram) in enumerate(histograms.items()):
        label = f"{set_name}: {100 * sets[set_name]['overlap'][name]:.0f} % overlap" if n else set_name
        axes.bar(
            np.arange(len(values)) + (n - (len(histograms) - 1) / 2) * width,
            [100 * histogram.get(value, 0) for value in values],
            width, facecolor=styles[set_name][0] if n == 0 else "white", edgecolor=styles[set_name][0],
            hatch=HATCHES[n], lw=0.8, label=label,
        )  # fmt: skip
    shown = [place for place, value in enumerate(values) if name != "interval" or value % 2 == 0]
    axes.set_xticks(
        shown, [PITCH_CLASSES[values[place]] if name == "pitch class" else values[place] for place in shown]
    )
    xlabel, ylabel = {
        "pitch class": ("pitch class", "share of the sounding time (%)"),
        "interval": ("semitones to the next note (0: repeated)", "share of the intervals (%)"),
        "duration": ("duration (steps)", "share of the notes (%)"),
    }[name]
    axes.set_xlabel(xlabel)
    axes.set_ylabel(ylabel)
    axes.set_ylim(top=1.3 * axes.get_ylim()[1])  # room for the legend
    axes.set_title({"pitch class": "Pitch classes", "interval": "Intervals", "duration": "Durations"}[name])
    axes.legend(fontsize=8, loc="upper right")


def _draw_at_most(axes: "Axes", numbers: Mapping[str, Sequence[float]], styles: Mapping) -> None:
    """For each set, which share of its melodies has at most a value."""
    for name, values in numbers.items():
        color, marker, line = styles[name]
        axes.plot(
            np.sort(values), 100 * np.arange(1, len(values) + 1) / len(values), color=color, ls=line, lw=1.6,
            marker=marker, ms=4, markevery=max(1, len(values) // 12), label=name, drawstyle="steps-post",
        )  # fmt: skip
    axes.set_ylim(0, 102)
    axes.set_ylabel("melodies with at most this (%)")
    axes.legend(fontsize=8, loc="lower right")


def _draw_copies(axes: "Axes", copies: Mapping, styles: Mapping) -> None:
    for name, one in copies.items():
        color, marker, line = styles[name]
        steps = np.sort([run["steps"] for run in one["runs"]])
        shares = 100 * (1 - np.arange(len(steps)) / len(steps))
        half = sum(run["copied"] for run in one["runs"])
        axes.plot(
            steps, shares, color=color, ls=line, lw=1.6, marker=marker, ms=4, markevery=max(1, len(steps) // 12),
            label=f"{name}: {half} of {len(steps)}\nmore than half copied", drawstyle="steps-pre",
        )  # fmt: skip
    axes.axvline(LONG_RUN, color="#888888", lw=1, label=f"{LONG_RUN} steps")
    axes.set_xscale("symlog", base=2, linthresh=1)  # as a run may have no step
    ticks = [4, 8, 16, 32, 64, 128, 256]
    axes.set_xticks(ticks, ticks)
    axes.set_xlim(left=4)
    axes.set_ylim(0, 102)
    axes.set_xlabel("longest run that stands in a training song (steps)")
    axes.set_ylabel("melodies with at least this (%)")
    axes.set_title("Copies")
    axes.legend(fontsize=8)


def _png(figure) -> bytes:
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=100)
    return file.getvalue()
