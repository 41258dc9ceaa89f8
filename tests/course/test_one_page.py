"""The program that opens the course is the package's network, and it learns."""

import importlib.util
import subprocess
import sys
import wave
from pathlib import Path

import numpy as np
import pytest

from lstm_numpy import Adam, LSTMModel, softmax_cross_entropy

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.fixture(scope="module")
def page():
    spec = importlib.util.spec_from_file_location("one_page", DOCS / "one_page.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def of_the_package(page, params) -> LSTMModel:
    model = LSTMModel(page.V, page.D, page.H, 1, 0.0, np.random.default_rng(0), np.float64)
    values = [*(params[name] for name in ("E", "W_ih", "W_hh", "b")), 0 * params["b"], params["W"], params["a"]]
    for name, value in zip(model.params, values, strict=True):
        model.params[name][:] = value
    return model


def both(page, params, model, song):
    """The loss and the gradients by the page and by the package, in the page's order."""
    tokens = page.integers(song)
    logits, _, cache = model.forward(tokens[None, :-1])
    loss, dlogits = softmax_cross_entropy(logits, tokens[None, 1:])
    grads = model.backward(dlogits, cache)[0]
    own_loss, steps = page.loss_and_caches(params, tokens)
    names = [name for name in grads if name != "lstm.bias_hh_l0"]
    return own_loss, loss, page.gradients(params, steps), grads, names


def test_it_fits_on_a_page_and_needs_numpy_alone(page):
    text = (DOCS / "one_page.py").read_text()
    assert len(text.splitlines()) <= 200
    program = f"import sys, runpy; runpy.run_path({str(DOCS / 'one_page.py')!r}); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not {"lstm_numpy", "encoding", "music21", "matplotlib"} & set(done.stdout.split())


def test_its_loss_and_gradients_are_the_packages(page):
    params = page.new_parameters(np.random.default_rng(1))
    for song in page.songs:
        own_loss, loss, own, grads, names = both(page, params, of_the_package(page, params), song)
        assert abs(own_loss - loss) < 1e-12
        for one, name in zip(own.values(), names, strict=True):
            np.testing.assert_allclose(one, grads[name], rtol=1e-12, atol=1e-12, err_msg=name)


def test_its_adam_is_the_packages(page, monkeypatch, capsys):
    monkeypatch.setattr(page, "songs", [page.songs[7]])
    params = page.new_parameters(np.random.default_rng(1))
    start = {name: array.copy() for name, array in params.items()}
    page.train(params, np.random.default_rng(2), epochs=3, rate=0.01)
    adam = Adam(start, 0.01)
    for _ in range(3):
        adam.step(page.gradients(start, page.loss_and_caches(start, page.integers(page.songs[0]))[1]))
    for name, array in params.items():
        np.testing.assert_allclose(array, start[name], rtol=1e-12, atol=1e-12, err_msg=name)


def test_its_check_finds_a_wrong_gradient(page, monkeypatch):
    rng = np.random.default_rng(1)
    params, tokens = page.new_parameters(rng), page.integers(page.songs[7])
    assert page.check_gradients(params, tokens, rng) < 1e-12
    right = page.gradients

    def wrong(*given):
        return {name: g * (1 + 1e-6 * (name == "b")) for name, g in right(*given).items()}

    monkeypatch.setattr(page, "gradients", wrong)
    assert page.check_gradients(params, tokens, rng) > 1e-9


def test_it_learns_and_composes(page, capsys, tmp_path):
    rng = np.random.default_rng(0)
    params = page.new_parameters(rng)
    page.train(params, rng, epochs=10)
    losses = [float(line.split()[3]) for line in capsys.readouterr().out.splitlines()]
    assert losses[0] > 1.5
    assert losses[-1] < 1.2
    tune = page.compose(params, rng)
    assert 0 < len(tune) <= 96
    assert set(tune) <= set(page.symbols[1:])
    page.write_wav(str(tmp_path / "tune.wav"), "c_e_g___")
    with wave.open(str(tmp_path / "tune.wav")) as file:
        assert file.getnframes() == 22050 * 2
