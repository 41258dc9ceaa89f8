"""What goes on inside a network: gates, states and gradients at each step.

Nothing is computed a second time: the gates are those that the forward pass left for the backward pass, and the
gradients come from the backward functions that training uses.
"""

from typing import NamedTuple

import numpy as np

from lstm_numpy.inputs import input_forward
from lstm_numpy.linear import linear_backward, linear_forward
from lstm_numpy.loss import softmax_cross_entropy
from lstm_numpy.lstm import lstm_backward, lstm_forward
from lstm_numpy.model import LSTMModel
from lstm_numpy.training import Activity, activity, beside, expectations

SHUT, OPEN = 0.1, 0.9  # below and above which a gate counts as saturated


class Reading(NamedTuple):
    """A model's way through one sequence of T symbols."""

    p: np.ndarray  # (T, V); p[t] is what it expected at step t, given the symbols before
    surprisal: np.ndarray  # (T,), -log2 p of the symbol that came, in bits
    layers: list[Activity]  # (T, H, 1) each; as they are after it has read symbol t


def read(model: LSTMModel, symbols: np.ndarray, end: int, context: np.ndarray | None = None) -> Reading:
    """Let a model read one sequence, (T,) with T at least 1, behind `model.start_len` end symbols.

    The sequence itself has the end symbol at its end if it has ended; for the context, see `expectations`.
    """
    p, surprisal, cache = expectations(model, symbols, end, context)
    layers = [Activity(*(array[model.start_len :] for array in layer)) for layer in activity(cache)]
    return Reading(p, surprisal, layers)


def looks_back(
    model: LSTMModel, symbols: np.ndarray, end: int, step: int, context: np.ndarray | None = None
) -> np.ndarray:
    """How much each symbol before `step` mattered for the prediction of the one there, (step,).

    These are the norms of `input_gradients`, without those of the end symbols in front.
    """
    tokens = np.concatenate([np.full(model.start_len, end), symbols[:step]])
    context = None if context is None else beside(tokens[None], [context[: step + 1]], model.start_len)
    gradients = input_gradients(model, tokens[None], symbols[step : step + 1], context)
    return np.linalg.norm(gradients[0, model.start_len :], axis=-1)


def saturation(gate: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each unit, the share of the time that its gate i, f or o, (T, H, B), is below SHUT and above OPEN, (H,) each.

    Karpathy, Johnson & Li 2015, figure 3. A unit whose forget gate is often open remembers, one whose forget gate is
    often shut looks at the present alone.
    """
    return (gate < SHUT).mean(axis=(0, 2)), (gate > OPEN).mean(axis=(0, 2))


def input_gradients(
    model: LSTMModel, tokens: np.ndarray, targets: np.ndarray, context: np.ndarray | None = None
) -> np.ndarray:
    """How the loss of one prediction, targets (B,), depends on each input before it, tokens (B, T) from a zero state.

    (B, T, D): the gradient of -log p(target) with respect to the input x_t of each step, the sum of all that was looked
    up. Its norm over D tells how much a small change of that input would matter (Madsen 2019).
    """
    params = model.params
    tables = params["embedding.weight"], params.get("context.weight")
    x, _, _ = input_forward(tokens, context, *tables, params["lstm.weight_ih_l0"], plain=True)
    zero = np.zeros((model.layer_dim, len(tokens), model.hidden_dim), model.dtype)
    out, _, cache = lstm_forward(x, (zero, zero), model.layers(params))
    logits, linear_cache = linear_forward(out[-1], params["fc.weight"], params["fc.bias"])
    _, dlogits = softmax_cross_entropy(logits.T, targets)
    dh, _, _ = linear_backward(len(tokens) * dlogits.T, linear_cache)  # of each loss, not of their mean
    dstate = np.zeros_like(zero), np.zeros_like(zero)
    dstate[0][-1] = dh.T
    dx, _, _ = lstm_backward(None, cache, dstate)
    return dx.transpose(2, 0, 1)
