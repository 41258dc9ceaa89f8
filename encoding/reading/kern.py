"""Kern files: read by music21, after a few things are put right in the text."""

import contextlib
import io
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from encoding.grid import SongRejected
from encoding.reading.abc import decode

if TYPE_CHECKING:
    from music21.stream import Score

# music21 only warns of what it cannot read; unless that is an interpretation (*), a comment (!) or a bar line (=),
# something would be lost.
LOST = re.compile(r"""Error in parsing event \((['"])([^*!.=].*?)\1\) at line (\d+)""")

# A note or rest: its length, unless it is a grace note (q), one pitch with at most one kind of accidental, and between
# these the signs of slurs, ties, beams, stems, ornaments and the like, and of editors, which say nothing of them.
SIGNS = r"""[][(){}<>&_;:,'"`~^|/\\LJKkTtMmWwSs$ROoHhIijlNuUvVXxYyZzQq@+?]*"""
LENGTH = r"(?:0+|[1-9]\d*(?:%[1-9]\d*)?)\.*|(?=\S*[Qq])"
NOTE = re.compile(rf"{SIGNS}(?:{LENGTH}){SIGNS}(?:([a-gA-G])\1*(?:#+|-+|n)?|r+){SIGNS}")


def scores_of(content: bytes, name: str) -> Iterator[tuple[str, "Score"]]:
    """The score by its name; or those of a file that holds several, with their numbers behind it."""
    from music21 import stream
    from music21.humdrum.spineParser import HumdrumDataCollection

    text = decode(content)
    if "**kern" not in text:
        raise SongRejected("it is no kern file: there is no **kern in it")
    lines = list(io.StringIO(text, newline=None))
    _check(lines)
    warnings = io.StringIO()
    with contextlib.redirect_stderr(warnings):
        parsed = HumdrumDataCollection([_ties_that_go_on(line) for line in lines]).parse()
    if lost := LOST.search(warnings.getvalue()):
        raise SongRejected(f"{lost[2][:40]!r} in line {lost[3]} cannot be read")
    if isinstance(parsed, stream.Opus):
        yield from ((f"{name}#{number}", score) for number, score in enumerate(parsed.scores, start=1))
    else:
        yield name, parsed


def _check(lines: list[str]) -> None:
    """Each line must have as many columns (spines) as are open, and those of **kern notes and rests alone."""
    kinds: list[str] = []  # of the open columns
    for number, line in enumerate(lines, start=1):
        columns = line.rstrip("\n").split("\t")
        if line.startswith("!!!") and ":" not in line:
            raise SongRejected(f"line {number} begins with !!!, as what is said about a song, but has no colon")
        if not line.strip() or line.startswith("!!"):
            continue
        if line.startswith("**") and not kinds:
            kinds = columns
        if len(columns) != len(kinds):
            raise SongRejected(f"line {number} has {len(columns)} columns, and {len(kinds)} are open there")
        if line[0] in "*!=" and not all(cell.startswith(line[0]) for cell in columns):
            raise SongRejected(f"line {number} begins with {line[0]}, and one of its columns does not")
        if line.startswith("*"):
            kinds = _kinds_below(columns, kinds)
        elif not line.startswith(("!", "=")):
            cells = [cell for cell, kind in zip(columns, kinds, strict=True) if kind == "**kern" and cell != "."]
            for note in " ".join(cells).split(" ") if cells else ():
                if not NOTE.fullmatch(note):
                    raise SongRejected(f"{note[:40]!r} in line {number} is no note or rest of one length and one pitch")
    if kinds:
        raise SongRejected("it is cut off: there is no *- that ends its columns")


def _kinds_below(columns: list[str], kinds: list[str]) -> list[str]:
    """*^ divides a column, *+ adds one, *v joins it to its neighbour, *- ends it, ** begins another kind."""
    below = []
    for before, cell, kind in zip(["", *columns], columns, kinds, strict=False):
        if cell != "*-" and not before == cell == "*v":
            below += [cell if cell.startswith("**") else kind] * (1 + (cell == "*^")) + ["*"] * (cell == "*+")
    return below


def _ties_that_go_on(line: str) -> str:
    """A note that ends one tie and begins the next is marked with _; some write [ and ] instead."""
    if line.startswith(("!", "*", "=")):
        return line
    return re.sub(r"\S*\[\S*\]\S*|\S*\]\S*\[\S*", lambda note: re.sub(r"[\[\]]", "", note[0]) + "_", line)
