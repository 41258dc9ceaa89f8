"""train.py from songs to a folder of results."""

import contextlib
import csv
import html
import json
import re
import shutil

import numpy as np
import pytest
from music21 import converter
from running import SMALL, one_sentence, run_train, weights

import train
from encoding import GridEncoder
from lstm_numpy.training import checkpoint, resuming


def test_run_folder(trained):
    _, run = trained
    names = {path.name for path in run.iterdir()}
    melodies = {f"after-{n}{suffix}" for n in range(1, 6) for suffix in (".mid", ".musicxml")}
    assert names == melodies | {"index.html", "best.npz", "last.npz", "metrics.csv"}
    with open(run / "metrics.csv") as file:
        rows = list(csv.DictReader(file))
    epochs = [row for row in rows if row["val_loss"]]
    assert [row["epoch"] for row in epochs] == ["1", "2"]
    assert float(epochs[0]["val_perplexity"]) == pytest.approx(np.exp(float(epochs[0]["val_loss"])), rel=1e-3)
    assert len(rows) > 2  # intervals too


def melodies_on(page: str) -> list[dict]:
    """What the scripts of a page are told of its melodies."""
    return [json.loads(html.unescape(told)) for told in re.findall('data-melody="(.*?)"', page)]


def test_melodies_on_the_page_are_those_in_the_files(trained):
    _, run = trained
    page = (run / "index.html").read_text()
    melodies = melodies_on(page)
    assert len(melodies) == 10
    assert all(0 < melody["length"] <= 13 / 4 for melody in melodies[:5])  # from before training
    encoder = GridEncoder()
    for n, melody in enumerate(melodies[5:], start=1):
        notes = [str(event["pitch"]) for event in melody["events"] if event["pitch"] is not None]
        for suffix in (".musicxml", ".mid"):
            score = converter.parse(run / f"after-{n}{suffix}", forceSource=True)
            assert [token for token in encoder.encode_song(score) if token not in ("_", "r")] == notes


def test_the_page_of_a_run(trained, tmp_path):
    """In the order of the article; a training that goes on makes anew what it changes, and keeps the rest."""
    _, run = trained
    headings = ["The songs", "The network", "Melodies before training", "Training", "Test", "Melodies after training"]

    def sections(run):
        page = (run / "index.html").read_text()
        return dict(re.findall("<h2>(.*?)</h2>\n(.*?)\n</section>", page, re.DOTALL))

    first = sections(run)
    assert list(first) == headings
    assert "12 songs found, 12 kept, 0 left out" in first["The songs"]
    assert "lstm.weight_hh_l0" in first["The network"]
    chart = json.loads(html.unescape(re.search('data-chart="(.*?)"', first["Training"])[1]))
    with open(run / "metrics.csv") as file:
        rows = [row for row in csv.DictReader(file) if row["val_loss"]]
    (validation,) = [one for one in chart["series"] if one["name"].startswith("validation (best: ")]
    assert [point[0] for point in validation["points"]] == [int(row["step"]) for row in rows]
    assert [point[1] for point in validation["points"]] == pytest.approx([float(row["val_loss"]) for row in rows], 1e-4)
    shutil.copytree(run, tmp_path / "run")
    assert run_train("--resume", tmp_path / "run", "--epochs", 3) == 0
    second = sections(tmp_path / "run")
    assert list(second) == headings
    assert second["Melodies before training"] == first["Melodies before training"]
    assert second["Training"].count("<tr>") == first["Training"].count("<tr>") + 1
    (tmp_path / "run" / "index.html").write_text("damaged")
    assert run_train("--resume", tmp_path / "run") == 0
    assert list(sections(tmp_path / "run")) == [one for one in headings if "before" not in one]


def test_checkpoint_holds_all_there_is_to_go_on(trained):
    _, run = trained
    for name in ("best.npz", "last.npz"):
        arrays, description = checkpoint.load(run / name)
        assert {name.split("/")[0] for name in arrays} == {"param", "adam.m", "adam.v", "split"}
        assert description["vocabulary"][0] == "."
        assert description["time_step"] == 1 / 16
        assert description["start_len"] == 1  # as the streams begin
        assert description["config"]["recipe"] == "default"
        assert sorted(np.concatenate([arrays[f"split/{part}"] for part in range(3)])) == list(range(12))
        assert description["training"]["dropout_rng"]["bit_generator"] == "PCG64"


