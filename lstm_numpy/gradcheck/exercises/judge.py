"""Which terms of a learner's solution are right, which are wrong, and what tells so.

A term is judged in each trial in which the terms that it is computed from are right, so that one mistake is reported
once and where it is, and does not hide another further down. The values are those of the function's local variables
when it ends, by returning or by an exception: a solution with blanks can be judged as far as it goes.
"""

import contextlib
import io
import sys
import textwrap
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from lstm_numpy.gradcheck import relative_error
from lstm_numpy.gradcheck.exercises.attempt import Attempt, Outcome, Unreadable, attempt_trial, load
from lstm_numpy.gradcheck.exercises.conduct import complaints_of
from lstm_numpy.gradcheck.exercises.trials import Exercise, Term, leaves

FOLDER = Path(__file__).resolve().parents[3] / "docs" / "exercises"
BOUND = 1e-9  # on the relative error

# How many verdicts of a status there are, in words.
COUNTED = {
    "right": "right", "WRONG": "wrong", "blank": "blank", "waits": "waiting", "ERROR": "with an error",
    "not reached": "not reached", "missing": "missing",
}  # fmt: skip


@dataclass
class Verdict:
    """The outcome for one term."""

    term: Term
    # 'right', 'WRONG', 'blank', 'waits' for others to be right, 'ERROR' if its line raises one, 'not reached' for an
    # error before it, or 'missing' if there is no variable of its name.
    status: str
    line: int | None
    remarks: list[str]


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
    complaints = complaints_of(exercise, attempt, outcomes)
    done = [verdict for name, verdict in verdicts.items() if name in exercise.results]
    if not complaints and all(_right(o, v.term) for v in done for o in outcomes if v.term.name in o.trial.reference):
        for verdict in verdicts.values():  # a name may be used again, or for something else
            if verdict in done:
                verdict.status, verdict.remarks = "right", []
            elif verdict.status != "right" or verdict.remarks:
                verdict.status, verdict.remarks = "missing", ["under this name; the results are right without it"]
    return list(verdicts.values()), complaints


def _right(outcome: Outcome, term: Term) -> bool | None:
    """None if the term cannot be seen in this trial."""
    if term.name not in outcome.trial.reference or term.name not in outcome.seen:
        return None
    return _same(outcome.seen[term.name], outcome.trial.reference[term.name])


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
    telling = [o for o in right if any(map(np.any, leaves(o.trial.reference[term.name])))]  # zero is easily right
    if telling:
        remarks.append(f"Right in: {_names(telling)}. Wrong in: {_names(wrong)}.")
    clues = [term.clues[outcome.trial.name] for outcome in telling if outcome.trial.name in term.clues]
    if isinstance(reference, tuple):
        pass
    elif not isinstance(value, (np.ndarray, np.number)):
        remarks.append(f"It should be an array, but is {type(value).__name__}.")
    elif value.shape != reference.shape:
        whole = term.blank if term.blank in worst.trial.reference else term.name
        shapes = worst.seen[whole].shape, worst.trial.reference[whole].shape
        remarks.append(f"It has shape {shapes[0]}, and should have {shapes[1]} (trial: {worst.trial.name}).")
    elif not np.isfinite(value).all():
        remarks.append("It contains NaN or infinity.")
    else:
        known = SimpleNamespace(**{**worst.trial.given, **worst.trial.reference})
        mistakes = [text for text, mistake in term.mistakes.items() if _same(value, mistake(known))]
        remarks += mistakes[:1] or [*clues[-1:], *_likeness(term, worst, value, reference)]
    return [*remarks, f"Look at: {term.hint}"]


def _likeness(term: Term, outcome: Outcome, value: np.ndarray, reference: np.ndarray) -> list[str]:
    """Is it the value of another term, or a multiple of the right one?"""
    others = {**outcome.trial.given, **outcome.trial.reference}
    alike = [name for name, other in others.items() if name != term.name and _same(value, other) and np.any(other)]
    if alike:
        return [f"What stands there is {alike[0]}."]
    factor = float(np.vdot(reference, value) / max(np.vdot(reference, reference), np.finfo(float).tiny))
    if value.size == 1 or not factor or not _same(value, factor * reference):
        return []
    if abs(factor + 1) < BOUND:
        return ["Only the sign is wrong."]
    return [f"Everything is {factor:.4g} times what it should be (trial: {outcome.trial.name})."]


