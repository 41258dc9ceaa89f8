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


class Told:
    """A context of three symbols: what is told, and how many symbols there were, in pairs."""

    def __init__(self, vocabulary, record):
        self.size = record or 0

    def __len__(self):
        return self.size

    def of_song(self, ids, told):
        return np.array([[told, min(t, 2)] for t in range(len(ids) + 1)]) if self.size else None


@pytest.fixture
def path(tmp_path):
    model = LSTMModel(6, 4, 5, 1, 0.0, np.random.default_rng(0), np.float64, start_len=2)
    about = {"vocabulary": SYMBOLS, "time_step": 1 / 12, "config": {"seed": 8, "epochs": 3}}
    checkpoint.export(tmp_path / "best.npz", model, about)
    return tmp_path / "best.npz"


def test_from_a_file_or_a_folder(path):
    for given in (path, path.parent):
        trained = Trained.load(given, read_vocabulary, Told)
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
        Trained.load(path, read_vocabulary, Told)


@pytest.mark.parametrize("P", [0, 3])
def test_what_it_thinks(tmp_path, P):
    """The loss of whole sequences with their ends, each after as many end symbols as in training, and what is told."""
    model = LSTMModel(6, 4, 5, 1, 0.0, np.random.default_rng(0), np.float64, start_len=2, context_size=P)
    about = {"vocabulary": SYMBOLS, "time_step": 1 / 12, "config": {}, "context": P}
    checkpoint.export(tmp_path / "best.npz", model, about)
    trained = Trained.load(tmp_path, read_vocabulary, Told)
    ids, rows = trained.reads("cab", True, 1)
    np.testing.assert_array_equal(ids, [3, 1, 2, 0])
    assert trained.reads("cab", False, 1)[0].tolist() == [3, 1, 2]
    assert (rows is None) == (P == 0)
    nats, of = 0.0, {}
    for sequence, told in (("cab", 1), ("dd", 0)):
        targets, rows = trained.reads(sequence, True, told)
        context = None if rows is None else np.concatenate([[[-1, -1]], rows])[None]
        logits, _, _ = trained.model.forward(np.array([[0, 0, *targets[:-1]]]), context=context)
        of[sequence] = softmax_cross_entropy(logits[:, 1:], targets[None])[0]
        nats += of[sequence] * targets.size
    mean, total = trained.judge(["cab", "dd"], [1, 0])
    assert total == pytest.approx(nats, rel=1e-12)
    assert mean == pytest.approx(nats / 7, rel=1e-12)
    number, per_symbol, per_event = trained.likelihood("cab", 0, True, 3, 1)
    assert number == 4
    assert per_symbol == pytest.approx(of["cab"], abs=1e-6)
    assert per_event == pytest.approx(4 * of["cab"] / np.log(2) / 3, abs=1e-6)
    assert trained.likelihood("cab", 2, False, 0, 1)[::2] == (1, None)
    assert trained.likelihood("cab", 3, False, 5, 1) == (0, None, None)


def test_a_context_that_does_not_fit_its_model(path):
    arrays, description = checkpoint.load(path)
    checkpoint.save(path, arrays, {**description, "context": 4})
    with pytest.raises(CommandLineError, match="it has 4 symbols of context, its model 0"):
        Trained.load(path, read_vocabulary, Told)
