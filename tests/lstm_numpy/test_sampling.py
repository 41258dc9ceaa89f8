"""Distributions and generation."""

import numpy as np
import pytest

from encoding import StringToIntEncoder
from lstm_numpy import LSTMModel, generate, generate_many
from lstm_numpy.sampling import BLOCK, draw, next_probabilities, numbered_streams

VOCABULARY = StringToIntEncoder([["60", "62", "64", "65", "_", "r"]])
V = len(VOCABULARY)


@pytest.fixture
def model():
    model = LSTMModel(V, 5, 8, 2, 0.5, np.random.default_rng(0))
    model.start_len = 4
    return model


# -- the distribution --------------------------------------------------------------------------


def test_temperature(rng):
    logits = rng.standard_normal(9)
    p = next_probabilities(logits)
    np.testing.assert_allclose(p, np.exp(logits) / np.exp(logits).sum())
    np.testing.assert_allclose(next_probabilities(logits, 0.5), p**2 / (p**2).sum())  # p^(1/T), normalised
    np.testing.assert_array_equal(next_probabilities(logits, 0), np.eye(9)[logits.argmax()])
    np.testing.assert_allclose(next_probabilities(logits, np.inf), 1 / 9)


@pytest.mark.parametrize("temperature", [0, 5e-324, 1e-300, 1e-8, 0.6, 1e8, 1e300, np.inf])
@pytest.mark.parametrize("scale", [0, 1e-30, 1, 1e30])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_never_nan(rng, temperature, scale, dtype):
    logits = (rng.standard_normal(9) * scale).astype(dtype)
    for forbidden in ([], [int(logits.argmax())], [0, 5]):
        for top_k, top_p in ((None, None), (1, None), (3, 0.9), (99, 1e-9), (None, 0.999)):
            with np.errstate(invalid="raise", divide="raise"):
                p = next_probabilities(logits, temperature, top_k, forbidden, top_p)
            assert np.isfinite(p).all()
            assert p.sum() == pytest.approx(1)
            assert (p[forbidden] == 0).all()
            assert np.count_nonzero(p) <= (top_k or 9)


def test_top_k_counts_what_is_allowed():
    logits = np.array([5.0, 4.0, 3.0, 2.0, 1.0])
    p = next_probabilities(logits, top_k=2, forbidden=[0])
    assert list(np.flatnonzero(p)) == [1, 2]
    equal = next_probabilities(np.zeros(5), temperature=np.inf, top_k=3)
    np.testing.assert_allclose(equal, [1 / 3, 1 / 3, 1 / 3, 0, 0])


def test_top_p():
    """The smallest set of the likeliest whose probabilities reach top_p, in their old proportions."""
    p = np.array([0.1, 0.4, 0.05, 0.3, 0.15])
    for top_p, kept in ((0.01, [1]), (0.39, [1]), (0.5, [1, 3]), (0.8, [1, 3, 4]), (0.9, [0, 1, 3, 4]), (1, range(5))):
        nucleus = next_probabilities(np.log(p), top_p=top_p)
        expected = np.where(np.isin(np.arange(5), kept), p, 0)
        np.testing.assert_allclose(nucleus, expected / expected.sum())
    np.testing.assert_allclose(next_probabilities(np.log(p), forbidden=[1], top_p=0.49), [0, 0, 0, 1, 0])  # 0.3 of 0.6
    np.testing.assert_allclose(next_probabilities(np.log(p), top_k=2, top_p=0.6), [0, 4 / 7, 0, 3 / 7, 0])
    np.testing.assert_allclose(next_probabilities(np.log(p), 0.5, top_p=0.5), [0, 1, 0, 0, 0])  # 0.16 of 0.285
    np.testing.assert_allclose(next_probabilities(np.log(p), np.inf, top_p=0.6), [0, 1 / 3, 0, 1 / 3, 1 / 3])
    np.testing.assert_array_equal(next_probabilities(np.log(p), 0, top_p=0.9), np.eye(5)[1])


def test_any_infinity_is_a_temperature():
    for infinity in (float("inf"), np.inf, np.float32("inf")):
        p = next_probabilities(np.array([1.0, 2.0, 3.0]), infinity, forbidden=[0])
        np.testing.assert_allclose(p, [0, 0.5, 0.5])


def test_invalid_requests():
    logits = np.zeros(3)
    for wrong in ({"top_p": 0}, {"top_p": 1.1}, {"top_p": np.nan}, {"top_p": -0.1}):
        with pytest.raises(ValueError, match="top_p"):
            next_probabilities(logits, **wrong)
    for wrong in ({"temperature": -1}, {"temperature": np.nan}, {"top_k": 0}, {"forbidden": [0, 1, 2]}):
        with pytest.raises(ValueError, match="temperature|top_k|forbidden"):
            next_probabilities(logits, **wrong)
    with pytest.raises(ValueError, match="^every symbol is forbidden$"):
        next_probabilities(logits, forbidden=[0, 1, 2])
    for wrong in ([0, 3], [-1]):
        with pytest.raises(ValueError, match="^forbidden must hold ids from 0 to 2, not "):
            next_probabilities(logits, forbidden=wrong)


