"""The problems on which every gradient of the project is checked, and the error of the methods by their step."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from lstm_numpy.gradcheck.methods import element_by_element, relative_error
from lstm_numpy.gradcheck.problems import CellProblem, LayersProblem, LossProblem, LSTMProblem, ModelProblem, Sizes
from lstm_numpy.gradcheck.report import Row, check

FULL_SIZE = Sizes(V=38, D=38, H=128, L=1, B=64, T=64, dropout=0.2)


def laboratory(sizes: Sizes, full: bool = True) -> list[Row]:
    """Every gradient of the project on small problems, and the full-size network along a direction."""
    each, all_four = ("central", "complex"), ("central", "complex", "directional", "taylor")
    cases: list[tuple[str, type, Sizes, Sequence[str]]] = []
    for which in ("last", "every"):
        chosen = replace(sizes, outputs=which)
        cases += [
            (f"the whole network, outputs={which!r}", ModelProblem, chosen, all_four),
            (f"as training calls it, outputs={which!r}", ModelProblem, replace(chosen, as_training=True), all_four),
            (f"with the plain cell, outputs={which!r}", ModelProblem, replace(chosen, plain=True), ("complex",)),
            (f"with context and ends, outputs={which!r}", ModelProblem, replace(chosen, P=6), all_four),
        ]
    cases.append(("context and ends with the plain cell", ModelProblem, replace(sizes, P=6, plain=True), ("complex",)))
    one_step = replace(sizes, T=1, L=1, zero_state=True, outputs="last")
    cases += [
        ("one step from a zero state: W_hh must be zero", ModelProblem, one_step, each),
        ("the LSTM on what the embedding puts out", LSTMProblem, sizes, each),
        ("one step of the plain cell", CellProblem, sizes, each),
        ("look-up, dropout and linear layer", LayersProblem, sizes, each),
        ("the loss", LossProblem, sizes, each),
    ]
    if full:
        for which in ("last", "every"):
            name = f"full size (V 38, H 128, T 64, B 64), outputs={which!r}"
            chosen = replace(FULL_SIZE, outputs=which, seed=sizes.seed)
            cases.append((name, ModelProblem, chosen, ("directional",)))
    rows: list[Row] = []
    for case, problem, chosen, methods in cases:
        rows += check(case, partial(problem, chosen), methods, sizes.seed)
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

    def worst(where: ModelProblem, quotient: Callable, h: float) -> float:
        found = {name: element_by_element(where, name, lambda f: quotient(f, h)).real for name in gradient}
        return max(relative_error(gradient[name], found[name]) for name in gradient)

    return {scheme: [worst(*how, h) for h in steps] for scheme, how in schemes.items()}
