"""What an exercise consists of: terms, in the order of the derivation, and the trials of the function.

A term is what one blank computes, or a part of it. A trial is a call of the learner's function on inputs of which some
are trivial (one sequence, one step, no gradient from the next step), and the reference for each term: a complex step
through the project's forward pass, never its backward pass. In which trials a term is wrong says what is wrong with it.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import SimpleNamespace

import numpy as np

from lstm_numpy.gradcheck import complex_step

Values = dict[str, np.ndarray | tuple]
RETURNED = "what is returned"


@dataclass(frozen=True)
class Term:
    """What one blank computes, or a part of it."""

    name: str  # in the report, and in what the trials see
    hint: str  # where to look if it is wrong
    needs: tuple[str, ...] = ()  # terms that it is computed from; where they are wrong it is not judged
    blank: str = ""  # what its blank assigns, or the word with which its comment begins
    # What it means if the term is wrong, but right in the trial of this name; the last that fits is given.
    clues: Mapping[str, str] = field(default_factory=dict)
    # A mistake in words -> what would stand there, from the reference values, if it were made.
    mistakes: Mapping[str, Callable[[SimpleNamespace], np.ndarray]] = field(default_factory=dict)


@dataclass(frozen=True)
class Trial:
    """One call of the learner's function."""

    name: str  # says what is special about the inputs
    prepare: Callable[[dict], tuple[Callable, tuple]]  # the names in the file -> the function and new arguments
    # The values of the terms but RETURNED, from the function's local variables at its end and from what it returned
    # (... if it did not come to that); what is still blank is ... or left out.
    see: Callable[[dict, object], dict]
    reference: Values  # the same values as they should be
    given: Values = field(default_factory=dict)  # what else a mistake may be computed from


@dataclass(frozen=True)
class Exercise:
    """An exercise: which function has blanks, its terms and its trials."""

    summary: str
    function: str
    terms: tuple[Term, ...]
    trials: Callable[[], list[Trial]]
    pure: bool = True  # the function returns something, and the same when it is called again
    results: tuple[str, ...] = (RETURNED,)  # the terms that its caller sees: where they are right, so is the function
    # What is wrong with arguments -> the arguments, for which the function has to raise a ValueError.
    refused: Mapping[str, tuple] = field(default_factory=dict)


def tried(trial: Callable[..., Trial], cases: Mapping[str, tuple]) -> Callable[[], list[Trial]]:
    """A trial for each case, made when they are first asked for; the cases hold its name and further arguments."""
    return cache(lambda: [trial(name, *case) for name, case in cases.items()])


def derivative(loss: Callable[[np.ndarray], complex], at: np.ndarray) -> np.ndarray:
    """The derivative of a loss of one array, by complex step."""
    point = {"at": at.astype(np.complex128)}
    return complex_step(SimpleNamespace(point=point, loss=lambda: loss(point["at"])), "at")


def calling(function: str, *arguments: object) -> Callable[[dict], tuple[Callable, tuple]]:
    """A `prepare` that passes copies of the arguments to a function of this name."""
    return lambda names: (names[function], tuple(copied(arguments)))


def copied(value: object) -> object:
    """The same nested lists, tuples and dicts with copies of the arrays."""
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*map(copied, value))
    if isinstance(value, dict):
        return {name: copied(part) for name, part in value.items()}
    return type(value)(map(copied, value)) if isinstance(value, (tuple, list)) else value


def flat(*arrays: np.ndarray) -> np.ndarray:
    """All numbers one after another, for what is judged as a whole."""
    return np.concatenate([np.ravel(array) for array in arrays])


def leaves(value: object) -> Iterator:
    """What nested tuples and lists hold."""
    if isinstance(value, (tuple, list)):
        for part in value:
            yield from leaves(part)
    else:
        yield value


# What the gradient of a weight is summed over, and why.
OVER_BATCH = "the loss sums over all sequences, and so does the gradient of what they share (a sum, no mean)."
OVER_STEPS = "the same weights act at every step, so the gradients of all steps add up."
