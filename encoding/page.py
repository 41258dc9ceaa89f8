"""A page of figures about a few composed melodies: how good, how new, how like folk songs."""

from collections.abc import Mapping, Sequence

from encoding.comparison import LONG_RUN
from encoding.report import MEANS, interval, number, table

THESE, SONGS = "these melodies", "test songs"  # the sets that are compared


def page(title: str, records: Sequence[Mapping], figures: Mapping, again: str) -> str:
    """The page as Markdown that can be read as text, too.

    Args:
        title: of the page.
        records: of the melodies (see `record`), each with its novelty.
        figures: 'melodies', by `compare_melodies`, of the sets THESE and SONGS; 'songs', what the songs are;
            'songs likelihood', nats per step and bits per note of the model on the test songs.
        again: the command that makes a melody again, with N in the place of its number.
    """
    sets, likelihood = figures["melodies"], figures["songs likelihood"]
    rows = [["melody", "steps", "notes", "nats per step", "bits per note", "longest run", "of the melody", "as in"]]
    copies = []
    for record in records:
        run, one = record["novelty"], record["likelihood"]
        mark = " COPY" if run["share"] > 0.5 else ""
        copies += [str(record["number"])] if mark else []
        rows.append([
            str(record["number"]), str(len(record["tokens"].split())), str(one["notes"]),
            _rounded(one["nats_per_step"], 2), _rounded(one["bits_per_note"], 1),
            f"{run['steps']} steps", number(run["share"], "%") + mark, f"{run['song']}, step {run['song_start']}",
        ])  # fmt: skip
    means = [["mean of", THESE, SONGS]]
    means += [
        [name, *(interval(sets[one]["means"][figure], digits) for one in (THESE, SONGS))]
        for figure, (name, digits) in MEANS.items()
    ]
    overlaps = ", ".join(
        f"{name} {number(sets[THESE]['overlap'][name], '%')}" for name in ("pitch class", "interval", "duration")
    )
    return "\n".join([
        f"# {title}", "",
        "![Histograms, means, lengths and copies](melodies.png)", "",
        "## How good, and how new", "",
        table(rows), "",
        "*Nats per step* and *bits per note* say how much the model itself, at temperature 1, is surprised by what was "
        f"composed. By the test songs, which people have sung, it is surprised by {_rounded(likelihood[0], 2)} nats a "
        f"step and {_rounded(likelihood[1], 1)} bits a note; far less is dull, far more is noise. The *longest run* "
        f"stands step by step in a song that the model learned from, higher or lower or as it is. {LONG_RUN} steps are "
        "two bars of four quarters, which folk songs also have in common.", "",
        f"More than half of melody {', '.join(copies)} is copied." if copies else
        "None of them has copied more than half of itself.", "",
        "## How like folk songs", "",
        f"Beside {len(sets[SONGS]['lengths'])} songs that the model has never heard ({figures['songs']}). In brackets "
        "95 % intervals over melodies; those of a few melodies are wide.", "",
        table(means), "",
        f"Overlap of the histograms with theirs: {overlaps}.", "",
        "## One of them again", "",
        f"    {again}", "",
    ])  # fmt: skip


def _rounded(value: float | None, digits: int) -> str:
    return "none" if value is None else f"{value:.{digits}f}"
