"""Every option of both scripts with wrong values.

The options are asked of the parsers themselves, so that a new one cannot be forgotten. What is a
wrong value, no matter what an option is for: a path below a file is no number, no choice, no
melody, and nothing can be read or written there.
"""

import argparse
import contextlib
import io
from pathlib import Path

from outcomes import Row
from runs import SMALL, call, one_sentence, quick, write_songs

import sample
import train
from lstm_numpy.system import some_path, some_text

NONSENSE = (
    "",
    " ",
    "nonsense",
    "-1",
    "0",
    "nan",
    "inf",
    "-inf",
    "1e400",
    "1e999999999",
    "9" * 5000,
    "1/0",
    "½",
    "\udcff",
)
REFUSED = "refused with a sentence, status 2"


def options_of(script) -> list[argparse.Action]:
    return [action for action in script.make_parser()._actions if action.dest != "help"]


def below_a_file(folder: Path) -> Row:
    """The whole script with `--option FILE/below`."""
    row = Row("every option of train.py and sample.py with a value that cannot be")
    songs, file = write_songs(folder), folder / "file"
    file.write_text("in the way")
    for script in (train, sample):
        for action in options_of(script):
            option, value = action.option_strings[-1], file / "below"
            given = [option, value] if action.nargs != 0 else [f"{option}={value}"]
            if script is train and option not in ("--resume", "--data"):
                given += ["--data", songs, *SMALL] if option not in SMALL else ["--data", songs]
            if script is train and option not in ("--resume", "--out"):
                given += ["--out", folder / "run"]
            if script is sample and option != "--out":
                given += ["--out", folder / "melodies"]
            with quick():
                status, _, err = call(script, given)
            problem = one_sentence(status, err)
            if problem is None and option not in err and str(file) not in err:
                problem = f"refused for something else: {err}"
            row.add(REFUSED, problem and f"{option}: {problem}")
    return row


def nonsense(folder: Path) -> Row:
    """All kinds of words given to each parser: it takes them or refuses them, but does not fail."""
    row = Row("every option with nonsense, huge and empty values")
    for script in (train, sample):
        for action in options_of(script):
            numeric = action.type not in (None, some_path, some_text) or action.choices
            for value in NONSENSE:
                option, err = action.option_strings[-1], io.StringIO()
                what = f"{option} {value[:20]!r}"
                try:
                    with contextlib.redirect_stderr(err):
                        script.make_parser().parse_args([f"{option}={value}"])
                    wrong = numeric and value in ("", " ", "nan", "nonsense")
                    row.add("taken for what it is", f"{what} was taken" if wrong else None)
                except SystemExit as stop:
                    problem = one_sentence(stop.code, err.getvalue())
                    row.add(REFUSED, problem and f"{what}: {problem}")
                except BaseException as error:
                    row.add("", f"{what}: {type(error).__name__}: {error}")
    return row


def sizes_beyond_memory(folder: Path) -> Row:
    """Numbers that are possible, but not on any machine."""
    row = Row("sizes beyond any memory")
    songs = write_songs(folder)
    with quick():
        huge = ["--input-dim", 10**6 - 1, "--hidden-dim", 10**6 - 1]
        status, _, err = call(train, ["--data", songs, "--out", folder / "run", *huge])
    row.add(REFUSED, one_sentence(status, err))
    return row
