"""What the pages say in words, of exercises and of what was tried, is so."""

import importlib.util
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from edited import edited

import lstm_numpy.cell
from lstm_numpy import LSTMModel
from lstm_numpy.gradcheck import CellProblem, Sizes, check, problems

DOCS = Path(__file__).resolve().parents[2] / "docs"
ALL = {"x", "h_prev", "c_prev", "W_ih", "W_hh", "b_ih", "b_hh"}


def wrong_tensors(right: str, wrong: str, monkeypatch) -> set[str]:
    """Of the cell, with a line of its backward pass replaced."""
    _, name, planted = edited(lstm_numpy.cell, "cell_backward", [(right, wrong)])
    monkeypatch.setattr(problems, name, planted)
    rows = check("the cell", partial(CellProblem, Sizes(D=2, H=3, B=2)), ["complex"])
    return {row.tensor for row in rows if not row.passed}


@pytest.mark.parametrize(
    ("right", "wrong", "tensors"),
    [
        ("df = dc * c_prev", "df = dc * tanh_c", ALL - {"c_prev"}),  # page 8, exercise 3
        ("dg * d_tanh(g)", "dg * d_tanh(np.tanh(g))", ALL - {"c_prev"}),
        ("o * d_tanh(tanh_c)", "o * d_tanh(np.tanh(tanh_c))", ALL),
        ("dz.sum(axis=0)", "dz.mean(axis=0)", {"b_ih", "b_hh"}),
    ],
)
def test_page_8_says_which_tensors_are_wrong(right, wrong, tensors, monkeypatch):
    assert wrong_tensors(right, wrong, monkeypatch) == tensors


def test_page_8_a_branch_between_equal_functions_keeps_the_derivative():
    z = np.array([0.7, -0.7, 0.0]) + 1e-30j
    s = np.where(z >= 0, 1 / (1 + np.exp(-z)), np.exp(z) / (1 + np.exp(z)))
    np.testing.assert_allclose(s.imag / 1e-30, (s * (1 - s)).real, rtol=1e-15)
    for lost in (np.abs(z), z.real):
        assert np.all(np.imag(lost) == 0)
    assert np.all(np.conj(z).imag < 0)


def test_page_9_z_scatters_around_the_bias():
    rng = np.random.default_rng(0)
    model = LSTMModel(36, 64, 320, 1, 0.0, rng, np.float64, forget_bias=1.0)
    W_ih, _, b_ih, b_hh = model.layers(model.params)[0]
    z = (model.params["embedding.weight"] @ W_ih.T + b_ih + b_hh)[:, 320:640]
    assert abs(z.mean() - 1) < 0.05
    assert 0.2 < z.std() < 0.4


def test_page_9_a_sum_without_gates_keeps_the_gradient_and_bounds_nothing():
    """h ← h + tanh(W x + U h): the derivative of the last h by the first is near 1 where U is small, and h grows."""
    rng = np.random.default_rng(0)
    U = 0.01 * rng.standard_normal((4, 4))

    def last(first: np.ndarray) -> np.ndarray:
        h = first
        for _ in range(50):
            h = h + np.tanh(1.0 + U @ h)
        return h

    moved = np.zeros(4, complex)
    moved[0] = 1e-30j
    assert 0.3 < last(moved)[0].imag / 1e-30 < 3
    assert np.all(last(np.zeros(4)) > 10)


# -- the task that needs memory ----------------------------------------------------------------


@pytest.fixture(scope="module")
def recall():
    spec = importlib.util.spec_from_file_location("recall", DOCS / "recall.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_who_recalls_the_first_of_twenty(recall):
    recalled = {name: list(recall.training(network, 20, 200)) for name, network in recall.NETWORKS.items()}
    last = {name: np.mean(shares[-20:]) for name, shares in recalled.items()}
    assert last["LSTM, forget bias 3"] > 0.9
    assert last["plain RNN, orthogonal"] > 0.9
    assert last["LSTM, forget bias 1"] < 0.7
    assert last["LSTM, forget bias none"] < 0.4
    assert last["plain RNN"] < 0.4


@pytest.mark.parametrize("orthogonal", [False, True])
def test_the_gradients_of_the_plain_network(recall, orthogonal):
    rng = np.random.default_rng(0)
    network = recall.PlainRNN(rng, orthogonal, np.complex128)
    tokens, weights = rng.integers(recall.V, size=(3, 5)), rng.standard_normal((3, recall.V))
    _, _, cache = network.forward(tokens)
    grads, _ = network.backward(weights.astype(complex), cache)
    for name, gradient in grads.items():
        param = network.params[name]
        for place in rng.integers(param.size, size=5):
            kept = param.flat[place]
            param.flat[place] = kept + 1e-30j
            numeric = (network.forward(tokens)[0] * weights).sum().imag / 1e-30
            param.flat[place] = kept
            assert abs(numeric - gradient.flat[place]) < 1e-12 * np.abs(gradient).max(), name
    if orthogonal:
        W_hh = network.params["W_hh"].real
        np.testing.assert_allclose(W_hh @ W_hh.T, np.eye(recall.H), atol=1e-12)


def test_recall_by_the_command_line(recall, monkeypatch, capsys):
    monkeypatch.setattr(recall, "NETWORKS", dict([next(iter(recall.NETWORKS.items()))]))
    monkeypatch.setattr("sys.argv", ["recall.py", "--length", "3", "--steps", "100"])
    recall.main()
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Recalled: the first of 3 symbols (to guess is right 25 % of the time)"
    assert lines[1].split()[-2:] == ["50", "100"]
    assert lines[2].startswith("plain RNN ")
    assert lines[0] in (DOCS / "09-remembering.md").read_text().replace("first of 20", "first of 3")
    monkeypatch.setattr("sys.argv", ["recall.py", "--steps", "10"])
    with pytest.raises(SystemExit):
        recall.main()
