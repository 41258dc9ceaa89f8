"""One training step, and what stops it."""

import numpy as np
import pytest

from lstm_numpy import Adam, LSTMModel, clip_grad_norm, softmax_cross_entropy
from lstm_numpy.training.batch import Batch
from lstm_numpy.training.finite import first_not_finite, in_order
from lstm_numpy.training.metrics import metrics_csv
from lstm_numpy.training.settings import Settings, random_streams
from lstm_numpy.training.step import Diverged, train_step

V = 6


def new_model(P=0):
    return LSTMModel(V, 4, 5, 2, 0.3, np.random.default_rng(0), np.float64, context_size=P, context_dropout=0.2)


def settings(clip=0.5):
    return Settings("every", 1, 0.01, "constant", 0.0, clip, 1)


class Looker:
    """A watch that remembers what it was told."""

    def before_update(self, params, grads):
        self.before = {name: array.copy() for name, array in params.items()}
        self.grads = {name: array.copy() for name, array in grads.items()}

    def after_update(self, params):
        self.after = {name: array.copy() for name, array in params.items()}


@pytest.mark.parametrize("P", [0, 5])
@pytest.mark.parametrize("clip", [0.0, 0.05, 1e3])
def test_a_step_is_forward_loss_backward_update(rng, clip, P):
    tokens, targets = rng.integers(V, size=(3, 4)), rng.integers(V, size=(3, 4))
    batch = Batch(tokens, targets, rng.integers(-1, P, (3, 4, 2)) if P else None, rng.random((3, 4)) < 0.3)
    state = tuple(rng.standard_normal((2, 2, 3, 5)))
    one, two, watch = new_model(P), new_model(P), Looker()
    optimizers = Adam(one.params), Adam(two.params)
    loss, norm, after = train_step(
        one, optimizers[0], batch, settings(clip), np.random.default_rng(1), state=state, watch=watch
    )
    told = {"context": batch.context, "ends": batch.ends}
    logits, expected_after, cache = two.forward(tokens, state, "every", np.random.default_rng(1), **told)
    expected, dlogits = softmax_cross_entropy(logits, targets)
    grads, _ = two.backward(dlogits, cache)
    for name, gradient in grads.items():
        np.testing.assert_array_equal(watch.grads[name], gradient)  # before it is clipped
        np.testing.assert_array_equal(watch.before[name], two.params[name])
    assert (loss, norm) == (expected, clip_grad_norm(grads, clip or np.inf))
    optimizers[1].step(grads)
    for name, array in two.params.items():
        np.testing.assert_array_equal(one.params[name], array)
        np.testing.assert_array_equal(watch.after[name], array)
    np.testing.assert_array_equal(after, expected_after)


@pytest.mark.parametrize("name", ["embedding.weight", "lstm.weight_hh_l1", "fc.bias"])
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_step_that_is_not_finite_moves_nothing(rng, name, bad):
    model, tokens = new_model(), np.zeros((3, 4), int)
    optimizer = Adam(model.params)
    for _ in range(2):
        train_step(model, optimizer, Batch(tokens, tokens), settings(), rng)
    model.params[name].flat[0] = bad
    before = model.state_dict()
    with pytest.raises(Diverged, match=rf"^step 3: {name} is not finite \(loss (nan|[0-9.]+)\)$"):
        train_step(model, optimizer, Batch(tokens, tokens), settings(), rng)
    for key, array in before.items():
        np.testing.assert_array_equal(model.params[key], array)
    assert optimizer.t == 2


def test_a_norm_that_overflows_moves_nothing(rng, monkeypatch):
    model, tokens = new_model(), np.zeros((1, 1), int)
    huge = {name: np.full_like(array, 1e200) for name, array in model.params.items()}
    monkeypatch.setattr(model, "backward", lambda *_: (huge, None))
    with pytest.raises(Diverged, match=r"^step 1: the norm of the gradient is not finite \(loss [0-9.]+\)$"):
        train_step(model, Adam(model.params), Batch(tokens, tokens), settings(), rng)


def test_the_first_array_that_is_not_finite():
    good, bad = np.ones(3), np.array([1, np.inf])
    assert first_not_finite([("a", good), ("b", bad), ("c", bad)]) == "b"
    assert first_not_finite([("a", good)]) is None


@pytest.mark.parametrize("with_state", [True, False])
def test_arrays_in_the_order_in_which_they_are_computed(rng, with_state):
    model, tokens = new_model(), rng.integers(V, size=(3, 4))
    state = tuple(rng.standard_normal((2, 2, 3, 5))) if with_state else None
    logits, _, cache = model.forward(tokens, state)
    grads, _ = model.backward(logits, cache)
    found = dict(in_order(model, state, cache, logits, 0.5, grads))
    layers = [f"{name} of layer {k}" for k in range(2) for name in "ifgoch"]
    first = ["h before the first step", "c before the first step"] if with_state else []
    backward = [f"the gradient of {name}" for name in reversed(model.params)]
    assert list(found) == [*model.params, *first, *layers, "logits", "loss", *backward]
    if with_state:
        assert found["h before the first step"] is state[0]
    np.testing.assert_array_equal(found["the gradient of fc.bias"], grads["fc.bias"])
    assert found["h of layer 1"].shape == (4, 5, 3)


def test_the_table_of_losses():
    rows = [{"epoch": 1, "step": 3, "seconds": 1.23456789, "train_loss": 0.5}, {"val_loss": 1 / 3, "other": 7}]
    head, one, two = metrics_csv(rows).splitlines()
    assert head == "epoch,step,seconds,train_loss,gradient_norm,val_loss,val_perplexity,val_accuracy"
    assert (one, two) == ("1,3,1.23457,0.5,,,,", ",,,,,0.333333,,")
    assert metrics_csv([]) == head + "\n"


def test_the_streams_of_a_seed_are_four():
    draws = [[stream.random() for stream in random_streams(seed)] for seed in (0, 0, 1)]
    assert draws[0] == draws[1] != draws[2]
    assert len(set(draws[0])) == 4


def test_settings_are_chosen_from_more():
    config = {"outputs": "last", "epochs": 2, "learning_rate": 0.1, "schedule": "cosine", "warm_up": 0.2, "clip": 3}
    assert Settings.chosen_from({**config, "eval_interval": 5, "seed": 9}) == Settings(**config, eval_interval=5)
