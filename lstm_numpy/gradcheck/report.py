"""The backward pass of a problem beside what the methods find, tensor by tensor."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from lstm_numpy.gradcheck import methods as numerical
from lstm_numpy.gradcheck.methods import relative_error
from lstm_numpy.gradcheck.problems import Problem

BOUNDS = {"central": 1e-7, "complex": 1e-12, "directional": 1e-10, "taylor": 0.1}
EPSILON = np.finfo(np.float64).eps

Build = Callable[[np.dtype], Problem]  # makes the same problem in float64 or complex128


@dataclass(frozen=True)
class Row:
    """The outcome for one tensor by one method."""

    case: str
    tensor: str
    shape: tuple[int, ...]
    method: str
    error: float
    worst: tuple[int, ...]
    # The values where they differ most; for 'directional' the slopes along the direction, for 'taylor' the expected
    # and the found order of the remainder.
    analytic: float
    numeric: float
    passed: bool


def check(case: str, build: Build, methods: Sequence[str] = ("central", "complex"), seed: int = 0) -> list[Row]:
    """Compare the backward pass of one problem with the given methods, which are keys of BOUNDS.

    `case` is what the problem is called in the report, `seed` that of the random directions.
    """
    problem = build(np.float64)
    gradient = problem.gradient()
    rows = _misfits(case, problem, gradient)
    if rows:
        return rows
    for method in methods:
        if method == "central":
            # The loss is a sum of many terms; its last digits are uncertain by a few units.
            floor = 8 * EPSILON * max(1.0, abs(problem.loss())) / numerical.CENTRAL_STEP
            for name, g in gradient.items():
                rows.append(_compare(case, method, name, g, numerical.central_difference(problem, name), floor))
        elif method == "complex":
            twin = build(np.complex128)
            for name, g in gradient.items():
                rows.append(_compare(case, method, name, g, numerical.complex_step(twin, name)))
        elif method == "directional":
            direction = numerical.random_direction(problem, seed)
            analytic, h = numerical.slope_along(gradient, direction), numerical.COMPLEX_STEP
            numeric = numerical.loss_along(build(np.complex128), direction, 1j * h).imag / h
            error = relative_error(np.array(analytic), np.array(numeric))
            rows.append(_whole(case, method, error, analytic, numeric))
        elif method == "taylor":
            order = numerical.taylor_order(problem, gradient, seed)
            rows.append(_whole(case, method, max(0.0, 2 - order), 2.0, order))  # above 2 is no fault
    return rows


def _misfits(case: str, problem: Problem, gradient: dict[str, np.ndarray]) -> list[Row]:
    """A failed row for each gradient that is missing, unasked for, or of the wrong shape."""
    rows = []
    for name in problem.point.keys() | gradient.keys():
        found, wanted = np.shape(gradient.get(name)), np.shape(problem.point.get(name))
        if name not in gradient or name not in problem.point or found != wanted:
            rows.append(Row(case, name, found, "shape", np.inf, (), np.nan, np.nan, False))
    return rows


def _compare(case: str, method: str, name: str, analytic: np.ndarray, numeric: np.ndarray, floor: float = 0.0) -> Row:
    """One tensor by one method.

    `floor` is what rounding may do to each element of `numeric`: where a gradient has all but vanished, a difference
    of two losses cannot resolve it any more (the complex step can).
    """
    worst = tuple(int(i) for i in np.unravel_index(np.abs(analytic - numeric).argmax(), analytic.shape))
    error = relative_error(analytic, numeric)
    within_rounding = np.linalg.norm(analytic - numeric) <= floor * np.sqrt(analytic.size)
    passed = bool(error <= BOUNDS[method] or within_rounding)
    return Row(case, name, analytic.shape, method, error, worst, float(analytic[worst]), float(numeric[worst]), passed)


def _whole(case: str, method: str, error: float, analytic: float, numeric: float) -> Row:
    return Row(case, "all tensors", (), method, error, (), analytic, float(numeric), error <= BOUNDS[method])


def table(rows: Iterable[Row]) -> str:
    """The rows as text, with the case as a heading where it changes."""
    head = f"{'tensor':<18} {'shape':<11} {'method':<11} {'error':>8}  {'worst at':<9} {'analytic':>15} {'numeric':>15}"
    lines, case = [], None
    for row in rows:
        if row.case != case:
            case = row.case
            lines += [f"\n{case}", head]
        where = ", ".join(map(str, row.worst))
        lines.append(
            f"{row.tensor:<18} {'x'.join(map(str, row.shape)):<11} {row.method:<11} {row.error:8.1e}  {where:<9} "
            f"{row.analytic:15.11f} {row.numeric:15.11f}  {'ok' if row.passed else 'WRONG'}"
        )
    return "\n".join(lines)
