"""The losses of a run as a table and as learning curves."""

from collections.abc import Sequence

from lstm_numpy.system import BLUE, ORANGE, png

COLUMNS = (
    "epoch", "step", "seconds", "train_loss", "gradient_norm", "val_loss", "val_perplexity", "val_accuracy",
)  # fmt: skip


def metrics_csv(rows: list[dict]) -> str:
    """The rows as a table: one line per interval, and one per epoch, which has the validation."""
    cells = [[row.get(column, "") for column in COLUMNS] for row in rows]
    lines = [[f"{cell:.6g}" if isinstance(cell, float) else str(cell) for cell in line] for line in cells]
    return "".join(",".join(line) + "\n" for line in [COLUMNS, *lines])


def curves(rows: Sequence[dict]) -> bytes:
    """Training and validation loss against the training step, from the lines of metrics.csv (see `Training.rows`)."""
    from matplotlib.figure import Figure

    intervals = [row for row in rows if "val_loss" not in row]
    epochs = [row for row in rows if "val_loss" in row]
    figure = Figure(figsize=(8, 4.5), layout="constrained")
    axes = figure.subplots()

    def line(rows: list[dict], column: str, label: str, **look: object) -> None:
        if rows:
            axes.plot([row["step"] for row in rows], [row[column] for row in rows], label=label, **look)

    line(intervals, "train_loss", "training, mean of an interval", color=BLUE, alpha=0.35)
    line(epochs, "train_loss", "training, mean of an epoch", color=BLUE, marker=".")
    line(epochs, "val_loss", "validation", color=ORANGE, marker="s", ms=4)
    if epochs:
        best = min(epochs, key=lambda row: row["val_loss"])
        axes.annotate(
            f"best: {best['val_loss']:.3f} (epoch {best['epoch']})",
            (best["step"], best["val_loss"]), xytext=(0, 28), textcoords="offset points",
            ha="right" if best["step"] > 0.8 * epochs[-1]["step"] else "center",
            color=ORANGE, arrowprops={"arrowstyle": "-", "color": ORANGE},
        )  # fmt: skip
    axes.set(xlabel="training step (batches)", ylabel="loss (nats per step)", title="Learning curves")
    axes.grid(alpha=0.3)
    if axes.has_data():
        axes.legend()
    return png(figure)
