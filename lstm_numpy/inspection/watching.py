"""Watching a network learn: what its gradients, updates and gates do as training goes on.

Everything is measured from outside: the norms on gradients and parameters that are there anyway, gates and time lags on
a fixed batch that the network is not trained on. No random number is drawn and no workspace is shared, so a training
that is watched ends with the same weights.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from lstm_numpy.inspection.gates import input_gradients, saturation
from lstm_numpy.inspection.watch_curves import curves_of_watch
from lstm_numpy.model import LSTMModel
from lstm_numpy.training import activity

Arrays = Mapping[str, np.ndarray]

# The groups of a row, in the order of the table. Each maps names to numbers: of each parameter the Euclidean norms of
# the tensor, of its gradient and of what the optimiser added to it, in the last step if that was watched, and the last
# two as a share of the first; of each gate and layer the share of its values that is saturated; and see `lags`.
GROUPS = ("norm", "gradient", "update", "gradient/norm", "update/norm", "shut", "open", "lag")


class Watch:
    """Told of a training step, it makes a row of all that was seen.

    `tokens`, (B, T), are a batch that stays the same through the whole training, `targets`, (B,), what comes after it,
    and `context`, (B, T, K), what is known beside the tokens, if the model is told.
    """

    def __init__(self, tokens: np.ndarray, targets: np.ndarray, context: np.ndarray | None = None):
        self.tokens, self.targets, self.context = tokens, targets, context
        self._before: dict[str, np.ndarray] = {}
        self._step: dict[str, dict[str, float]] = {}

    def before_update(self, params: Arrays, grads: Arrays) -> None:
        """Keep the parameters, and measure them and their gradients before these are clipped."""
        self._before = {name: array.copy() for name, array in params.items()}
        self._step = {"norm": _norms(params), "gradient": _norms(grads)}

    def after_update(self, params: Arrays) -> None:
        """Measure how far each parameter has been moved."""
        step = self._step
        step["update"] = _norms({name: array - self._before[name] for name, array in params.items()})
        self._before = {}
        for group in ("gradient", "update"):
            # A tensor of zeros has no scale to compare with: nan.
            step[f"{group}/norm"] = {name: step[group][name] / (norm or np.nan) for name, norm in step["norm"].items()}

    def row(self, model: LSTMModel, epoch: int, step: int, with_lags: bool) -> dict:
        """What was seen, as plain values: 'epoch' and 'step', and by the names of GROUPS what is said there."""
        row = {"epoch": epoch, "step": step, **self._step}
        self._step = {}
        with np.errstate(over="ignore", invalid="ignore"):  # the training loop finds what overflows
            row["shut"], row["open"] = self.saturations(model)
            if with_lags:
                row["lag"] = {str(k): float(norm) for k, norm in enumerate(self.lags(model))}
        return row

    def saturations(self, model: LSTMModel) -> tuple[dict[str, float], dict[str, float]]:
        """The shares of gate values that are (nearly) shut and open, by gate and layer."""
        _, _, cache = model.forward(self.tokens, outputs="last", context=self.context)
        shut, opened = {}, {}
        for k, layer in enumerate(activity(cache)):
            for gate in "ifo":
                shares = saturation(getattr(layer, gate))
                shut[f"{gate}_l{k}"], opened[f"{gate}_l{k}"] = (float(share.mean()) for share in shares)
        return shut, opened

    def lags(self, model: LSTMModel) -> np.ndarray:
        """How much the last prediction's loss depends on the input k steps before, (T,).

        The norm of the gradient with respect to x_{T-k}, the mean over the batch, for k from 0 (the last input itself)
        to T - 1. Where it vanishes, nothing can be learned from so far back (Hochreiter 1991; Bengio, Simard &
        Frasconi 1994).
        """
        gradients = input_gradients(model, self.tokens, self.targets, self.context)
        return np.linalg.norm(gradients, axis=-1).mean(axis=0)[::-1]

    def files(self, rows: Sequence[dict]) -> dict[str, bytes]:
        """All rows as a table, by the name of its file."""
        return {"watch.csv": watch_csv(rows).encode()}

    def curves(self, rows: Sequence[dict]) -> list[dict]:
        """All rows as curves, plain data to be drawn."""
        return curves_of_watch(rows)


def watch_csv(rows: Sequence[Mapping]) -> str:
    """The rows as a table, a column for each number: 'update/norm fc.weight', 'open f_l0', 'lag 63'."""
    # A dict in the place of an ordered set: not every row has every column.
    columns = list({(group, name): None for group in GROUPS for row in rows for name in row.get(group, {})})
    lines = [["epoch", "step", *(f"{group} {name}" for group, name in columns)]]
    for row in rows:
        values = (row.get(group, {}).get(name) for group, name in columns)
        lines.append([str(row["epoch"]), str(row["step"]), *("" if v is None else f"{v:.6g}" for v in values)])
    return "".join(",".join(line) + "\n" for line in lines)


def _norms(arrays: Arrays) -> dict[str, float]:
    return {name: float(np.linalg.norm(array)) for name, array in arrays.items()}
