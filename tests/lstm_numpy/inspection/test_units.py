"""What is read of sequences, and what single units follow."""

import numpy as np
import pytest

from lstm_numpy import LSTMModel
from lstm_numpy.inspection.gates import input_gradients, looks_back, read
from lstm_numpy.inspection.units import correlation, correlation_ratio, cost_of_silence, read_sequences, silenced
from lstm_numpy.sampling import next_probabilities

V, D, H, L = 6, 4, 5, 2


def model_of(start_len=3):
    return LSTMModel(V, D, H, L, 0.3, np.random.default_rng(0), np.float64, start_len=start_len)


def test_a_reading_is_aligned_with_its_symbols(rng):
    model, symbols = model_of(), rng.integers(V, size=9)
    reading = read(model, symbols, end=0)
    np.testing.assert_allclose(reading.p.sum(axis=1), 1)
    assert reading.p.shape == (9, V)
    for t in range(9):
        before = np.concatenate([[0, 0, 0], symbols[:t]])[None]
        logits, _, _ = model.forward(before, outputs="last")
        np.testing.assert_allclose(reading.p[t], np.exp(logits[0]) / np.exp(logits[0]).sum())
        assert reading.surprisal[t] == pytest.approx(-np.log2(reading.p[t, symbols[t]]))
        after = np.concatenate([before[0], symbols[t : t + 1]])[None]
        _, (h, c), _ = model.forward(after)
        for k, layer in enumerate(reading.layers):
            assert layer.c.shape == (9, H, 1)
            np.testing.assert_allclose(layer.c[t, :, 0], c[k, 0])
            np.testing.assert_allclose(layer.h[t, :, 0], h[k, 0])


@pytest.mark.parametrize("step", [0, 1, 6])
def test_looking_back_leaves_out_the_symbols_in_front(rng, step):
    model, symbols = model_of(), rng.integers(V, size=9)
    norms = looks_back(model, symbols, 0, step)
    assert norms.shape == (step,)
    tokens = np.concatenate([[0, 0, 0], symbols[:step]])[None]
    whole = np.linalg.norm(input_gradients(model, tokens, symbols[step : step + 1])[0], axis=-1)
    np.testing.assert_array_equal(norms, whole[3:])


def test_many_sequences_are_read_as_each_alone(rng):
    model = model_of()
    sequences = [rng.integers(V, size=length) for length in (7, 2, 9, 4, 1)]
    together = read_sequences(model, sequences, 0, batch_size=2)
    alone = [read(model, sequence, 0).layers[-1] for sequence in sequences]
    for name in together._fields:
        parts = np.concatenate([getattr(layer, name) for layer in alone])
        np.testing.assert_allclose(getattr(together, name), parts, atol=1e-14)


def test_correlation(rng):
    values, label = rng.standard_normal((200, 4)), rng.random(200) < 0.3
    values[:, 1] = 2 - 3 * label
    values[:, 2] = 0.5
    found = correlation(values, label)
    for unit in (0, 1, 3):
        assert found[unit] == pytest.approx(np.corrcoef(values[:, unit], label)[0, 1])
    assert found[1] == pytest.approx(-1)
    assert found[2] == 0
    assert (correlation(values, np.ones(200)) == 0).all()


def test_correlation_ratio(rng):
    groups = np.arange(240) % 6
    noise = rng.standard_normal(240)
    cycle = np.array([0, 3, 1, 0, 3, 1])[groups]  # repeats within the six groups
    values = np.stack([cycle, cycle + noise, groups == 4, noise, 0 * noise], axis=1)
    found = correlation_ratio(values, groups)
    assert found[0] == pytest.approx(1)
    assert found[2] == pytest.approx(1)
    assert found[3] < 0.3
    assert found[4] == 0
    means = np.array([values[groups == group, 1].mean() for group in range(6)])
    assert found[1] == pytest.approx(np.sqrt(means.var() / values[:, 1].var()))
    beyond = correlation_ratio(values, groups, coarser=groups % 3)
    assert beyond[0] == 0  # all is told by the larger groups
    assert beyond[2] == pytest.approx(1)
    assert beyond[1] < 0.3


@pytest.mark.parametrize("layers", [1, 2])
def test_nobody_hears_a_silenced_unit(rng, layers):
    model = LSTMModel(V, D, H, layers, 0.3, np.random.default_rng(0), np.float64, start_len=2)
    before, sequences = model.state_dict(), [rng.integers(1, V, size=length) for length in (7, 12)]
    silent = silenced(model, 3)
    losses = []
    for one in (model, silent):
        nats = [-np.log(next_probabilities(one.forward(np.array([[0, 0, *s]]))[0][0, 1:])) for s in sequences]
        losses.append(sum(n[range(len(n)), [*s, 0]].sum() for n, s in zip(nats, sequences, strict=True)) / (19 + 2))
    assert cost_of_silence(model, [1, 3], sequences, 0)[3] == pytest.approx(losses[1] - losses[0], rel=1e-9)
    assert abs(losses[1] - losses[0]) > 1e-4
    for name, array in model.params.items():
        np.testing.assert_array_equal(array, before[name])
    logits = silent.forward(sequences[0][None])[0]
    bias = f"lstm.bias_ih_l{layers - 1}"
    silent.params[bias] = before[bias] + 9 * (np.arange(4 * H) % H == 3)
    np.testing.assert_array_equal(silent.forward(sequences[0][None])[0], logits)
