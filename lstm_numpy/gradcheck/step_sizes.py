"""The errors of numerical derivatives as a picture."""

from collections.abc import Sequence

from lstm_numpy.system import BLUE, GREEN, GREY, ORANGE, png


def step_sizes(steps: Sequence[float], errors: dict[str, list[float]]) -> bytes:
    """The error of each scheme at each step (see `laboratory.error_by_step`) as a PNG, on logarithmic axes."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 5), layout="constrained")
    axes = figure.subplots()
    styles = [(GREY, "o", 4), (BLUE, "s", 8), (GREEN, "^", 4), (ORANGE, "D", 3)]  # central shows behind complex
    for (scheme, values), (color, marker, size) in zip(errors.items(), styles, strict=True):
        drawn = [max(value, 1e-17) for value in values]  # an error of 0 has no place on this axis
        axes.loglog(steps, drawn, color=color, marker=marker, ms=size, label=scheme)
    axes.set(xlabel="step size h", ylabel="worst relative error of a tensor")
    axes.set_title("Numerical derivatives against the backward pass (float64)")
    axes.grid(alpha=0.3)
    axes.legend()
    return png(figure)
