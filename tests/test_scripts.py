"""train.py and sample.py from end to end, as a user runs them."""

import csv
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
import wave
from pathlib import Path

import numpy as np
import pytest
from music21 import converter

import sample
import train
from encoding import GridEncoder, StringToIntEncoder, load_corpus
from encoding.render import FORMATS
from lstm_numpy import checkpoint
from lstm_numpy.claim import claimed
from lstm_numpy.sampling import next_probabilities
from lstm_numpy.training import Diverged

ROOT = Path(__file__).resolve().parent.parent
SMALL = ["--hidden-dim", "12", "--input-dim", "6", "--sequence-len", "16", "--epochs", "2", "--eval-interval", "2"]
SMALL += ["--batch-size", "4"]


def run_train(*arguments) -> int:
    return train.run_command(train.main, [str(argument) for argument in arguments])


def run_sample(*arguments) -> int:
    return sample.run_command(sample.main, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A folder of songs and a run on it."""
    from conftest import random_abc

    folder = tmp_path_factory.mktemp("trained")
    songs = folder / "songs.abc"
    rng = np.random.default_rng(3)
    songs.write_text("\n".join(random_abc(n, rng) for n in range(1, 13)))
    run = folder / "run"
    assert run_train("--data", songs, "--out", run, *SMALL) == 0
    return songs, run


def test_run_folder(trained):
    _, run = trained
    names = {path.name for path in run.iterdir()}
    melodies = {
        f"{when}-{n}{suffix}" for when in ("before", "after") for n in range(1, 6) for suffix in FORMATS.values()
    }
    assert names == melodies | {
        "best.npz", "last.npz", "metrics.csv", "curves.png", "architecture.png", "corpus.txt",
    }  # fmt: skip
    with open(run / "metrics.csv") as file:
        rows = list(csv.DictReader(file))
    epochs = [row for row in rows if row["val_loss"]]
    assert [row["epoch"] for row in epochs] == ["1", "2"]
    assert float(epochs[0]["val_perplexity"]) == pytest.approx(np.exp(float(epochs[0]["val_loss"])), rel=1e-3)
    assert len(rows) > 2  # intervals too
    for name in ("curves.png", "architecture.png"):
        assert (run / name).read_bytes().startswith(b"\x89PNG")


def test_melodies_can_be_read_back(trained):
    _, run = trained
    encoder = GridEncoder()
    for when, longest in (("before", 13), ("after", 120)):
        for n in range(1, 6):
            tokens = (run / f"{when}-{n}.txt").read_text().split()
            assert 1 <= len(tokens) <= longest
            assert tokens[0] not in ("_", ".")
            notes = [token for token in tokens if token not in ("_", "r")]
            for suffix in (".musicxml", ".mid"):
                score = converter.parse(run / f"{when}-{n}{suffix}", forceSource=True)
                read = [token for token in encoder.encode_song(score) if token not in ("_", "r")]
                assert read == notes
            with wave.open(str(run / f"{when}-{n}.wav")) as file:
                assert file.getnframes() / file.getframerate() == pytest.approx(len(tokens) * 0.125 + 0.3, abs=0.01)
                assert np.abs(np.frombuffer(file.readframes(file.getnframes()), "<i2")).max() > 1000 or not notes


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


def test_watching_a_run_leaves_its_weights_alone(trained, tmp_path, capsys):
    songs, run = trained
    assert run_train("--data", songs, *SMALL, "--watch", "--out", tmp_path / "run") == 0
    alone, watched = weights(run), weights(tmp_path / "run")
    assert all(np.array_equal(alone[name], watched[name]) for name in alone)
    assert (tmp_path / "run" / "watch.png").read_bytes().startswith(b"\x89PNG")
    assert not (run / "watch.csv").exists()

    assert run_train("--resume", tmp_path / "run", "--epochs", 3) == 0  # it is a setting of the run
    with open(tmp_path / "run" / "watch.csv") as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows if row["lag 0"]] == ["0", "1", "2", "3"]
    assert len(rows) > 4  # intervals too
    capsys.readouterr()
    one_sentence(capsys, run_train("--resume", run, "--watch"), "leave out --watch")


def test_watching_the_articles_recipe(trained, tmp_path):
    songs, _ = trained
    options = ["--hidden-dim", "8", "--sequence-len", "8", "--epochs", "1", "--batch-size", "128", "--plain"]
    assert run_train("--data", songs, "--out", tmp_path, "--recipe", "article", "--watch", *options) == 0
    with open(tmp_path / "watch.csv") as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == ["0", "1"]
    assert float(rows[1]["lag 7"]) > 0


def test_no_training_at_all(trained, tmp_path):
    songs, _ = trained
    assert run_train("--data", songs, "--out", tmp_path / "run", *SMALL, "--epochs", 0) == 0
    assert (tmp_path / "run" / "after-5.mid").exists()


# -- stopping and going on ---------------------------------------------------------------------


def weights(run):
    return checkpoint.load(run / "last.npz")[0]


def rows_without_clock(run):
    with open(run / "metrics.csv") as file:
        return [{k: v for k, v in row.items() if k != "seconds"} for row in csv.DictReader(file)]


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent to processes in another way there")
def test_ctrl_c_saves_and_resume_goes_on(trained, tmp_path):
    songs, _ = trained
    options = ["--data", str(songs), *SMALL, "--epochs", "40"]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, str(ROOT / "train.py"), *options, "--out", str(tmp_path / "stopped")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, cwd=tmp_path) as process:
        for line in process.stdout:
            if line.startswith("epoch 2/"):
                time.sleep(0.02)
                process.send_signal(signal.SIGINT)
                break
        rest = process.stdout.read()
    assert process.returncode == 130
    assert f"go on with: python train.py --resume {tmp_path / 'stopped'}" in rest
    assert "Traceback" not in rest
    assert run_train("--resume", tmp_path / "stopped") == 0
    assert run_train(*options, "--out", tmp_path / "whole") == 0
    stopped, whole = weights(tmp_path / "stopped"), weights(tmp_path / "whole")
    for name in whole:
        np.testing.assert_array_equal(stopped[name], whole[name])
    assert rows_without_clock(tmp_path / "stopped") == rows_without_clock(tmp_path / "whole")


def test_more_epochs(trained, tmp_path, capsys):
    songs, _ = trained
    constant = [*SMALL, "--schedule", "constant", "--warm-up", "0"]  # a cosine over three epochs begins otherwise
    assert run_train("--data", songs, *constant, "--epochs", 1, "--out", tmp_path / "run") == 0
    moved = tmp_path / "moved.abc"
    moved.write_text(songs.read_text())
    one_sentence(capsys, run_train("--resume", tmp_path / "run", "--data", moved), "differ")  # other names
    moved = tmp_path / songs.name
    moved.write_text(songs.read_text())
    assert run_train("--resume", tmp_path / "run", "--epochs", 3, "--data", moved) == 0
    assert run_train("--data", songs, *constant, "--epochs", 3, "--out", tmp_path / "whole") == 0
    one, two = weights(tmp_path / "run"), weights(tmp_path / "whole")
    assert all(np.array_equal(one[name], two[name]) for name in two)


def test_ctrl_c_in_the_last_step(trained, tmp_path, monkeypatch, capsys):
    songs, _ = trained
    save = train.Run.save

    def interrupted(run, name):
        save(run, name)
        if name == "best.npz":
            signal.raise_signal(signal.SIGINT)

    with monkeypatch.context() as patch:
        patch.setattr(train.Run, "save", interrupted)
        assert run_train("--data", songs, "--out", tmp_path / "run", *SMALL, "--epochs", 1) == 130
    assert "stopped and saved" in capsys.readouterr().out
    assert run_train("--resume", tmp_path / "run") == 0
    assert "the run is finished" in capsys.readouterr().out


def test_no_screen_and_nothing_to_save(trained, tmp_path, monkeypatch, capsys):
    """The reader has gone, and the place is not finite: the second is said."""
    songs, _ = trained
    save, gone = train.Run.save, []

    def show(*_):
        gone.append(True)
        raise BrokenPipeError

    def diverged(run, name):
        if gone:
            raise Diverged("step 1: W is not finite")
        save(run, name)

    monkeypatch.setattr("lstm_numpy.screen.show", show)
    monkeypatch.setattr(train.Run, "save", diverged)
    one_sentence(capsys, run_train("--data", songs, "--out", tmp_path / "run", *SMALL), "W is not finite")


@pytest.mark.skipif(sys.platform == "win32", reason="folders cannot be locked in this way there")
def test_two_runs_in_one_folder(trained, tmp_path, capsys):
    songs, run = trained
    (tmp_path / "run").mkdir()
    with claimed(run), claimed(tmp_path / "run"):
        one_sentence(capsys, run_train("--resume", run), "another train.py is at work")
        one_sentence(capsys, run_train("--data", songs, "--out", tmp_path / "run", *SMALL), "another train.py")
    assert not list((tmp_path / "run").iterdir())
    with claimed(run):  # it has been set free
        pass


def test_runs_that_begin_in_the_same_second(tmp_path):
    folders = [train.next_unused(tmp_path / "runs" / "default-1") for _ in range(3)]
    assert [folder.name for folder in folders] == ["default-1", "default-1-2", "default-1-3"]


def test_resume_keeps_the_settings(trained, capsys):
    _, run = trained
    one_sentence(capsys, run_train("--resume", run, "--hidden-dim", 9), "leave out --hidden-dim")
    one_sentence(capsys, run_train("--resume", run, "--seed", 0), "leave out --seed")
    one_sentence(capsys, run_train("--resume", run / "curves.png"), "not a checkpoint")


def test_resume_wants_the_same_songs(trained, tmp_path, capsys):
    text = trained[0].read_text()
    songs = tmp_path / "songs.abc"
    songs.write_text(text)
    assert run_train("--data", songs, *SMALL, "--out", tmp_path / "run") == 0
    songs.write_text(text.replace("C4", "D4"))
    one_sentence(capsys, run_train("--resume", tmp_path / "run"), "differ from those of the run")


# -- sampling ----------------------------------------------------------------------------------


def test_sample(trained, tmp_path, capsys):
    _, run = trained
    assert run_sample("--model", run, "-n", 3, "--seed", 4, "--out", tmp_path / "a") == 0
    printed = capsys.readouterr().out
    assert "seed 4" in printed
    assert {path.name for path in (tmp_path / "a").iterdir()} == {
        f"melody-{n}{suffix}" for n in (1, 2, 3) for suffix in (*FORMATS.values(), ".json")
    }
    assert (
        run_sample("--model", run / "best.npz", "-n", 2, "--seed", 4, "--out", tmp_path / "b", "--formats", "tokens")
        == 0
    )
    for n in (1, 2):  # the n-th melody does not depend on how many there are
        assert (tmp_path / "a" / f"melody-{n}.txt").read_text() == (tmp_path / "b" / f"melody-{n}.txt").read_text()
    assert len(list((tmp_path / "b").iterdir())) == 4


def record(folder, number=1) -> dict:
    return json.loads((folder / f"melody-{number}.json").read_text())


def test_again(trained, tmp_path, capsys):
    """Every file of a melody comes out byte for byte, whatever the options and the primer were."""
    song = tmp_path / "song.abc"
    song.write_text("X:1\nL:1/16\nM:3/4\nK:D\nA4 | D4 E4 F2 G2 | A12 |]\n")
    _, run = trained
    for n, options in enumerate([
        ["--seed", 5, "--temperature", 0, "--top-k", 3],
        ["--key", "bb minor", "--meter", "6/8", "--upbeat", 2, "--tempo", 97.3, "--range", "C3-C5", "--top-p", 0.8],
        ["--primer-file", song, "--primer-notes", 3, "--no-primer-in-output", "--min-len", 20, "--temperature", "inf"],
        ["--primer", "60 _ 64 _", "--max-len", 4, "--formats", "abc,tokens"],
    ]):  # fmt: skip
        first, second = tmp_path / f"{n}-first", tmp_path / f"{n}-second"
        assert run_sample("--model", run, "-n", 2, *options, "--out", first) == 0
        song.write_text(song.read_text().replace("D4", "F4"))  # the record holds the primer itself
        assert run_sample("--again", first / "melody-2.json", "--out", second) == 0
        made = {path.name: path.read_bytes() for path in second.iterdir()}
        assert made == {path.name: path.read_bytes() for path in first.glob("melody-2*")}
        assert len(made) == (3 if n == 3 else len(FORMATS) + 1)
    assert run_sample("--again", first / "melody-2.json", "--formats", "midi", "--out", tmp_path / "midi") == 0
    assert {path.name for path in (tmp_path / "midi").iterdir()} == {"melody-2.mid", "melody-2.json"}


def test_what_again_refuses(trained, tmp_path, capsys):
    _, run = trained
    model = tmp_path / "model.npz"
    model.write_bytes((run / "best.npz").read_bytes())
    assert run_sample("--model", model, "-n", 1, "--seed", 2, "--out", tmp_path, "--formats", "tokens") == 0
    file, out = tmp_path / "melody-1.json", ["--out", tmp_path / "out"]
    capsys.readouterr()
    one_sentence(capsys, run_sample("--again", file, "--seed", 2, *out), "leave out --seed")
    one_sentence(capsys, run_sample("--again", file, "-n", 2, *out), "leave out -n")
    one_sentence(capsys, run_sample("--again", tmp_path / "none.json", *out), "none.json")
    one_sentence(capsys, run_sample("--again", model, *out), "not the record of a melody")
    one_sentence(capsys, run_sample("--again", file, "--model", sample.SHIPPED, *out), "checksum")
    wrong = tmp_path / "wrong.json"
    wrong.write_text(file.read_text().replace('"0.6"', '"-1"'))
    one_sentence(capsys, status_of(run_sample, "--again", wrong, *out), "--temperature")
    assert not (tmp_path / "out").exists()
    changed = {**record(tmp_path), "tokens": "60"}  # as if another version of NumPy had drawn otherwise
    wrong.write_text(json.dumps(changed))
    status = run_sample("--again", wrong, *out)
    one_sentence(capsys, status, "came out otherwise", "numpy")
    model.unlink()
    one_sentence(capsys, run_sample("--again", file, *out), "say with --model where it is")
    assert run_sample("--again", file, "--model", run / "best.npz", *out) == 0
    assert (tmp_path / "out" / "melody-1.json").read_bytes() == file.read_bytes()


def test_record(trained, tmp_path):
    """The likelihood is that of the model at temperature 1, of what was composed and of the end."""
    _, run = trained
    common = ["--model", run, "--seed", 4, "-n", 2, "--primer", "60 _ 62 _", "--temperature", 0.9, "--out", tmp_path]
    assert run_sample(*common, "--key", "Eb", "--meter", "2/4", "--formats", "tokens") == 0
    model, vocabulary, _ = sample.load_model(run / "best.npz")
    for n in (1, 2):
        found = record(tmp_path, n)
        tokens = found["tokens"].split()
        assert tokens == (tmp_path / f"melody-{n}.txt").read_text().split()
        assert (found["key"], found["meter"], found["upbeat"], found["tempo"]) == ("Eb major", "2/4", 0, 120)
        assert (found["seed"], found["number"], found["transposed_by"]) == (4, n, 3)
        assert found["model"]["sha256"] == hashlib.sha256((run / "best.npz").read_bytes()).hexdigest()
        assert found["versions"]["numpy"] == np.__version__
        composed = [str(int(token) - 3) if token.isdecimal() else token for token in tokens]
        symbols = [vocabulary.encode(symbol) for symbol in composed] + [0] * (len(composed) < 120)
        nats = []
        for t in range(4, len(symbols)):
            before = np.array([[0] * model.start_len + symbols[:t]])
            p = next_probabilities(model.forward(before, outputs="last")[0][0])
            nats.append(-np.log(p[symbols[t]]))
        likelihood = found["likelihood"]
        assert likelihood["steps"] == len(nats)
        assert likelihood["nats_per_step"] == pytest.approx(np.mean(nats), abs=1e-4)
        notes = sum(token.isdecimal() for token in composed[4:])
        assert likelihood["bits_per_note"] == pytest.approx(sum(nats) / np.log(2) / notes, rel=1e-4)


def test_lengths(trained, tmp_path):
    _, run = trained
    common = ["--model", run, "--seed", 1, "-n", 20, "--temperature", 2, "--formats", "tokens", "--out", tmp_path]
    assert run_sample(*common, "--min-len", 12, "--max-len", 15) == 0
    lengths = {len((tmp_path / f"melody-{n}.txt").read_text().split()) for n in range(1, 21)}
    assert lengths <= {12, 13, 14, 15}


def test_sample_uses_the_newest_run(trained, tmp_path, monkeypatch, capsys):
    _, run = trained
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sample, "SHIPPED", tmp_path / "nothing.npz")
    one_sentence(capsys, run_sample(), "no trained model")
    for age, name in enumerate(("new", "old")):
        (tmp_path / "runs" / name).mkdir(parents=True)
        target = tmp_path / "runs" / name / "best.npz"
        target.write_bytes((run / "best.npz").read_bytes())
        os.utime(target, (1e9 - age, 1e9 - age))
    assert run_sample("-n", 1, "--formats", "tokens") == 0
    assert str(Path("runs/new/best.npz")) in capsys.readouterr().out
    assert len(list((tmp_path / "melodies").glob("*/melody-1.txt"))) == 1


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
    assert config["songs_digest"] == train.digest(corpus)
    assert description["vocabulary"] == StringToIntEncoder(corpus.songs).symbols
    monkeypatch.chdir(tmp_path)  # where there are no runs
    assert run_sample("-n", 1, "--seed", 1, "--formats", "tokens") == 0
    assert f"model {sample.SHIPPED}" in capsys.readouterr().out
    one_sentence(capsys, run_train("--resume", sample.SHIPPED), "no training to go on with")


def first_melody(folder):
    return (folder / "melody-1.txt").read_text().split()


def test_primers(trained, tmp_path):
    _, run = trained
    common = ["--model", run, "-n", 1, "--seed", 1, "--formats", "tokens", "--out", tmp_path]
    assert run_sample(*common, "--primer", "60 _ r 62", "--max-len", 20) == 0
    assert first_melody(tmp_path)[:4] == ["60", "_", "r", "62"]
    assert len(first_melody(tmp_path)) <= 20
    assert run_sample(*common, "--primer", "60 _ r 62", "--primer-notes", 1, "--max-len", 2) == 0
    assert first_melody(tmp_path) == ["60", "_"]
    song = tmp_path / "one.abc"
    song.write_text("X:1\nL:1/16\nM:4/4\nK:D\nD4 E4 F2 G2\n")
    assert run_sample(*common, "--primer-file", song, "--primer-notes", 3) == 0
    assert first_melody(tmp_path)[:10] == ["62", "_", "_", "_", "64", "_", "_", "_", "66", "_"]  # D major again
    in_d = first_melody(tmp_path)
    assert run_sample(*common, "--primer-file", song, "--primer-notes", 3, "--key", "C") == 0
    in_c = first_melody(tmp_path)
    assert [str(int(token) + 2) if token.isdecimal() else token for token in in_c] == in_d
    assert run_sample(*common, "--primer-file", song, "--primer-notes", 3, "--no-primer-in-output") == 0
    rest = in_d[10:]
    while rest and rest[0] == "_":
        rest.pop(0)
    assert first_melody(tmp_path) == rest
    for temperature in (0, "inf", 1e-9):
        assert run_sample(*common, "--temperature", temperature, "--top-k", 3) == 0


# -- what users get wrong ----------------------------------------------------------------------


def one_sentence(capsys, status, *texts):
    printed = capsys.readouterr()
    lines = printed.err.strip().splitlines()
    assert status == 2
    assert len(lines) == 1, printed.err
    for text in texts:
        assert text in lines[0]


def status_of(run, *arguments) -> int:
    try:
        return run(*arguments)
    except SystemExit as stop:  # from argparse
        return stop.code


def test_wrong_data(tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "readme.txt").write_text("no score")
    (tmp_path / "text.krn").write_text("Dear diary,\nthis is no music.\n")
    for path, text in [
        ("nowhere", "no such file"),
        ("empty", "no scores found"),
        ("other", "no scores found"),
        ("text.krn", "none of its songs"),
        ("other/readme.txt", "not a kind of score"),
    ]:
        status = status_of(run_train, "--data", tmp_path / path, "--out", tmp_path / "run")
        one_sentence(capsys, status, text, str(tmp_path / path))
        assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--epochs", "-1"], "--epochs"), (["--epochs", "two"], "--epochs"), (["--dropout", "1"], "--dropout"),
        (["--dropout", "nan"], "--dropout"), (["--batch-size", "0"], "--batch-size"), (["--seed", "-1"], "--seed"),
        (["--learning-rate", "inf"], "--learning-rate"), (["--outputs", "first"], "--outputs"),
        (["--recipe", "cake"], "--recipe"), (["--time-step", "0"], "--time-step"),
        (["--limit-songs", "2"], "--limit-songs"),
        (["--sequence-len", "0"], "--sequence-len"), (["--resume", "nowhere"], "nowhere"), (["--what"], "--what"),
    ],
)  # fmt: skip
def test_wrong_training_options(arguments, text, capsys):
    one_sentence(capsys, status_of(run_train, *arguments), text)


def test_wrong_sampling_options(trained, tmp_path, capsys):
    _, run = trained
    (tmp_path / "text.npz").write_text("hello")
    np.savez(tmp_path / "other.npz", a=np.zeros(3))
    (tmp_path / "text.krn").write_text("Dear diary\n")
    for arguments, text in [
        (["--model", tmp_path / "nowhere.npz"], "no such file"),
        (["--model", tmp_path / "text.npz"], "not a checkpoint"),
        (["--model", tmp_path / "other.npz"], "not a checkpoint"),
        (["--primer", "60 _ 61"], "nearest known"),
        (["--primer", "_ 60"], "position 0"),
        (["--primer", "60 ."], "position 1"),
        (["--primer", "60 _ _", "--max-len", "2"], "--max-len"),
        (["--primer-file", tmp_path / "nowhere.mid"], "no such file"),
        (["--primer-file", tmp_path / "text.krn"], "cannot be used"),
        (["--temperature", "-1"], "--temperature"),
        (["--temperature", "nan"], "--temperature"),
        (["--top-k", "0"], "--top-k"),
        (["--formats", "mp3"], "mp3"),
        (["--top-p", "0"], "--top-p"),
        (["--top-p", "1.5"], "--top-p"),
        (["--min-len", "121"], "--min-len"),
        (["--key", "H"], "--key"),
        (["--key", "G#"], "Ab major"),
        (["--meter", "3/5"], "--meter"),
        (["--upbeat", "16"], "--upbeat"),
        (["--upbeat", "-1"], "--upbeat"),
        (["--tempo", "0"], "--tempo"),
        (["--range", "C4-D4"], "--range"),
        (["--no-primer-in-output"], "for a primer"),
        (["--soundfont", tmp_path / "none.sf2"], "no such file"),
        (["--primer", "60", "--primer-file", "x.mid"], "--primer"),
    ]:
        model = [] if "--model" in arguments else ["--model", run]
        one_sentence(capsys, status_of(run_sample, *model, "--out", tmp_path / "out", *arguments), text)


def test_a_run_is_not_overwritten(trained, capsys):
    songs, run = trained
    one_sentence(capsys, run_train("--data", songs, "--out", run, *SMALL), "already holds a run", "--resume")


def test_folder_that_cannot_be_made(trained, tmp_path, capsys):
    songs, run = trained
    (tmp_path / "file").write_text("in the way")
    capsys.readouterr()
    one_sentence(capsys, run_train("--data", songs, "--out", tmp_path / "file" / "run", *SMALL), "file")
    one_sentence(capsys, run_sample("--model", run, "--out", tmp_path / "file"), "file")


def test_divergence_stops_with_a_sentence(trained, tmp_path, capsys):
    songs, _ = trained
    status = run_train("--data", songs, "--out", tmp_path / "run", *SMALL, "--learning-rate", "1e30")
    one_sentence(capsys, status, "is not finite", "--learning-rate")
    assert [path.name for path in (tmp_path / "run").glob("*.npz")] == ["last.npz"]  # from before the first step
    arrays, description = checkpoint.load(tmp_path / "run" / "last.npz")
    assert description["training"]["adam_steps"] == 0
    assert all(np.isfinite(array).all() for array in arrays.values())


def test_too_few_songs(tmp_path, capsys):
    (tmp_path / "a.abc").write_text("X:1\nL:1/16\nM:4/4\nK:C\nC4 D4\n")
    one_sentence(capsys, run_train("--data", tmp_path / "a.abc", "--out", tmp_path / "run", *SMALL), "three groups")
    assert not (tmp_path / "run").exists()


# -- imports -----------------------------------------------------------------------------------


@pytest.mark.parametrize("script", ["train.py", "sample.py"])
def test_help_waits_for_nothing_heavy(script):
    code = (
        f"import sys; sys.argv = ['{script}', '--help']\n"
        "import runpy\n"
        f"try: runpy.run_path({str(ROOT / script)!r}, run_name='__main__')\n"
        "except SystemExit: pass\n"
        "print(sorted({'numpy', 'music21', 'matplotlib'} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.stderr.strip() == "[]"
    assert "default:" in done.stdout


def test_tokens_alone_need_neither_music21_nor_matplotlib(tmp_path):
    code = (
        "import sys, sample\n"
        f"sample.main({['-n', '1', '--model', str(sample.SHIPPED), '--formats', 'tokens', '--out', str(tmp_path)]})\n"
        "print(sorted({'music21', 'matplotlib'} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.stderr.strip() == "[]"
    assert (tmp_path / "melody-1.txt").is_file()


def test_packages_keep_to_themselves():
    import ast

    def imported(folder):
        for path in (ROOT / folder).glob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Import):
                    yield from (alias.name.split(".")[0] for alias in node.names)
                elif isinstance(node, ast.ImportFrom):
                    yield node.module.split(".")[0]

    standard = set(sys.stdlib_module_names)
    assert set(imported("lstm_numpy")) - standard == {"numpy", "matplotlib", "lstm_numpy"}
    assert set(imported("encoding")) - standard == {"numpy", "matplotlib", "music21", "encoding"}
    for folder in ("lstm_numpy", "encoding"):
        for path in (ROOT / folder).glob("*.py"):
            assert "pickle" not in imported(folder)
            text = path.read_text()
            for forbidden in ("np.random.seed", "np.random.rand", "np.random.normal", "allow_pickle=True"):
                assert forbidden not in text
