"""Gates and states of every layer at each step: what a forward pass left for its backward pass, laid out alike.

Nothing is computed a second time. The training loop asks for them when a number is no longer finite,
and the room `inspection` to show them.
"""

from typing import NamedTuple

import numpy as np

from lstm_numpy.cell import CellCache
from lstm_numpy.lstm import LayerCache
from lstm_numpy.model import ModelCache


class Activity(NamedTuple):
    """One layer of the LSTM at every step, (T, H, B) each."""

    i: np.ndarray
    f: np.ndarray
    g: np.ndarray
    o: np.ndarray
    c: np.ndarray
    h: np.ndarray


def activity(cache: ModelCache) -> list[Activity]:
    """Gates and states of each layer, from the cache of a forward pass, as copies, which outlive the workspace.

    RuntimeError if the cache's workspace has been used again.
    """
    cache.workspace.check(cache.forward_pass)
    layers = cache.lstm if isinstance(cache.lstm, list) else cache.lstm.layers
    return [_of_plain(layer, cache.ends) if isinstance(layer, list) else _of_fast(layer) for layer in layers]


def _of_fast(layer: LayerCache) -> Activity:
    T, H, B = layer.tanh_c.shape
    i, f, g, o = layer.gates.reshape(T, 4, H, B).transpose(1, 0, 2, 3).copy()
    return Activity(i, f, g, o, layer.c[1:].copy(), layer.u[1:, -H:].copy())


def _of_plain(steps: list[CellCache], ends: np.ndarray | None) -> Activity:
    """The plain cell keeps c_{t-1} and tanh(c_t); c_t and h_t follow from the same equations."""
    going_on = 1 if ends is None else ~ends[:, None]
    i, f, g, o = (np.stack([getattr(step, name).T for step in steps]) for name in "ifgo")
    c = f * np.stack([step.c_prev.T for step in steps]) + i * g
    h = o * np.stack([step.tanh_c.T for step in steps])
    return Activity(i, f, g, o, c * going_on, h * going_on)
