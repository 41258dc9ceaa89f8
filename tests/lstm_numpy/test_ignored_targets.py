"""Targets that do not count: in no mean, whichever batch they stand in; and what counts at the border of a nucleus."""

import numpy as np
import pytest

from lstm_numpy import LSTMModel, softmax_cross_entropy
from lstm_numpy.sampling import next_probabilities
from lstm_numpy.training import Evaluation, Settings, Training, evaluate_windows

V = 5


class Epoch:
    """Batches given as they are."""

    carries_state = False

    def __init__(self, batches):
        self.batches = batches

    def epoch(self, rng):
        return self.batches


def batches_with(rng, *ignored):
    """Two sequences of six steps in each, with so many targets ignored."""
    batches = []
    for number in ignored:
        tokens, targets = rng.integers(V, size=(2, 6)), rng.integers(V, size=(2, 6))
        targets.flat[rng.permutation(12)[:number]] = -1
        batches.append((tokens, targets))
    return batches


def by_hand(model, batches):
    """Mean of -log p, and the share that was right, over all targets that count, one by one."""
    nats, right = [], []
    for tokens, targets in batches:
        logits = model.forward(tokens)[0].astype(float)
        for place, target in np.ndenumerate(targets):
            if target != -1:
                nats.append(np.log(np.exp(logits[place]).sum()) - logits[place][target])
                right.append(logits[place].argmax() == target)
    return np.mean(nats), np.mean(right), len(nats)


def test_in_the_mean_of_an_epoch(rng):
    """At a learning rate that moves nothing, the mean of the epoch is that of all its targets."""
    model = LSTMModel(V, 4, 6, 1, 0.0, rng, np.float64)
    batches = batches_with(rng, 0, 11, 6, 3)
    settings = Settings("every", 1, 1e-300, "constant", 0.0, 0.0, eval_interval=2)
    training = Training(model, settings, np.random.default_rng(0), np.random.default_rng(1))
    *_, last = training.run(Epoch(batches), lambda model: evaluate_windows(model, batches, "every"))
    loss, accuracy, number = by_hand(model, batches)
    assert last.train_loss == pytest.approx(loss, rel=1e-12)
    assert last.validation.loss == pytest.approx(loss, rel=1e-12)
    assert last.validation.accuracy == pytest.approx(accuracy, rel=1e-12)
    assert last.validation.targets == number == 4 * 12 - 20
    one_by_one = [by_hand(model, [batch])[0] for batch in batches]
    assert abs(np.mean(one_by_one) - loss) > 1e-3, "a mean of the batches' means would be another"


def test_in_an_evaluation(rng):
    """What is guessed at an ignored target changes nothing, even if it is the last symbol, which -1 stands for."""
    logits, targets = rng.standard_normal((3, 4, V)), rng.integers(V, size=(3, 4))
    targets[0] = targets[1, 2] = targets[2, 3] = -1
    one, two = Evaluation(), Evaluation()
    one.add(logits, targets)
    logits[targets == -1] = 1e3 * np.eye(V)[-1]
    for row in range(3):
        two.add(logits[row], targets[row])
    assert one.targets == two.targets == 6
    assert one.correct == two.correct
    assert two.nats == pytest.approx(one.nats, rel=1e-12)
    assert one.loss == pytest.approx(softmax_cross_entropy(logits[1:], targets[1:])[0], rel=1e-12)


def test_a_nucleus_ends_where_the_sum_is_reached():
    """At an exact tie: the symbols before have together just top_p, and the next is not needed."""
    equal = np.zeros(4)  # a quarter each, without rounding
    for top_p, kept in ((0.25, 1), (0.5, 2), (0.75, 3), (1, 4), (np.nextafter(0.5, 1), 3), (np.nextafter(0.5, 0), 2)):
        np.testing.assert_array_equal(next_probabilities(equal, top_p=top_p), [1 / kept] * kept + [0] * (4 - kept))
