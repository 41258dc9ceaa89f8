"""The gradient check, and whether it would notice."""

import numpy as np
import pytest

from lstm_numpy import gradcheck, lstm
from lstm_numpy.problems import LSTMProblem, ModelProblem, small_model


@pytest.mark.parametrize("outputs", ["last", "every"])
@pytest.mark.parametrize(("B", "T", "L"), [(2, 3, 1), (3, 4, 2), (1, 4, 1), (3, 1, 2), (1, 1, 1)])
def test_every_gradient_of_the_network(outputs, B, T, L):
    problem = ModelProblem(small_model(V=5, D=3, H=4, L=L), B, T, outputs, np.random.default_rng(1))
    rows = gradcheck.check(problem)
    assert {row.tensor for row in rows} == set(problem.model.params) | {"h0", "c0"}
    assert all(row.passed for row in rows), "\n" + gradcheck.table(rows)


@pytest.mark.parametrize(("B", "T", "L"), [(2, 3, 1), (3, 4, 2), (1, 4, 1), (3, 1, 2), (1, 1, 1)])
def test_every_gradient_of_the_lstm_alone(B, T, L):
    rows = gradcheck.check(LSTMProblem(small_model(D=3, H=4, L=L), B, T, np.random.default_rng(2)))
    assert len(rows) == 3
    assert all(row.passed for row in rows), "\n" + gradcheck.table(rows)


def test_relative_error():
    a = np.array([3.0, 4.0])
    assert gradcheck.relative_error(a, a) == 0
    assert gradcheck.relative_error(0 * a, 0 * a) == 0
    assert gradcheck.relative_error(a, 0 * a) == 1
    assert gradcheck.relative_error(a, 1.001 * a) == pytest.approx(0.001, rel=0.01)


# -- would it notice? --------------------------------------------------------------------------


def wrong_tensors(problem):
    return {row.tensor for row in gradcheck.check(problem) if not row.passed}


@pytest.fixture
def problem():
    return ModelProblem(small_model(V=5, D=3, H=4, L=1), 2, 4, "every", np.random.default_rng(1))


def plant(monkeypatch, change):
    """Let the backward pass of the layer return something else."""
    right = lstm._layer_backward
    monkeypatch.setattr(lstm, "_layer_backward", lambda *a, **k: change(*right(*a, **k)))


def test_a_scale_of_a_thousandth_is_noticed(monkeypatch, problem):
    plant(monkeypatch, lambda dx, dh, dc, g: (dx, dh, dc, (g[0], 1.001 * g[1], *g[2:])))
    assert wrong_tensors(problem) == {"lstm.weight_hh_l0"}


def test_a_lost_initial_state_is_noticed(monkeypatch, problem):
    plant(monkeypatch, lambda dx, dh, dc, g: (dx, 0 * dh, dc, g))
    assert wrong_tensors(problem) == {"h0"}


def test_swapped_gates_are_noticed(monkeypatch, problem):
    def swap(dx, dh, dc, g):
        i, f, rest = np.split(g[2], [4, 8])
        return dx, dh, dc, (*g[:2], np.concatenate([f, i, rest]), g[3])

    plant(monkeypatch, swap)
    assert wrong_tensors(problem) == {"lstm.bias_ih_l0"}


def test_a_wrong_derivative_is_noticed(monkeypatch, problem):
    monkeypatch.setattr(lstm, "d_tanh", lambda a: 1 - a)
    wrong = wrong_tensors(problem)
    assert {"embedding.weight", "lstm.weight_ih_l0", "lstm.weight_hh_l0", "lstm.bias_ih_l0", "h0", "c0"} <= wrong
    assert not wrong & {"fc.weight", "fc.bias"}


# -- the command -------------------------------------------------------------------------------


def test_command(capsys, monkeypatch):
    assert gradcheck.main(["--seed", "3"]) == 0
    printed = capsys.readouterr().out
    assert "29 of 29 gradients are right" in printed
    assert "embedding output x" in printed
    monkeypatch.setattr(lstm, "d_sigmoid", lambda a: a)
    assert gradcheck.main([]) == 1
    assert "WRONG" in capsys.readouterr().out
