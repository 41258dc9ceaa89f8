"""A run in its folder: where it may begin, where it goes on, and what it says."""

import contextlib

import numpy as np
import pytest
from counting import Data, new_training, validate

from lstm_numpy.system import CommandLineError
from lstm_numpy.training import checkpoint
from lstm_numpy.training.resuming import Saved, check_export, check_unused, going_on, make_folder, take_up
from lstm_numpy.training.run import Run

SPLIT = [np.arange(3), np.array([3]), np.array([4, 5])]
CONFIG = {"epochs": 3, "learning_rate": 0.02}


def new_run(folder, **more):
    folder.mkdir(exist_ok=True)
    return Run(folder, new_training(**more), {"config": CONFIG, "vocabulary": list("abcdef")}, SPLIT)


def stopped_after(folder, steps):
    """A run that is killed after so many steps of 12, each of which it had saved."""
    run = new_run(folder)
    run.start_from_here()
    if steps:
        with contextlib.suppress(ZeroDivisionError):
            for done, report in enumerate(run.training.run(Data(), validate), 1):
                if report.is_best:
                    run.save("best.npz")
                run.save("last.npz")
                if done == steps:
                    break
    return run


@pytest.fixture
def claims():
    with contextlib.ExitStack() as stack:
        yield stack


def refused(sentence):
    return pytest.raises(CommandLineError, match=f"^{sentence}$")


def test_a_whole_run(tmp_path, capsys):
    run = new_run(tmp_path / "run")
    run.start_from_here()
    assert run.train(Data(), validate, None)
    assert {path.name for path in run.folder.iterdir()} == {"best.npz", "last.npz", "metrics.csv"}
    assert len((run.folder / "metrics.csv").read_text().splitlines()) == 1 + 4 + 3
    said = capsys.readouterr().out.splitlines()
    assert sum("validation" in line for line in said) == 3
    assert sum("training loss" in line for line in said) == 4
    for name in ("best.npz", "last.npz"):
        saved = Saved.load(run.folder / name)
        assert (saved.steps, saved.name) == (12, f"run/{name}")
        assert saved.evaluation_folder == run.folder / "evaluation"
        assert saved.description["vocabulary"] == list("abcdef")
        for numbers, expected in zip(saved.split, SPLIT, strict=True):
            np.testing.assert_array_equal(numbers, expected)
    for name, array in run.best_model().params.items():  # the last epoch was the best
        np.testing.assert_array_equal(array, run.training.model.params[name])
    assert run.best_model().start_len == run.training.model.start_len


def test_nothing_to_train(tmp_path):
    run = new_run(tmp_path / "run", epochs=0)
    run.start_from_here()
    assert run.train(Data(), validate, None)
    assert run.best_model().params.keys() == run.training.model.params.keys()
    assert Saved.load(run.folder / "last.npz").steps == 0


@pytest.mark.parametrize(("save_every", "saved"), [(0, [1, 2, 3, 4]), (3600, [4])])
def test_how_often_it_is_saved(tmp_path, monkeypatch, save_every, saved):
    run, seen = new_run(tmp_path / "run", epochs=1), []
    real = run.save
    monkeypatch.setattr(run, "save", lambda name: (seen.append((name, run.training.optimizer.t)), real(name)))
    run.train(Data(), validate, save_every)
    assert [step for name, step in seen if name == "last.npz"] == saved
    assert [step for name, step in seen if name == "best.npz"] == [4]
    assert [name for name, step in seen if step == 4] == ["best.npz", "last.npz"], "best.npz is never behind"


def test_an_export_is_no_run(tmp_path):
    path = tmp_path / "model.npz"
    checkpoint.export(path, new_training().model, {"vocabulary": list("abcdef")})
    saved = Saved.load(path)
    assert (saved.split, saved.steps, saved.name) == (None, None, "model.npz")
    assert str(saved.evaluation_folder) == "evaluation-model"
    with contextlib.ExitStack() as claims, refused(f"--resume {path}: it holds a model but no training .*last.npz"):
        take_up(path, claims)
    with refused(f"--model {tmp_path}: there is no best.npz; give a run's folder, its best.npz or an exported model"):
        Saved.load_best(tmp_path, "--model")
    assert Saved.load_best(path, "--model").asked_for == f"--model {path}"


def test_folders_of_new_runs(tmp_path, claims):
    first = make_folder(tmp_path / "a" / "run", False, claims)
    assert [make_folder(first, False, claims).name for _ in range(2)] == ["run-2", "run-3"]
    assert first.name == "run"
    with refused(f"--out {first}: another train.py is at work in it; wait for its end"):
        make_folder(first, True, claims)
    asked = make_folder(tmp_path / "mine", True, claims)
    assert asked == tmp_path / "mine"
    for name in ("last.npz", "best.npz"):
        other = tmp_path / f"with {name}"
        other.mkdir()
        check_unused(other)
        (other / name).touch()
        with refused(f"--out {other} already holds a run; give another folder, or go on with --resume {other}"):
            make_folder(other, True, claims)


def test_where_a_model_may_be_exported_to(tmp_path):
    check_export(tmp_path / "model.npz", None)
    check_export(tmp_path / "model.npz", tmp_path / "other.npz")
    for path, resume, why in (
        (tmp_path, None, "is a folder"), (tmp_path / "no" / "model.npz", None, "there is no folder"),
        (tmp_path / "best.npz", None, "would replace"), (tmp_path / "last.npz", None, "would replace"),
        (tmp_path / "model.npz", tmp_path / "x" / ".." / "model.npz", "would replace"),
    ):  # fmt: skip
        with pytest.raises(CommandLineError, match=f"^--export {path}.*{why}"):
            check_export(path, resume)


