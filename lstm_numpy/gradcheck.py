"""The gradient laboratory: does the backward pass say what the forward pass does?

    python -m lstm_numpy.gradcheck            every gradient, by four methods
    python -m lstm_numpy.gradcheck --plot steps.png

The backward pass gives ∂f/∂x analytically. Four methods find the same by running the forward
pass alone, and what they have in common with it, they have in common by right:

central      (f(x + h) - f(x - h)) / 2h for each element. The error falls with h² until the digits
             cancel that the two values have in common; in float64 the best h is about 1e-5.
complex      Im f(x + ih) / h for each element. As f(x + ih) = f(x) + ih f'(x) - ½h² f''(x) - ..., the
             imaginary part holds nothing but the derivative; there is no difference, nothing cancels,
             and h may be so small that h² vanishes (Squire & Trapp 1998).
directional  the complex step along one random direction through all tensors at once, against g · d:
             two forward passes, whatever the size of the model.
taylor       f(x + hd) - f(x) - h g · d, along such a direction. If g is the gradient, it falls by 4
             when h is halved; otherwise by 2. No derivative is computed at all.

The error of a tensor is ‖analytic - numeric‖ / max(‖analytic‖, ‖numeric‖). A gradient that is
zero must be zero exactly.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from lstm_numpy.problems import CellProblem, LayersProblem, LossProblem, LSTMProblem, ModelProblem, Problem, Sizes

CENTRAL_STEP, COMPLEX_STEP = 1e-5, 1e-30
BOUNDS = {"central": 1e-7, "complex": 1e-12, "directional": 1e-10, "taylor": 0.1}
FULL_SIZE = Sizes(V=38, D=38, H=128, L=1, B=64, T=64, dropout=0.2)
TINY = np.finfo(np.float64).tiny

Build = Callable[[np.dtype], Problem]  # makes the same problem in any dtype


@dataclass(frozen=True)
class Row:
    """The outcome for one tensor by one method.

    analytic and numeric are the values where they differ most; for 'directional' the slopes
    along the direction, for 'taylor' the expected and the found order of the remainder.
    """

    case: str
    tensor: str
    shape: tuple[int, ...]
    method: str
    error: float
    worst: tuple[int, ...]
    analytic: float
    numeric: float
    passed: bool


# -- the methods -------------------------------------------------------------------------------


def central_difference(problem: Problem, name: str, h: float = CENTRAL_STEP) -> np.ndarray:
    """The derivatives of the loss with respect to each element of one array."""

    def quotient(disturbed: Callable[[float], float]) -> float:
        return (disturbed(h) - disturbed(-h)) / (2 * h)

    return _element_by_element(problem, name, quotient)


def complex_step(problem: Problem, name: str, h: float = COMPLEX_STEP) -> np.ndarray:
    """The same for a problem in complex128."""
    return _element_by_element(problem, name, lambda disturbed: disturbed(1j * h).imag / h).real


def _element_by_element(problem: Problem, name: str, quotient: Callable) -> np.ndarray:
    array = problem.point[name]
    result = np.empty_like(array)
    for index in np.ndindex(array.shape):
        value = array[index]

        def disturbed(by: complex, index=index, value=value) -> complex:
            array[index] = value + by
            loss = problem.loss()
            array[index] = value
            return loss

        result[index] = quotient(disturbed)
    return result


def random_direction(problem: Problem, seed: int) -> dict[str, np.ndarray]:
    """One direction through all tensors, of length 1 in each, so that none is drowned by another."""
    rng = np.random.default_rng(seed)
    directions = {name: rng.standard_normal(array.shape) for name, array in problem.point.items()}
    return {name: direction / np.linalg.norm(direction) for name, direction in directions.items()}


def loss_along(problem: Problem, direction: dict[str, np.ndarray], by: complex) -> complex:
    """The loss a step away, in all tensors at once; the point is put back."""
    before = {name: array.copy() for name, array in problem.point.items()}
    for name, array in problem.point.items():
        array += (by * direction[name]).astype(array.dtype)
    loss = problem.loss()
    for name, array in problem.point.items():
        array[...] = before[name]
    return loss


def slope_along(gradient: dict[str, np.ndarray], direction: dict[str, np.ndarray]) -> float:
    """g · d over all tensors."""
    return float(sum((gradient[name].real * direction[name]).sum() for name in direction))


def relative_error(analytic: np.ndarray, numeric: np.ndarray) -> float:
    """‖analytic - numeric‖ / max(‖analytic‖, ‖numeric‖) of whole tensors; 0 if both are zero."""
    scale = max(np.linalg.norm(analytic), np.linalg.norm(numeric), TINY)
    return float(np.linalg.norm(np.subtract(analytic, numeric)) / scale)


# -- the report --------------------------------------------------------------------------------


def check(case: str, build: Build, methods: Sequence[str] = ("central", "complex"), seed: int = 0) -> list[Row]:
    """Hold the backward pass of one problem against the given methods.

    Args:
        case: what the problem is called in the report.
        build: makes the problem in float64 or complex128.
        methods: keys of BOUNDS.
        seed: of the random directions.
    """
    rows = []
    problem = build(np.float64)
    gradient = problem.gradient()
    for method in methods:
        if method == "central":
            rows += [_compare(case, method, name, g, central_difference(problem, name)) for name, g in gradient.items()]
        elif method == "complex":
            twin = build(np.complex128)
            rows += [_compare(case, method, name, g, complex_step(twin, name)) for name, g in gradient.items()]
        elif method == "directional":
            direction = random_direction(problem, seed)
            numeric = loss_along(build(np.complex128), direction, 1j * COMPLEX_STEP).imag / COMPLEX_STEP
            rows.append(_whole(case, method, slope_along(gradient, direction), numeric))
        elif method == "taylor":
            rows.append(_whole(case, method, 2.0, taylor_order(problem, gradient, seed)))
    return rows


def taylor_order(problem: Problem, gradient: dict[str, np.ndarray], seed: int, h: float = 2e-3) -> float:
    """log2 of the factor by which the remainder falls when h is halved: 2 for the gradient, 1 for another."""
    direction = random_direction(problem, seed)
    slope, here = slope_along(gradient, direction), problem.loss()
    remainders = [abs(loss_along(problem, direction, step) - here - step * slope) for step in (h, h / 2)]
    return float(np.log2(remainders[0] / remainders[1]))


def _compare(case: str, method: str, name: str, analytic: np.ndarray, numeric: np.ndarray) -> Row:
    worst = tuple(int(i) for i in np.unravel_index(np.abs(analytic - numeric).argmax(), analytic.shape))
    error = relative_error(analytic, numeric)
    passed = error <= BOUNDS[method]
    return Row(case, name, analytic.shape, method, error, worst, float(analytic[worst]), float(numeric[worst]), passed)


def _whole(case: str, method: str, analytic: float, numeric: float) -> Row:
    error = relative_error(np.array(analytic), np.array(numeric))
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


# -- the laboratory as a whole -------------------------------------------------------------------


def laboratory(sizes: Sizes, outputs: Sequence[str], full: bool = True) -> list[Row]:
    """Every gradient of the project on small problems, and the full-size network along a direction."""
    rows = []
    for which in outputs:
        chosen = replace(sizes, outputs=which)
        rows += check(
            f"the whole network, outputs={which!r}",
            lambda dtype, chosen=chosen: ModelProblem(chosen, dtype),
            ("central", "complex", "directional", "taylor"),
            sizes.seed,
        )
    parts = {
        "the LSTM on what the embedding puts out": LSTMProblem,
        "one step of the plain cell": CellProblem,
        "look-up, dropout and linear layer": LayersProblem,
        "the loss": LossProblem,
    }
    for case, problem in parts.items():
        rows += check(case, lambda dtype, problem=problem: problem(sizes, dtype))
    if full:
        for which in outputs:
            chosen = replace(FULL_SIZE, outputs=which, seed=sizes.seed)
            case = f"full size (V 38, H 128, T 64, B 64), outputs={which!r}"
            rows += check(case, lambda dtype, chosen=chosen: ModelProblem(chosen, dtype), ["directional"], sizes.seed)
    return rows


def error_by_step(sizes: Sizes, steps: Sequence[float]) -> dict[str, list[float]]:
    """The worst relative error over all tensors for each scheme and step size."""
    problem, twin = ModelProblem(sizes, np.float64), ModelProblem(sizes, np.complex128)
    gradient = problem.gradient()
    schemes = {
        "one-sided": (problem, lambda f, h: (f(h) - f(0)) / h),
        "central": (problem, lambda f, h: (f(h) - f(-h)) / (2 * h)),
        "five-point": (problem, lambda f, h: (8 * (f(h) - f(-h)) - (f(2 * h) - f(-2 * h))) / (12 * h)),
        "complex step": (twin, lambda f, h: f(1j * h).imag / h),
    }
    errors: dict[str, list[float]] = {}
    for scheme, (where, quotient) in schemes.items():
        errors[scheme] = [
            max(
                relative_error(g, _element_by_element(where, name, lambda f, h=h, q=quotient: q(f, h)).real)
                for name, g in gradient.items()
            )
            for h in steps
        ]
    return errors


# -- the command line ----------------------------------------------------------------------------


def main(arguments: list[str] | None = None) -> int:
    """The command line; returns the exit status, 1 if a gradient is wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m lstm_numpy.gradcheck", description="Check every gradient of the network by four methods."
    )
    names = {"V": "vocab-size", "D": "input-dim", "H": "hidden-dim", "L": "layer-dim", "B": "batch-size", "T": "steps"}
    for name, option in names.items():
        default = getattr(Sizes(), name)
        parser.add_argument(f"--{option}", dest=name, type=_size, default=default, help=f"{name} (default: {default})")
    parser.add_argument("--outputs", choices=("last", "every", "both"), default="both", help="(default: both)")
    parser.add_argument("--seed", type=int, default=0, help="of the random network and data (default: 0)")
    parser.add_argument("--small-only", action="store_true", help="leave out the full-size network")
    parser.add_argument("--json", action="store_true", help="print the rows as JSON")
    parser.add_argument("--plot", type=Path, metavar="FILE.png", help="draw the error against the step size instead")
    options = parser.parse_args(arguments)
    sizes = Sizes(**{name: getattr(options, name) for name in names}, seed=options.seed)

    if options.plot:
        from lstm_numpy.figures import step_sizes
        from lstm_numpy.files import write_whole

        steps = [10.0**exponent for exponent in np.arange(-1, -16.1, -0.5)]
        write_whole(options.plot, step_sizes(steps, error_by_step(sizes, steps)))
        print(f"drawn to {options.plot}")
        return 0

    outputs = ("last", "every") if options.outputs == "both" else (options.outputs,)
    rows = laboratory(sizes, outputs, full=not options.small_only)
    wrong = [row for row in rows if not row.passed]
    if options.json:
        print(json.dumps({"rows": [asdict(row) for row in rows]}, indent=1))
    else:
        print(table(rows).lstrip())
        print()
        for method, bound in BOUNDS.items():
            errors = [row.error for row in rows if row.method == method]
            print(f"{method:<11} {len(errors):>3} checks, worst error {max(errors):.1e}, bound {bound:.0e}")
        print(f"{len(rows) - len(wrong)} of {len(rows)} checks passed")
    return 1 if wrong else 0


def _size(text: str) -> int:
    value = int(text) if text.isdecimal() else 0
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 1")
    return value


if __name__ == "__main__":
    sys.exit(main())
