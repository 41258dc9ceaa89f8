"""Which terms of a learner's solution are right, which are wrong, and what tells so.

A term is judged in each trial in which the terms that it is computed from are right, so that one
mistake is reported once and where it is, and does not hide another further down. The values are
those of the function's local variables when it ends, by returning or by an exception: a solution
with blanks can be judged as far as it goes.
"""

import contextlib
import inspect
import io
import sys
import textwrap
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from lstm_numpy.gradcheck import relative_error
from lstm_numpy.gradcheck.exercises.attempt import Attempt, Outcome, Unreadable, attempt_trial, load
from lstm_numpy.gradcheck.exercises.catalogue import EXERCISES
from lstm_numpy.gradcheck.exercises.trials import Exercise, Term, Trial, copied

FOLDER = Path(__file__).resolve().parents[3] / "docs" / "exercises"
BOUND = 1e-9  # on the relative error

# How many verdicts of a status there are, in words; the first two are counted even if there is none.
COUNTED = {
    "right": "right", "WRONG": "wrong", "blank": "blank", "waits": "waiting", "ERROR": "with an error",
    "not reached": "not reached", "missing": "missing",
}  # fmt: skip
ALWAYS = ("right", "WRONG")


@dataclass
class Verdict:
    """The outcome for one term.

    'right', 'WRONG', 'blank', 'waits' for others to be right, 'ERROR' if its line raises one, 'not
    reached' for an error before it, or 'missing' if there is no variable of its name.
    """

    term: Term
    status: str
    line: int | None
    remarks: list[str]


# -- the judgement -------------------------------------------------------------------------------


def judge(exercise: Exercise, attempt: Attempt) -> tuple[list[Verdict], list[str]]:
    """A verdict for each term, and complaints about the function as a whole."""
    trials, outcomes = exercise.trials(), []
    for trial in trials:
        # What the learner prints is shown once.
        with contextlib.redirect_stdout(io.StringIO()) if outcomes else contextlib.nullcontext():
            outcomes.append(attempt_trial(attempt, trial))
    verdicts: dict[str, Verdict] = {}
    for term in exercise.terms:
        verdicts[term.name] = _verdict(term, attempt, outcomes, verdicts)
    complaints: list[str] = []
    errors: dict[int, list[Outcome]] = {}
    for outcome in outcomes:
        if outcome.error and not outcome.blank:
            errors.setdefault(outcome.line, []).append(outcome)
    for where in errors.values():
        complaints.append(f"{where[0].error}\nTrials in which this happens: {_names(where)}.")
    if exercise.pure and any(outcome.result is None for outcome in outcomes):
        complaints.append(f"line {attempt.function.lineno}: the function returns nothing")
    elif not any(outcome.error for outcome in outcomes):
        with contextlib.redirect_stdout(io.StringIO()), np.errstate(all="ignore"):
            found = [complaint for trial in trials for complaint in _impurities(attempt, trial, exercise.pure)]
        complaints += dict.fromkeys(found)
    return list(verdicts.values()), complaints


def _right(outcome: Outcome, term: Term) -> bool | None:
    """None if the term cannot be seen in this trial."""
    if term.name not in outcome.trial.reference or term.name not in outcome.seen:
        return None
    value, reference = outcome.seen[term.name], outcome.trial.reference[term.name]
    return isinstance(value, (np.ndarray, np.number)) and value.dtype.kind in "fiu" and _same(value, reference)


