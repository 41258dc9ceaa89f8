"""The gradient laboratory: does the backward pass say what the forward pass does?

    python -m lstm_numpy.gradcheck            every gradient, by four methods
    python -m lstm_numpy.gradcheck --plot steps.png
    python -m lstm_numpy.gradcheck --exercise lstm_cell      your own backward pass; see docs/exercises

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
zero must be zero exactly. A central difference also passes where it agrees within the rounding
of the loss: a gradient that has all but vanished over many steps is left to the complex step.
"""

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from lstm_numpy.command_line import Parser, number, run_command
from lstm_numpy.problems import CellProblem, LayersProblem, LossProblem, LSTMProblem, ModelProblem, Problem, Sizes

CENTRAL_STEP, COMPLEX_STEP = 1e-5, 1e-30
BOUNDS = {"central": 1e-7, "complex": 1e-12, "directional": 1e-10, "taylor": 0.1}
FULL_SIZE = Sizes(V=38, D=38, H=128, L=1, B=64, T=64, dropout=0.2)
TINY, EPSILON = np.finfo(np.float64).tiny, np.finfo(np.float64).eps

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
    problem = build(np.float64)
    gradient = problem.gradient()
    rows = _misfits(case, problem, gradient)
    if rows:
        return rows
    for method in methods:
        if method == "central":
            # The loss is a sum of many terms; its last digits are uncertain by a few units.
            floor = 8 * EPSILON * max(1.0, abs(problem.loss())) / CENTRAL_STEP
            for name, g in gradient.items():
                rows.append(_compare(case, method, name, g, central_difference(problem, name), floor))
        elif method == "complex":
            twin = build(np.complex128)
            rows += [_compare(case, method, name, g, complex_step(twin, name)) for name, g in gradient.items()]
        elif method == "directional":
            direction = random_direction(problem, seed)
            numeric = loss_along(build(np.complex128), direction, 1j * COMPLEX_STEP).imag / COMPLEX_STEP
            error = relative_error(np.array(slope_along(gradient, direction)), np.array(numeric))
            rows.append(_whole(case, method, error, slope_along(gradient, direction), numeric))
        elif method == "taylor":
            order = taylor_order(problem, gradient, seed)
            rows.append(_whole(case, method, max(0.0, 2 - order), 2.0, order))  # above 2 is no fault
    return rows


def taylor_order(problem: Problem, gradient: dict[str, np.ndarray], seed: int, h: float = 2e-4) -> float:
    """log2 of the factor by which the remainder falls when h is halved: 2 for the gradient, 1 for another.

    It is 3 where the second derivative along the direction happens to vanish.
    """
    direction = random_direction(problem, seed)
    slope, here = slope_along(gradient, direction), problem.loss()
    remainders = [abs(loss_along(problem, direction, step) - here - step * slope) for step in (h, h / 2)]
    return float(np.log2(remainders[0] / remainders[1]))


def _misfits(case: str, problem: Problem, gradient: dict[str, np.ndarray]) -> list[Row]:
    """A failed row for each gradient that is missing, unasked for, or of the wrong shape."""
    rows = []
    for name in problem.point.keys() | gradient.keys():
        found, wanted = np.shape(gradient.get(name)), np.shape(problem.point.get(name))
        if name not in gradient or name not in problem.point or found != wanted:
            rows.append(Row(case, name, found, "shape", np.inf, (), np.nan, np.nan, False))
    return rows


