"""The loop: learning, averaging, resuming."""

import numpy as np
import pytest
from counting import Data, OneEpoch, Streams, V, new_training, validate

from lstm_numpy import Adam, LSTMModel, clip_grad_norm, softmax_cross_entropy
from lstm_numpy.training import checkpoint
from lstm_numpy.training.evaluation import Evaluation
from lstm_numpy.training.metrics import metrics_csv


def test_one_song_is_learned_by_heart():
    """A melody as a single sequence from TERM, without dropout."""
    song = "1 5 5 2 5 5 3 5 5 3 5 5 2 5 1 5 4 5 5 5 2 5 3 5 2 5 1 5 5 5".split()
    ids = np.array([[0, *map(int, song), 0]])
    model = LSTMModel(V, V, 32, 1, 0.0, np.random.default_rng(0))
    optimizer = Adam(model.params, learning_rate=0.01)
    for _ in range(400):
        logits, _, cache = model.forward(ids[:, :-1])
        loss, dlogits = softmax_cross_entropy(logits, ids[:, 1:])
        optimizer.step(model.backward(dlogits, cache)[0])
    assert loss < 0.01


@pytest.mark.parametrize("outputs", ["last", "every"])
def test_learns(outputs):
    training = new_training(outputs, epochs=25)
    reports = list(training.run(Data(outputs), validate))
    assert len(reports) == 25 * 4  # ⌈50 / 16⌉ steps an epoch
    ends = [report for report in reports if report.validation]
    assert ends[-1].validation.loss < 0.3 * ends[0].validation.loss
    assert training.best_loss == min(end.validation.loss for end in ends)
    assert reports[-1].seconds_left == pytest.approx(0, abs=1e-9)


def test_reports_average_what_they_say():
    training = new_training(epochs=2)
    reports = list(training.run(Data(), validate))
    intervals = [report.interval_loss for report in reports if report.interval_loss is not None]
    losses = [report.loss for report in reports]
    np.testing.assert_allclose(intervals, [np.mean(losses[0:3]), np.mean(losses[3:6])])
    sizes = np.array([16, 16, 16, 2])  # the last batch is smaller and counts less
    assert reports[3].train_loss == pytest.approx((losses[:4] * sizes).sum() / 50)
    lines = metrics_csv(training.rows).splitlines()
    assert lines[0].startswith("epoch,step,seconds,train_loss")
    assert len(lines) == 1 + 2 + 2


def test_same_seed_same_weights_and_validation_changes_nothing():
    one, two, three = new_training(), new_training(), new_training(seed=1)
    list(one.run(Data(), validate))
    list(two.run(Data(), lambda model: Evaluation(1.0, 1, 1)))
    list(three.run(Data(), validate))
    for name, array in one.model.params.items():
        np.testing.assert_array_equal(array, two.model.params[name])
        assert (array != three.model.params[name]).any()


@pytest.mark.parametrize("stop_after", [0, 1, 3, 4, 5, 9])
@pytest.mark.parametrize(("data", "more"), [(Data(), {}), (Streams(), {"schedule": "cosine", "warm_up": 0.3})])
def test_resumed_training_is_the_same(tmp_path, stop_after, data, more):
    whole = new_training(**more)
    list(whole.run(data, validate))

    first = new_training(**more)
    for done, _ in enumerate(first.run(data, validate), start=1):
        if done > stop_after:
            break
    arrays, values = first.state()
    path = tmp_path / "last.npz"
    description = checkpoint.describe(first.model, {"training": values})
    checkpoint.save(path, {**arrays, **checkpoint.model_arrays(first.model)}, description)

    arrays, description = checkpoint.load(path)
    second = new_training(seed=9, **more)  # its own beginning does not matter
    second.model.load_state_dict(checkpoint.model_from(arrays, description).params)
    second.restore(arrays, description["training"])
    list(second.run(data, validate))
    for name, array in whole.model.params.items():
        np.testing.assert_array_equal(array, second.model.params[name])

    def without_clock(rows):
        return [{k: v for k, v in row.items() if k != "seconds"} for row in rows]

    assert without_clock(second.rows) == without_clock(whole.rows)
    assert (second.best_loss, second.best_epoch) == (whole.best_loss, whole.best_epoch)


@pytest.mark.parametrize("carried", [True, False])
def test_state_is_carried_within_an_epoch_and_only_there(carried):
    """The losses are those of a loop by hand, which hands the state on or does not."""
    data = Streams().epoch(np.random.default_rng(0))
    training = new_training(epochs=2)
    training.model.dropout = training.model.embedding_dropout = training.model.weight_dropout = 0.0
    by_hand = LSTMModel.from_state_dict(training.model.params)
    optimizer = Adam(by_hand.params, 0.02)
    expected = []
    for _ in range(2):
        state = None
        for tokens, targets in data:
            logits, state, cache = by_hand.forward(tokens, state)
            loss, dlogits = softmax_cross_entropy(logits, targets)
            grads, _ = by_hand.backward(dlogits, cache)
            clip_grad_norm(grads, 1.0)
            optimizer.step(grads)
            expected.append(float(loss))
            state = state if carried else None
    reports = training.run(OneEpoch(data, carried), validate)
    assert [report.loss for report in reports] == expected
