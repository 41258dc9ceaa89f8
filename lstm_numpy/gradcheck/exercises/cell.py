"""The exercise on one step of the LSTM."""

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np

from lstm_numpy.activations import d_sigmoid, d_tanh, sigmoid
from lstm_numpy.cell import cell_forward
from lstm_numpy.gradcheck import COMPLEX_STEP, CellProblem, Sizes, complex_step
from lstm_numpy.gradcheck.exercises.trials import OVER_BATCH, RETURNED, Exercise, Term, Trial, Values, calling, tried


def _cell_trial(name: str, B: int, from_h: int, from_c: int) -> Trial:
    problem = CellProblem(Sizes(D=2, H=3, B=B, seed=7), np.complex128)
    problem.dh, problem.dc = from_h * problem.dh, from_c * problem.dc
    dh, dc, point = problem.dh.real, problem.dc.real, {k: v.real.copy() for k, v in problem.point.items()}
    cache = cell_forward(**point)[2]
    given = {**cache._asdict(), "dh": dh, "dc_next": dc}
    return Trial(name, calling("cell_backward", dh, dc, cache), _see_cell, _cell_reference(problem), given)


def _cell_reference(problem: CellProblem) -> Values:
    """Moving a bias moves one gate alone, and c_{t-1} moves c_t alone: dL/dgate = Im L / Im gate."""

    def move(array: np.ndarray, index: object) -> tuple:
        before = array[index].copy()
        array[index] += 1j * COMPLEX_STEP
        h, c, cache = cell_forward(**problem.point)
        array[index] = before
        return (problem.dh * h + problem.dc * c).sum(axis=1).imag, c, cache

    B, H = problem.dh.shape
    values = {name: np.empty((B, H)) for name in ("do", "dc", "df", "di", "dg", *DZ)}
    for j in range(H):
        for k, gate in enumerate("ifgo"):
            loss, _, cache = move(problem.point["b_ih"], k * H + j)
            values[f"d{gate}"][:, j] = loss / getattr(cache, gate)[:, j].imag
            values[f"dz ({gate})"][:, j] = loss / COMPLEX_STEP
        loss, c, _ = move(problem.point["c_prev"], np.s_[:, j])
        values["dc"][:, j] = loss / c[:, j].imag
    outputs = {"dx": "x", "dh_prev": "h_prev", "dc_prev": "c_prev", "dW_ih": "W_ih", "dW_hh": "W_hh", "db": "b_ih"}
    values |= {gradient: complex_step(problem, name) for gradient, name in outputs.items()}
    weights = tuple(values[name] for name in ("dW_ih", "dW_hh", "db", "db"))
    values["dz"] = np.concatenate([values[name] for name in DZ], axis=1)
    return values | {RETURNED: (*(values[name] for name in ("dx", "dh_prev", "dc_prev")), weights)}


def _see_cell(seen: dict, result: object) -> dict:
    dz = seen.get("dz", ...)
    fits = isinstance(dz, np.ndarray) and dz.shape == (len(seen["dh"]), 4 * seen["W_hh"].shape[1])
    blocks = np.split(dz, 4, axis=1) if fits else [dz] * 4
    return {**seen, **dict(zip(DZ, blocks, strict=True))}


DZ = tuple(f"dz ({gate})" for gate in "ifgo")
PATHS = {
    "dc = 0": "The path from the next step is missing or wrong: c_t also goes, directly, into step t + 1.",
    "dh = 0": "The path through h_t is missing or wrong: h_t = o ⊙ tanh(c_t), so dh is multiplied by o and by the "
    "slope of tanh, and d_tanh takes the value tanh_c.",
}
SUM = {"one sequence": OVER_BATCH.capitalize()}


def _dz(gate: str) -> Term:
    function, again, slope, other = "σ", sigmoid, d_sigmoid, d_tanh
    if gate == "g":
        function, again, slope, other = "tanh", np.tanh, d_tanh, d_sigmoid

    def value(v: SimpleNamespace, slope: Callable) -> np.ndarray:
        return getattr(v, f"d{gate}") * slope(getattr(v, gate))

    return Term(
        f"dz ({gate})",
        f"{gate} = {function}(z_{gate}): d{gate} times the slope of {function}; dz is (B, 4H), i f g o side by side.",
        (f"d{gate}",), "dz",
        mistakes={
            f"There stands d{gate} itself, without the slope of {function}.": lambda v: getattr(v, f"d{gate}"),
            f"{gate} is activated already: d_{again.__name__} takes the value {gate}, not z_{gate}.":
                lambda v: value(v, lambda a: slope(again(a))),
            f"{gate} comes from {function}; this is the slope of the other function.": lambda v: value(v, other),
        },
    )  # fmt: skip


LSTM_CELL = Exercise(
    "one step of the LSTM: the gradients of its gates, states and weights", "cell_backward",
    (
        Term("do", "h_t = o ⊙ tanh(c_t): dh times the factor that stands beside o."),
        Term("dc", "c_t is reached through h_t and, directly, from step t + 1: the gradients of both ways add up.",
             clues=PATHS,
             mistakes={
                 "Only dc as it was given stands there: the path through h_t is missing.": lambda v: v.dc_next,
                 "o is missing on the way from h_t to c_t.": lambda v: v.dc_next + v.dh * d_tanh(v.tanh_c),
                 "The slope of tanh is missing on the way from h_t to c_t.": lambda v: v.dc_next + v.dh * v.o,
                 "d_tanh takes the value tanh(c_t), not c_t: the cache has it as tanh_c.":
                     lambda v: v.dc_next + v.dh * v.o * d_tanh(np.arctanh(v.tanh_c)),
                 "tanh_c is tanh(c_t) already: d_tanh takes it as it is.":
                     lambda v: v.dc_next + v.dh * v.o * d_tanh(np.tanh(v.tanh_c)),
             }),
        Term("df", "c_t = f ⊙ c_{t-1} + i ⊙ g: dc times the factor that stands beside f.", ("dc",)),
        Term("di", "c_t = f ⊙ c_{t-1} + i ⊙ g: dc times the factor that stands beside i.", ("dc",)),
        Term("dg", "c_t = f ⊙ c_{t-1} + i ⊙ g: dc times the factor that stands beside g.", ("dc",)),
        Term("dc_prev", "c_t = f ⊙ c_{t-1} + i ⊙ g: dc times the factor that stands beside c_{t-1}.", ("dc",)),
        *map(_dz, "ifgo"),
        Term("dx", "z = x W_ihᵀ + ...: as in the linear layer, x_d reaches each z_k by the weight W_ih[k, d].", DZ),
        Term("dh_prev", "z = ... + h_{t-1} W_hhᵀ: h_{t-1} reaches z by W_hh, as x does by W_ih.", DZ),
        Term("dW_ih", "dW_ih[k, d] is the sum of dz_k x_d over the batch.", DZ, clues=SUM),
        Term("dW_hh", "dW_hh[k, j] is the sum of dz_k times h_{t-1, j} over the batch.", DZ, clues=SUM),
        Term("db", "db[k] is the sum of dz_k over the batch.", DZ, clues=SUM),
        Term(RETURNED, "The order is dx, dh_prev, dc_prev, (dW_ih, dW_hh, db, db.copy()).",
             ("dc_prev", "dx", "dh_prev", "dW_ih", "dW_hh", "db")),
    ),
    tried(_cell_trial, {
        "dh and dc not 0": (3, 1, 1), "one sequence": (1, 1, 1), "dc = 0": (3, 1, 0), "dh = 0": (3, 0, 1),
    }),
)  # fmt: skip
