"""All exercises by their names."""

from lstm_numpy.gradcheck.exercises.adam import ADAM
from lstm_numpy.gradcheck.exercises.cell import LSTM_CELL
from lstm_numpy.gradcheck.exercises.layers import DROPOUT, EMBEDDING, LINEAR, LOSS
from lstm_numpy.gradcheck.exercises.through_time import LSTM_THROUGH_TIME

EXERCISES = {
    "embedding": EMBEDDING,
    "dropout": DROPOUT,
    "linear": LINEAR,
    "loss": LOSS,
    "lstm_cell": LSTM_CELL,
    "lstm_through_time": LSTM_THROUGH_TIME,
    "adam": ADAM,
}
