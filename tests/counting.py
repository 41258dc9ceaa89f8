"""Small trainings on sequences that count upwards."""

import numpy as np

from lstm_numpy import LSTMModel
from lstm_numpy.training import Settings, Training
from lstm_numpy.training.evaluation import evaluate_windows

V = 6


class Data:
    """Sequences that count upwards, so there is something to learn; 50 windows of 8."""

    def __init__(self, outputs="every"):
        start = np.random.default_rng(0).integers(V, size=50)
        self.all = (start[:, None] + np.arange(9)) % V
        self.outputs = outputs

        self.carries_state = False

    def batch(self, windows):
        tokens = self.all[windows]
        return tokens[:, :-1], tokens[:, -1] if self.outputs == "last" else tokens[:, 1:]

    def epoch(self, rng):
        order = rng.permutation(50)
        return [self.batch(order[first : first + 16]) for first in range(0, 50, 16)]


class Streams:
    """Three long sequences in pieces; each goes on where it stopped."""

    carries_state = True

    def epoch(self, rng):
        tokens = (rng.integers(V, size=(3, 1)) + np.arange(41)) % V
        return [(tokens[:, t : t + 8], tokens[:, t + 1 : t + 9]) for t in range(0, 40, 8)]


def new_training(outputs="every", epochs=3, seed=0, **more):
    rates = {"dropout": 0.2, "embedding_dropout": 0.1, "weight_dropout": 0.1}
    model = LSTMModel(V, 4, 6, 1, rng=np.random.default_rng(seed), **rates)
    more = {"schedule": "constant", "warm_up": 0, **more}
    settings = Settings(outputs, epochs, learning_rate=0.02, clip=1.0, eval_interval=3, **more)
    return Training(model, settings, np.random.default_rng([seed, 1]), np.random.default_rng([seed, 2]))


def validate(model):
    return evaluate_windows(model, [Data().batch(np.arange(50))], "every")


class OneEpoch:
    """Batches given as they are."""

    def __init__(self, batches, carries_state):
        self.batches, self.carries_state = batches, carries_state

    def epoch(self, rng):
        return self.batches