def test_what_appears_on_the_screen(trained, tmp_path, capsys):
    songs, _ = trained
    assert run_train("--data", songs, "--out", tmp_path / "run", *SMALL) == 0
    printed = capsys.readouterr().out
    for text in (
        "12 songs found, 12 kept, 0 left out", "lstm.weight_hh_l0", "training loss", "tokens/s", "left",
        "epoch 2/2: train", "nats per step, perplexity", "accuracy", "<- best", "test, best epoch",
        "melodies after training", "C4:", "sample.py",
    ):  # fmt: skip
        assert text in printed


def test_article_recipe(trained, tmp_path, capsys):
    songs, _ = trained
    options = ["--hidden-dim", "8", "--sequence-len", "8", "--epochs", "1", "--batch-size", "128"]
    assert run_train("--data", songs, "--out", tmp_path / "run", "--recipe", "article", *options) == 0
    assert "windows, drawn at random: " in capsys.readouterr().out
    config = checkpoint.load(tmp_path / "run" / "best.npz")[1]["config"]
    expected = {"outputs": "last", "split": "window", "stride": 1, "dropout": 0.2, "learning_rate": 0.001, "clip": 0}
    assert {name: config[name] for name in expected} == expected
    article = train.RECIPES["article"]
    assert (article["sequence_len"], article["hidden_dim"], article["layer_dim"]) == (64, 128, 1)
    assert (article["batch_size"], article["epochs"], article["input_dim"]) == (64, 10, 0)


def test_windows_in_the_place_of_streams(trained, tmp_path):
    songs, _ = trained
    options = ["--batches", "windows", "--stride", "4", "--out", tmp_path / "run"]
    assert run_train("--data", songs, *SMALL, *options) == 0
    assert checkpoint.load(tmp_path / "run" / "last.npz")[1]["start_len"] == 16


def test_streams_need_whole_songs_and_a_target_at_every_step(trained, tmp_path, capsys):
    songs, _ = trained
    for option, value, mend in [
        ("--outputs", "last", "--batches windows"),
        ("--split", "window", "--batches windows"),
        ("--batch-size", 100_000, "give a smaller one"),
    ]:
        status = run_train("--data", songs, "--out", tmp_path / "run", *SMALL, option, value)
        one_sentence(capsys, status, mend)
        assert not (tmp_path / "run").exists()


def test_the_plain_cell_learns_the_same(trained, tmp_path):
    """In float32 the two versions differ in the last digits only."""
    songs, run = trained
    assert run_train("--data", songs, "--out", tmp_path / "plain", *SMALL, "--plain") == 0
    fast, plain = weights(run), weights(tmp_path / "plain")
    for name in fast:
        np.testing.assert_allclose(fast[name], plain[name], rtol=0, atol=1e-4)


def test_no_training_at_all(trained, tmp_path):
    songs, _ = trained
    assert run_train("--data", songs, "--out", tmp_path / "run", *SMALL, "--epochs", 0) == 0
    assert (tmp_path / "run" / "after-5.mid").exists()


def test_runs_that_begin_in_the_same_second(tmp_path):
    with contextlib.ExitStack() as claims:
        folders = [resuming.make_folder(tmp_path / "runs" / "default-1", False, claims) for _ in range(3)]
    assert [folder.name for folder in folders] == ["default-1", "default-1-2", "default-1-3"]


def test_divergence_stops_with_a_sentence(trained, tmp_path, capsys):
    songs, _ = trained
    status = run_train("--data", songs, "--out", tmp_path / "run", *SMALL, "--learning-rate", "1e30")
    one_sentence(capsys, status, "is not finite", "--learning-rate")
    assert [path.name for path in (tmp_path / "run").glob("*.npz")] == ["last.npz"]  # from before the first step
    arrays, description = checkpoint.load(tmp_path / "run" / "last.npz")
    assert description["training"]["adam_steps"] == 0
    assert all(np.isfinite(array).all() for array in arrays.values())
