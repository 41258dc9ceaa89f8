"""Exercises for the learner: docs/exercises has the files with blanks, and `judge` says what is right.

python -m lstm_numpy.gradcheck --exercise lstm_cell
"""

from lstm_numpy.exercises.adam import ADAM
from lstm_numpy.exercises.cell import LSTM_CELL
from lstm_numpy.exercises.layers import DROPOUT, EMBEDDING, LINEAR, LOSS
from lstm_numpy.exercises.through_time import LSTM_THROUGH_TIME

EXERCISES = {
    "embedding": EMBEDDING,
    "dropout": DROPOUT,
    "linear": LINEAR,
    "loss": LOSS,
    "lstm_cell": LSTM_CELL,
    "lstm_through_time": LSTM_THROUGH_TIME,
    "adam": ADAM,
}