def _compare(case: str, method: str, name: str, analytic: np.ndarray, numeric: np.ndarray, floor: float = 0.0) -> Row:
    """One tensor by one method. `floor` is what rounding may do to each element of `numeric`:

    where a gradient has all but vanished, a difference of two losses cannot resolve it any more
    (the complex step can).
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


# -- the laboratory as a whole -------------------------------------------------------------------


def laboratory(sizes: Sizes, outputs: Sequence[str], full: bool = True) -> list[Row]:
    """Every gradient of the project on small problems, and the full-size network along a direction."""
    each, all_four = ("central", "complex"), ("central", "complex", "directional", "taylor")
    cases: list[tuple[str, type, Sizes, Sequence[str]]] = []
    for which in outputs:
        chosen = replace(sizes, outputs=which)
        cases += [
            (f"the whole network, outputs={which!r}", ModelProblem, chosen, all_four),
            (f"as training calls it, outputs={which!r}", ModelProblem, replace(chosen, as_training=True), all_four),
            (f"with the plain cell, outputs={which!r}", ModelProblem, replace(chosen, plain=True), ("complex",)),
        ]
    one_step = replace(sizes, T=1, L=1, zero_state=True, outputs=outputs[0])
    cases += [
        ("one step from a zero state: W_hh must be zero", ModelProblem, one_step, each),
        ("the LSTM on what the embedding puts out", LSTMProblem, sizes, each),
        ("one step of the plain cell", CellProblem, sizes, each),
        ("look-up, dropout and linear layer", LayersProblem, sizes, each),
        ("the loss", LossProblem, sizes, each),
    ]
    if full:
        for which in outputs:
            chosen = replace(FULL_SIZE, outputs=which, seed=sizes.seed)
            cases.append(
                (f"full size (V 38, H 128, T 64, B 64), outputs={which!r}", ModelProblem, chosen, ("directional",))
            )
    rows: list[Row] = []
    for case, problem, chosen, methods in cases:
        build = partial(problem, chosen)
        rows += check(case, build, methods, sizes.seed)
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
    from lstm_numpy.exercises import EXERCISES  # which uses the methods above

    parser = Parser(
        prog="python -m lstm_numpy.gradcheck", description="Check every gradient of the network by four methods."
    )
    names = {"V": "vocab-size", "D": "input-dim", "H": "hidden-dim", "L": "layer-dim", "B": "batch-size", "T": "steps"}
    for name, option in names.items():
        default = getattr(Sizes(), name)
        parser.add_argument(
            f"--{option}", dest=name, type=number(int, 1), default=default, help=f"{name} (default: {default})"
        )
    parser.add_argument("--outputs", choices=("last", "every", "both"), default="both", help="(default: both)")
    parser.add_argument("--seed", type=number(int, 0), default=0, help="of the random network and data (default: 0)")
    parser.add_argument("--small-only", action="store_true", help="leave out the full-size network")
    shown = parser.add_mutually_exclusive_group()
    shown.add_argument("--json", action="store_true", help="print the rows as JSON")
    shown.add_argument("--plot", type=Path, metavar="FILE.png", help="only draw the error against the step size")
    shown.add_argument(
        "--exercise",
        nargs="?",
        const="",
        metavar="NAME",
        help="judge docs/exercises/NAME.py, or a copy whose path is given, term by term; "
        f"NAME is one of {', '.join(EXERCISES)}; without it, they are listed",
    )
    options = parser.parse_args(arguments)
    if options.exercise is not None:
        from lstm_numpy.exercises.judge import main as judge_exercise

        return judge_exercise(options.exercise)
    sizes = Sizes(**{name: getattr(options, name) for name in names}, seed=options.seed)
    outputs = ("last", "every") if options.outputs == "both" else (options.outputs,)
    if options.plot:
        return _plot(options.plot, replace(sizes, outputs=outputs[-1]))

    rows = laboratory(sizes, outputs, full=not options.small_only)
    wrong = [row for row in rows if not row.passed]
    if options.json:
        print(json.dumps({"rows": [_for_json(row) for row in rows]}, indent=1, allow_nan=False))
    else:
        print(table(rows).lstrip())
        print()
        for method, bound in BOUNDS.items():
            errors = [row.error for row in rows if row.method == method]
            if errors:
                print(f"{method:<11} {len(errors):>3} checks, worst error {max(errors):.1e}, bound {bound:.0e}")
        print(f"{len(rows) - len(wrong)} of {len(rows)} checks passed")
    return 1 if wrong else 0


def _plot(path: Path, sizes: Sizes) -> int:
    from lstm_numpy.figures import step_sizes
    from lstm_numpy.files import write_whole

    if not path.parent.is_dir():
        print(f"--plot {path}: there is no folder {path.parent}; make it first", file=sys.stderr)
        return 2
    steps = [10.0**exponent for exponent in np.arange(-1, -16.1, -0.5)]
    errors = error_by_step(sizes, steps)
    write_whole(path, step_sizes(steps, errors))
    print(f"drawn to {path}")
    return 0 if errors["complex step"][-1] <= BOUNDS["complex"] else 1


def _for_json(row: Row) -> dict:
    """JSON has no NaN and no infinity; they become null."""
    values = asdict(row)
    return {k: None if isinstance(v, float) and not np.isfinite(v) else v for k, v in values.items()}


if __name__ == "__main__":
    sys.exit(run_command(main))
