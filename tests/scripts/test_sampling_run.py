"""sample.py from a model to melodies."""

import hashlib
import os
from pathlib import Path

import numpy as np
import pytest
from running import first_melody, one_sentence, record, run_sample

import sample
from encoding import Meter, Told
from lstm_numpy.sampling import next_probabilities


def test_sample(trained, tmp_path, capsys):
    _, run = trained
    assert run_sample("--model", run, "-n", 3, "--seed", 4, "--out", tmp_path / "a") == 0
    printed = capsys.readouterr().out
    assert "seed 4" in printed
    assert {path.name for path in (tmp_path / "a").iterdir()} == {
        "index.html",
        *(f"melody-{n}{suffix}" for n in (1, 2, 3) for suffix in (".mid", ".musicxml", ".json")),
    }
    assert (
        run_sample("--model", run / "best.npz", "-n", 2, "--seed", 4, "--out", tmp_path / "b", "--formats", "txt") == 0
    )
    for n in (1, 2):  # the n-th melody does not depend on how many there are
        assert record(tmp_path / "a", n)["tokens"] == (tmp_path / "b" / f"melody-{n}.txt").read_text().strip()
    assert len(list((tmp_path / "b").iterdir())) == 4


def test_record(trained, tmp_path):
    """The likelihood is that of the model at temperature 1, of what was composed and of the end."""
    _, run = trained
    common = ["--model", run, "--seed", 4, "-n", 2, "--primer", "60 _ 62 _", "--temperature", 0.9, "--out", tmp_path]
    assert run_sample(*common, "--key", "Eb", "--meter", "2/4", "--formats", "tokens") == 0
    network = sample.load_network(run / "best.npz")
    model, vocabulary = network.model, network.vocabulary
    for n in (1, 2):
        found = record(tmp_path, n)
        tokens = found["tokens"].split()
        assert tokens == (tmp_path / f"melody-{n}.txt").read_text().split()
        assert (found["key"], found["meter"], found["upbeat"], found["tempo"]) == ("Eb major", "2/4", 0, 120)
        assert (found["seed"], found["number"], found["transposed_by"]) == (4, n, 3)
        assert found["model"]["sha256"] == hashlib.sha256((run / "best.npz").read_bytes()).hexdigest()
        assert found["versions"]["numpy"] == np.__version__
        composed = [str(int(token) - 3) if token.isdecimal() else token for token in tokens]
        told = Told(Meter(*found["told"]["meter"]), found["told"]["minor"])
        assert told.meter[1:] == (8, 4)
        assert told.minor is False
        rows = network.context.of_song(np.array([vocabulary.encode(symbol) for symbol in composed]), told)
        symbols = [vocabulary.encode(symbol) for symbol in composed] + [0] * found["composed"]["ended"]
        nats = []
        for t in range(4, len(symbols)):
            before = np.array([[0, *symbols[:t]]])
            p = next_probabilities(model.forward(before, outputs="last", context=rows[None, : t + 1])[0][0])
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


def test_primers(trained, tmp_path, capsys):
    _, run = trained
    common = ["--model", run, "-n", 1, "--seed", 1, "--formats", "tokens", "--out", tmp_path]
    assert run_sample(*common, "--primer", "60 _ r 62", "--max-len", 20) == 0
    assert first_melody(tmp_path)[:4] == ["60", "_", "r", "62"]
    assert len(first_melody(tmp_path)) <= 20
    assert run_sample(*common, "--primer", "60 _ r 62", "--primer-notes", 1, "--max-len", 20) == 0
    assert first_melody(tmp_path)[:2] == ["60", "_"]
    assert run_sample(*common, "--primer", "C4:2 r:1 D4:1", "--max-len", 20) == 0
    assert first_melody(tmp_path)[:4] == ["60", "_", "r", "62"]
    for primer in (["60 _ r 62"], ["60 _ r 62", "--max-len", 3], ["", "--max-len", 20]):
        more = primer if len(primer) > 1 else [*primer, "--max-len", 4]
        assert run_sample(*common, "--primer", *more) == 2  # no room for a note, or nothing to go on from
    song = tmp_path / "one.abc"
    song.write_text("X:1\nL:1/16\nM:4/4\nQ:1/4=77\nK:D\nD4 E4 F2 G2\n")
    assert run_sample(*common, "--primer-file", song, "--primer-notes", 3) == 0
    assert first_melody(tmp_path)[:10] == ["62", "_", "_", "_", "64", "_", "_", "_", "66", "_"]  # D major again
    in_d = first_melody(tmp_path)
    assert record(tmp_path)["tempo"] == 77
    assert run_sample(*common, "--primer-file", song, "--primer-notes", 3, "--key", "C") == 0
    in_c = first_melody(tmp_path)
    assert [str(int(token) + 2) if token.isdecimal() else token for token in in_c] == in_d
    assert run_sample(*common, "--primer-file", song, "--primer-notes", 3, "--no-primer-in-output") == 0
    rest = in_d[10:]
    while rest and rest[0] == "_":
        rest.pop(0)
    assert first_melody(tmp_path) == rest
    capsys.readouterr()
    song.write_text("X:1\nL:1/16\nM:4/4\nK:D\nD4 E4 F4 G4|[M:3/4]D4 E4 F4|\n")
    assert run_sample(*common, "--primer-file", song, "--max-len", 60) == 0
    assert "those of the melodies are drawn as the songs have them" in capsys.readouterr().out
    for temperature in (0, "inf", 1e-9):
        assert run_sample(*common, "--temperature", temperature, "--top-k", 3) == 0
