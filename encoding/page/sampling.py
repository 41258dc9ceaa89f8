"""The page of a sampling: its melodies, and what their records say of them."""

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

from encoding.context import Told
from encoding.key import Key
from encoding.page.melody import Melody
from encoding.page.page import Page
from encoding.writing import Composition, Layout, TimeSignature, Wanted


def page_of_melodies(written: Sequence[tuple[Mapping, Mapping[str, bytes]]], wanted: Wanted, folder: Path) -> Page:
    """Composed melodies on a page.

    Args:
        written: the record (see `writing.record`) and the files by their suffixes of each.
        wanted: how they were written.
        folder: where they lie.
    """
    about, given = wanted.about, 0 if wanted.without_given else wanted.given
    options = ", ".join(f"{name.replace('_', '-')} {value}" for name, value in about["options"].items()
                        if name != "formats")  # fmt: skip
    page = Page(f"Melodies by {about['model']['file']}", f"Seed {about['seed']}; {options}.")
    if written:
        page.put("Melodies", *(_melody(*one, wanted.time_step, given, folder).html() for one in written))
    return page


def _melody(record: Mapping, files: Mapping[str, bytes], time_step: float, given: int, folder: Path) -> Melody:
    time = TimeSignature.parse(record["meter"])
    layout = Layout(Key.parse(record["key"]), time, record["upbeat"], record["tempo"], record["composed"]["ended"])
    name = f"melody-{record['number']}"
    again = f"python sample.py --again {shlex.quote(str(folder / f'{name}.json'))}"
    explained = files.get("-explained.png")
    pictures = {"What the network expected, and what its units did": explained} if explained else {}
    tokens = record["tokens"].split()
    return Melody(record["title"], name, tokens, time_step, layout, given, facts(record), again, files, pictures)


def facts(record: Mapping) -> dict[str, str]:
    """What a record says of how a melody came about and what it is worth, in words."""
    composed, likelihood, shared = record["composed"], record["likelihood"], record["novelty"]
    steps = f"{composed['steps']} steps, "
    said = {"Composed": steps + ("to an end of its own" if composed["ended"] else "then cut off, as it had not ended")}
    became = Composition([], Told(), *(composed[name] for name in ("ended", "redrawn", "faults"))).in_words()
    said |= {"Choice": became} if became else {}
    if likelihood["bits_per_note"] is not None:
        said["Likelihood"] = (
            f"{likelihood['nats_per_step']:.2f} nats a step, {likelihood['bits_per_note']:.1f} bits a note"
        )
    if shared:
        said["Shares"] = f"{shared['steps']} steps, {shared['share']:.0%} of it, with {shared['song']}"
        said["Shares"] += ": more than half is copied" if shared["copied"] else ""
    return said