def _verdict(term: Term, attempt: Attempt, outcomes: list[Outcome], before: dict[str, Verdict]) -> Verdict:
    def needs_are_right(term: Term, outcome: Outcome) -> bool:
        for need in (before[name] for name in term.needs):
            here = _right(outcome, need.term)
            if here is None:
                here = need.status in ("right", "missing")
            if not here or not needs_are_right(need.term, outcome):
                return False
        return True

    label = term.blank or (term.name if term.name in attempt.lines else term.name.partition(",")[0])
    line = attempt.blanks.get(label, attempt.lines.get(label))
    concerned = [outcome for outcome in outcomes if term.name in outcome.trial.reference]
    judged = [outcome for outcome in concerned if needs_are_right(term, outcome)]
    right = [outcome for outcome in judged if _right(outcome, term)]
    wrong = [outcome for outcome in judged if _right(outcome, term) is False]
    if label not in attempt.lines:  # changed in place, and only half done where an exception was raised
        wrong = [outcome for outcome in wrong if not outcome.error]
    if len(right) == len(concerned):
        return Verdict(term, "right", line, [])
    if label in attempt.blanks:
        return Verdict(term, "blank", line, [])
    if wrong:
        return Verdict(term, "WRONG", line, _remarks(term, right, wrong))
    raised = [outcome for outcome in concerned if outcome.error and not outcome.blank]
    if raised and line in {outcome.line for outcome in raised}:
        return Verdict(term, "ERROR", line, [])
    if right:
        return Verdict(term, "right", line, ["as far as it can be judged"])
    waiting = [need for need in term.needs if before[need].status not in ("right", "missing")]
    if waiting:
        return Verdict(term, "waits", line, [f"for {'; '.join(waiting)}"])
    if raised:
        return Verdict(term, "not reached", line, [])
    if any(outcome.blank for outcome in concerned):
        return Verdict(term, "waits", line, ["for blanks that are still open"])
    return Verdict(term, "missing", line, ["there is nothing of this name; keep the names"])


def _remarks(term: Term, right: list[Outcome], wrong: list[Outcome]) -> list[str]:
    """What tells the mistake: the trials, the shape, a factor, another term, and the hint."""
    worst, remarks = wrong[0], []
    value, reference = worst.seen[term.name], worst.trial.reference[term.name]
    telling = [outcome for outcome in right if outcome.trial.reference[term.name].any()]  # zero is easily right
    if telling:
        remarks.append(f"Right in: {_names(telling)}. Wrong in: {_names(wrong)}.")
    clues = [term.clues[outcome.trial.name] for outcome in telling if outcome.trial.name in term.clues]
    if not isinstance(value, (np.ndarray, np.number)):
        remarks.append(f"It should be an array, but is {type(value).__name__}.")
    elif value.shape != reference.shape:
        whole = term.blank if term.blank in worst.trial.reference else term.name
        shapes = worst.seen[whole].shape, worst.trial.reference[whole].shape
        remarks.append(f"It has shape {shapes[0]}, and should have {shapes[1]} (trial: {worst.trial.name}).")
    elif not np.isfinite(value).all():
        remarks.append("It contains NaN or infinity.")
    else:
        mistakes = _mistakes(term, worst, value)
        remarks += mistakes or [*clues, *_likeness(term, worst, value, reference)]
    return [*remarks, f"Look at: {term.hint}"]


def _mistakes(term: Term, outcome: Outcome, value: np.ndarray) -> list[str]:
    """The first of the term's known mistakes that gives this value."""
    known = SimpleNamespace(**{**outcome.trial.given, **outcome.trial.reference})
    return [text for text, mistake in term.mistakes.items() if _same(value, mistake(known))][:1]


def _likeness(term: Term, outcome: Outcome, value: np.ndarray, reference: np.ndarray) -> list[str]:
    """Is it the value of another term, or a multiple of the right one?"""
    others = {**outcome.trial.given, **outcome.trial.reference}
    alike = [name for name, other in others.items() if name != term.name and np.any(other) and _same(value, other)]
    if alike:
        return [f"What stands there is {alike[0]}."]
    factor = float(np.vdot(reference, value) / max(np.vdot(reference, reference), np.finfo(float).tiny))
    if value.size == 1 or not factor or not _same(value, factor * reference):
        return []
    if abs(factor + 1) < BOUND:
        return ["Only the sign is wrong."]
    return [f"Everything is {factor:.4g} times what it should be (trial: {outcome.trial.name})."]


def _same(one: np.ndarray, two: np.ndarray) -> bool:
    return np.shape(one) == np.shape(two) and relative_error(one, two) <= BOUND


def _names(outcomes: list[Outcome]) -> str:
    return "; ".join(outcome.trial.name for outcome in outcomes)


def _impurities(attempt: Attempt, trial: Trial, pure: bool) -> list[str]:
    """Has the function changed what belongs to its caller, or does it give another result the second time?"""
    function, arguments = trial.prepare(attempt.names)
    given = dict(zip(inspect.signature(function).parameters, arguments, strict=False))
    before, line, complaints = copied(given), attempt.function.lineno, []
    first = copied(function(**given))
    for name, was, now in _pairs(before, given):
        if not np.array_equal(was, now, equal_nan=True):
            variable = name.rpartition(".")[2]
            complaints.append(
                f"line {attempt.lines.get(variable, line)}: the function changes {name}, which belongs to its caller; "
                f"make a new array: no {variable} += ... or out=, and mind that a slice is no copy"
            )
    again = function(**copied(before)) if pure else first
    if any(not np.array_equal(was, now, equal_nan=True) for _, was, now in _pairs(first, again)):
        complaints.append(f"line {line}: the function gives another result when it is called a second time")
    return complaints


