"""The gradient laboratory: does the backward pass say what the forward pass does?

    python -m lstm_numpy.gradcheck            every gradient, by four methods
    python -m lstm_numpy.gradcheck --plot steps.png
    python -m lstm_numpy.gradcheck --exercise lstm_cell      your own backward pass; see docs/exercises

The backward pass gives ∂f/∂x analytically. Four methods find the same by running the forward pass alone. A gradient
that is zero must be zero exactly. A central difference also passes where it agrees within the rounding of the loss: a
gradient that has all but vanished over many steps is left to the complex step.

In the order to read: `problems` (small losses), `methods` (numerical derivatives), `report` (both beside each
other), `laboratory` (all problems), `step_sizes` (a picture), `__main__` (the command). In the room `exercises`
stands the judge of docs/exercises.

Imports the ground floor and `lstm_numpy.system`.
"""

from lstm_numpy.gradcheck.laboratory import error_by_step, laboratory
from lstm_numpy.gradcheck.methods import COMPLEX_STEP, complex_step, relative_error
from lstm_numpy.gradcheck.problems import CellProblem, LSTMProblem, Sizes
from lstm_numpy.gradcheck.report import BOUNDS, check, table

__all__ = [
    "BOUNDS", "COMPLEX_STEP", "CellProblem", "LSTMProblem", "Sizes", "check", "complex_step", "error_by_step",
    "laboratory", "relative_error", "table",
]  # fmt: skip