@pytest.mark.parametrize("steps", [0, 2, 4, 7, 12])
def test_a_run_goes_on_where_it_was(tmp_path, claims, steps, capsys):
    stopped_after(tmp_path / "run", steps)
    saved = take_up(tmp_path / "run", claims)
    assert (saved.path.name, saved.steps) == ("last.npz", steps)
    run = new_run(tmp_path / "run", seed=5)
    capsys.readouterr()
    run.start_from_here(saved)
    place = f"after {steps} steps"
    told = f"going on in epoch {steps // 4 + 1}, {place}\n"
    if steps == 12:
        told = f"the run is finished, {place}; to go on, give more --epochs\n"
    assert capsys.readouterr().out == told
    run.train(Data(), validate, None)
    whole = new_training()
    list(whole.run(Data(), validate))
    for name, array in whole.model.params.items():
        np.testing.assert_array_equal(run.training.model.params[name], array)


def test_of_two_checkpoints_the_furthest_counts(tmp_path, claims):
    folder = stopped_after(tmp_path / "run", 4).folder
    ahead = stopped_after(tmp_path / "other", 8).folder
    (folder / "best.npz").write_bytes((ahead / "best.npz").read_bytes())  # killed between the two writes
    assert take_up(folder, contextlib.ExitStack()).path.name == "best.npz"
    (folder / "last.npz").write_bytes((ahead / "last.npz").read_bytes())
    assert take_up(folder, contextlib.ExitStack()).path.name == "last.npz"
    (folder / "best.npz").write_bytes(b"damaged")
    assert take_up(folder, contextlib.ExitStack()).path.name == "last.npz"
    (folder / "last.npz").write_bytes(b"damaged")
    with pytest.raises(CommandLineError, match="last.npz: not a checkpoint"):
        take_up(folder, claims)


def test_what_cannot_be_gone_on_with(tmp_path, claims):
    folder = stopped_after(tmp_path / "run", 6).folder
    with refused(f"--resume {tmp_path}: there is no last.npz; give the folder of a run"):
        take_up(tmp_path, claims)
    with refused(f"--resume {folder / 'x.npz'}: there is no x.npz; give the folder of a run"):
        take_up(folder / "x.npz", claims)
    behind = folder / "best.npz"
    with refused(f"--resume {behind}: .*last.npz, after 6 steps, is further than this, after 4; .*to go back"):
        take_up(behind, claims)
    (folder / "last.npz").rename(folder / "away.npz")
    assert take_up(behind, contextlib.ExitStack()).steps == 4
    run = new_run(folder, epochs=1)
    with refused("--epochs 1: the run has begun epoch 2 already; give at least 2"):
        run.start_from_here(Saved.load(folder / "away.npz"))
    take_up(folder, claims)
    with refused(f"--resume {folder}: another train.py is at work in it; wait for its end"):
        take_up(folder, contextlib.ExitStack())


def test_other_settings_are_told(tmp_path):
    folder = stopped_after(tmp_path / "run", 5).folder
    run = new_run(folder, epochs=9)
    run.training.settings.learning_rate = 0.5
    saved = Saved.load(folder / "last.npz")
    saved.restore(run.training)
    told = going_on(run.training, saved).splitlines()
    assert told[0] == "going on in epoch 2, after 5 steps"
    schedule = "the schedule of the learning rate (constant) is computed anew from here on"
    assert told[1:] == [
        f"--epochs 9 in the place of 3: {schedule}",
        f"--learning-rate 0.5 in the place of 0.02: {schedule}",
    ]


@pytest.mark.parametrize("damaged", [True, False])
@pytest.mark.parametrize(
    ("steps", "told", "best_epoch"),
    [
        (2, "", 0),
        (4, "best.npz is {}; nothing is lost, as last.npz has the weights of the best epoch, 1, too", 1),
        (6, "best.npz is {}: the weights of the best epoch, 1, are lost; the next that ends takes its place", 0),
    ],
)
def test_without_the_best(tmp_path, steps, told, best_epoch, damaged):
    folder = stopped_after(tmp_path / "run", steps).folder
    if damaged:
        (folder / "best.npz").write_bytes(b"?")
    else:
        (folder / "best.npz").unlink(missing_ok=True)
    run = new_run(folder)
    assert Saved.load(folder / "last.npz").restore(run.training) == told.format("damaged" if damaged else "missing")
    assert run.training.best_epoch == best_epoch


def test_another_epoch_takes_the_place_of_the_lost_best(tmp_path):
    run = stopped_after(tmp_path / "run", 8)
    run.training.best_epoch, run.training.best_loss = 1, 0.25
    run.save("last.npz")
    again = new_run(run.folder)
    saved = Saved.load(run.folder / "last.npz", "--resume x")
    with refused(
        f"--resume {saved.path}: its best epoch is 1, but best.npz is of epoch 2; go on with --resume .*best.npz"
    ):
        saved.restore(again.training)
    (run.folder / "best.npz").unlink()
    told = "best.npz is missing: the weights of the best epoch, 1, are lost; epoch 2 takes its place"
    assert saved.restore(again.training) == told
    assert again.training.best_epoch == 2
    assert again.training.best_loss == [row["val_loss"] for row in again.training.rows if "val_loss" in row][-1]
    again.start_from_here(saved)
    assert Saved.load(run.folder / "best.npz").steps == 8
