"""python -m lstm_numpy.gradcheck: the command line of the laboratory and of the exercises."""

import sys
from pathlib import Path

import numpy as np

from lstm_numpy.gradcheck import exercises
from lstm_numpy.gradcheck.laboratory import error_by_step, laboratory
from lstm_numpy.gradcheck.problems import Sizes
from lstm_numpy.gradcheck.report import BOUNDS, table
from lstm_numpy.gradcheck.step_sizes import step_sizes
from lstm_numpy.system import Parser, number, run_command, write_whole


def main(arguments: list[str] | None = None) -> int:
    """The command line; returns the exit status, 1 if a gradient is wrong."""
    purpose = "Check every gradient of the network by four methods."
    parser = Parser(prog="python -m lstm_numpy.gradcheck", description=purpose)
    names = {"V": "vocab-size", "D": "input-dim", "H": "hidden-dim", "L": "layer-dim", "B": "batch-size", "T": "steps"}
    for name, option in names.items():
        default = {"default": getattr(Sizes(), name), "help": f"{name} (default: %(default)s)"}
        parser.add_argument(f"--{option}", dest=name, type=number(int, 1), **default)
    parser.add_argument("--seed", type=number(int, 0), default=0, help="of the random network and data (default: 0)")
    parser.add_argument("--small-only", action="store_true", help="leave out the full-size network")
    shown = parser.add_mutually_exclusive_group()
    shown.add_argument("--plot", type=Path, metavar="FILE.png", help="only draw the error against the step size")
    judged = "judge docs/exercises/NAME.py, or a copy whose path is given, term by term; NAME is one of "
    judged += f"{', '.join(exercises.EXERCISES)}; without it, they are listed"
    shown.add_argument("--exercise", nargs="?", const="", metavar="NAME", help=judged)
    options = parser.parse_args(arguments)
    if options.exercise is not None:
        return exercises.main(exercises.EXERCISES, options.exercise)
    sizes = Sizes(**{name: getattr(options, name) for name in names}, seed=options.seed)
    if options.plot:
        return _plot(options.plot, sizes)

    rows = laboratory(sizes, full=not options.small_only)
    passed = [row.passed for row in rows]
    print(table(rows).lstrip(), end="\n\n")
    for method, bound in BOUNDS.items():
        errors = [row.error for row in rows if row.method == method]
        if errors:
            print(f"{method:<11} {len(errors):>3} checks, worst error {max(errors):.1e}, bound {bound:.0e}")
    print(f"{sum(passed)} of {len(rows)} checks passed")
    return 0 if all(passed) else 1


def _plot(path: Path, sizes: Sizes) -> int:
    if not path.parent.is_dir():
        print(f"--plot {path}: there is no folder {path.parent}; make it first", file=sys.stderr)
        return 2
    steps = [10.0**exponent for exponent in np.arange(-1, -16.1, -0.5)]
    errors = error_by_step(sizes, steps)
    write_whole(path, step_sizes(steps, errors))
    print(f"drawn to {path}")
    return 0 if errors["complex step"][-1] <= BOUNDS["complex"] else 1


if __name__ == "__main__":
    sys.exit(run_command(main))
