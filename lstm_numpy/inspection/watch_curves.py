"""What a watch has seen of a training, as curves: plain data, as `curves` of `lstm_numpy.training.metrics` gives it."""

import math
from collections.abc import Sequence

from lstm_numpy.inspection.gates import OPEN, SHUT

STEPS = "training step (batches)"
TENSORS = {
    "gradient/norm": "Gradient before clipping: ‖gradient‖ / ‖tensor‖ (nats)",
    "update/norm": "What one step of Adam changes: ‖update‖ / ‖tensor‖",
}
GATES = {"i": "input", "f": "forget", "o": "output"}
EPOCHS = 7  # of which the lags are shown


def curves_of_watch(rows: Sequence[dict]) -> list[dict]:
    """Of the rows of a `Watch`: gradients, updates, saturation by layer, gradient by time lag."""
    seen = [row for row in rows if "update" in row]
    charts = []
    for group, title in TENSORS.items() if seen else ():
        # A learning rate that has fallen to zero would stretch the scale.
        least = 1e-4 * max(value for row in seen for value in row[group].values() if math.isfinite(value))
        curves = [
            {"name": name, "points": [(row["step"], row[group][name]) for row in seen if row[group][name] >= least],
             "color": n, "dash": n} for n, name in enumerate(seen[0][group])
        ]  # fmt: skip
        charts.append({"title": title, "x": STEPS, "curves": curves, "log": True})
    layers = sorted({name.split("_")[1] for name in rows[0]["shut"]}, key=lambda layer: int(layer[1:]))
    charts += [_saturation(rows, layer) for layer in layers]
    told = [row for row in rows if "lag" in row]
    some = {round(n * (len(told) - 1) / max(1, EPOCHS - 1)) for n in range(EPOCHS)}
    lags = [
        {"name": f"epoch {told[n]['epoch']}" if told[n]["epoch"] else "before training", "color": place, "dash": place,
         "points": [(int(k), norm) for k, norm in told[n]["lag"].items()]} for place, n in enumerate(sorted(some))
    ]  # fmt: skip
    reach = "How far back the gradient reaches: mean ‖dx‖ (nats) against the steps before the last input"
    return [*charts, {"title": reach, "x": "time lag k", "curves": lags, "log": True}]


def _saturation(rows: Sequence[dict], layer: str) -> dict:
    """For each gate the share of open values as a solid line, of shut ones as a dashed line."""
    curves = [
        {"name": f"{name}, {group} ({limit})", "color": color, "dash": dash,
         "points": [(row["step"], 100 * row[group][f"{gate}_{layer}"]) for row in rows]}
        for color, (gate, name) in enumerate(GATES.items())
        for dash, (group, limit) in enumerate((("open", f"> {OPEN}"), ("shut", f"< {SHUT}")))
    ]  # fmt: skip
    return {"title": f"Saturated gates, layer {layer[1:]}: share of their values (%)", "x": STEPS, "curves": curves}
