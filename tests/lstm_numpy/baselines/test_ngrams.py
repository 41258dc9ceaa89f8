"""The n-grams: sums, the formula by hand, and what they may learn from."""

import numpy as np
import pytest

from lstm_numpy import LSTMModel
from lstm_numpy.baselines.comparison import best_order_and_strength, judge_predictions
from lstm_numpy.baselines.ngrams import NGrams

V, END = 6, 0


def songs(rng, count=8, longest=20):
    return [rng.integers(1, V, size=rng.integers(1, longest)) for _ in range(count)]


def by_hand(sequences, context, symbol, strength=1.0, beside=None):
    """The formula as it is written, by counting in the lists. Contexts have their nearest symbols first."""
    if context is None:
        return 1 / V
    followers = []
    for n, sequence in enumerate(sequences):
        line = [END, *sequence, END]
        for t in range(1, len(line)):
            before = (*(beside[n][t - 1] if beside else ()), *line[t - 1 :: -1])
            if len(before) >= len(context) and before[: len(context)] == context:
                followers.append(line[t])
    shorter = by_hand(sequences, context[:-1] if context else None, symbol, strength, beside)
    c, N = len(followers), strength * len(set(followers))
    return (followers.count(symbol) + N * shorter) / (c + N) if c else shorter


@pytest.mark.parametrize(("strength", "K"), [(1.0, 0), (8.0, 0), (1.0, 1), (4.0, 2)])
def test_every_probability_is_that_of_the_formula(rng, strength, K):
    """With K symbols beside each target, too, of which some are unknown, and some were never seen in training."""
    training, test = songs(rng), songs(rng, 3)
    told, asked = (
        [rng.integers(-1, highest, size=(len(song) + 1, K)) for song in part] if K else None
        for part, highest in ((training, 3), (test, 4))
    )
    ngrams = NGrams(training, 5, V, END, beside=told)
    for order, log_p in ngrams.log_probabilities(test, strength, beside=asked):
        for n, (sequence, one) in enumerate(zip(test, log_p, strict=True)):
            assert one.shape == (len(sequence) + 1, V)
            for t in range(len(one)):
                context = (*(asked[n][t] if K else ()), *[END, *sequence.tolist()][t::-1])[: order - 1]
                expected = [by_hand(training, context, symbol, strength, told) for symbol in range(V)]
                np.testing.assert_allclose(np.exp(one[t]), expected, rtol=1e-12)


def test_what_is_beside_must_fit(rng):
    training = songs(rng, 2)
    beside = [np.zeros((len(song) + 1, 1), int) for song in training]
    for wrong, error in (
        ([beside[0], beside[1][:-1]], ValueError), ([one - 2 for one in beside], ValueError),
        ([one.astype(float) for one in beside], TypeError),
    ):  # fmt: skip
        with pytest.raises(error):
            NGrams(training, 4, V, END, beside=wrong)


def test_a_tiny_example():
    """After 1 came 2 twice and 1 once: c = 3, N = 2; of all 6 targets, 2 are 2; N of the empty context is 3."""
    training = [np.array([1, 2]), np.array([1, 1, 2])]  # targets 1 2 end, 1 1 2 end
    (_, unigram), (_, bigram) = NGrams(training, 2, 3, END).log_probabilities([np.array([1, 2])])
    p_2 = (2 + 3 / 3) / (7 + 3)
    assert np.exp(unigram[0][0, 2]) == pytest.approx(p_2)
    assert np.exp(bigram[0][1, 2]) == pytest.approx((2 + 2 * p_2) / (3 + 2))


def test_probabilities_sum_to_one(rng):
    ngrams = NGrams(songs(rng), 24, V, END)
    for _, log_p in ngrams.log_probabilities(songs(rng, 5, 60)):
        for one in log_p:
            np.testing.assert_allclose(np.exp(one).sum(axis=1), 1, rtol=1e-12)


def test_the_unigram_is_the_relative_frequency_with_a_share_for_all(rng):
    training = songs(rng)
    _, log_p = next(NGrams(training, 1, V, END).log_probabilities([np.array([1])]))
    counts = np.bincount(np.concatenate([[*song, END] for song in training]), minlength=V)
    seen = np.count_nonzero(counts)
    np.testing.assert_allclose(np.exp(log_p[0][0]), (counts + seen / V) / (counts.sum() + seen))


