"""The exercise on Adam's step, compared with the algorithm in plain floats."""

import math
from collections.abc import Callable
from types import SimpleNamespace

import numpy as np

from lstm_numpy.gradcheck.exercises.trials import Exercise, Term, Trial, Values, flat, tried

START = {"W": np.array([[0.5, -1.0], [2.0, 0.25]]), "b": np.array([1.0, -3.0])}
GRADS = [
    {"W": np.array([[0.5, -2.0], [0.03, 1.0]]), "b": np.array([-0.2, 4.0])},
    {"W": np.array([[-1.0, 0.5], [0.02, 3.0]]), "b": np.array([0.7, 0.1])},
    {"W": np.array([[0.25, 0.1], [-0.04, -1.0]]), "b": np.array([-0.3, -2.0])},
]
OTHERS = {"beta1": 0.4, "beta2": 0.45, "learning_rate": 0.02, "t": 8}


def _trial(name: str, steps: int, others: dict[str, float]) -> Trial:
    """The last of some steps; the ones before it are the learner's, too."""
    v = SimpleNamespace(**{"learning_rate": 0.1, "beta1": 0.9, "beta2": 0.95, "eps": 0.05, "t": steps, **others})
    before: Values = {}
    held: Values = {}  # the arrays that are to be changed in place

    def prepare(names: dict) -> tuple[Callable, tuple]:
        params = {name: array.copy() for name, array in START.items()}
        optimizer = names["Adam"](params, 0.1, (v.beta1, v.beta2), v.eps)
        optimizer.t = v.t - steps
        for grads in GRADS[: steps - 1]:
            optimizer.step({name: g.copy() for name, g in grads.items()})
        optimizer.learning_rate = v.learning_rate
        held.update(params)
        before.update({name: array.copy() for name, array in params.items()})
        return optimizer.step, ({name: g.copy() for name, g in GRADS[steps - 1].items()},)

    def see(seen: dict, result: object) -> dict:
        optimizer = seen["self"]
        moved = [before[name] - held[name] for name in START]
        values = {"m": flat(*optimizer.m.values()), "v": flat(*optimizer.v.values()), "param": flat(*moved)}
        return values | {name: seen[name] for name in ("m_hat", "v_hat") if name in seen}

    given = {**vars(v), "g": flat(*GRADS[steps - 1].values())}
    return Trial(name, prepare, see, _reference(steps, v), given)


def _reference(steps: int, number: SimpleNamespace) -> Values:
    """Number by number, as the algorithm stands in the paper."""
    values: dict[str, list[float]] = {name: [] for name in ("m", "v", "m_hat", "v_hat", "param")}
    for gs in zip(*(flat(*grads.values()).tolist() for grads in GRADS[:steps]), strict=True):
        m = v = 0.0
        for g in gs:
            m = number.beta1 * m + (1 - number.beta1) * g
            v = number.beta2 * v + (1 - number.beta2) * g**2
        m_hat, v_hat = m / (1 - number.beta1**number.t), v / (1 - number.beta2**number.t)
        update = number.learning_rate * m_hat / (math.sqrt(v_hat) + number.eps)
        for name, value in zip(values, (m, v, m_hat, v_hat, update), strict=True):
            values[name].append(value)
    last = START["b"].size  # the loop's local variables are those of the last parameter
    arrays = {name: np.array(numbers) for name, numbers in values.items()}
    return arrays | {name: arrays[name][-last:] for name in ("m_hat", "v_hat")}


def _root(v: SimpleNamespace) -> np.ndarray:
    """√v̂, for all parameters."""
    return np.sqrt(v.v / (1 - v.beta2**v.t))


def _m_hat(v: SimpleNamespace) -> np.ndarray:
    return v.m / (1 - v.beta1**v.t)


NOT_IN_PLACE = (
    "self.m and self.v have not changed: `m = ...` only gives another array the name m. Write m *= ..., m += ... or "
    "m[...] = ..."
)
WRITTEN_IN = {
    "step 3, eps = 0.05": "It is right until one of its numbers changes: that is written in, and has to come from self."
}

ADAM = Exercise(
    "a step of Adam: averages, bias corrections, update", "Adam.step",
    (
        Term("m", "m ← β₁ m + (1 - β₁) g, in place.",
             mistakes={NOT_IN_PLACE: lambda v: 0 * v.m},
             clues={"step 1, eps = 0": "The first step is right: what remains of m, β₁ m, is wrong.", **WRITTEN_IN}),
        Term("v", "v ← β₂ v + (1 - β₂) g², in place.",
             mistakes={NOT_IN_PLACE: lambda v: 0 * v.v,
                       "It is g that is averaged, not g².": lambda v: (1 - v.beta2) * v.g},
             clues={"step 1, eps = 0": "The first step is right: what remains of v, β₂ v, is wrong.", **WRITTEN_IN}),
        Term("m_hat", "m̂ = m / (1 - β₁ᵗ), where t is self.t.", ("m",),
             mistakes={"There stands m itself, without its correction.": lambda v: v.m_hat * (1 - v.beta1**v.t)},
             clues={"step 1, eps = 0": "β₁ is to be raised to the power t.", **WRITTEN_IN}),
        Term("v_hat", "v̂ = v / (1 - β₂ᵗ), where t is self.t.", ("v",),
             mistakes={"There stands v itself, without its correction.": lambda v: v.v_hat * (1 - v.beta2**v.t),
                       "It is corrected with β₁, but v is averaged with β₂.":
                           lambda v: v.v_hat * (1 - v.beta2**v.t) / (1 - v.beta1**v.t)},
             clues={"step 1, eps = 0": "β₂ is to be raised to the power t.", **WRITTEN_IN}),
        Term("param", "θ ← θ - learning_rate · m̂ / (√v̂ + eps), in place.", ("m_hat", "v_hat"),
             mistakes={"The parameter has not moved: change it in place, param -= ...": lambda v: 0 * v.param,
                       "eps stands inside the root; it is added to the root.":
                           lambda v: v.learning_rate * _m_hat(v) / np.sqrt(_root(v) ** 2 + v.eps),
                       "The division by √v̂ + eps is missing.": lambda v: v.learning_rate * _m_hat(v),
                       "The root is missing: the division is by √v̂, not v̂.":
                           lambda v: v.learning_rate * _m_hat(v) / (_root(v) ** 2 + v.eps),
                       "m stands where m̂ should.": lambda v: v.param * (1 - v.beta1**v.t)},
             clues={"step 3, eps = 0": "It is right as long as eps is 0: look at where eps is added.", **WRITTEN_IN}),
    ),
    tried(_trial, {
        **{f"step {steps}, eps = {eps}": (steps, {"eps": eps}) for eps in (0, 0.05) for steps in (1, 2, 3)},
        **{f"another {name}": (3, {name: number}) for name, number in OTHERS.items()},
    }), pure=False, results=("m", "v", "param"),
)  # fmt: skip
