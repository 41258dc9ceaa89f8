"""What a watch reports is what happened, and the training does not notice it."""

import json

import numpy as np
import pytest
from counting import Data, OneEpoch, Streams, V, new_training, validate

from lstm_numpy import LSTMModel, softmax_cross_entropy
from lstm_numpy.inspection.watch_curves import curves_of_watch
from lstm_numpy.inspection.watching import GROUPS, Watch, watch_csv


def new_watch(T=8):
    tokens = (np.arange(5)[:, None] + np.arange(T + 1)) % V
    return Watch(tokens[:, :-1], tokens[:, -1])


def without_clock(rows):
    return [{k: v for k, v in row.items() if k != "seconds"} for row in rows]


def watched_run(training, data):
    list(training.run(data, validate, new_watch()))
    return training


@pytest.mark.parametrize("plain", [False, True])
@pytest.mark.parametrize("data", [Data("last"), Data("every"), Streams()])
def test_watching_changes_nothing(data, plain):
    outputs = getattr(data, "outputs", "every")
    alone, seen = new_training(outputs), new_training(outputs)
    alone.model.plain = seen.model.plain = plain
    list(alone.run(data, validate))
    watched_run(seen, data)
    for name, array in alone.model.params.items():
        np.testing.assert_array_equal(array, seen.model.params[name])
    assert alone.dropout_rng.bit_generator.state == seen.dropout_rng.bit_generator.state
    assert alone.shuffle_rng.bit_generator.state == seen.shuffle_rng.bit_generator.state
    assert without_clock(alone.rows) == without_clock(seen.rows)
    assert alone.watched == []
    # 4 or 5 steps an epoch: before the first step, after every 3 steps, after every epoch
    steps = [row["step"] for row in seen.watched]
    assert steps == ([0, 3, 5, 6, 9, 10, 12, 15] if data.__class__ is Streams else [0, 3, 4, 6, 8, 9, 12])
    assert all(set(GROUPS) - {"lag"} <= row.keys() for row in seen.watched[1:])


def test_norms_are_those_of_the_step():
    training = new_training(epochs=1)
    before, moved = {}, []
    for report in training.run(Data(), validate, new_watch()):
        after = training.model.state_dict()
        if before:
            moved.append({name: np.linalg.norm(after[name] - before[name]) for name in after})
        if report.step == 3:
            row = training.watched[-1]
            assert row["step"] == 3
            assert row["update"] == pytest.approx(moved[-1])
            assert row["norm"] == pytest.approx({name: np.linalg.norm(array) for name, array in before.items()})
            joint = np.sqrt(sum(norm**2 for norm in row["gradient"].values()))
            assert joint == pytest.approx(training.rows[-1]["gradient_norm"])  # which is before clipping, too
            for group in ("gradient", "update"):
                shares = {name: row[group][name] / row["norm"][name] for name in before}
                assert row[f"{group}/norm"] == pytest.approx(shares)
        before = after


def test_gradients_before_clipping():
    """A single step without dropout, whose gradient is computed by hand."""
    batch = Data().batch(np.arange(8))
    training = new_training(epochs=1)
    training.settings.clip = 1e-3
    model = training.model
    model.dropout = model.embedding_dropout = model.weight_dropout = 0.0
    logits, _, cache = model.forward(batch[0])
    grads, _ = model.backward(softmax_cross_entropy(logits, batch[1])[1], cache)
    list(training.run(OneEpoch([batch], False), validate, new_watch()))
    expected = {name: np.linalg.norm(gradient) for name, gradient in grads.items()}
    assert training.watched[1]["gradient"] == pytest.approx(expected)


def model_of(layer_dim=1):
    return LSTMModel(V, 4, 6, layer_dim, 0.5, np.random.default_rng(0))


def test_lags_count_back_from_the_last_input():
    """Where nothing is remembered, only the last input matters."""
    watch, model = new_watch(), model_of()
    lags = watch.lags(model)
    assert lags.shape == (8,)
    assert (lags > 0).all()
    assert lags[-1] < 0.1 * lags[0]  # an untrained network forgets
    model.params["lstm.weight_hh_l0"][...] = 0
    model.params["lstm.bias_ih_l0"][6:12] = -1000  # the forget gates
    lags = watch.lags(model)
    assert lags[0] > 0
    assert (lags[1:] == 0).all()


