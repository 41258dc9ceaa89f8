"""The losses of a run as a table and as curves."""

from collections.abc import Sequence

COLUMNS = (
    "epoch", "step", "seconds", "train_loss", "gradient_norm", "val_loss", "val_perplexity", "val_accuracy",
)  # fmt: skip


def metrics_csv(rows: list[dict]) -> str:
    """The rows as a table: one line per interval, and one per epoch, which has the validation."""
    cells = [[row.get(column, "") for column in COLUMNS] for row in rows]
    lines = [[f"{cell:.6g}" if isinstance(cell, float) else str(cell) for cell in line] for line in cells]
    return "".join(",".join(line) + "\n" for line in [COLUMNS, *lines])


def curves(rows: Sequence[dict]) -> dict:
    """Training and validation loss against the training step, as plain data to be drawn, from the lines of metrics.csv.

    Returns:
        'title'; 'x', what is to the right; 'curves', each with its 'name' and 'points', (x, y, what to say of x), and
        its looks; and 'marks' where epochs end, (x, epoch).
    """
    epochs = [row for row in rows if "val_loss" in row]

    def points(rows: Sequence[dict], column: str) -> list[tuple]:
        return [(row["step"], row[column], f"epoch {row['epoch']}, step {row['step']}") for row in rows]

    best = min(epochs, key=lambda row: row["val_loss"], default=None)
    named = f"validation (best: {best['val_loss']:.3f} after epoch {best['epoch']})" if best else "validation"
    within = points([row for row in rows if "val_loss" not in row], "train_loss")
    return {
        "title": "Loss (nats per step) against the training step; above, the epochs",
        "x": "training step (batches)",
        "curves": [
            {"name": "training, mean of an interval", "points": within, "color": 0, "thin": True},
            {"name": "training, mean of an epoch", "points": points(epochs, "train_loss"), "color": 0, "dots": True},
            {"name": named, "points": points(epochs, "val_loss"), "color": 1, "dash": 1, "dots": True},
        ],
        "marks": [(row["step"], str(row["epoch"])) for row in epochs],
    }
