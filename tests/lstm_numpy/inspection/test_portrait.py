"""A portrait of a network says what the network does."""

import numpy as np

from encoding.comparing.landmarks import Landmark
from lstm_numpy import LSTMModel
from lstm_numpy.inspection.gates import read
from lstm_numpy.inspection.portrait import Notation, Portrait
from lstm_numpy.inspection.units import correlation, correlation_ratio, read_sequences

V, D, H, L = 6, 4, 5, 2


def model_of(start_len=3):
    return LSTMModel(V, D, H, L, 0.3, np.random.default_rng(0), np.float64, start_len=start_len)


def test_the_strips_are_those_of_the_shown_units(rng, monkeypatch):
    model, symbols = model_of(start_len=1), rng.integers(1, V, size=20)
    notation = Notation(list("eabcde"), range(V), 0, {"few": [1]}, ("many", [2, 3]), 1, "seconds", 2)
    mark = Landmark("ones", "correlation", "ones r", [symbols == 1], "everywhere")
    monkeypatch.setattr("lstm_numpy.inspection.portrait.draw_units", lambda *drawn: drawn)
    for chosen in (None, [4, 0]):
        portrait = Portrait(model, notation, [symbols], [mark], chosen)
        strips, *_, marked, _ = portrait.units(symbols, None, list(symbols), 0, 4, "title")
        shown, figures = chosen or [portrait.best["ones"]], portrait.figures["ones"]
        assert marked == portrait.shown == shown
        for (title, values), unit in zip(strips, shown, strict=True):
            np.testing.assert_allclose(values, np.tanh(read(model, symbols, 0).layers[-1].c[:, unit, 0]))
            first, second = f"unit {unit} follows ones: correlation", f"unit {unit}: ones r"
            assert title.startswith(f"{second if chosen else first} {figures[unit]:+.2f}")


def test_a_portrait_of_a_network_that_reads_anything(rng):
    """Symbols and labels have no meaning to it; a sequence without labels is left out."""
    model = model_of(start_len=1)
    sequences = [rng.integers(1, V, size=length) for length in (30, 11, 25)]
    notation = Notation(list("eabcde"), range(V), 0, {"few": [1], "many": [2, 3, 4, 5]}, ("many", [2, 3]), 1, "t", 2)
    is_one = [sequence == 1 for sequence in sequences]
    thirds = [None if len(sequence) == 11 else np.arange(len(sequence)) % 3 for sequence in sequences]
    sixths = [None if len(sequence) == 11 else np.arange(len(sequence)) % 6 for sequence in sequences]
    marks = [
        Landmark("ones", "correlation", "r", is_one, "everywhere"),
        Landmark("sixths", "ratio", "η", sixths, "in two", coarser=thirds),
    ]
    portrait = Portrait(model, notation, sequences, marks, chosen=[4])
    values = np.tanh(read_sequences(model, sequences, 0).c[:, :, 0])
    np.testing.assert_allclose(portrait.figures["ones"], correlation(values, np.concatenate(is_one)))
    two = np.r_[0:30, 41:66]
    parts = (np.concatenate([part for part in labels if part is not None]) for labels in (sixths, thirds))
    np.testing.assert_allclose(portrait.figures["sixths"], correlation_ratio(values[two], *parts))
    assert portrait.shown == [4]
    first, second, third, *_ = portrait.report().splitlines()
    best = portrait.best["ones"]
    assert first == f"unit {best} follows ones (correlation {portrait.figures['ones'][best]:+.2f} everywhere)"
    assert second.startswith(f"unit {portrait.best['sixths']} follows sixths (ratio 0.")
    assert third.startswith("unit 4: ones, correlation ")
    few = values[np.concatenate(is_one), 4].mean()
    assert f"mean of tanh c after few {few:+.2f}, many" in portrait.report()
    few = abs(values[np.concatenate(is_one), 4]).mean()
    assert f"mean of |tanh c| after few {few:.2f}, many" in portrait.report()
    gate = read_sequences(model, sequences, 0).f[~np.concatenate(is_one), 4].mean()
    assert f", many {gate:.2f}\n" in portrait.report().split("mean of forget gate f at few")[1]
    assert f"silenced, it costs {portrait.costs[4]:+.4f} nats per step" in portrait.report()