def test_a_song_known_by_heart_is_predicted_and_no_context_crosses_its_beginning():
    song = np.array([1, 2, 3, 4, 5, 4, 3, 2])
    *_, (_, log_p) = NGrams([song, song[::-1]], 6, V, END).log_probabilities([song])
    assert log_p[0].argmax(axis=1).tolist()[1:] == [*song[1:], END]
    # The same songs in another order are the same counts: nothing of one is context of the next.
    *_, (_, again) = NGrams([song[::-1], song], 6, V, END).log_probabilities([song])
    np.testing.assert_array_equal(log_p[0], again[0])


def test_only_what_is_counted_is_learned(rng):
    training = songs(rng, 2)
    counted = [np.ones(len(training[0]) + 1, bool), np.zeros(len(training[1]) + 1, bool)]
    *_, (_, some) = NGrams(training, 4, V, END, counted).log_probabilities(training)
    *_, (_, alone) = NGrams(training[:1], 4, V, END).log_probabilities(training)
    for one, two in zip(some, alone, strict=True):
        np.testing.assert_array_equal(one, two)
    with pytest.raises(ValueError, match="no target"):
        NGrams(training, 4, V, END, [~counted[0], counted[1]])
    with pytest.raises(ValueError, match="order"):
        NGrams(training, 0, V, END)


def test_only_what_is_wanted_is_predicted(rng):
    training, test = songs(rng), songs(rng, 3)
    wanted = [rng.random(len(sequence) + 1) < 0.4 for sequence in test]
    ngrams = NGrams(training, 4, V, END)
    for (_, whole), (_, some) in zip(
        ngrams.log_probabilities(test), ngrams.log_probabilities(test, wanted=wanted), strict=True
    ):
        for one, two, chosen in zip(whole, some, wanted, strict=True):
            np.testing.assert_array_equal(one[chosen], two)


def test_the_best_n_gram_is_the_best(rng):
    motif = [1, 2, 3, 1, 2, 4]
    training, validation = [np.array(motif * 5)] * 3, [np.array(motif * 3)]
    ngrams = NGrams(training, 8, V, END)
    order, strength = best_order_and_strength(ngrams, validation)

    def loss(n, s):
        log_p = dict(ngrams.log_probabilities(validation, s))[n][0]
        return -np.take_along_axis(log_p, np.array([*validation[0], END])[:, None], axis=1).mean()

    assert order > 3  # three symbols are needed to tell what follows 1 2
    assert loss(order, strength) <= min(loss(n, s) for n in range(1, 9) for s in (1, 8, 64))


def test_the_network_is_compared_on_the_same_targets(rng):
    model = LSTMModel(V, 4, 5, 1, 0.0, rng)
    parts = [songs(rng, 6), songs(rng, 2), songs(rng, 3)]
    kinds = {"event": [1, 2], "other": [0, 3, 4, 5]}
    split, sequences = np.split(np.arange(11), [6, 8]), [song for part in parts for song in part]

    def judged(learned, wanted):
        def hold_out(count, _):
            assert count == sum(len(song) + 1 for song in sequences)
            return np.arange(count)[learned], np.arange(0), np.arange(count)[wanted]

        return judge_predictions(model, sequences, split, hold_out, END, kinds, "event", 0, None, beside)

    # What is told of each target is the target itself.
    beside = {"told it all": [np.array([*song, END])[:, None] for song in sequences]}
    found = judged(slice(None), slice(None))
    rows, best = found["prediction"], best_order_and_strength(NGrams(parts[0], 24, V, END), parts[1])
    assert found["best n-gram"] == dict(zip(("order", "strength"), best, strict=True))
    assert [row["predictor"] for row in rows][:4] == [
        "network", "best n-gram", "best n-gram, told it all", "unigram",
    ]  # fmt: skip
    (known,) = beside.values()
    told = best_order_and_strength(NGrams(parts[0], 24, V, END, beside=known[:6]), parts[1], known[6:8])
    assert list(found["told n-grams"].values()) == [dict(zip(("order", "strength"), told, strict=True))]
    assert rows[2]["accuracy"][0] == 1
    assert rows[0]["above the network"] == [0, 0, 0]
    for row in rows:
        value, low, high = row["nats per step"]
        assert low <= value <= high
        assert row["above the network"][0] == pytest.approx(value - rows[0]["nats per step"][0])
    for row in rows[1:2] + rows[3:]:
        assert found["leak"][row["predictor"]]["unseen songs"] == row["nats per step"]
    known = found["leak"]
    halves = judged(slice(0, None, 2), slice(1, None, 2))["leak"]
    assert known["24-gram"]["random windows"][0] < known["unigram"]["random windows"][0]
    assert known["24-gram"]["random windows"][0] < halves["24-gram"]["random windows"][0]
