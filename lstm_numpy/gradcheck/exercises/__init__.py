"""Exercises for the learner: docs/exercises has the files with blanks, and the judge says what is right.

    python -m lstm_numpy.gradcheck --exercise lstm_cell

In the order to read: `trials` (what an exercise consists of), the exercises `layers`, `cell`, `through_time` and
`adam`, `attempt` (a learner's file), `conduct` (its function as a whole), `judge` (which of its terms are right).

Imports the ground floor, `lstm_numpy.system` and the laboratory.
"""

from lstm_numpy.gradcheck.exercises.adam import ADAM
from lstm_numpy.gradcheck.exercises.cell import LSTM_CELL
from lstm_numpy.gradcheck.exercises.judge import main
from lstm_numpy.gradcheck.exercises.layers import DROPOUT, EMBEDDING, LINEAR, LOSS
from lstm_numpy.gradcheck.exercises.through_time import LSTM_THROUGH_TIME

EXERCISES = {
    "embedding": EMBEDDING, "dropout": DROPOUT, "linear": LINEAR, "loss": LOSS, "lstm_cell": LSTM_CELL,
    "lstm_through_time": LSTM_THROUGH_TIME, "adam": ADAM,
}  # fmt: skip

__all__ = ["EXERCISES", "main"]
