"""What is found out about composed melodies: novelty in each record, and the page of figures."""

import json
import re
from types import SimpleNamespace

import numpy as np
import pytest
from songs import random_abc

import sample
import train
from encoding import load_corpus

SMALL = ["--hidden-dim", "12", "--input-dim", "6", "--sequence-len", "16", "--epochs", "1", "--batch-size", "4"]


def run(main, *arguments) -> int:
    return train.run_command(main, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A file of songs and a run on it."""
    folder = tmp_path_factory.mktemp("report")
    songs, rng = folder / "songs.abc", np.random.default_rng(5)
    songs.write_text("\n".join(random_abc(n, rng) for n in range(1, 31)))
    assert run(train.main, "--data", songs, "--out", folder / "run", *SMALL) == 0
    return songs, folder / "run"


def records_in(folder) -> list[dict]:
    return [json.loads(path.read_text()) for path in sorted(folder.glob("melody-*.json"))]


def test_a_page_about_the_melodies(trained, tmp_path, capsys):
    _, model = trained
    common = ["--model", model, "-n", 3, "--seed", 4, "--formats", "tokens,page"]
    assert run(sample.main, *common, "--report", "--out", tmp_path) == 0
    page = (tmp_path / "index.html").read_text()
    records = records_in(tmp_path)
    for record in records:
        row = re.search(f"<tr><td>{record['number']}</td>.*?</tr>", page)[0]
        assert f"{record['likelihood']['nats_per_step']:.2f}" in row
        assert f"{record['novelty']['steps']} steps" in row
        assert record["novelty"]["song"] in row
    assert "Beside 3 songs that the model has never heard" in page
    for record in records:
        assert f"--again {tmp_path}/melody-{record['number']}.json" in page
    assert page.count('class="chart"') == 6
    assert (tmp_path / "index.html").as_uri() in capsys.readouterr().out

    # And that is how a melody is made again, its record included.
    assert run(sample.main, "--again", tmp_path / "melody-2.json", "--out", tmp_path / "again") == 0
    for name in ("melody-2.txt", "melody-2.json"):
        assert (tmp_path / "again" / name).read_bytes() == (tmp_path / name).read_bytes()


def test_novelty_is_that_of_the_training_songs(trained, tmp_path):
    songs, model = trained
    corpus = load_corpus(songs)
    network = sample.load_network(model / "best.npz")
    parts = network.saved.split
    learned = sample.learned_songs(SimpleNamespace(report=False, data=None), network)
    assert [len(learned.validation), len(learned.test)] == [len(part) for part in parts[1:]]
    song = corpus.songs[parts[0][0]]
    found = learned.novelty(song)
    assert (found["steps"], found["song"], found["copied"]) == (len(song), corpus.names[parts[0][0]], True)

    # What was given is no copy of the network's: only what it composed is looked up.
    primer = ["--primer", " ".join(song), "--max-len", len(song) + 4, "--min-len", len(song) + 4, "--seed", 3]
    assert run(sample.main, "--model", model, "-n", 1, *primer, "--formats", "tokens", "--out", tmp_path) == 0
    (record,) = records_in(tmp_path)
    assert record["composed"]["steps"] == 4
    assert record["novelty"]["steps"] <= 4
    assert not record["novelty"]["copied"]


def test_songs_that_are_not_at_hand(trained, tmp_path, monkeypatch, capsys):
    songs, model = trained
    common = ["--model", model, "-n", 1, "--seed", 4, "--formats", "tokens"]
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "empty"))
    assert load_corpus(songs, only_cached=True) is None
    assert run(sample.main, *common, "--out", tmp_path / "a") == 0  # nothing is parsed for it
    assert records_in(tmp_path / "a")[0]["novelty"] is None
    other = tmp_path / "other.abc"
    other.write_text(songs.read_text().replace("C4", "D4"))
    assert run(sample.main, *common, "--out", tmp_path / "b", "--report", "--data", other) == 2
    message = capsys.readouterr().err
    assert message.count("\n") == 1
    assert "--report: the songs are not those of the training" in message
    assert not (tmp_path / "b").exists()
