"""Does the judge of the exercises refuse every mutant of the right solutions?"""

import warnings
from collections.abc import Iterator
from pathlib import Path

from making import Mutant, mutants
from solutions import STYLES, function_in, in_style, own

from lstm_numpy.gradcheck.exercises import EXERCISES
from lstm_numpy.gradcheck.exercises.attempt import Unreadable, load
from lstm_numpy.gradcheck.exercises.judge import is_right, judge


def accepted(name: str, text: str, folder: Path) -> bool:
    """Is this text of an exercise's file judged right?"""
    path = folder / f"my_{name}.py"
    path.write_text(text, encoding="utf-8")
    try:
        with warnings.catch_warnings(action="ignore"):
            return is_right(*judge(EXERCISES[name], load(EXERCISES[name], path)))
    except Unreadable:
        return False


def solution_mutants(name: str, text: str) -> list[Mutant]:
    """The mutants of the function that an exercise is about, not of the rest of its file."""
    node = function_in(text, name)
    first = node.body[1].lineno if len(node.body) > 1 else node.lineno
    return [mutant for mutant in mutants(text) if first <= mutant.number <= node.end_lineno]


def judged(folder: Path) -> Iterator[tuple[str, Mutant, bool]]:
    """(exercise, or exercise and style; the mutant; was it accepted) for all right solutions."""
    texts = {name: own(name) for name in EXERCISES}
    texts |= {f"{name}, {style}": in_style(name, body) for (name, style), body in STYLES.items()}
    for where, text in texts.items():
        name = where.partition(",")[0]
        if not accepted(name, text, folder):
            raise SystemExit(f"{where}: the right solution is refused; mend that first")
        tried = {line.strip() for line in texts[name].splitlines()} if where != name else set()
        for mutant in solution_mutants(name, text):
            if mutant.line not in tried:
                yield where, mutant, accepted(name, mutant.text, folder)