def test_drawing_follows_the_distribution(rng):
    p = np.array([0.0, 0.5, 0.0, 0.3, 0.2, 0.0])
    counts = np.bincount(draw(np.tile(p, (20_000, 1)), rng.random(20_000)), minlength=6) / 20_000
    np.testing.assert_allclose(counts, p, atol=0.015)
    assert (counts[p == 0] == 0).all()
    assert draw(p, 0.0) == 1
    assert draw(p, 1.0) == draw(p, np.nextafter(1, 0)) == 4


def test_many_distributions_at_once_are_the_same_as_one_by_one(rng):
    logits, u = rng.standard_normal((3, 4, 9)), rng.random((3, 4))
    for settings in ((1.0, None, []), (0.6, 3, [0, 5]), (0, None, [2]), (np.inf, 4, [1]), (0.9, None, [3], 0.7)):
        p = next_probabilities(logits, *settings)
        drawn = draw(p, u)
        for place in np.ndindex(3, 4):
            one = next_probabilities(logits[place], *settings)
            np.testing.assert_array_equal(p[place], one)
            assert drawn[place] == draw(one, u[place])


# -- sequences ---------------------------------------------------------------------------------


def test_same_seed_same_melody(model):
    melodies = [generate(model, VOCABULARY, max_len=50, rng=np.random.default_rng(seed)) for seed in (1, 1, 2)]
    assert melodies[0] == melodies[1] != melodies[2]


def test_first_symbol_and_length(model):
    for seed in range(40):
        melody = generate(model, VOCABULARY, max_len=13, temperature=np.inf, rng=np.random.default_rng(seed))
        assert 1 <= len(melody) <= 13
        assert melody[0] not in ("_", ".")
        assert "." not in melody
    assert generate(model, VOCABULARY, max_len=0) == []


def test_primer_is_part_of_the_melody(model):
    primer = ["60", "_", "r"]
    melody = generate(model, VOCABULARY, primer, max_len=20, rng=np.random.default_rng(3))
    assert melody[:3] == primer
    assert len(melody) <= 20
    assert primer == ["60", "_", "r"]
    assert generate(model, VOCABULARY, primer, max_len=3) == primer
    with pytest.raises(ValueError, match="max_len"):
        generate(model, VOCABULARY, primer, max_len=2)
    with pytest.raises(ValueError, match="unknown symbol '61'"):
        generate(model, VOCABULARY, ["61"])


def test_min_len(model):
    def lengths(**more):
        seeds = map(np.random.default_rng, range(30))
        return {len(m) for m in generate_many(model, VOCABULARY, list(seeds), max_len=25, **more)}

    assert min(lengths()) < 12
    assert 12 in lengths(min_len=12)  # it may end right there
    assert min(lengths(min_len=12)) == 12
    assert lengths(min_len=25) == {25}
    rng, longer = np.random.default_rng(3), np.random.default_rng(3)
    ended = generate(model, VOCABULARY, ["60", "_"], 40, rng=rng)
    assert generate(model, VOCABULARY, ["60", "_"], 40, rng=longer, min_len=len(ended)) == ended
    with pytest.raises(ValueError, match="min_len"):
        generate(model, VOCABULARY, max_len=3, min_len=4)


def test_ends_without_max_len(model):
    assert "." not in generate(model, VOCABULARY, rng=np.random.default_rng(0))


def test_carried_state_equals_reading_all_again(model):
    """The article runs the whole prefix through the network for each token."""
    carried = generate(model, VOCABULARY, ["62", "_"], 40, 0.9, np.random.default_rng(5))
    rng, melody = np.random.default_rng(5), ["62", "_"]
    while len(melody) < 40:
        tokens = [0] * model.start_len + [VOCABULARY.encode(symbol) for symbol in melody]
        logits = model.forward(np.array([tokens]), outputs="last")[0][0]
        index = int(draw(next_probabilities(logits, 0.9), rng.random()))
        if index == 0:
            break
        melody.append(VOCABULARY.decode(index))
    assert carried == melody


