"""Gradient checks: does the backward pass say what the forward pass does?

    python -m lstm_numpy.gradcheck

By central differences, (f(x + h) - f(x - h)) / 2h, whose error falls with h² until, at small
h, the digits cancel that the two values have in common; in float64 the best h is near 1e-5.
"""

import argparse
import sys
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from lstm_numpy.problems import LSTMProblem, ModelProblem, small_model

STEP = 1e-5
BOUND = 1e-7


class Row(NamedTuple):
    """The outcome for one tensor."""

    tensor: str
    shape: tuple[int, ...]
    error: float
    worst: tuple[int, ...]
    analytic: float
    numeric: float
    passed: bool


def central_difference(problem: ModelProblem | LSTMProblem, name: str, h: float = STEP) -> np.ndarray:
    """The gradient of the problem's loss with respect to one array, element by element."""
    array = problem.point[name]
    numeric = np.empty_like(array)
    for index in np.ndindex(array.shape):
        value = array[index]
        array[index] = value + h
        above = problem.loss()
        array[index] = value - h
        below = problem.loss()
        array[index] = value
        numeric[index] = (above - below) / (2 * h)
    return numeric


def relative_error(analytic: np.ndarray, numeric: np.ndarray) -> float:
    """‖analytic - numeric‖ / max(‖analytic‖, ‖numeric‖), of a whole tensor; 0 if both are 0."""
    scale = max(np.linalg.norm(analytic), np.linalg.norm(numeric))
    return float(np.linalg.norm(analytic - numeric) / max(scale, np.finfo(np.float64).tiny))


def check(problem: ModelProblem | LSTMProblem) -> list[Row]:
    """Compare the backward pass with central differences, tensor by tensor."""
    rows = []
    for name, analytic in problem.gradient().items():
        numeric = central_difference(problem, name)
        worst = np.unravel_index(np.abs(analytic - numeric).argmax(), analytic.shape)
        error = relative_error(analytic, numeric)
        values = float(analytic[worst]), float(numeric[worst])
        rows.append(Row(name, analytic.shape, error, tuple(map(int, worst)), *values, error <= BOUND))
    return rows


def table(rows: Iterable[Row]) -> str:
    """The rows as text."""
    head = f"{'tensor':<22} {'shape':<12} {'error':>8}  {'worst at':<12} {'analytic':>14} {'numeric':>14}"
    lines = [
        f"{row.tensor:<22} {row.shape!s:<12} {row.error:8.1e}  {row.worst!s:<12} "
        f"{row.analytic:14.9f} {row.numeric:14.9f}  {'ok' if row.passed else 'WRONG'}"
        for row in rows
    ]
    return "\n".join([head, *lines])


def main(arguments: list[str] | None = None) -> int:
    """The command line; returns the exit status, 1 if a gradient is wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m lstm_numpy.gradcheck", description="Check every gradient of the network."
    )
    parser.add_argument("--seed", type=int, default=0, help="of the random network and data (default: 0)")
    seed = parser.parse_args(arguments).seed

    rows = []
    for outputs in ("last", "every"):
        problem = ModelProblem(small_model(), B=3, T=5, outputs=outputs, rng=np.random.default_rng(seed))
        found = check(problem)
        print(f"the whole network, outputs={outputs!r}\n{table(found)}\n")
        rows += found
    found = check(LSTMProblem(small_model(), B=3, T=5, rng=np.random.default_rng(seed)))
    print(f"the LSTM on the embedding's output\n{table(found)}\n")
    rows += found

    wrong = sum(not row.passed for row in rows)
    worst = max(row.error for row in rows)
    print(f"{len(rows) - wrong} of {len(rows)} gradients are right, worst error {worst:.1e} (bound {BOUND:.0e})")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
