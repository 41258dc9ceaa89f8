"""The losses of a run as a table and as learning curves."""

from collections.abc import Sequence

from lstm_numpy.system import BLUE, ORANGE, png

COLUMNS = (
    "epoch", "step", "seconds", "train_loss", "gradient_norm", "val_loss", "val_perplexity", "val_accuracy",
)  # fmt: skip


def metrics_csv(rows: list[dict]) -> str:
    """The rows as a table: one line per interval, and one per epoch, which has the validation."""
    lines = [",".join(COLUMNS)]
    lines += [",".join(_cell(row.get(column)) for column in COLUMNS) for row in rows]
    return "\n".join(lines) + "\n"


def _cell(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)


def curves(rows: Sequence[dict]) -> bytes:
    """Training and validation loss against the training step.

    Args:
        rows: the lines of metrics.csv (see `Training.rows`).
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
            (best["step"], best["val_loss"]), xytext=(0, 28), textcoords="offset points",
            ha="right" if best["step"] > 0.8 * steps[-1] else "center",
            color=ORANGE, arrowprops={"arrowstyle": "-", "color": ORANGE},
        )  # fmt: skip
    axes.set_xlabel("training step (batches)")
    axes.set_ylabel("loss (nats per step)")
    axes.set_title("Learning curves")
    axes.grid(alpha=0.3)
    if axes.has_data():
        axes.legend()
    return png(figure)
