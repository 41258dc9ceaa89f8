"""The gradient laboratory on every part and shape, and what it prints."""

from dataclasses import replace

import numpy as np
import pytest

from lstm_numpy import gradcheck, lstm
from lstm_numpy.gradcheck import __main__ as command
from lstm_numpy.gradcheck.laboratory import FULL_SIZE
from lstm_numpy.gradcheck.problems import CellProblem, LayersProblem, LossProblem, LSTMProblem, ModelProblem, Sizes

SHAPES = [
    {"B": 2, "T": 3, "L": 1},
    {"B": 3, "T": 4, "L": 2},
    {"B": 2, "T": 3, "L": 3},
    {"B": 1, "T": 4, "L": 1},
    {"B": 3, "T": 1, "L": 2},
    {"B": 1, "T": 1, "L": 1},
    {"B": 2, "T": 9, "L": 1, "V": 2},  # two symbols in nine steps: nothing but repeats
    {"B": 2, "T": 3, "L": 1, "V": 1, "D": 1, "H": 1},
]


def laboratory(problem, methods=("central", "complex"), **sizes):
    chosen = Sizes(**{"V": 5, "D": 3, "H": 4, **sizes})
    return gradcheck.check("case", lambda dtype: problem(chosen, dtype), methods)


def assert_all_right(rows):
    assert rows
    assert all(row.passed for row in rows), "\n" + gradcheck.table(rows)


@pytest.mark.parametrize("plain", [False, True], ids=["fast", "plain"])
@pytest.mark.parametrize("outputs", ["last", "every"])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_the_whole_network(shape, outputs, plain):
    if plain and shape["L"] == 3:
        pytest.skip("three layers take long in the plain version and differ in nothing from two")
    methods = ("central", "complex", "directional", "taylor")
    rows = laboratory(ModelProblem, methods, outputs=outputs, plain=plain, **shape)
    states = {f"{name}0_l{k}" for name in "hc" for k in range(shape["L"])}
    for method in ("central", "complex"):
        tensors = {row.tensor for row in rows if row.method == method}
        assert states < tensors
        assert {"embedding.weight", "fc.weight", "fc.bias", "lstm.bias_hh_l0"} < tensors
    assert_all_right(rows)


@pytest.mark.parametrize("problem", [LSTMProblem, CellProblem, LayersProblem, LossProblem])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_each_part(problem, shape):
    assert_all_right(laboratory(problem, **shape))


def test_without_dropout():
    assert_all_right(laboratory(ModelProblem, dropout=0.0, embedding_dropout=0.0, weight_dropout=0.0))


def test_a_gradient_that_must_be_zero_is_zero():
    """At T = 1 from a zero state, W_hh has no influence and the forget gate nothing to forget."""
    rows = laboratory(ModelProblem, T=1, L=1, zero_state=True)
    assert_all_right(rows)
    recurrent = [row for row in rows if row.tensor == "lstm.weight_hh_l0"]
    assert len(recurrent) == 2
    assert all(row.error == row.analytic == row.numeric == 0 for row in recurrent)


@pytest.mark.parametrize("outputs", ["last", "every"])
def test_full_size(outputs):
    sizes = replace(FULL_SIZE, outputs=outputs)
    rows = gradcheck.check("full size", lambda dtype: ModelProblem(sizes, dtype), ["directional"])
    assert rows[0].error < 1e-10


def test_bounds():
    assert gradcheck.BOUNDS["central"] <= 1e-7
    assert gradcheck.BOUNDS["complex"] <= 1e-12
    assert gradcheck.BOUNDS["directional"] <= 1e-10


def test_relative_error():
    a = np.array([3.0, 4.0])
    assert gradcheck.relative_error(a, a) == 0
    assert gradcheck.relative_error(0 * a, 0 * a) == 0
    assert gradcheck.relative_error(1e-100 * a, 0 * a) == 1  # what must be zero must be exactly so
    assert gradcheck.relative_error(a, 1.001 * a) == pytest.approx(0.001, rel=0.01)


def test_the_point_is_put_back():
    problem = ModelProblem(Sizes(), np.float64)
    before = {name: array.copy() for name, array in problem.point.items()}
    gradcheck.check("case", lambda dtype: problem, ("central", "taylor"))
    for name, array in problem.point.items():
        np.testing.assert_array_equal(array, before[name])


