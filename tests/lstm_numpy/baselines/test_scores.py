"""What predictions are worth, and the intervals."""

import numpy as np
import pytest

from lstm_numpy.baselines.scores import ratio, resample, score, summary

KINDS = {"a": [1, 2], "b": [3], "end": [0]}


def predictions(rng, lengths=(4, 1, 7)):
    sequences = [rng.integers(1, 4, size=length) for length in lengths]
    p = [rng.dirichlet(np.ones(4), size=length + 1) for length in lengths]
    return [np.log(one) for one in p], sequences


def test_sums_for_each_sequence(rng):
    log_p, sequences = predictions(rng)
    sums = score(log_p, sequences, 0, KINDS)
    for n, (one, sequence) in enumerate(zip(log_p, sequences, strict=True)):
        targets = [*sequence, 0]
        assert sums["nats"][n] == pytest.approx(-sum(one[t, target] for t, target in enumerate(targets)))
        assert sums["correct"][n] == sum(one[t].argmax() == target for t, target in enumerate(targets))
        places = [t for t, target in enumerate(targets) if target in (1, 2)]
        p = np.exp(one)
        within = -sum(np.log(p[t, targets[t]] / (p[t, 1] + p[t, 2])) for t in places)
        assert sums["targets a"][n] == len(places)
        assert sums["nats within a"][n] == pytest.approx(within)
        assert sums["nats within end"][n] == pytest.approx(0)
    for what in ("nats", "targets", "correct"):
        np.testing.assert_allclose(sum(sums[f"{what} {kind}"] for kind in KINDS), sums[what])


def test_only_wanted_targets_count(rng):
    log_p, sequences = predictions(rng)
    wanted = [rng.random(len(sequence) + 1) < 0.5 for sequence in sequences]
    parts = []
    for chosen in (wanted, [~one for one in wanted]):
        rows = [one[chosen_one] for one, chosen_one in zip(log_p, chosen, strict=True)]
        parts.append(score(rows, sequences, 0, KINDS, chosen))
    some, rest = parts
    whole = score(log_p, sequences, 0, KINDS)
    for name in whole:
        np.testing.assert_allclose(some[name] + rest[name], whole[name], atol=1e-12)


def test_ratio_and_interval():
    values = np.random.default_rng(0).standard_normal(400) + 5
    draws = resample(len(values), np.random.default_rng(1))
    assert (draws.sum(axis=1) == 400).all()
    mean, low, high = ratio(values, 1, draws)
    error = values.std() / np.sqrt(400)
    assert mean == pytest.approx(values.mean())
    assert (low, high) == pytest.approx((mean - 1.96 * error, mean + 1.96 * error), abs=0.1 * error)
    lengths = np.arange(1, 401)
    assert ratio(3 * lengths, lengths, draws) == pytest.approx([3, 3, 3])
    assert np.isnan(ratio(values, 0 * values, draws)).all()


def test_summary(rng):
    log_p, sequences = predictions(rng, (30, 40))
    sums = score(log_p, sequences, 0, KINDS)
    found = summary(sums, list(KINDS), "a", resample(2, rng))
    assert found["nats per step"][0] == pytest.approx(sums["nats"].sum() / 72)
    assert found["perplexity"][0] == pytest.approx(np.exp(found["nats per step"][0]))
    assert found["bits per a"][0] == pytest.approx(sums["nats"].sum() / np.log(2) / sums["targets a"].sum())
    assert found["bits of which a"][0] < found["bits per a"][0]
    assert 0 <= found["accuracy b"][0] <= 1
