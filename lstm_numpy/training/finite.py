"""Where numbers stop being finite: the first bad array, as one NaN spreads to nearly all that is computed after it."""

from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from lstm_numpy.model import LSTMModel, ModelCache
from lstm_numpy.plain import State
from lstm_numpy.training.recording import activity

Named = tuple[str, np.ndarray]


def first_not_finite(arrays: Iterable[Named]) -> str | None:
    """The name of the first array that holds a NaN or an infinity; None if there is none."""
    return next((name for name, array in arrays if not np.isfinite(array).all()), None)


def in_order(
    model: LSTMModel, state: State | None, cache: ModelCache, logits: np.ndarray, loss: float,
    grads: Mapping[str, np.ndarray],
) -> Iterator[Named]:  # fmt: skip
    """All arrays of a training step with their names, each after those that it was computed from.

    `state` is from before the first step, the workspace of the `cache` has not been used again.
    """
    yield from model.params.items()
    if state is not None:
        yield from zip(("h before the first step", "c before the first step"), state, strict=True)
    for k, layer in enumerate(activity(cache)):
        for name, array in zip(layer._fields, layer, strict=True):
            yield f"{name} of layer {k}", array
    yield "logits", logits
    yield "loss", np.asarray(loss)
    for name in reversed(grads):  # backward, the last layer comes first
        yield f"the gradient of {name}", grads[name]
