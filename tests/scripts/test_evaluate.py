"""train.py --evaluate from end to end, on small songs and small models."""

import json

import numpy as np
import pytest
from songs import random_abc

import train
from encoding import load_corpus
from encoding.comparing.dashboard import charts
from encoding.comparing.report import report, to_json
from lstm_numpy.training import Saved, checkpoint

SMALL = ["--hidden-dim", "12", "--input-dim", "6", "--sequence-len", "16", "--epochs", "1", "--batch-size", "4"]


def run_train(*arguments) -> int:
    try:
        return train.run_command(train.main, [str(argument) for argument in arguments])
    except SystemExit as stop:  # from argparse
        return stop.code


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory):
    """The songs, a run on them with an exported model, and the run's evaluation."""
    folder = tmp_path_factory.mktemp("evaluated")
    rng = np.random.default_rng(3)
    songs = folder / "songs.abc"
    songs.write_text("\n".join(random_abc(n, rng) for n in range(1, 31)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(train, "EVALUATED", range(1, 6))
        patch.setattr(train, "compose", lambda *_: None)  # the melodies of a training are tested elsewhere
        exported = folder / "small.npz"
        assert run_train("--data", songs, "--out", folder / "run", "--export", exported, *SMALL) == 0
        assert run_train("--evaluate", folder / "run") == 0
    return songs, folder / "run", exported


def test_the_figures(evaluated, capsys):
    songs, run, _ = evaluated
    assert {path.name for path in (run / "evaluation").iterdir()} == {
        "evaluation.json", "index.html",
    }  # fmt: skip
    figures = json.loads((run / "evaluation" / "evaluation.json").read_text())
    arrays, description = checkpoint.load(run / "best.npz")
    corpus = load_corpus(songs)
    test_songs = [corpus.songs[song] for song in arrays["split/2"]]

    about, network = figures["about"], figures["prediction"][0]
    assert (about["training songs"], about["test songs"]) == (24, 3)
    assert about["test notes"] == sum(token.isdecimal() for song in test_songs for token in song)
    assert about["model"] == "run/best.npz"
    assert network["predictor"] == "network"

    # The same loss as that of the training's own test.
    _, _, held_out, _ = train.prepare(corpus, description["config"], Saved.load(run / "best.npz"))
    evaluation = train.judge(checkpoint.model_from(arrays, description), held_out, train.TEST)
    assert network["nats per step"][0] == pytest.approx(evaluation.loss, rel=1e-6)
    assert network["accuracy"][0] == evaluation.accuracy
    bits = evaluation.nats / np.log(2) / about["test notes"]
    assert network["bits per note"][0] == pytest.approx(bits, rel=1e-6)

    assert figures["melodies"]["test songs"]["lengths"] == [len(song) for song in test_songs]
    assert figures["melodies"]["temperature 1"]["melodies"] == 5
    assert list(figures["copies"]) == [
        "test songs",
        "temperature 0.6",
        "temperature 0.8",
        "temperature 1",
        "training songs",
    ]
    for page in (run / "evaluation" / "index.html", run / "index.html"):  # its own, and that of the run
        text = page.read_text()
        for line in (
            "<h2>Prediction of unseen songs",
            "<h2>What a leak is worth",
            "<td>best n-gram, told the place</td>",
            "<h2>Copies",
        ):
            assert line in text
    assert "<h2>The network</h2>" in text


def test_an_exported_model_has_the_same_figures(evaluated, tmp_path, monkeypatch, capsys):
    """Its split is drawn again from the seed; what comes out is the same, to the last digit."""
    songs, run, exported = evaluated
    monkeypatch.setattr(train, "EVALUATED", range(1, 6))
    monkeypatch.chdir(tmp_path)
    assert run_train("--evaluate", exported, "--data", songs) == 0
    assert "| network " in capsys.readouterr().out
    there = tmp_path / "evaluation-small"
    one = json.loads((run / "evaluation" / "evaluation.json").read_text())
    two = json.loads((there / "evaluation.json").read_text())
    assert two["about"].pop("model") == "small.npz"
    one["about"].pop("model")
    assert one == two


def test_the_melodies_are_those_of_sample(evaluated, tmp_path):
    import sample

    _, run, _ = evaluated
    lengths = json.loads((run / "evaluation" / "evaluation.json").read_text())["melodies"]["temperature 1"]["lengths"]
    options = ["--seed", "0", "-n", "5", "--as-drawn", "--range", "any", "--temperature", "1", "--formats", "tokens"]
    assert sample.main(["--model", str(run), "--out", str(tmp_path), *options]) == 0
    assert [len((tmp_path / f"melody-{n}.txt").read_text().split()) for n in range(1, 6)] == lengths


def test_what_cannot_be_judged(evaluated, tmp_path, capsys):
    songs, run, exported = evaluated
    other = tmp_path / "other.abc"
    other.write_text("\n".join(random_abc(n, np.random.default_rng(n)) for n in range(1, 13)))
    arrays, description = checkpoint.load(exported)
    windows = tmp_path / "windows.npz"
    description["config"]["split"] = "window"
    checkpoint.save(windows, arrays, description)
    for arguments, text in [
        (["--evaluate", tmp_path / "nowhere"], "there is no nowhere"),
        (["--evaluate", tmp_path], "there is no best.npz"),
        (["--evaluate", songs], "not a checkpoint"),
        (["--evaluate", run, "--epochs", "3"], "leave out --epochs"),
        (["--evaluate", run, "--resume", run], "leave out --resume"),
        (["--evaluate", windows], "--split song"),
        (["--evaluate", exported], "--data"),  # it does not know where its songs lie
        (["--evaluate", exported, "--data", other], "differ"),
        (["--evaluate", run, "--out", other], "other.abc"),
    ]:
        assert run_train(*arguments) == 2
        lines = capsys.readouterr().err.strip().splitlines()
        assert len(lines) == 1
        assert text in lines[0]


def test_figures_that_there_are_not(evaluated):
    """Songs without rests, a model that ends at once: a table and a picture all the same."""
    _, run, _ = evaluated
    text = (run / "evaluation" / "evaluation.json").read_text()
    figures = json.loads(text.replace("null", "NaN"))
    for one in figures["melodies"].values():
        one["histograms"] = {name: {} for name in one["histograms"]}
    figures["prediction"][0]["accuracy rest"] = [float("nan")] * 3
    assert "| none" in report(figures)
    assert len(charts(figures)) == 6
    assert json.loads(to_json(figures))["prediction"][0]["accuracy rest"] == [None] * 3
