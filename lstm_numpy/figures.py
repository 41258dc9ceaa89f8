"""Figures, as PNG bytes. matplotlib is imported only here, and no screen is needed."""

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Colours that stay apart for the colour-blind (Okabe & Ito 2008).
BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#888888"


def png(figure: "Figure") -> bytes:
    """A figure as the content of a PNG file."""
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=120)
    return file.getvalue()


def curves(rows: Sequence[dict]) -> bytes:
    """Training and validation loss against the training step.

    Args:
        rows: the lines of metrics.csv (see `training`).
    """
    from matplotlib.figure import Figure

    intervals = [row for row in rows if "val_loss" not in row]
    epochs = [row for row in rows if "val_loss" in row]
    figure = Figure(figsize=(8, 4.5), layout="constrained")
    axes = figure.subplots()
    if intervals:
        axes.plot(
            [row["step"] for row in intervals],
            [row["train_loss"] for row in intervals],
            color=BLUE, alpha=0.35, label="training, mean of an interval",
        )  # fmt: skip
    if epochs:
        steps = [row["step"] for row in epochs]
        axes.plot(
            steps, [row["train_loss"] for row in epochs], color=BLUE, marker=".", label="training, mean of an epoch"
        )
        axes.plot(steps, [row["val_loss"] for row in epochs], color=ORANGE, marker="s", ms=4, label="validation")
        best = min(epochs, key=lambda row: row["val_loss"])
        axes.annotate(
            f"best: {best['val_loss']:.3f} (epoch {best['epoch']})",
            (best["step"], best["val_loss"]), xytext=(0, 28), textcoords="offset points", ha="center",
            color=ORANGE, arrowprops={"arrowstyle": "-", "color": ORANGE},
        )  # fmt: skip
    axes.set_xlabel("training step (batches)")
    axes.set_ylabel("loss (nats per step)")
    axes.set_title("Learning curves")
    axes.grid(alpha=0.3)
    if axes.has_data():
        axes.legend()
    return png(figure)


def step_sizes(steps: Sequence[float], errors: dict[str, list[float]]) -> bytes:
    """The error of each difference scheme against its step size, on logarithmic axes.

    Args:
        steps: step sizes.
        errors: scheme -> the error at each step (see `gradcheck.error_by_step`).
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 5), layout="constrained")
    axes = figure.subplots()
    styles = [(GREY, "o", 4), (BLUE, "s", 8), (GREEN, "^", 4), (ORANGE, "D", 3)]  # central shows behind complex
    for (scheme, values), (color, marker, size) in zip(errors.items(), styles, strict=True):
        drawn = [max(value, 1e-17) for value in values]  # an error of 0 has no place on this axis
        axes.loglog(steps, drawn, color=color, marker=marker, ms=size, label=scheme)
    axes.set_xlabel("step size h")
    axes.set_ylabel("worst relative error of a tensor")
    axes.set_title("Numerical derivatives against the backward pass (float64)")
    axes.grid(alpha=0.3)
    axes.legend()
    return png(figure)
