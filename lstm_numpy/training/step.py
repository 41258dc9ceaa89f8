"""One training step: forward, loss, backward, update."""

import numpy as np

from lstm_numpy.adam import Adam, clip_grad_norm
from lstm_numpy.loss import softmax_cross_entropy
from lstm_numpy.model import LSTMModel
from lstm_numpy.plain import State
from lstm_numpy.training.batch import Batch
from lstm_numpy.training.finite import first_not_finite, in_order
from lstm_numpy.training.settings import Settings, Watch
from lstm_numpy.workspace import Workspace


class Diverged(ArithmeticError):
    """A number is no longer finite; the message names the first array that holds one, and the step."""


def train_step(
    model: LSTMModel, optimizer: Adam, batch: Batch, settings: Settings,
    dropout_rng: np.random.Generator, workspace: Workspace | None = None, state: State | None = None,
    watch: Watch | None = None,
) -> tuple[float, float, State]:  # fmt: skip
    """Forward, loss, backward, update; returns the loss, the norm of the gradient, and the state after the last token.

    `state` is h and c to begin with, (L, B, H) each; None is zeros. No gradient goes back to the step that made it:
    backpropagation is truncated here.

    Raises:
        Diverged: if the logits, the loss or a gradient is not finite; the parameters are then as they were.
    """
    with np.errstate(over="ignore", invalid="ignore"):  # what overflows is found here, or when it is saved
        tokens, targets, context, ends = batch
        logits, after, cache = model.forward(
            tokens, state, settings.outputs, dropout_rng, workspace, context=context, ends=ends
        )
        loss, dlogits = softmax_cross_entropy(logits, targets)
        grads, _ = model.backward(dlogits, cache)
        step = optimizer.t + 1
        if first_not_finite([("logits", logits), ("loss", loss), *grads.items()]):
            bad = first_not_finite(in_order(model, state, cache, logits, loss, grads))
            raise Diverged(f"step {step}: {bad} is not finite (loss {float(loss):g})")
        if watch is not None:
            watch.before_update(model.params, grads)
        norm = clip_grad_norm(grads, settings.clip or np.inf)
        if not np.isfinite(norm):
            raise Diverged(f"step {step}: the norm of the gradient is not finite (loss {float(loss):g})")
        optimizer.step(grads)
        if watch is not None:
            watch.after_update(model.params)
    return float(loss), norm, after