def _pairs(one: object, two: object, name: str = "") -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """The arrays of two equal nested structures, with names for them."""
    if isinstance(one, np.ndarray):
        yield name, one, two
    elif isinstance(one, dict):
        for key in one:
            yield from _pairs(one[key], two[key], f"{name}[{key!r}]" if name else key)
    elif isinstance(one, (tuple, list)):
        fields = [f".{field}" for field in getattr(one, "_fields", ())]
        for part, a, b in zip(fields or [f"[{k}]" for k in range(len(one))], one, two, strict=True):
            yield from _pairs(a, b, name + part)


# -- the report ----------------------------------------------------------------------------------


def report(path: Path, exercise: Exercise, verdicts: list[Verdict], complaints: list[str]) -> str:
    """The verdicts as text, term by term."""
    width = max(len(verdict.term.name) for verdict in verdicts)
    path = path.resolve()
    path = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
    lines = [f"{path}: {exercise.function}, {exercise.summary}", ""]
    for verdict in verdicts:
        place = f"line {verdict.line}" if verdict.line and verdict.status != "right" else ""
        short = verdict.remarks[0] if verdict.status in ("right", "waits", "missing") and verdict.remarks else ""
        lines.append(f"  {verdict.term.name:<{width}}  {verdict.status:<11}  {short or place}".rstrip())
        if verdict.status == "WRONG":
            lines += [_indented(remark) for remark in verdict.remarks]
    for complaint in complaints:
        lines += ["", textwrap.indent(complaint, "  ")]
    if is_right(verdicts, complaints):
        return "\n".join([*lines, "", "All is right."])
    found = Counter(verdict.status for verdict in verdicts)
    counts = [f"{found[status]} {words}" for status, words in COUNTED.items() if found[status] or status in ALWAYS]
    return "\n".join([*lines, "", ", ".join(counts)])


def is_right(verdicts: list[Verdict], complaints: list[str]) -> bool:
    """A variable may be missing if all that is computed from it is right."""
    statuses = {verdict.status for verdict in verdicts if not (verdict.status == "right" and verdict.remarks)}
    partly = any(verdict.status == "right" and verdict.remarks for verdict in verdicts)
    return not complaints and not partly and "right" in statuses and statuses <= {"right", "missing"}


def _indented(remark: str) -> str:
    return textwrap.fill(remark, 100, initial_indent=" " * 6, subsequent_indent=" " * 6)


# -- the command line ----------------------------------------------------------------------------


def find(name: str) -> tuple[str, Path]:
    """The exercise and the file for a name such as 'lstm_cell', or for the path of a copy.

    Raises:
        Unreadable: if there is no such exercise or file.
    """
    path = Path(name)
    exercises = [key for key in EXERCISES if key in path.stem] if path.suffix == ".py" else [name]
    if len(exercises) != 1 or exercises[0] not in EXERCISES:
        raise Unreadable(
            f"--exercise {name}: give one of {', '.join(EXERCISES)}, or a .py file with one of these in its name"
        )
    path = path if path.suffix == ".py" else FOLDER / f"{name}.py"
    if not path.is_file():
        raise Unreadable(f"--exercise {name}: there is no file {path}; give the path of yours")
    return exercises[0], path


def main(name: str) -> int:
    """Judge one exercise and print the report; returns the exit status, 0 if all is right."""
    if not name:
        print("\n".join(f"{key:<18} {exercise.summary}" for key, exercise in EXERCISES.items()))
        return 0
    try:
        key, path = find(name)
        exercise = EXERCISES[key]
    except Unreadable as error:
        print(error, file=sys.stderr)
        return 2
    try:
        attempt = load(exercise, path)
    except Unreadable as error:
        print(error)
        return 1
    verdicts, complaints = judge(exercise, attempt)
    print(report(path, exercise, verdicts, complaints))
    return 0 if is_right(verdicts, complaints) else 1
