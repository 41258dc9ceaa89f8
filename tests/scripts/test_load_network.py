"""sample.load_network: a model and its vocabulary, for whoever writes Python."""

import numpy as np
import pytest
from running import SMALL, run_train

import lstm_numpy
import sample
from encoding import Meter, Told
from lstm_numpy.system import CommandLineError
from lstm_numpy.training import checkpoint


@pytest.fixture(scope="module")
def exported(trained, tmp_path_factory):
    """The model of a run, by itself."""
    songs, _ = trained
    folder = tmp_path_factory.mktemp("exported")
    options = ["--data", songs, "--out", folder / "run", "--export", folder / "model.npz", *SMALL]
    assert run_train(*options, "--epochs", 1) == 0
    return folder


def test_a_run_a_checkpoint_and_an_exported_model_are_the_same(exported):
    model, description = lstm_numpy.load_model(exported / "run")
    tokens, context = np.arange(6).reshape(2, 3), np.arange(12).reshape(2, 3, 2)
    expected = model.forward(tokens, context=context)[0]
    for path in (exported / "run", exported / "run" / "best.npz", str(exported / "model.npz")):
        network = sample.load_network(path)
        np.testing.assert_array_equal(network.model.forward(tokens, context=context)[0], expected)
        assert network.vocabulary.symbols == description["vocabulary"]
        assert network.vocabulary.decode(network.vocabulary.encode("_")) == "_"
        assert network.time_step == 1 / 16
        assert network.model.start_len == 1


def test_it_composes(exported):
    network = sample.load_network(exported / "run")
    told = {"context": network.context.following(Told(Meter(0, 16, 4), False))}
    melody = lstm_numpy.generate(network.model, network.vocabulary, max_len=20, rng=np.random.default_rng(1), **told)
    assert 1 <= len(melody) <= 20
    assert set(melody) <= set(network.vocabulary.symbols)


def test_what_is_no_model_is_refused(exported, tmp_path):
    with pytest.raises(CommandLineError, match="nowhere.npz: there is no such file"):
        sample.load_network(tmp_path / "nowhere.npz")
    with pytest.raises(CommandLineError, match="best.npz: there is no such file"):
        sample.load_network(tmp_path)
    damaged = tmp_path / "damaged.npz"
    content = (exported / "model.npz").read_bytes()
    damaged.write_bytes(content[: len(content) // 2])
    with pytest.raises(CommandLineError, match="damaged.npz: not a checkpoint, or a damaged one"):
        sample.load_network(damaged)


@pytest.mark.parametrize(
    ("name", "value"),
    [("vocabulary", None), ("vocabulary", 5), ("time_step", None), ("time_step", "x"), ("model", None), ("model", {})],
)
def test_a_description_that_lacks_something_is_refused(exported, tmp_path, name, value):
    arrays, description = checkpoint.load(exported / "model.npz")
    del description[name], description["format_version"]
    checkpoint.save(tmp_path / "other.npz", arrays, description if value is None else {**description, name: value})
    with pytest.raises(CommandLineError, match=r"other.npz: not a checkpoint of this program \(.*; give a run's"):
        sample.load_network(tmp_path / "other.npz")
