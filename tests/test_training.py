"""The loop: learning, averaging, resuming; and checkpoints."""

import numpy as np
import pytest

from lstm_numpy import Adam, LSTMModel, checkpoint, clip_grad_norm, softmax_cross_entropy
from lstm_numpy.evaluation import Evaluation, evaluate_sequences, evaluate_windows
from lstm_numpy.files import write_whole
from lstm_numpy.schedule import learning_rate_at
from lstm_numpy.training import Settings, Training, metrics_csv

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
    description = {"model": checkpoint.model_sizes(first.model), "start_len": 1, "training": values}
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


class OneEpoch:
    """Batches given as they are."""

    def __init__(self, batches, carries_state):
        self.batches, self.carries_state = batches, carries_state

    def epoch(self, rng):
        return self.batches


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


def test_the_schedule_reaches_the_optimizer():
    training = new_training(epochs=2, schedule="cosine", warm_up=0.25)
    rates = [training.optimizer.learning_rate for _ in training.run(Data(), validate)]
    progress = (np.arange(8) + 0.5) / 8  # 2 epochs of 4 steps
    expected = 0.02 * 0.5 * (1 + np.cos(np.pi * progress)) * [0.25, 0.75, 1, 1, 1, 1, 1, 1]
    assert rates == pytest.approx(expected)


# -- evaluation --------------------------------------------------------------------------------


def test_whole_sequences_one_by_one(rng):
    model = LSTMModel(V, 4, 6, 1, 0.2, rng)
    model.start_len = 3
    sequences = [rng.integers(1, V, size=length) for length in (1, 5, 30, 7, 12)]
    nats = correct = 0
    for sequence in sequences:
        logits, _, _ = model.forward(np.array([[0, 0, 0, *sequence]]))
        logits = logits[0, 2:].astype(float)
        targets = np.array([*sequence, 0])
        p = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
        nats -= np.log(p[np.arange(len(targets)), targets]).sum()
        correct += (logits.argmax(axis=-1) == targets).sum()
    for more in ({}, {"batch_size": 2, "chunk": 4}, {"batch_size": 1, "chunk": 1}):
        evaluation = evaluate_sequences(model, sequences, 0, **more)
        assert evaluation.targets == 55 + 5
        assert evaluation.nats == pytest.approx(nats, rel=1e-5)
        assert evaluation.correct == correct
    assert evaluation.perplexity == pytest.approx(np.exp(nats / 60), rel=1e-5)
    assert evaluation.accuracy == correct / 60


# -- checkpoints -------------------------------------------------------------------------------


@pytest.fixture
def saved(tmp_path):
    model = LSTMModel(V, 4, 6, 2, 0.2, np.random.default_rng(0))
    model.start_len = 64
    path = tmp_path / "best.npz"
    checkpoint.save(path, checkpoint.model_arrays(model), {"model": checkpoint.model_sizes(model), "start_len": 64})
    return path, model


def test_model_comes_back(saved, rng):
    path, model = saved
    again = checkpoint.model_from(*checkpoint.load(path))
    tokens = rng.integers(V, size=(2, 5))
    np.testing.assert_array_equal(model.forward(tokens)[0], again.forward(tokens)[0])
    assert again.start_len == 64
    assert again.dtype == np.float32
    assert list(path.parent.iterdir()) == [path]  # no temporary file is left


def test_what_is_no_checkpoint_is_refused(saved, tmp_path):
    path, _ = saved
    intact = path.read_bytes()
    other = tmp_path / "other.npz"
    np.savez(other, weights=np.zeros(3))
    pickled = tmp_path / "pickled.npz"
    np.savez(pickled, weights=np.array([{"a": 1}], dtype=object))
    plain = tmp_path / "plain.npy"
    np.save(plain, np.zeros(3))
    contents = [
        b"",
        b"hello",
        intact[: len(intact) // 2],
        intact[:-1],
        other.read_bytes(),
        pickled.read_bytes(),
        plain.read_bytes(),
    ]
    for content in contents:
        path.write_bytes(content)
        with pytest.raises(checkpoint.CheckpointError, match="best.npz"):
            checkpoint.load(path)
    with pytest.raises(FileNotFoundError, match="no such file"):
        checkpoint.load(tmp_path / "nothing.npz")


def test_changed_content_is_noticed(saved):
    path, model = saved
    arrays, description = checkpoint.load(path)
    arrays["param/fc.bias"] = arrays["param/fc.bias"] + 1
    with np.load(path) as file:
        content = {name: file[name] for name in file.files}
    np.savez(path, **{**content, "param/fc.bias": arrays["param/fc.bias"]})
    with pytest.raises(checkpoint.CheckpointError, match="checksum"):
        checkpoint.load(path)
    with pytest.raises(checkpoint.CheckpointError, match="fc.bias"):
        checkpoint.model_from({**arrays, "param/fc.bias": np.zeros(2)}, description)
    checkpoint.save(path, checkpoint.model_arrays(model), {"format_version": 99})
    with pytest.raises(checkpoint.CheckpointError, match="format 99"):
        checkpoint.load(path)


def test_files_are_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "file"
    write_whole(path, b"old")
    write_whole(path, b"new")
    assert path.read_bytes() == b"new"

    def full(*_):
        raise OSError(28, "No space left on device")

    for name in ("fsync", "replace"):
        with monkeypatch.context() as patch:
            patch.setattr(f"os.{name}", full)
            with pytest.raises(OSError, match="space"):
                write_whole(path, b"newer")
        assert path.read_bytes() == b"new"
        assert list(tmp_path.iterdir()) == [path]
