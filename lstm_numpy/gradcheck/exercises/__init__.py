"""Exercises for the learner: docs/exercises has the files with blanks, and the judge says what is right.

    python -m lstm_numpy.gradcheck --exercise lstm_cell

In the order to read: `trials` (what an exercise consists of), the exercises `layers`, `cell`, `through_time` and
`adam`, `catalogue` (all of them by name), `attempt` (a learner's file), `conduct` (its function as a whole),
`judge` (which of its terms are right).

Imports the ground floor, `lstm_numpy.system` and the laboratory.
"""

from lstm_numpy.gradcheck.exercises.catalogue import EXERCISES
from lstm_numpy.gradcheck.exercises.judge import main

__all__ = ["EXERCISES", "main"]
