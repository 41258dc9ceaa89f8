"""train.py --watch."""

import csv

import numpy as np
from running import SMALL, one_sentence, run_train, weights


def test_watching_a_run_leaves_its_weights_alone(trained, tmp_path, capsys):
    songs, run = trained
    assert run_train("--data", songs, *SMALL, "--watch", "--out", tmp_path / "run") == 0
    alone, watched = weights(run), weights(tmp_path / "run")
    assert all(np.array_equal(alone[name], watched[name]) for name in alone)
    page = (tmp_path / "run" / "index.html").read_text()
    assert "<h2>Gradients, updates and gates</h2>" in page
    assert page.count('class="chart"') == 5  # the losses, and four of the watch
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
