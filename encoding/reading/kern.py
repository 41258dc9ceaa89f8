"""Kern files: read by music21, after a few things are put right in the text."""

import contextlib
import io
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from encoding.grid import SongRejected

if TYPE_CHECKING:
    from music21.stream import Score

# music21 only warns of what it cannot read; unless that is an interpretation (*), a comment (!) or a bar line (=),
# something would be lost.
LOST = re.compile(r"Error in parsing event \('([^*!.=][^']*)'\) at line (\d+)")


def scores_of(content: bytes, name: str) -> Iterator[tuple[str, "Score"]]:
    """The score by its name; or those of a file that holds several, with their numbers behind it.

    Raises:
        SongRejected: if there is anything in it that music21 cannot read.
    """
    from music21 import stream
    from music21.humdrum.spineParser import HumdrumDataCollection

    text = _text(content)
    if "**kern" not in text:
        raise SongRejected("it is no kern file: there is no **kern in it")
    lines = list(io.StringIO(text, newline=None))
    _check_columns(lines)
    warnings = io.StringIO()
    with contextlib.redirect_stderr(warnings):
        parsed = HumdrumDataCollection([_ties_that_go_on(line) for line in lines]).parse()
    if lost := LOST.search(warnings.getvalue()):
        raise SongRejected(f"music21 cannot read {lost[1][:40]!r} in line {lost[2]}")
    if isinstance(parsed, stream.Opus):
        yield from ((f"{name}#{number}", score) for number, score in enumerate(parsed.scores, start=1))
    else:
        yield name, parsed


def _text(content: bytes) -> str:
    """Notes are ASCII; whatever the words are written in, as Latin-1 they do no harm."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    return content.removeprefix(b"\xef\xbb\xbf").decode("latin-1")


def _check_columns(lines: list[str]) -> None:
    """Each line must have as many columns (spines) as are open."""
    are_open = 0
    for number, line in enumerate(lines, start=1):
        columns = line.rstrip("\n").split("\t")
        if line.startswith("!!!") and ":" not in line:
            raise SongRejected(f"line {number} begins with !!!, as what is said about a song, but has no colon")
        if not line.strip() or line.startswith("!!"):
            continue
        if line.startswith("**") and are_open == 0:
            are_open = len(columns)
        if len(columns) != are_open:
            raise SongRejected(f"line {number} has {len(columns)} columns, and {are_open} are open there")
        if line.startswith("*"):  # *^ divides a column, *+ adds one, *v joins it to its neighbour, *- ends it
            joined = sum(here == before == "*v" for before, here in pairwise(columns))
            are_open += columns.count("*^") + columns.count("*+") - columns.count("*-") - joined


def _ties_that_go_on(line: str) -> str:
    """A note that ends one tie and begins the next is marked with _; some write [ and ] instead."""
    if line.startswith(("!", "*", "=")):
        return line
    return re.sub(r"\S*\[\S*\]\S*|\S*\]\S*\[\S*", lambda note: re.sub(r"[\[\]]", "", note[0]) + "_", line)