def test_start_is_padded_as_in_training(model, monkeypatch):
    read = []
    forward = model.forward
    monkeypatch.setattr(model, "forward", lambda tokens, *a, **k: read.append(tokens) or forward(tokens, *a, **k))
    generate(model, VOCABULARY, ["60"], max_len=3, rng=np.random.default_rng(1))
    np.testing.assert_array_equal(read[0], [[0, 0, 0, 0, VOCABULARY.encode("60")]] * BLOCK)
    assert all(tokens.shape == (BLOCK, 1) for tokens in read[1:])


def rngs(numbers):
    return [np.random.default_rng([8, number]) for number in numbers]


def test_a_generator_draws_the_same_whatever_else_is_drawn(model):
    for array in model.params.values():
        array *= 4  # so that what comes next depends on what came before
    together = generate_many(model, VOCABULARY, rngs(range(BLOCK + 7)), ["60"], 30)
    assert len(together) == BLOCK + 7
    assert len({" ".join(melody) for melody in together}) > BLOCK // 2
    for n in (0, 3, BLOCK - 1, *range(BLOCK, BLOCK + 7)):
        assert generate(model, VOCABULARY, ["60"], 30, rng=rngs([n])[0]) == together[n]
    assert generate_many(model, VOCABULARY, rngs([5, 2, 9]), ["60"], 30) == [together[n] for n in (5, 2, 9)]
    assert generate_many(model, VOCABULARY, []) == []


def test_columns_of_a_block_do_not_meet():
    """To the last bit: what one column holds changes no other."""
    model = LSTMModel(V, 5, 64, 1, 0.0, np.random.default_rng(0))
    tokens = np.random.default_rng(1).integers(V, size=(BLOCK, 9))
    alone = np.zeros_like(tokens)
    alone[11] = tokens[11]
    np.testing.assert_array_equal(model.forward(tokens)[0][11], model.forward(alone)[0][11])


def test_greedy_is_the_argmax(model):
    melody = generate(model, VOCABULARY, max_len=20, temperature=0)
    tokens = np.array([[0] * 4 + [VOCABULARY.encode(symbol) for symbol in melody]])
    logits = model.forward(tokens)[0][0, 3:-1]
    logits[0, VOCABULARY.not_first] = -np.inf
    assert [VOCABULARY.decode(index) for index in logits.argmax(axis=-1)] == melody


# -- context and lengths of each -----------------------------------------------------------------


@pytest.fixture
def told_model():
    model = LSTMModel(V, 5, 8, 2, 0.5, np.random.default_rng(0), context_size=6)
    for name in ("context.weight", "fc.weight", "lstm.weight_ih_l1"):
        model.params[name] *= 5  # so that what is told makes a difference
    model.start_len = 3
    return model


def context_of(offset):
    """A context that knows all that was drawn, and which sequence it is."""
    return lambda ids: np.array([(len(ids) + offset) % 6, sum(ids) % 6, -1])


def test_each_sequence_is_told_its_own_context(told_model):
    """Step by step as reading all again with the context laid beside it by hand."""
    beginning, contexts = ["60", "_"], [context_of(n) for n in range(5)]
    melodies = generate_many(told_model, VOCABULARY, rngs(range(5)), beginning, 25, 0.0, contexts=contexts)
    for melody, context in zip(melodies, contexts, strict=True):
        ids = [VOCABULARY.encode(symbol) for symbol in melody]
        for t in range(2, len(ids)):
            rows = [[-1] * 3] * 2 + [context(ids[:s]) for s in range(t + 1)]
            logits, _, _ = told_model.forward(np.array([[0, 0, 0, *ids[:t]]]), outputs="last", context=np.array([rows]))
            assert logits[0].argmax() == ids[t]
    assert len({tuple(melody) for melody in melodies}) > 1
    alone = generate(told_model, VOCABULARY, beginning, 25, 0.0, rngs([3])[0], context=contexts[3])
    assert alone == melodies[3]


def test_more_sequences_than_a_block_with_context(told_model):
    numbers = range(BLOCK + 3)
    contexts = [context_of(n) for n in numbers]
    together = generate_many(told_model, VOCABULARY, rngs(numbers), None, 12, contexts=contexts)
    for n in (0, BLOCK - 1, BLOCK, BLOCK + 2):
        assert together[n] == generate_many(told_model, VOCABULARY, rngs([n]), None, 12, contexts=[contexts[n]])[0]


def test_each_sequence_has_its_own_lengths(model):
    most, least = [3, 30, 8, 0, 12], [3, 0, 5, 0, 12]
    melodies = generate_many(model, VOCABULARY, rngs(range(5)), None, most, 1.0, min_len=least)
    for melody, longest, shortest in zip(melodies, most, least, strict=True):
        assert shortest <= len(melody) <= longest
    for n in range(5):  # as if drawn alone
        assert generate_many(model, VOCABULARY, rngs([n]), None, most[n], 1.0, min_len=least[n])[0] == melodies[n]


