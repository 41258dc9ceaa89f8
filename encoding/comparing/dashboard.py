"""Melodies beside songs as curves: what they are made of, how long they are, and how much of them is copied."""

from collections.abc import Mapping, Sequence

from encoding.page import chart

PITCH_CLASSES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "G#", "A", "Bb", "B")
HISTOGRAMS = {  # what is counted, and what is to the right
    "pitch class": ("Pitch classes: share of the sounding time (%)", "pitch class (C is 0)"),
    "interval": ("Intervals: share of them (%)", "semitones to the next note (0: repeated)"),
    "duration": ("Durations: share of the notes (%)", "duration (steps)"),
}
AT_MOST = {
    "lengths": ("Length: melodies with at most this (%)", "steps"),
    "ranges": ("Range: melodies with at most this (%)", "semitones from the lowest to the highest note"),
}
RARE = 0.002  # values with a smaller share in every set are left out


def charts(figures: Mapping) -> list[str]:
    """The sets of melodies in the figures (see `report.report`), and the copies in them, as parts of a page."""
    sets = {name: one for name, one in figures["melodies"].items() if name != "validation songs"}
    places = {name: n for n, name in enumerate([*sets, "training songs"])}  # of a set: its colour and dash everywhere

    def curve(name: str, points: Sequence[tuple], said: str = "", dots: bool = False) -> dict:
        return {"name": name + said, "points": points, "color": places[name], "dash": places[name], "dots": dots}

    drawn = []
    for which, (title, x) in HISTOGRAMS.items():
        histograms = {name: {int(value): share for value, share in one["histograms"][which].items()}
                      for name, one in sets.items()}  # fmt: skip
        values = sorted({v for shares in histograms.values() for v, share in shares.items() if share >= RARE})
        named = PITCH_CLASSES if which == "pitch class" else {value: value for value in values}
        curves = [
            curve(name, [(value, 100 * shares.get(value, 0), named[value]) for value in values],
                  f", overlap {sets[name]['overlap'][which]:.0%}" if n else "", dots=True)
            for n, (name, shares) in enumerate(histograms.items())
        ]  # fmt: skip
        drawn.append(chart(title, x, curves))
    for which, (title, x) in AT_MOST.items():
        shares = {name: sorted(one[which]) for name, one in sets.items()}
        drawn.append(chart(title, x, [curve(name, _up_to(values)) for name, values in shares.items()]))
    runs = {name: sorted(run["steps"] for run in one["runs"]) for name, one in figures["copies"].items()}
    copied = [curve(name, [(steps, 100 - share) for steps, share in _up_to(values)]) for name, values in runs.items()]
    title = "Copies: melodies whose longest run that stands in a training song is longer than this (%)"
    return [*drawn, chart(title, "steps", copied)]


def _up_to(values: Sequence[float]) -> list[tuple[float, float]]:
    """Of sorted values, each one and the share, in per cent, of those that are not above it."""
    return [(value, 100 * n / len(values)) for n, value in enumerate(values, start=1) if value not in values[n:]]
