"""The evaluation of a model as one picture."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from encoding.comparing.comparison import LONG_RUN
from encoding.writing import png

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Colours that stay apart for the colour-blind (Okabe & Ito 2008); a marker and a line for each set, too.
STYLES = (("#000000", "o", "-"), ("#0072B2", "s", "--"), ("#D55E00", "^", ":"), ("#009E73", "D", "-."))
POINTS = {"textcoords": "offset points"}
HATCHES = ("", "/////", ".....", "xxxxx")
PITCH_CLASSES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "G#", "A", "Bb", "B")
HISTOGRAMS = {  # the title of each, and of its axes
    "pitch class": ("Pitch classes", "pitch class", "share of the sounding time (%)"),
    "interval": ("Intervals", "semitones to the next note (0: repeated)", "share of the intervals (%)"),
    "duration": ("Durations", "duration (steps)", "share of the notes (%)"),
}
AT_MOST = {
    "lengths": ("Length of a melody", "length (steps)"),
    "ranges": ("Range of a melody", "from the lowest to the highest note (semitones)"),
}
SHARES = {
    "in scale": "notes in\nthe scale", "key clarity": "key clarity\n(correlation)", "ends on C or A": "ends on\nC or A",
    "whole beats": "whole number\nof beats", "repeated bars": "repeated\nbars",
}  # fmt: skip


def dashboard(figures: Mapping) -> bytes:
    """A PNG with eight panels: prediction, melodies, copies; for the figures, see `report.report`."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 16), layout="constrained")
    panels = figure.subplots(4, 2).ravel()
    sets = {name: one for name, one in figures["melodies"].items() if name != "validation songs"}
    styles = _draw_melodies(panels[[2, 3, 4, 1, 5, 7]], sets, figures["copies"])
    _draw_losses(panels[0], figures["prediction"])
    _draw_at_most(panels[6], "ranges", sets, styles)
    about = figures["about"]
    figure.suptitle(
        f"{about['model']} on {about['test songs']:,} unseen songs; {about['melodies']} melodies at each temperature"
    )
    return _png(figure)


def few_melodies(figures: Mapping) -> bytes:
    """A PNG with six panels on a few melodies beside songs; of the two sets in the figures, the songs come first."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 12), layout="constrained")
    _draw_melodies(figure.subplots(3, 2).ravel(), figures["melodies"], figures["copies"])
    return _png(figure)


def _png(figure: "Figure") -> bytes:
    for axes in figure.axes:
        axes.grid(alpha=0.3)
        axes.set_axisbelow(True)
    return png(figure, 110)


def _draw_melodies(panels: Sequence["Axes"], sets: Mapping, copies: Mapping) -> dict:
    """The six panels that both pictures have; returns the styles of the sets."""
    styles = dict(zip([*sets, "training songs"], STYLES, strict=False))
    for axes, name in zip(panels, HISTOGRAMS, strict=False):
        _draw_histogram(axes, name, sets, styles)
    _draw_means(panels[3], sets, styles)
    _draw_at_most(panels[4], "lengths", sets, styles)
    _draw_copies(panels[5], copies, styles)
    return styles


def _draw_losses(axes: "Axes", rows: Sequence[Mapping]) -> None:
    for place, row in enumerate(rows):
        value, low, high = row["nats per step"]
        color, marker, _ = STYLES[1] if place == 0 else STYLES[0]
        axes.errorbar(
            value, place, xerr=[[value - low], [high - value]], color=color, marker=marker, ms=5, capsize=3, ls="none"
        )
        axes.annotate(f"{value:.3f}", (value, place), xytext=(0, 6), ha="center", fontsize=8, **POINTS)
    axes.set_yticks(range(len(rows)), [row["predictor"] for row in rows])
    axes.set(title="Prediction", ylim=(len(rows) - 0.5, -0.7))
    axes.set_xlabel("nats per step on unseen songs, with 95 % interval (less is better)")


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
    axes.set(title="Means over the melodies", ylabel="mean, with 95 % interval", ylim=(0, 1.04))
    axes.legend(fontsize=8, loc="lower left")


def _draw_histogram(axes: "Axes", name: str, sets: Mapping, styles: Mapping) -> None:
    """A group of bars for each value; what is rare is left out at the edges."""
    histograms = {set_name: one["histograms"][name] for set_name, one in sets.items()}
    frequent = {value for histogram in histograms.values() for value, share in histogram.items() if share >= 0.002}
    values = range(12) if name == "pitch class" else sorted(frequent)
    if name == "interval" and values:
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
    names = PITCH_CLASSES if name == "pitch class" else values
    axes.set_xticks(shown, [names[place] for place in shown])
    title, xlabel, ylabel = HISTOGRAMS[name]
    axes.set(title=title, xlabel=xlabel, ylabel=ylabel)
    axes.set_ylim(top=1.3 * axes.get_ylim()[1])  # room for the legend
    axes.legend(fontsize=8, loc="upper right")


def _draw_at_most(axes: "Axes", figure: str, sets: Mapping, styles: Mapping) -> None:
    """For each set, which share of its melodies has at most a value."""
    for name, one in sets.items():
        values, (color, marker, line) = one[figure], styles[name]
        axes.plot(
            np.sort(values), 100 * np.arange(1, len(values) + 1) / len(values), color=color, ls=line, lw=1.6,
            marker=marker, ms=4, markevery=max(1, len(values) // 12), label=name, drawstyle="steps-post",
        )  # fmt: skip
    title, xlabel = AT_MOST[figure]
    axes.set(title=title, xlabel=xlabel, ylabel="melodies with at most this (%)", ylim=(0, 102))
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
    axes.set(title="Copies", ylabel="melodies with at least this (%)", ylim=(0, 102))
    axes.set_xlabel("longest run that stands in a training song (steps)")
    axes.legend(fontsize=8)
