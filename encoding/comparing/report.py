"""The evaluation of a model written out: tables with a sentence on how to read each."""

import json
import math
from collections.abc import Mapping, Sequence

from encoding.comparing.comparison import LONG_RUN

COLUMNS = {"nats per step": 3, "perplexity": 2, "bits per note": 2, "bits of which note": 2}
NAMES = {"bits of which note": "bits for its pitch"}
ACCURACIES = {"accuracy": "all", "accuracy note": "notes", "accuracy hold": "holds", "accuracy rest": "rests",
              "accuracy end": "ends"}  # fmt: skip
MEANS = {
    "length": ("length, steps", 0), "notes": ("notes", 1), "range": ("range, semitones", 1),
    "in scale": ("notes in the scale", "%"), "key clarity": ("key clarity", 2),
    "ends on C or A": ("ends on C or A", "%"), "ends on the tonic": ("ends on the tonic of its mode", "%"),
    "mode agrees": ("sounds in its mode", "%"), "bar lines cut": ("bar lines that cut a note", "%"),
    "whole bars": ("whole number of bars", "%"), "repeated bars": ("repeated bars", "%"),
    "as 1 bar before": ("the same one bar before", "%"), "as 2 bars before": ("two bars before", "%"),
    "as 4 bars before": ("four bars before", "%"), "short at first": ("single steps among the first notes", "%"),
    "hammered": ("one pitch more than six times", "%"), "cut off": ("cut off", "%"),
}  # fmt: skip


def main_table(figures: Mapping) -> str:
    """The losses of the network and of the n-grams; for the arguments, see `report`."""
    rows = [["predictor", *(NAMES.get(name, name) for name in COLUMNS), "nats above the network"]]
    for row in figures["prediction"]:
        above = "" if row is figures["prediction"][0] else interval(row["above the network"], 3)
        rows.append([row["predictor"], *(interval(row[name], digits) for name, digits in COLUMNS.items()), above])
    return table(rows)


def report(figures: Mapping) -> str:
    """The whole evaluation as Markdown; 'about', 'prediction' and so on as `train.py --evaluate` puts them together."""
    about, best, prediction = figures["about"], figures["best n-gram"], figures["prediction"]
    return "\n".join(
        [
            f"# Evaluation of {about['model']}", "",
            f"{about['songs']}: {about['training songs']:,} songs were learned from, {about['validation songs']:,} "
            f"chose the epoch, {about['test songs']:,} with {about['test notes']:,} notes were held out to the end. "
            "In brackets: 95 % intervals, by bootstrap over songs or melodies (10,000 times drawn with replacement, "
            f"seed {about['seed']}). They say how much hangs on which songs were held out, not on the seed of the "
            "training.", "",
            "## Prediction of unseen songs", "",
            "Lower is better. *Nats per step* is the mean of -log p over all tokens of the test songs and the TERM at "
            "the end of each; *bits per note* is the same sum in bits, by the number of notes; *bits for its pitch* "
            "counts, where a note begins, only the choice among the pitches. The last column is the mean difference, "
            "whose interval is narrower than the two it comes from: both were judged by the same songs.", "",
            main_table(figures), "",
            "The n-grams were counted in the same training songs. Those with a number have Witten-Bell smoothing; the "
            f"*best n-gram* has order {best['order']} and trusts shorter contexts {best['strength']:g} times as much, "
            "both chosen on the validation songs. A network that is told meter and mode has an easier task than one "
            "that is not. So other n-grams are *told the place* in the bar, with the meter and the mode, or also what "
            "followed *the last time* that the last steps were heard in the song; this comes first in each context.",
            "",
            "## How often the likeliest token came", "",
            "Each step counts for the token that came: a *note* is right if its pitch is, a *rest* is the step where "
            "one begins, what goes on of either is a *hold*, and each song has one *end*, its TERM.", "",
            table([["predictor", *ACCURACIES.values()]]
                  + [[row["predictor"], *(interval(row[name], "%") for name in ACCURACIES)] for row in prediction]), "",
            "## What a leak is worth", "",
            "Nats per step of the same n-grams when single windows are held out at random instead of whole songs: "
            "the rest of each song then lies in the training data, and what is known by heart passes for "
            "understanding. As many tokens are learned from in both columns; the unigram, which can know nothing by "
            "heart, shows by how much the data to be predicted differ. (Of the network there is one training alone, so "
            "it is not in the table.)", "",
            table([["predictor", "unseen songs", "random windows"]]
                  + [[name, interval(row["unseen songs"], 3), interval(row["random windows"], 3)]
                     for name, row in figures["leak"].items()]), "",
            *_melodies(figures),
            *_copies(figures),
        ]
    )  # fmt: skip


