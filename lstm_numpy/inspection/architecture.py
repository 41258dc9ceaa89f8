"""The network as a picture: its parts, their parameters, and the shapes of what flows between.

Nothing is written down a second time: the parameters are the model's, and the shapes are those of a forward pass of the
plain version, which computes every part that the picture shows.
"""

import copy
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lstm_numpy.activations import log_softmax
from lstm_numpy.model import LSTMModel
from lstm_numpy.system import BLUE, ORANGE, png

if TYPE_CHECKING:
    from matplotlib.axes import Axes

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


def parts(model: LSTMModel, batch_size: int, steps: int, outputs: str = "every") -> list[Box | Flow]:
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
        notes[0] = "a row for each symbol; the rows of a step are added up"
    for k, layer in enumerate(cache.lstm.layers):
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


def draw_architecture(model: LSTMModel, batch_size: int, steps: int, outputs: str = "every") -> bytes:
    """Draw the network, from the tokens above to the probabilities below; see `parts`."""
    from matplotlib.figure import Figure

    drawn = parts(model, batch_size, steps, outputs)
    heights = [_height(part) for part in drawn]
    width, margin = 8.0, 0.45
    height = sum(heights) + 2 * margin
    figure = Figure(figsize=(width, height))
    axes = figure.add_axes((0, 0, 1, 1))  # a unit of the axes is an inch
    axes.set(xlim=(0, width), ylim=(height, 0))
    axes.set_axis_off()
    y = margin
    axes.text(0.3, y / 2 + 0.05, f"{model.num_parameters:,} parameters, {model.dtype}", va="center", weight="bold")
    for part, size in zip(drawn, heights, strict=True):
        if isinstance(part, Box):
            _draw_box(axes, part, y, size)
        else:
            _draw_flow(axes, part, y, size)
        y += size
    sizes = f"B = {batch_size} sequences, T = {steps} steps, V = {model.vocab_size} symbols, "
    sizes += f"D = {model.input_dim} (embedding), H = {model.hidden_dim} (hidden state)"
    axes.text(0.3, y + margin / 2, sizes, va="center", fontsize=9)
    return png(figure)


LEFT, RIGHT, LINE = 0.3, 6.6, 0.23  # inches: the boxes' edges, a line of text


def _height(part: Box | Flow) -> float:
    if isinstance(part, Flow):
        return 0.42
    return 0.24 + LINE * max(1 + len(part.notes), len(part.params) + (len(part.params) > 1))


def _draw_box(axes: "Axes", box: Box, top: float, height: float) -> None:
    from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

    fill = "#DCEBF5" if box.params else "#F4F4F4"
    shape = FancyBboxPatch((LEFT, top), RIGHT - LEFT, height, "round,pad=0,rounding_size=0.08", fc=fill, ec=BLUE)
    axes.add_patch(shape)
    axes.text(LEFT + 0.15, top + 0.12 + LINE / 2, box.title, va="center", weight="bold")
    for n, note in enumerate(box.notes, start=1):
        axes.text(LEFT + 0.15, top + 0.12 + (n + 0.5) * LINE, note, va="center", fontsize=8)
    sizes = {name: int(np.prod(shape)) for name, shape in box.params.items()}
    lines = [f"{name:<18} {shape!s:<12}{sizes[name]:>10,}" for name, shape in box.params.items()]
    if len(lines) > 1:
        lines.append(f"{'together':<31}{sum(sizes.values()):>10,}")
    for n, line in enumerate(lines):
        y = top + 0.12 + (n + 0.5) * LINE
        axes.text(RIGHT - 0.15, y, line, va="center", ha="right", family="monospace", fontsize=9)
    if box.state:
        start, stop = (RIGHT, top + 0.8 * height), (RIGHT, top + 0.2 * height)
        look = {"connectionstyle": "arc3,rad=0.9", "arrowstyle": "-|>", "mutation_scale": 14, "color": ORANGE}
        axes.add_patch(FancyArrowPatch(start, stop, **look))
        axes.text(RIGHT + 0.62, top + height / 2, box.state, va="center", fontsize=8, color=ORANGE)


def _draw_flow(axes: "Axes", flow: Flow, top: float, height: float) -> None:
    middle = (LEFT + RIGHT) / 2
    arrow = {"arrowstyle": "-|>", "color": "black", "shrinkA": 0, "shrinkB": 0, "mutation_scale": 14}
    axes.annotate("", (middle, top + height), (middle, top), arrowprops=arrow)
    axes.text(middle - 0.15, top + height / 2, f"{flow.name}  {flow.letters}", va="center", ha="right", fontsize=9)
    axes.text(middle + 0.15, top + height / 2, str(flow.shape), va="center", family="monospace", fontsize=9)
