"""NaN and infinity, put into one array of one step."""

from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import numpy as np
from outcomes import Row
from runs import command, one_sentence, train_here, write_songs

from lstm_numpy.training import checkpoint, loop
from lstm_numpy.training import step as one_step

STEP = 7  # at which it happens
VALUES = (np.nan, np.inf, -np.inf)


def spoil(array: np.ndarray, value: float) -> None:
    array.flat[0] = value


def not_finite(folder: Path, count: int) -> Row:
    """In a parameter, the carried state, the logits, the loss or a gradient, one after the other."""
    row = Row("NaN or infinity in an array of a training step")
    songs = write_songs(folder)
    train_here(command(songs, folder / "run"))
    names = [key.split("/")[1] for key in checkpoint.load(folder / "run" / "last.npz")[0] if key.startswith("param/")]
    places: list[tuple[str, Callable]] = []
    for name in names:
        places.append((f" {name} is", in_parameter(name)))
        places.append((f"the gradient of {name} is", in_gradient(name)))
    places += [("h before the first step is", in_state(0)), ("c before the first step is", in_state(1))]
    places += [(" logits is", in_logits), (" loss is", in_loss)]
    trials = [(text, change, value) for value in VALUES for text, change in places][:count]
    for n, (text, change, value) in enumerate(trials):
        run = folder / f"{n}"
        with change(value):
            status, _, err = train_here(command(songs, run))
        problem = one_sentence(status, err)
        if problem is None and (text not in err or f"step {STEP}:" not in err):
            problem = f"expected{text!r} in step {STEP}, but: {err.strip()}"
        arrays, description = checkpoint.load(run / "last.npz")
        if not all(np.isfinite(array).all() for array in arrays.values()):
            problem = problem or "last.npz is not finite"
        if description["training"]["adam_steps"] != STEP - 1:
            problem = problem or "last.npz is not the last good place"
        row.add("stopped at the step, with the name of the first bad array; the checkpoint before is kept",
                problem and f"{value} in{text}: {problem}")  # fmt: skip
    return row


def in_parameter(name: str) -> Callable:
    """Before the forward pass of that step."""

    def change(value: float):
        real = loop.train_step

        def step(model, optimizer, *more):
            if optimizer.t + 1 == STEP:
                spoil(model.params[name], value)
            return real(model, optimizer, *more)

        return patch.object(loop, "train_step", step)

    return change


def in_state(which: int) -> Callable:
    def change(value: float):
        real = loop.train_step

        def step(model, optimizer, tokens, targets, settings, rng, workspace, state, watch):
            if optimizer.t + 1 == STEP:
                spoil(state[which], value)
            return real(model, optimizer, tokens, targets, settings, rng, workspace, state, watch)

        return patch.object(loop, "train_step", step)

    return change


def in_gradient(name: str) -> Callable:
    def change(value: float):
        real, calls = loop.LSTMModel.backward, []

        def backward(model, *arguments):
            grads, dstate = real(model, *arguments)
            calls.append(1)
            if len(calls) == STEP:
                spoil(grads[name], value)
            return grads, dstate

        return patch.object(loop.LSTMModel, "backward", backward)

    return change


def in_logits(value: float):
    return _in_loss(lambda logits, loss: (spoil(logits, value), loss)[1])


def in_loss(value: float):
    return _in_loss(lambda logits, loss: value)


def _in_loss(change: Callable):
    real, calls = one_step.softmax_cross_entropy, []

    def loss_of(logits, targets):
        loss, dlogits = real(logits, targets)
        calls.append(1)
        return (change(logits, loss) if len(calls) == STEP else loss), dlogits

    return patch.object(one_step, "softmax_cross_entropy", loss_of)