def test_wrong_lengths_and_contexts(model, told_model):
    with pytest.raises(ValueError, match="max_len has 2 lengths for 3 sequences"):
        generate_many(model, VOCABULARY, rngs(range(3)), None, [4, 5])
    with pytest.raises(ValueError, match="min_len 6 is more than the 5 of max_len"):
        generate_many(model, VOCABULARY, rngs(range(2)), None, [9, 5], min_len=6)
    with pytest.raises(ValueError, match="1 contexts for 2 generators"):
        generate_many(told_model, VOCABULARY, rngs(range(2)), None, 5, contexts=[context_of(0)])
    with pytest.raises(ValueError, match="needs its context"):
        generate_many(told_model, VOCABULARY, rngs(range(2)), None, 5)


class Constant:
    """A model that puts out the same logits at every step, and counts them."""

    start_len = 1

    def __init__(self, logits):
        self.logits, self.calls = np.asarray(logits, float), 0

    def forward(self, tokens, state, outputs, workspace, context):
        self.calls += 1
        return np.tile(self.logits, (len(tokens), 1)), state, None


def test_a_sequence_that_never_ends_is_ended(monkeypatch):
    monkeypatch.setattr("lstm_numpy.sampling.LONGEST", 7)
    never = Constant(np.where(np.arange(V) == 0, -np.inf, 0.0))
    assert len(generate(never, VOCABULARY, rng=np.random.default_rng(0))) == 7
    assert never.calls == 7
    assert len(generate(never, VOCABULARY, rng=np.random.default_rng(0), max_len=9)) == 9


def test_the_end_comes_as_soon_as_it_may():
    """The end alone is likely: it cannot come first, nor before min_len, and nothing is computed after it."""
    ending = Constant(np.where(np.arange(V) == 0, 99.0, 0.0))
    for min_len, beginning, length in ((0, [], 1), (1, [], 1), (2, [], 2), (5, [], 5), (0, ["60"], 1), (3, ["60"], 3)):
        ending.calls = 0
        melody = generate(ending, VOCABULARY, beginning, 30, rng=np.random.default_rng(0), min_len=min_len)
        assert len(melody) == length
        assert ending.calls == length - len(beginning) + 1
    assert len(generate(ending, VOCABULARY, max_len=5, min_len=5, rng=np.random.default_rng(0))) == 5
    assert generate(ending, VOCABULARY, ["60"], 1, rng=np.random.default_rng(0)) == ["60"]


def test_defaults_of_generating():
    """Temperature 1, no top_k or top_p: all that the network gives, as it gives it."""
    logits = np.array([-np.inf, 3.0, 2.0, 1.0, 0.0, -np.inf, -1.0])
    drawn = generate(Constant(logits), VOCABULARY, max_len=4000, rng=np.random.default_rng(0))
    shares = np.bincount([VOCABULARY.encode(symbol) for symbol in drawn], minlength=V) / 4000
    np.testing.assert_allclose(shares, np.exp(logits) / np.exp(logits).sum(), atol=0.02)


def test_settings_reach_the_distribution():
    logits = np.array([-np.inf, 3.0, 2.0, 1.0, 0.0, -np.inf, -1.0])
    for more, kept in (({"top_k": 2}, 2), ({"top_p": 0.7}, 2), ({"temperature": 0}, 1), ({"temperature": 9.0}, 5)):
        drawn = generate(Constant(logits), VOCABULARY, max_len=300, rng=np.random.default_rng(0), **more)
        assert len(set(drawn)) == kept


def test_numbered_streams_are_independent_of_how_many_there_are():
    draws = [rng.random() for rng in numbered_streams(4, range(3))]
    assert [rng.random() for rng in numbered_streams(4, [2, 0])] == [draws[2], draws[0]]
    assert draws[0] == np.random.default_rng([4, 0]).random()
    assert len({*draws, *(rng.random() for rng in numbered_streams(0, range(3)))}) == 6


def test_where_a_number_falls_in_the_running_sums():
    p = np.array([0.25, 0.0, 0.5, 0.25, 0.0])
    for u, index in ((0.0, 0), (0.2, 0), (0.25, 2), (0.7, 2), (0.75, 3), (0.999, 3), (1.0, 3)):
        assert draw(p, u) == index
    for p in ([0.5, 0.5], [0.5, 0.5, 0.0], [0.5, 0.5, 0.0, 0.0], [0.5, 0.5, 0.0, 0.0, 0.0]):
        assert draw(np.array(p), 1.0) == 1  # not one that cannot come
    assert draw(np.array([0.0, 0.0, 3.0]), 0.5) == 2  # they need not add up to 1
    assert draw(np.array([1.0, 1.0, 2.0]), 0.3) == 1