def _same(one: object, two: object) -> bool:
    """Real numbers of one shape, equal up to rounding; tuples and lists part by part."""
    if isinstance(two, tuple):
        return isinstance(one, (tuple, list)) and len(one) == len(two) and all(map(_same, one, two))
    real = isinstance(one, (np.ndarray, np.number, float)) and np.asarray(one).dtype.kind in "fiu"
    return real and np.shape(one) == np.shape(two) and relative_error(one, two) <= BOUND


def _names(outcomes: list[Outcome]) -> str:
    return "; ".join(outcome.trial.name for outcome in outcomes)


def report(path: Path, exercise: Exercise, verdicts: list[Verdict], complaints: list[str]) -> str:
    """The verdicts as text, term by term."""
    width = max(len(verdict.term.name) for verdict in verdicts)
    indents = {"initial_indent": " " * 6, "subsequent_indent": " " * 6}
    lines = [f"{_shown(path)}: {exercise.function}, {exercise.summary}", ""]
    for verdict in verdicts:
        place = f"line {verdict.line}" if verdict.line and verdict.status != "right" else ""
        short = verdict.remarks[0] if verdict.status in ("right", "waits", "missing") and verdict.remarks else ""
        lines.append(f"  {verdict.term.name:<{width}}  {verdict.status:<11}  {short or place}".rstrip())
        if verdict.status == "WRONG":
            lines += [textwrap.fill(remark, 100, **indents) for remark in verdict.remarks]
    for complaint in complaints:
        lines += ["", textwrap.indent(complaint, "  ")]
    if is_right(verdicts, complaints):
        return "\n".join([*lines, "", "All is right."])
    found = Counter(verdict.status for verdict in verdicts)
    shown = [status for status in COUNTED if found[status] or status in ("right", "WRONG")]
    counts = [f"{found[status]} {COUNTED[status]}" for status in shown]
    return "\n".join([*lines, "", ", ".join(counts)])


def is_right(verdicts: list[Verdict], complaints: list[str]) -> bool:
    """A variable may be missing if all that is computed from it is right."""
    statuses = {verdict.status for verdict in verdicts if not (verdict.status == "right" and verdict.remarks)}
    partly = any(verdict.status == "right" and verdict.remarks for verdict in verdicts)
    return not complaints and not partly and "right" in statuses and statuses <= {"right", "missing"}


def _shown(path: Path) -> Path:
    path = path.resolve()
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def find(known: Collection[str], name: str) -> tuple[str, Path]:
    """The exercise and the file for a name such as 'lstm_cell', or for the path of a copy; raises Unreadable."""
    path = Path(name)
    keys = [key for key in known if key in path.stem] if path.suffix == ".py" else [name]
    if len(keys) != 1 or keys[0] not in known:
        choice = f"give one of {', '.join(known)}, or a .py file with one of these in its name"
        raise Unreadable(f"--exercise {name}: {choice}")
    path = path if path.suffix == ".py" else FOLDER / f"{name}.py"
    if not path.is_file():
        raise Unreadable(f"--exercise {name}: there is no file {path}; give the path of yours")
    return keys[0], path


def main(exercises: dict[str, Exercise], name: str) -> int:
    """Judge one of the exercises and print the report, or list them all; returns the exit status, 0 if all is right."""
    if not name:
        print("\n".join(f"{key:<18} {exercise.summary}" for key, exercise in exercises.items()))
        return 0
    try:
        key, path = find(exercises, name)
    except Unreadable as error:
        print(error, file=sys.stderr)
        return 2
    exercise = exercises[key]
    try:
        attempt = load(exercise, path)
    except Unreadable as error:
        print(error)
        return 1
    verdicts, complaints = judge(exercise, attempt)
    original = FOLDER / f"{key}.py"
    if path.resolve() == original and not {verdict.status for verdict in verdicts} & {"right", "WRONG", "ERROR"}:
        print("This is the original, with nothing filled in. Work on a copy, and have that judged:\n")
        print(f"    cp {_shown(original)} my_{key}.py\n    python -m lstm_numpy.gradcheck --exercise my_{key}.py\n")
    print(report(path, exercise, verdicts, complaints))
    return 0 if is_right(verdicts, complaints) else 1
