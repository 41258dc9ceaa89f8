"""What single units of the network follow, and what they are worth to it.

Their values are compared with labels, step by step. The value of a unit is tanh(c_t) after it has read symbol t: what
its output gate lets out, between -1 and 1. Karpathy, Johnson & Li 2015 found in this way cells that follow the place in
a line, quotes and brackets.
"""

from collections.abc import Sequence
from copy import copy

import numpy as np

from lstm_numpy.model import LSTMModel
from lstm_numpy.training import Activity, activity, evaluate_sequences, padded_batches
from lstm_numpy.workspace import Workspace


def read_sequences(
    model: LSTMModel, sequences: Sequence[np.ndarray], end: int, contexts: Sequence[np.ndarray] | None = None,
    batch_size: int = 16,
) -> Activity:  # fmt: skip
    """The last layer after each symbol of many sequences, integers (length,) each, read from their beginnings.

    As in `evaluate_sequences`, the model first reads `model.start_len` end symbols. Returned are gates and states
    (N, H, 1), where N counts the symbols of all sequences, in their order.
    """
    borders = np.cumsum([0, *map(len, sequences)])
    whole = Activity(*(np.empty((borders[-1], model.hidden_dim, 1), model.dtype) for _ in Activity._fields))
    workspace, start = Workspace(), model.start_len
    for batch, tokens, context in padded_batches(sequences, start, end, batch_size, contexts):
        seen = activity(model.forward(tokens, outputs="last", workspace=workspace, context=context)[2])[-1]
        for row, number in enumerate(batch):
            for target, source in zip(whole, seen, strict=True):
                length = len(sequences[number])
                target[borders[number] : borders[number + 1]] = source[start : start + length, :, row : row + 1]
    return whole


def correlation(values: np.ndarray, label: np.ndarray) -> np.ndarray:
    """Pearson's correlation coefficient of each unit, (N, H), with one label, numbers or truth values (N,).

    It is (H,), from -1 to 1; 0 for a unit, or a label, that never changes.
    """
    x = values - values.mean(axis=0, dtype=np.float64)
    y = label - np.mean(label)
    return _ratio(y @ x, np.sqrt((y**2).sum() * (x**2).sum(axis=0)), values)


def correlation_ratio(values: np.ndarray, groups: np.ndarray, coarser: np.ndarray | None = None) -> np.ndarray:
    """How far the group that a step belongs to, (N,), decides the value of each unit, (N, H).

    The correlation ratio η, (H,), is the square root of the share of a unit's variance that lies between the means of
    the groups (Fisher 1925); 0 for a unit that never changes. Unlike a correlation coefficient it finds any dependence
    on the group, not a straight line only; it has no sign. The means of `coarser` groups, in which these lie, are
    taken away first, so that the figure tells what the groups say beyond them.
    """
    x = values - values.mean(axis=0, dtype=np.float64)
    if coarser is not None:
        x -= _means(x, coarser)
    return np.sqrt(_ratio((_means(x, groups) ** 2).sum(axis=0), (x**2).sum(axis=0), values**2))


def _means(x: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """In the place of every row, the mean of all rows of its group."""
    means = np.empty_like(x)
    for group in np.unique(groups):
        means[groups == group] = x[groups == group].mean(axis=0)
    return means


def _ratio(a: np.ndarray, b: np.ndarray, values: np.ndarray) -> np.ndarray:
    """a / b, and 0 where b is no more than what rounding leaves of such values; rounding takes none beyond 1."""
    largest = 1e-12 * np.abs(values).sum(axis=0, dtype=np.float64)
    return np.clip(np.divide(a, b, out=np.zeros_like(a), where=b > largest), -1, 1)


def silenced(model: LSTMModel, unit: int) -> LSTMModel:
    """The model with a unit of its last layer that nobody hears: its h counts neither for the gates nor for the logits.

    Its columns of W_hh and of `fc.weight` are zero; all other parameters are shared with the model.
    """
    silent = copy(model)
    silent.params = dict(model.params)
    for name in (f"lstm.weight_hh_l{model.layer_dim - 1}", "fc.weight"):
        silent.params[name] = model.params[name].copy()
        silent.params[name][:, unit] = 0
    return silent


def cost_of_silence(
    model: LSTMModel,
    units: Sequence[int],
    sequences: Sequence[np.ndarray],
    end: int,
    contexts: Sequence[np.ndarray] | None = None,
) -> dict[int, float]:
    """What the predictions of whole sequences lose with a unit of the last layer alone silenced, in nats per step."""
    intact = evaluate_sequences(model, sequences, end, contexts).loss
    return {unit: evaluate_sequences(silenced(model, unit), sequences, end, contexts).loss - intact for unit in units}
