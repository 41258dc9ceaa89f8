"""How the learning rate changes."""

import numpy as np
import pytest
from counting import Data, new_training, validate

from lstm_numpy.training.schedule import learning_rate_at


def test_schedules():
    def rates(schedule, warm_up):
        return [learning_rate_at(0.1, schedule, warm_up, progress) for progress in (0, 0.05, 0.2, 0.5, 1)]

    assert rates("constant", 0) == [0.1] * 5
    assert rates("constant", 0.2) == pytest.approx([0, 0.025, 0.1, 0.1, 0.1])
    cosine = [0.5 * (1 + np.cos(np.pi * progress)) for progress in (0, 0.05, 0.2, 0.5, 1)]
    assert rates("cosine", 0) == pytest.approx(0.1 * np.array(cosine))
    assert rates("cosine", 0.1) == pytest.approx(0.1 * np.array(cosine) * [0, 0.5, 1, 1, 1])
    with pytest.raises(ValueError, match="'linear'"):
        rates("linear", 0)


def test_the_end_of_the_warm_up():
    rates = [learning_rate_at(1.0, "constant", 0.25, progress) for progress in (0.125, 0.25, 0.26, 1)]
    assert rates == [0.5, 1, 1, 1]
    assert learning_rate_at(3.0, "constant", 1, 0.5) == 1.5


def test_the_schedule_reaches_the_optimizer():
    training = new_training(epochs=2, schedule="cosine", warm_up=0.25)
    rates = [training.optimizer.learning_rate for _ in training.run(Data(), validate)]
    progress = (np.arange(8) + 0.5) / 8  # 2 epochs of 4 steps
    expected = 0.02 * 0.5 * (1 + np.cos(np.pi * progress)) * [0.25, 0.75, 1, 1, 1, 1, 1, 1]
    assert rates == pytest.approx(expected)
