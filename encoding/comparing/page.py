"""A page of figures about a few composed melodies: how good, how new, how like folk songs."""

from collections.abc import Mapping, Sequence

from encoding.comparing.comparison import LONG_RUN
from encoding.comparing.report import MEANS, interval, number, table

THESE, SONGS = "these melodies", "test songs"  # the sets that are compared


def page(records: Sequence[Mapping], figures: Mapping) -> str:
    """The page as Markdown that can be read as text, too.

    Args:
        records: of the melodies (see `writing.record`), each with its novelty.
        figures: 'melodies', by `compare_melodies`, of the sets THESE and SONGS; 'songs', what the songs are;
            'songs likelihood', nats per step and bits per note of the model on the test songs; 'usual overlap',
            by `usual_overlap`.
    """
    sets, likelihood = figures["melodies"], figures["songs likelihood"]
    rows, copies = _each(records)
    means = [["mean of", THESE, SONGS]]
    means += [
        [name, number(sets[THESE]["means"][figure][0], digits), interval(sets[SONGS]["means"][figure], digits)]
        for figure, (name, digits) in MEANS.items()
    ]
    overlaps = [["overlap of the histograms", THESE, "as many songs: median (middle 95 %)"]]
    overlaps += [
        [name, number(sets[THESE]["overlap"][name], "%"), interval(figures["usual overlap"][name], "%")]
        for name in ("pitch class", "interval", "duration")
    ]
    given = records[0]["primer"]["tokens"].split()
    return "\n".join([
        "## How good, and how new", "",
        table(rows), "",
        *([f"The {len(given)} steps of the primer, which was given, are not counted here.", ""] if given else []),
        "*Nats per step* and *bits per note* say how much the model itself, at temperature 1, is surprised by what was "
        f"composed. By the test songs, which people have sung, it is surprised by {_rounded(likelihood[0], 2)} nats a "
        f"step and {_rounded(likelihood[1], 1)} bits a note. A temperature below 1 asks for less. The *longest run* "
        f"stands step by step in a song that the model learned from, higher or lower or as it is. {LONG_RUN} steps are "
        "two bars of four quarters, which folk songs also have in common.", "",
        f"More than half is copied of melody {', '.join(copies)}." if copies else
        "None of them has copied more than half of itself.", "",
        "## How like folk songs", "",
        f"Beside {len(sets[SONGS]['lengths'])} songs that the model has never heard ({figures['songs']}); "
        "in brackets 95 % intervals over songs. Bars are those that are written. A few melodies may differ from the "
        "mean of many songs by chance; so beside their overlap with the songs stands that which as few songs have.", "",
        table(means), "",
        table(overlaps), "",
    ])  # fmt: skip


def _each(records: Sequence[Mapping]) -> tuple[list[list[str]], list[str]]:
    """A line for each melody, and the numbers of those that are copies."""
    rows = [["melody", "steps", "notes", "nats per step", "bits per note", "longest run", "of the melody", "as in"]]
    copies = []
    for record in records:
        run, one = record["novelty"], record["likelihood"]
        mark = " COPY" if run["copied"] else ""
        copies += [str(record["number"])] if mark else []
        rows.append([
            str(record["number"]), f"{record['composed']['steps']}{'' if record['composed']['ended'] else ', cut off'}",
            str(one["notes"]),
            _rounded(one["nats_per_step"], 2), _rounded(one["bits_per_note"], 1), f"{run['steps']} steps",
            number(run["share"], "%") + mark, f"{run['song']}, step {run['song_start']}",
        ])  # fmt: skip
    return rows, copies


def _rounded(value: float | None, digits: int) -> str:
    return "none" if value is None else f"{value:.{digits}f}"
