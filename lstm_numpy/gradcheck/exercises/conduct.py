"""A learner's function as a whole, be its terms right or not: its errors, and how it treats its caller."""

import contextlib
import inspect
import io
from collections.abc import Iterator
from itertools import combinations

import numpy as np

from lstm_numpy.gradcheck.exercises.attempt import Attempt, Outcome
from lstm_numpy.gradcheck.exercises.trials import Exercise, Trial, calling, copied, leaves


def complaints_of(exercise: Exercise, attempt: Attempt, outcomes: list[Outcome]) -> list[str]:
    """Errors by their lines; where there are none, what the function changes, gives again or takes."""
    complaints, errors = [], {}
    for outcome in outcomes:
        if outcome.error and not outcome.blank:
            errors.setdefault(outcome.line, []).append(outcome)
    for where in errors.values():
        names = "; ".join(outcome.trial.name for outcome in where)
        complaints.append(f"{where[0].error}\nTrials in which this happens: {names}.")
    if exercise.pure and any(outcome.result is None for outcome in outcomes):
        complaints.append(f"line {attempt.function.lineno}: the function returns nothing")
    elif not any(outcome.error for outcome in outcomes):
        with contextlib.redirect_stdout(io.StringIO()), np.errstate(all="ignore"):
            found = [complaint for o in outcomes for complaint in _impurities(attempt, o.trial, exercise.pure)]
            found += _not_refused(attempt, exercise)
        complaints += dict.fromkeys(found)
    return complaints


def _impurities(attempt: Attempt, trial: Trial, pure: bool) -> list[str]:
    """Has the function changed what belongs to its caller, or does it give another result the second time?"""
    function, arguments = trial.prepare(attempt.names)
    given = dict(zip(inspect.signature(function).parameters, arguments, strict=False))
    before, line, complaints = copied(given), attempt.function.lineno, []
    result = function(**given)
    first, parts = copied(result), [part for part in leaves(result) if isinstance(part, np.ndarray)]
    for name, was, now in _pairs(before, given):
        if not np.array_equal(was, now, equal_nan=True):
            variable = name.rpartition(".")[2]
            complaints.append(
                f"line {attempt.lines.get(variable, line)}: the function changes {name}, which belongs to its caller; "
                f"make a new array: no {variable} += ... or out=, and mind that a slice is no copy"
            )
    if any(np.shares_memory(one, two) for one, two in combinations(parts, 2)):
        complaints.append(f"line {line}: two of the arrays that are returned share memory: give a copy of one")
    again = function(**copied(before)) if pure else first
    if any(not np.array_equal(was, now, equal_nan=True) for _, was, now in _pairs(first, again)):
        complaints.append(f"line {line}: the function gives another result when it is called a second time")
    return complaints


def _not_refused(attempt: Attempt, exercise: Exercise) -> Iterator[str]:
    for what, arguments in exercise.refused.items():
        function, given = calling(exercise.function, *arguments)(attempt.names)
        try:
            function(*given)
            instead = "takes it without a word"
        except ValueError:
            continue
        except Exception as error:
            instead = f"raises {type(error).__name__}"
        yield f"line {attempt.function.lineno}: {what}: the function {instead}, and has to raise a ValueError"


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
