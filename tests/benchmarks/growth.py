"""How the time of a training step grows with the batch, the length, the width and the layers."""

from contest import compare

MIDDLE = {"B": 64, "T": 64, "H": 128, "L": 1}
AXES = {"B": (8, 16, 32, 64, 128, 256), "T": (16, 32, 64, 128, 256), "H": (32, 64, 128, 256, 512), "L": (1, 2, 3, 4)}
NAMES = {"B": "B, sequences in a batch", "T": "T, time steps", "H": "H, width of the hidden state", "L": "L, layers"}


def measure(rounds: int) -> dict[str, list[dict]]:
    """axis -> rows of a value and each contender's median in milliseconds, on one thread."""
    result = {}
    for axis, values in AXES.items():
        result[axis] = []
        for value in values:
            sizes = {**MIDDLE, axis: value, "outputs": "every"}
            found = compare(
                {"this project": ("numpy_step", sizes), "PyTorch": ("pytorch_step", sizes)}, threads=1, rounds=rounds
            )
            times = {name: row["ms"] for name, row in found.items() if "ms" in row}
            result[axis].append({"value": value, **times})
            print(f"{axis} {value:>4}  " + "  ".join(f"{name} {ms:.1f} ms" for name, ms in times.items()), flush=True)
    return result


def figure(measured: dict[str, list[dict]]) -> bytes:
    """A panel for each axis, as PNG."""
    from matplotlib.figure import Figure

    from lstm_numpy.system import BLUE, GREY, ORANGE, png

    drawing = Figure(figsize=(9, 6.5), layout="constrained")
    styles = {"this project": (BLUE, "o"), "PyTorch": (ORANGE, "s")}
    for axes, (axis, rows) in zip(drawing.subplots(2, 2, sharey=True).flat, measured.items(), strict=True):
        values = [row["value"] for row in rows]
        for name, (color, marker) in styles.items():
            if name in rows[0]:
                axes.loglog(values, [row[name] for row in rows], color=color, marker=marker, ms=5, label=name)
        middle = values.index(MIDDLE[axis])
        axes.loglog(
            values, [rows[middle]["this project"] * value / values[middle] for value in values],
            color=GREY, ls=":", label="in proportion",
        )  # fmt: skip
        axes.set_xscale("log", base=2)
        axes.set_xticks(values, [str(value) for value in values])
        axes.minorticks_off()
        axes.set_xlabel(NAMES[axis])
        axes.grid(alpha=0.3)
    for axes in drawing.axes[::2]:
        axes.set_ylabel("milliseconds per step")
    drawing.axes[0].legend()
    middle = ", ".join(f"{name} {value}" for name, value in MIDDLE.items())
    drawing.suptitle(f"A training step, targets at every step, one thread; where not varied, {middle}")
    return png(drawing)
