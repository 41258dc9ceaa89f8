"""A trained model with its vocabulary, from its file."""

import hashlib
from types import SimpleNamespace

import numpy as np
import pytest

from lstm_numpy import LSTMModel, softmax_cross_entropy
from lstm_numpy.system import CommandLineError
from lstm_numpy.training import checkpoint
from lstm_numpy.training.options import DEFAULTS
from lstm_numpy.training.settings import random_streams
from lstm_numpy.training.trained import Trained

SYMBOLS = list(".abcde")


def read_vocabulary(symbols):
    return SimpleNamespace(end=0, not_first=[0], symbols=symbols, encode=symbols.index, decode=symbols.__getitem__)


@pytest.fixture
def path(tmp_path):
    model = LSTMModel(6, 4, 5, 1, 0.0, np.random.default_rng(0), np.float64, start_len=2)
    about = {"vocabulary": SYMBOLS, "time_step": 1 / 12, "config": {"seed": 8, "epochs": 3}}
    checkpoint.export(tmp_path / "best.npz", model, about)
    return tmp_path / "best.npz"


def test_from_a_file_or_a_folder(path):
    for given in (path, path.parent):
        trained = Trained.load(given, read_vocabulary)
        assert trained.vocabulary.symbols == SYMBOLS
        assert trained.time_step == 1 / 12
        assert trained.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
        config, split, rng = trained.origin
        assert config == {**DEFAULTS, "seed": 8, "epochs": 3}
        assert split is None
        assert rng.random() == random_streams(8).split.random()


@pytest.mark.parametrize("missing", ["vocabulary", "time_step"])
def test_what_is_no_trained_model(path, missing):
    arrays, description = checkpoint.load(path)
    checkpoint.save(path, arrays, {name: value for name, value in description.items() if name != missing})
    with pytest.raises(CommandLineError, match=f"best.npz: not a checkpoint of this program \\('{missing}'\\); give a"):
        Trained.load(path, read_vocabulary)


def test_what_it_thinks(path):
    """The loss of whole sequences with their ends, each after as many end symbols as in training."""
    trained = Trained.load(path, read_vocabulary)
    np.testing.assert_array_equal(trained.integers("cab"), [3, 1, 2])
    np.testing.assert_array_equal(trained.integers("cab", ended=True), [3, 1, 2, 0])
    nats, of = 0.0, {}
    for sequence in ("cab", "dd"):
        targets = np.array([[*trained.integers(sequence), 0]])
        logits, _, _ = trained.model.forward(np.array([[0, 0, *targets[0, :-1]]]))
        of[sequence] = softmax_cross_entropy(logits[:, 1:], targets)[0]
        nats += of[sequence] * targets.size
    mean, total = trained.judge(["cab", "dd"])
    assert total == pytest.approx(nats, rel=1e-12)
    assert mean == pytest.approx(nats / 7, rel=1e-12)
    number, per_symbol, per_event = trained.likelihood("cab", 0, True, 3)
    assert number == 4
    assert per_symbol == pytest.approx(of["cab"], abs=1e-6)
    assert per_event == pytest.approx(4 * of["cab"] / np.log(2) / 3, abs=1e-6)
    assert trained.likelihood("cab", 2, False, 0)[::2] == (1, None)
    assert trained.likelihood("cab", 3, False, 5) == (0, None, None)