def _melodies(figures: Mapping) -> list[str]:
    sets, about = figures["melodies"], figures["about"]
    cut = ", ".join(f"{count} at temperature {temperature}" for temperature, count in about["cut"].items())
    rows = [["mean of", *sets]]
    rows += [
        [title, *(interval(one["means"][name], digits) for one in sets.values())]
        for name, (title, digits) in MEANS.items()
    ]
    rows += [
        [f"overlap: {name}", *(number(one["overlap"][name], "%") for one in sets.values())]
        for name in ("pitch class", "interval", "duration")
    ]
    return [
        "## Melodies", "",
        f"{about['melodies']} melodies at each temperature, beside the test songs; the validation songs show how "
        "far apart two sets of folk songs are. *In the scale* are the white keys. *Key clarity* is the largest "
        "correlation of the sounding time of the pitch classes with one of the 24 key profiles of Krumhansl & "
        "Kessler (1982). A melody *ends on* its last note. It *sounds in its mode* if its profile is nearer to that of "
        "C major or, if it is minor, of A minor. *Bars* are laid from the upbeat; their number is *whole* if the last "
        "one makes up for the upbeat, and *repeated* is one that occurred before, token for token. The *first notes* "
        "begin in the first eight steps. Meter and mode of a song are those of its score, of a melody those that were "
        "drawn for it; where they are not known, what needs them is not counted. The *overlap* with the test songs is "
        "the sum of min(p, q) over the bins of the two histograms: of the sounding time by pitch class, of the "
        "intervals from note to note, of the notes by duration.", "",
        table(rows), "",
        f"Melodies that had not ended by themselves after 64 bars and were cut off there: {cut}.", "",
    ]  # fmt: skip


def _copies(figures: Mapping) -> list[str]:
    copies, lines = figures["copies"], []
    rows = [["", "longest run, steps", "share of the melody", f"{LONG_RUN} steps or more", f"{2 * LONG_RUN} or more",
             "more than half"]]  # fmt: skip
    for name, one in copies.items():
        shares = (interval(one[key], "%") for key in ("share", "long", "very long", "half"))
        rows.append([name, interval(one["longest"], 1), *shares])
        if name.startswith("temperature"):
            lines += [
                f"- {name}, melody {n}: {run['steps']} steps ({number(run['share'], '%')}), from step {run['start']}, "
                f"as in {run['song']} from step {run['song_start']}"
                for n, run in enumerate(one["runs"], start=1)
                if run["copied"]
            ]
    return [
        "## Copies", "",
        "The longest run of steps of each melody that also stands in a training song, higher or lower or as it is. "
        "Test songs are unlike the training songs by choice: songs that share 64 steps were not divided by the split. "
        "What is usual among folk songs is better seen in the training songs, each held against the others.", "",
        table(rows), "",
        *(["More than half of these melodies stands in one song:", "", *lines] if lines else
          ["None of the generated melodies has more than half of itself in one song."]), "",
        "Melody n at temperature t is melody n of `python sample.py --seed "
        f"{figures['about']['seed']} -n {figures['about']['melodies']} --as-drawn "
        "--temperature t` with this model.", "",
    ]  # fmt: skip


def to_json(figures: Mapping) -> str:
    """The figures as JSON; a number that is not finite becomes null."""

    def finite(value):
        if isinstance(value, Mapping):
            return {str(key): finite(one) for key, one in value.items()}
        if isinstance(value, (list, tuple)):
            return [finite(one) for one in value]
        return None if isinstance(value, float) and not math.isfinite(value) else value

    return json.dumps(finite(figures), indent=1, allow_nan=False)


def table(rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table that can be read as text, too; the first row is the head."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    return "\n".join([lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]])


def interval(value: Sequence[float], digits: int | str) -> str:
    """A value and its interval, such as '0.72 (0.68 to 0.76)'."""
    if not math.isfinite(value[0]):
        return "none"
    middle, low, high = (number(one, digits) for one in value)
    return f"{middle} ({low.removesuffix(' %')} to {high.removesuffix(' %')})"


def number(value: float, digits: int | str) -> str:
    """With so many digits after the point, or '%' for a share."""
    if not math.isfinite(value):
        return "none"
    return f"{100 * value:.1f} %" if digits == "%" else f"{value:.{digits}f}"
