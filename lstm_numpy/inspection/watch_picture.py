"""What a watch has seen of a training, as a picture."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lstm_numpy.inspection.gates import OPEN, SHUT
from lstm_numpy.system import BLUE, GREEN, ORANGE, png

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# A parameter's kind has a colour, a marker and a width, its layer a line. The gradients of both biases
# are equal, so one must show behind the other.
_KINDS = {
    "embedding.weight": ("#000000", "o", 1.2), "context.weight": ("#999999", "*", 1.2),
    "lstm.weight_ih": (BLUE, "s", 1.2), "lstm.weight_hh": ("#56B4E9", "D", 1.2),
    "lstm.bias_ih": (GREEN, "^", 4.0), "lstm.bias_hh": ("#CC79A7", "v", 1.2),
    "fc.weight": (ORANGE, "P", 1.2), "fc.bias": ("#E69F00", "X", 1.2),
}  # fmt: skip
_GATES = {"i": (BLUE, "s", "input"), "f": (ORANGE, "o", "forget"), "o": (GREEN, "^", "output")}
_LINES = ("-", "--", ":", "-.")


def draw_watch(rows: Sequence[dict]) -> bytes:
    """A PNG of the rows of a `Watch`: gradients, updates, saturation by layer, gradient by time lag."""
    from matplotlib.figure import Figure

    layers = sorted({name.split("_")[1] for name in rows[0]["shut"]}, key=lambda layer: int(layer[1:]))
    height = (4 + len(layers)) // 2  # panels in two columns
    figure = Figure(figsize=(9, 3.4 * height + 0.8), layout="constrained")
    gradients, updates, *gates, lags = figure.subplots(height, 2).ravel()[: 3 + len(layers)]
    for panel in figure.axes[3 + len(layers) :]:
        panel.set_axis_off()

    _draw_tensors(gradients, rows, "gradient/norm")
    gradients.set(ylabel="‖gradient‖ / ‖tensor‖ (nats)", title="Gradient before clipping")
    _draw_tensors(updates, rows, "update/norm")
    updates.set(ylabel="‖update‖ / ‖tensor‖", title="What one step of Adam changes")
    if updates.has_data():
        figure.legend(*updates.get_legend_handles_labels(), loc="outside upper center", ncols=4, fontsize=8)
    for layer, axes in zip(layers, gates, strict=True):
        _draw_saturation(axes, rows, layer)
    _draw_lags(lags, rows)
    for axes in figure.axes:
        axes.grid(alpha=0.3)
    return png(figure)


def _draw_tensors(axes: "Axes", rows: Sequence[dict], group: str) -> None:
    """A line for each parameter."""
    rows = [row for row in rows if group in row]
    for name in rows[0][group] if rows else ():
        kind, _, layer = name.partition("_l")
        color, marker, width = _KINDS[kind]
        axes.semilogy(
            [row["step"] for row in rows], [row[group][name] for row in rows],
            color=color, marker=marker, ms=3 + width, lw=width, ls=_LINES[int(layer or 0) % len(_LINES)], label=name,
        )  # fmt: skip
    if rows:  # a learning rate that has fallen to zero would stretch the axis
        highest = max(max(row[group].values()) for row in rows)
        axes.set_ylim(bottom=max(axes.get_ylim()[0], 1e-4 * highest))
    axes.set_xlabel("training step (batches)")


def _draw_saturation(axes: "Axes", rows: Sequence[dict], layer: str) -> None:
    """For each gate the share of open values as a solid line, of shut ones as a dashed line."""
    steps = [row["step"] for row in rows]
    for gate, (color, marker, name) in _GATES.items():
        for group, limit, line, fill in (("open", f"> {OPEN}", "-", "full"), ("shut", f"< {SHUT}", "--", "none")):
            shares = [100 * row[group][f"{gate}_{layer}"] for row in rows]
            axes.plot(
                steps, shares, ls=line, color=color, marker=marker, ms=4, lw=1.2, fillstyle=fill,
                label=f"{name}, {group} ({limit})",
            )  # fmt: skip
    axes.set(ylim=(0, 100), xlabel="training step (batches)", ylabel="share of gate values (%)")
    axes.set_title(f"Saturated gates, layer {layer[1:]}")
    axes.legend(fontsize=8, ncols=2, loc="upper center")


def _draw_lags(axes: "Axes", rows: Sequence[dict]) -> None:
    """A line for each of up to seven epochs, from light to dark."""
    from matplotlib import colormaps

    rows = [row for row in rows if "lag" in row]
    count = min(7, len(rows))
    for n in range(count):
        row = rows[round(n * (len(rows) - 1) / max(1, count - 1))]
        label = f"epoch {row['epoch']}" if row["epoch"] else "before training"
        darkness = colormaps["Blues"](0.3 + 0.7 * n / max(1, count - 1))
        axes.semilogy([int(k) for k in row["lag"]], row["lag"].values(), color=darkness, lw=1.6, label=label)
    axes.set(xlabel="time lag k (steps before the last input)", ylabel="mean ‖dx‖ (nats)")
    axes.set_title("How far back the gradient reaches")
    axes.legend(fontsize=8)
