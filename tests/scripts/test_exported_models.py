"""Models without their training, and the one that is shipped."""

from running import one_sentence, run_sample, run_train

import sample
import train
from encoding import StringToIntEncoder, load_corpus
from lstm_numpy.training import checkpoint


def test_exported_model(trained, tmp_path, monkeypatch, capsys):
    """It composes as the best model does, is what sample.py falls back on, and cannot be trained."""
    songs, run = trained
    model = tmp_path / "small.npz"
    assert run_train("--resume", run, "--export", model) == 0  # the run is over: only the end is repeated
    arrays, description = checkpoint.load(model)
    assert {name.split("/")[0] for name in arrays} == {"param"}
    assert "training" not in description
    assert description["config"]["data"] == "songs.abc"  # not where it lies
    assert model.stat().st_size < 0.5 * (run / "best.npz").stat().st_size
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sample, "SHIPPED", model)
    assert run_sample("-n", 1, "--seed", 4, "--formats", "tokens", "--out", "a") == 0
    assert f"model {model}" in capsys.readouterr().out
    assert run_sample("-n", 1, "--seed", 4, "--formats", "tokens", "--out", "b", "--model", run) == 0
    assert (tmp_path / "a" / "melody-1.txt").read_text() == (tmp_path / "b" / "melody-1.txt").read_text()
    capsys.readouterr()
    one_sentence(capsys, run_train("--resume", model), "no training to go on with", "last.npz")
    for path, text in [
        (tmp_path, "is a folder"),
        (tmp_path / "new" / "model.npz", "there is no folder"),
        (songs / "model.npz", "there is no folder"),
        (run / "last.npz", "give another name"),
    ]:
        one_sentence(capsys, run_train("--resume", run, "--export", path), "--export", text)
        assert not (tmp_path / "new").exists()
    assert "training" in checkpoint.load(run / "last.npz")[1]


def test_the_shipped_model_is_that_of_the_default_recipe(tmp_path, monkeypatch, capsys):
    """`python train.py --seed 0 --export models/erk.npz`"""
    arrays, description = checkpoint.load(sample.SHIPPED)
    assert sample.SHIPPED.stat().st_size <= 4e6
    assert {name.split("/")[0] for name in arrays} == {"param"}
    assert "training" not in description
    config = description["config"]
    expected = {**train.DEFAULTS, **train.RECIPES["default"], "data": "erk"}
    del expected["watch"]  # it changes no weight
    assert {name: config[name] for name in expected} == expected
    corpus = load_corpus("erk")
    assert config["songs_digest"] == corpus.digest()
    assert description["vocabulary"] == StringToIntEncoder(corpus.songs).symbols
    monkeypatch.chdir(tmp_path)  # where there are no runs
    assert run_sample("-n", 1, "--seed", 1, "--formats", "tokens") == 0
    assert f"model {sample.SHIPPED}" in capsys.readouterr().out
    one_sentence(capsys, run_train("--resume", sample.SHIPPED), "no training to go on with")
