"""What goes on inside a network: gates, states and gradients at each step.

Nothing is computed a second time: the gates are those that the forward pass left for the
backward pass, and the gradients come from the backward functions that training uses.
"""

from typing import NamedTuple

import numpy as np

from lstm_numpy.cell import CellCache
from lstm_numpy.embedding import embedding_forward
from lstm_numpy.linear import linear_backward, linear_forward
from lstm_numpy.loss import softmax_cross_entropy
from lstm_numpy.lstm import LayerCache, lstm_backward, lstm_forward
from lstm_numpy.model import LSTMModel, ModelCache
from lstm_numpy.sampling import next_probabilities

SHUT, OPEN = 0.1, 0.9  # below and above which a gate counts as saturated


class Activity(NamedTuple):
    """One layer of the LSTM at every step, (T, H, B) each."""

    i: np.ndarray
    f: np.ndarray
    g: np.ndarray
    o: np.ndarray
    c: np.ndarray
    h: np.ndarray


def activity(cache: ModelCache) -> list[Activity]:
    """Gates and states of each layer, from the cache of a forward pass.

    The arrays are copies, so they outlive the workspace.

    Raises:
        RuntimeError: if the cache's workspace has been used again.
    """
    cache.workspace.check(cache.forward_pass)
    layers = cache.lstm if isinstance(cache.lstm, list) else cache.lstm.layers
    return [_of_plain(layer) if isinstance(layer, list) else _of_fast(layer) for layer in layers]


def _of_fast(layer: LayerCache) -> Activity:
    T, H, B = layer.tanh_c.shape
    i, f, g, o = layer.gates.reshape(T, 4, H, B).transpose(1, 0, 2, 3).copy()
    return Activity(i, f, g, o, layer.c[1:].copy(), layer.u[1:, -H:].copy())


def _of_plain(steps: list[CellCache]) -> Activity:
    """The plain cell keeps c_{t-1} and tanh(c_t); c_t and h_t follow from the same equations."""
    i, f, g, o = (np.stack([getattr(step, name).T for step in steps]) for name in "ifgo")
    c = f * np.stack([step.c_prev.T for step in steps]) + i * g
    h = o * np.stack([step.tanh_c.T for step in steps])
    return Activity(i, f, g, o, c, h)


class Reading(NamedTuple):
    """A model's way through one sequence of T symbols.

    p[t] is what it expected at step t, given the symbols before; the layers are as they are after it
    has read symbol t.
    """

    p: np.ndarray  # (T, V)
    surprisal: np.ndarray  # (T,), -log2 p of the symbol that came, in bits
    layers: list[Activity]  # (T, H, 1) each


def read(model: LSTMModel, symbols: np.ndarray, end: int) -> Reading:
    """Let a model read one sequence, behind `model.start_len` end symbols.

    Args:
        symbols: integers, (T,) with T at least 1; with the end symbol at the end if the sequence has ended.
        end: the end symbol.
    """
    start = model.start_len
    tokens = np.concatenate([np.full(start, end), symbols])
    logits, _, cache = model.forward(tokens[None])
    p = next_probabilities(logits[0, start - 1 : -1])
    surprisal = -np.log2(p[np.arange(len(symbols)), symbols])
    layers = [Activity(*(array[start:] for array in layer)) for layer in activity(cache)]
    return Reading(p, surprisal, layers)


def looks_back(model: LSTMModel, symbols: np.ndarray, end: int, step: int) -> np.ndarray:
    """How much each symbol of a sequence mattered for the prediction of the one at `step`.

    Returns:
        (step,): the norms of `input_gradients`, those of the end symbols in front left out.
    """
    tokens = np.concatenate([np.full(model.start_len, end), symbols[:step]])
    gradients = input_gradients(model, tokens[None], symbols[step : step + 1])
    return np.linalg.norm(gradients[0, model.start_len :], axis=-1)


def saturation(gate: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each unit, the share of the time that its gate is (nearly) shut and (nearly) open.

    Karpathy, Johnson & Li 2015, figure 3. A unit whose forget gate is often open remembers, one
    whose forget gate is often shut looks at the present alone.

    Args:
        gate: i, f or o, (T, H, B).

    Returns:
        The shares below SHUT and above OPEN, (H,) each.
    """
    return (gate < SHUT).mean(axis=(0, 2)), (gate > OPEN).mean(axis=(0, 2))


def input_gradients(model: LSTMModel, tokens: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """How the loss of one prediction depends on each input before it.

    Args:
        tokens: integers, (B, T), read from a zero state.
        targets: the symbols after the last step, (B,).

    Returns:
        (B, T, D): for each sequence of the batch, the gradient of -log p(its target) with
        respect to the embedded input x_t of each step. Its norm over D tells how much a small
        change of that input would matter (Madsen 2019).
    """
    params = model.params
    x, _ = embedding_forward(tokens, params["embedding.weight"])
    zero = np.zeros((model.layer_dim, len(tokens), model.hidden_dim), model.dtype)
    out, _, cache = lstm_forward(x, (zero, zero), model.layers(params))
    logits, linear_cache = linear_forward(out[-1], params["fc.weight"], params["fc.bias"])
    _, dlogits = softmax_cross_entropy(logits.T, targets)
    dh, _, _ = linear_backward(len(tokens) * dlogits.T, linear_cache)  # of each loss, not of their mean
    dstate = np.zeros_like(zero), np.zeros_like(zero)
    dstate[0][-1] = dh.T
    dx, _, _ = lstm_backward(None, cache, dstate)
    return dx.transpose(2, 0, 1)
