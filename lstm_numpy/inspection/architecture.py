"""The network in its parts, their parameters, and the shapes of what flows between, from a forward pass."""

import copy
from typing import NamedTuple

import numpy as np

from lstm_numpy.activations import log_softmax
from lstm_numpy.model import LSTMModel

Shape = tuple[int, ...]


class Box(NamedTuple):
    """A part of the network."""

    title: str
    notes: list[str]
    params: dict[str, Shape]
    state: str = ""  # what it hands to itself at the next step


class Flow(NamedTuple):
    """What one part hands to the next."""

    name: str
    letters: str
    shape: Shape


def parts_of(model: LSTMModel, batch_size: int, steps: int, outputs: str = "every") -> list[Box | Flow]:
    """Boxes and what flows between them, from the tokens (B, T) to the probabilities.

    `outputs` is 'last' for a prediction after the last step, 'every' for one after each.
    """
    plain = copy.copy(model)  # the same parameters
    plain.plain = True
    tokens = np.zeros((batch_size, steps), int)
    told = np.zeros((*tokens.shape, 1), int) if model.context_size else None
    logits, (h, _), cache = plain.forward(tokens, outputs=outputs, context=told)
    read = cache.linear[0].shape  # (T, H, B) or (H, B): features come before the batch
    read = (read[-1], *read[:-1])
    time = "T, " if outputs == "every" else ""

    def named(start: str, end: str = "") -> dict[str, Shape]:
        fits = (name for name in model.params if name.startswith(start) and name.endswith(end))
        return {name: model.params[name].shape for name in fits}

    found: list[Box | Flow] = [Flow("tokens", "(B, T)", tokens.shape)]
    notes = ["a row for each symbol", *_dropped(model.embedding_dropout, "weight: ")]
    found.append(Box("Embedding", notes, named("embedding.") | named("context.")))
    if model.context_size:
        found[0] = Flow("tokens, and K symbols of context", "(B, T), (B, T, K)", tokens.shape)
        notes[0] = "a row for each symbol, added up"
    for k, layer in enumerate(cache.lstm):
        x = layer[0].x  # at the first of the steps, (B, D) or (B, H)
        name, width = ("x", "D") if k == 0 else ("h", "H")
        found.append(Flow(name, f"(B, T, {width})", (len(x), len(layer), x.shape[1])))
        title = "LSTM" if model.layer_dim == 1 else f"LSTM, layer {k}"
        notes = ["gates i, f, g, o: 4H rows", *_dropped(model.weight_dropout, "weight_hh: ")]
        state = f"h, c\n(B, H) each\n{h[k].shape}\nto the\nnext step"
        found.append(Box(title, notes, named("lstm.", f"_l{k}"), state))
    return [
        *found,
        Flow("h" if outputs == "every" else "h of the last step", f"(B, {time}H)", read),
        Box("Dropout", _dropped(model.dropout), {}),
        Flow("h", f"(B, {time}H)", read),
        Box("Linear", [], named("fc.")),
        Flow("logits", f"(B, {time}V)", logits.shape),
        Box("Softmax", [], {}),
        Flow("p(next symbol)", f"(B, {time}V)", np.exp(log_softmax(logits)).shape),
    ]


def _dropped(rate: float, what: str = "") -> list[str]:
    return [f"{what}{rate:.0%} silenced in training"] if rate else []
