"""A composed melody brought to its key and register, written in every format that is wanted, and recorded."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from encoding.context import Told
from encoding.tokens import PITCHES
from encoding.writing.arrangement import Arrangement
from encoding.writing.composing import Composition
from encoding.writing.names import note_names
from encoding.writing.record import write_record
from encoding.writing.render import RenderError, render_all

# (tokens, how many of them were given, whether TERM came last, notes among the others, what was told) -> the steps that
# count, nats per step and bits per note, or None
Likelihood = Callable[[Sequence[str], int, bool, int, Told], tuple[int, float | None, float | None]]


class Wanted(NamedTuple):
    """How all melodies of a sampling are written."""

    arrangement: Arrangement  # their key, meter and register
    time_step: float  # the length of a step as a share of a whole note
    formats: Sequence[str]  # these two: see `render`
    soundfont: Path | None
    given: int  # how many tokens at the beginning of each were not composed
    without_given: bool  # whether these are left out
    about: Mapping  # what their records have in common, such as 'seed' and 'versions'
    again: Mapping | None = None  # the record that must come out again, if one must


def write_melody(
    composition: Composition, number: int, wanted: Wanted, likelihood: Likelihood,
    novelty: Callable[[Sequence[str]], Mapping] | None = None,
) -> tuple[str, dict, dict[str, bytes]]:  # fmt: skip
    """Arrange one melody, write it out and record it.

    Args:
        composition: as the network composed it.
        number: which of the melodies of its seed it is.
        wanted, likelihood: how it is written, and what the model thinks of it.
        novelty: what tokens share with the songs of the training, if these are known.

    Returns:
        The melody in words, its record, and its files by their suffixes.

    Raises:
        SongRejected: if it does not fit between the MIDI numbers 0 and 127.
        RenderError: if it cannot be written out, or is not the one that must come out.
    """
    given, about, again = wanted.given, wanted.about, wanted.again
    composed, told, ended, redrawn, faults, untold = composition
    if again:  # the songs by which it was judged may not be at hand now
        redrawn, faults = again["composed"]["redrawn"], again["composed"]["faults"]
    tokens, layout, shift = wanted.arrangement.of(composed, told, ended, given if wanted.without_given else 0)
    text = " ".join(tokens)
    if again and text != again["tokens"]:
        made, now = again["versions"], about["versions"]
        raise RenderError(f"--again: the melody came out otherwise; it was made with {made}, these are {now}")
    notes = sum(token in PITCHES for token in composed[given:])
    steps, nats, bits = likelihood(composed, given, ended, notes, told)
    shared = novelty(composed[given:]) if novelty else (again or {}).get("novelty")
    record = {
        "title": f"Melody {number} (seed {about['seed']})", "number": number, **about,
        "key": str(layout.key), "meter": str(layout.time), "upbeat": layout.upbeat, "tempo": layout.tempo,
        "transposed_by": shift,
        "likelihood": {"steps": steps, "notes": notes, "nats_per_step": nats, "bits_per_note": bits},
        "told": {**told._asdict(), "unknown": list(untold)},
        "composed": {"steps": len(composed) - given, "ended": ended, "redrawn": redrawn, "faults": faults},
        "novelty": shared,
        "tokens": text,
    }  # fmt: skip
    files = render_all(tokens, wanted.formats, wanted.time_step, record["title"], wanted.soundfont, layout)
    in_words = f"{number}: {text}\n   {note_names(tokens, layout.key)}"
    in_words += "\n   " + "; ".join(filter(None, [str(layout), composition.in_words()]))
    if shared and shared["copied"]:
        in_words += f"\n   more than half of it stands in {shared['song']}, which the model learned from"
    return in_words, record, {**files, ".json": write_record(record)}