@pytest.mark.parametrize("plain", [False, True])
def test_saturation_of_each_gate_and_layer(plain):
    model = model_of(2)
    model.plain = plain
    H = 6
    model.params["lstm.bias_ih_l0"][H : 2 * H] = 100
    model.params["lstm.bias_ih_l1"][3 * H : 3 * H + 2] = -100  # two of six output gates
    shut, opened = new_watch().saturations(model)
    assert shut.keys() == opened.keys() == {"i_l0", "f_l0", "o_l0", "i_l1", "f_l1", "o_l1"}
    assert (opened["f_l0"], shut["f_l0"]) == (1, 0)
    assert shut["o_l1"] == pytest.approx(2 / 6)
    assert (opened["i_l0"], shut["i_l0"]) == (0, 0)  # so near to its beginning


@pytest.mark.parametrize("stop_after", [1, 3, 4, 5, 9])
@pytest.mark.parametrize("data", [Data(), Streams()])
def test_resumed_rows_are_the_same(stop_after, data):
    whole = watched_run(new_training(), data)
    first = new_training()
    for done, _ in enumerate(first.run(data, validate, new_watch()), start=1):
        if done == stop_after:
            break
    arrays, values = first.state()
    second = new_training(seed=9)
    second.model.load_state_dict(first.model.params)
    second.restore(arrays, json.loads(json.dumps(values)))
    watched_run(second, data)
    assert second.watched == whole.watched


def test_table():
    lines = [line.split(",") for line in watch_csv(watched_run(new_training(), Data()).watched).splitlines()]
    header, *rows = lines
    assert header[:3] == ["epoch", "step", "norm embedding.weight"]
    for name in ("update/norm fc.bias", "gradient lstm.weight_hh_l0", "open f_l0", "shut o_l0", "lag 0", "lag 7"):
        assert name in header
    assert {len(row) for row in rows} == {len(header)}
    assert [(row[0], row[1]) for row in rows] == [
        ("0", "0"), ("1", "3"), ("1", "4"), ("2", "6"), ("2", "8"), ("3", "9"), ("3", "12"),
    ]  # fmt: skip
    assert [bool(row[header.index("lag 7")]) for row in rows] == [True, False, True, False, True, False, True]
    assert [bool(row[header.index("update fc.bias")]) for row in rows] == [False] + [True] * 6
    assert float(rows[1][header.index("update fc.bias")]) > 0


def test_a_tensor_of_zeros_has_no_share():
    watch = new_watch()
    params = {"fc.bias": np.zeros(3)}
    watch.before_update(params, {"fc.bias": np.ones(3)})
    watch.after_update({"fc.bias": np.ones(3)})
    row = watch.row(model_of(), 1, 1, with_lags=False)
    assert row["update"]["fc.bias"] == pytest.approx(np.sqrt(3))
    assert np.isnan(row["update/norm"]["fc.bias"])
    assert "lag" not in row


def test_curves():
    rows = watched_run(new_training(), Data()).watched
    gradients, updates, gates, lags = curves_of_watch(rows)
    seen = [row for row in rows if "update" in row]
    for chart, group in ((gradients, "gradient/norm"), (updates, "update/norm")):
        assert chart["log"]
        for curve in chart["curves"]:
            assert set(curve["points"]) <= {(row["step"], row[group][curve["name"]]) for row in seen}
            assert curve["points"]
    assert [curve["name"] for curve in lags["curves"]] == ["before training", "epoch 1", "epoch 2", "epoch 3"]
    assert lags["curves"][0]["points"] == [(int(k), norm) for k, norm in rows[0]["lag"].items()]
    assert gates["curves"][2]["points"] == [(row["step"], 100 * row["open"]["f_l0"]) for row in rows]
    untrained = new_watch().row(model_of(2), 0, 0, with_lags=True)
    assert len(curves_of_watch([untrained])) == 3  # the gates of two layers, and the lags