@pytest.mark.parametrize("as_training", [False, True])
def test_one_changed_element_always_counts(as_training):
    """Nothing that is derived from the parameters is kept from one forward pass to the next."""
    problem = ModelProblem(
        Sizes(as_training=as_training, dropout=0.0, embedding_dropout=0.0, weight_dropout=0.0), np.float64
    )
    here = problem.loss()
    for name, array in problem.point.items():
        for index in np.ndindex(array.shape):
            value = array[index]
            array[index] += 0.5
            moved = problem.loss()
            array[index] = value
            occurs = name != "embedding.weight" or index[0] in problem.tokens
            assert (moved != here) == occurs, (name, index)
        assert problem.loss() == here


def test_as_training_calls_it():
    for outputs in ("last", "every"):
        methods = ("central", "complex", "directional", "taylor")
        assert_all_right(laboratory(ModelProblem, methods, outputs=outputs, as_training=True))


@pytest.mark.parametrize("seed", range(20))
def test_no_false_alarm(seed):
    """Taylor's quadratic term may all but vanish along a direction."""
    rows = laboratory(ModelProblem, ("central", "complex", "directional", "taylor"), seed=seed, V=3, D=2, H=2)
    assert_all_right(rows)


def test_vanishing_gradients_are_left_to_the_complex_step():
    """Over 60 steps almost nothing of h0 arrives: less than a difference of two losses resolves."""
    rows = laboratory(LSTMProblem, H=2, L=1, B=1, T=60, D=1)
    assert_all_right(rows)


def test_missing_and_misshapen_gradients_are_reported(monkeypatch):
    right = LossProblem.gradient
    for wrong in ({}, {"logits": np.zeros(3)}, {"logits": np.zeros((3, 5, 5)), "more": np.zeros(2)}):
        monkeypatch.setattr(LossProblem, "gradient", lambda self, wrong=wrong: wrong)
        rows = laboratory(LossProblem)
        assert rows
        assert not any(row.passed for row in rows)
        assert "shape" in gradcheck.table(rows)
    monkeypatch.setattr(LossProblem, "gradient", right)
    assert_all_right(laboratory(LossProblem))


def test_steps_and_errors():
    """The table of what is reachable: one-sided < central < five-point < complex."""
    sizes = Sizes(V=3, D=2, H=2, L=1, B=2, T=3)
    steps = [1e-8, 1e-5, 1e-3, 1e-30]
    errors = gradcheck.error_by_step(sizes, steps)
    assert errors["one-sided"][0] < 1e-6
    assert errors["central"][1] < 1e-8
    assert errors["five-point"][2] < 1e-9
    assert errors["complex step"][3] < 1e-14
    assert errors["central"][3] == 1  # nothing is left of the difference


# -- the command -------------------------------------------------------------------------------


def wrong_slope(factor):
    def d_sigmoid(a, out):
        np.multiply(a, factor, out=out)

    return d_sigmoid


SMALL = ["--small-only", "--hidden-dim", "3", "--steps", "3", "--layer-dim", "1"]


def test_command(capsys):
    assert command.main([*SMALL, "--seed", "3"]) == 0
    printed = capsys.readouterr().out
    for text in (
        "the whole network, outputs='last'", "as training calls it, outputs='every'", "with the plain cell",
        "W_hh must be zero", "the loss", "taylor", "checks passed",
    ):  # fmt: skip
        assert text in printed
    assert "WRONG" not in printed


@pytest.mark.parametrize("factor", [1.0, np.nan])
def test_a_wrong_slope_is_reported(factor, capsys, monkeypatch):
    monkeypatch.setattr(lstm, "d_sigmoid", wrong_slope(factor))
    assert command.main(SMALL) == 1
    assert "WRONG" in capsys.readouterr().out


def test_plot(tmp_path, capsys):
    path = tmp_path / "steps.png"
    assert (
        command.main(["--plot", str(path), *SMALL, "--vocab-size", "2", "--input-dim", "1", "--batch-size", "1"]) == 0
    )
    assert path.read_bytes().startswith(b"\x89PNG")
    assert command.main(["--plot", str(tmp_path / "nowhere" / "steps.png")]) == 2
    assert "there is no folder" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [["--steps", "0"], ["--hidden-dim", "x"], ["--seed", "-1"], ["--exercise", "x", "--plot", "x.png"]],
)
def test_wrong_options(arguments, capsys):
    with pytest.raises(SystemExit) as stop:
        command.main(arguments)
    assert stop.value.code == 2
