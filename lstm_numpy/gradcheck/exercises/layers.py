"""The exercises on the layers around the LSTM: embedding, dropout, linear layer and loss."""

from collections.abc import Callable
from functools import cache

import numpy as np

from lstm_numpy.dropout import dropout_forward
from lstm_numpy.embedding import embedding_forward
from lstm_numpy.gradcheck.exercises.trials import (
    BATCH,
    STEPS,
    Exercise,
    Term,
    Trial,
    calling,
    derivative,
    flat,
    result_or_local,
    returned,
)
from lstm_numpy.linear import linear_forward
from lstm_numpy.loss import IGNORED, softmax_cross_entropy

# -- embedding, dropout, linear ------------------------------------------------------------------


@cache
def embedding_trials() -> list[Trial]:
    V, D = 6, 3
    rng = np.random.default_rng(0)
    trials = []
    for name, rows in {
        "no symbol twice": [[2, 0], [4, 1]],
        "a symbol twice in a sequence": [[2, 2], [4, 1]],
        "a symbol in two sequences": [[2, 0], [4, 2]],
        "one sequence": [[3, 1, 3, 5]],
    }.items():
        tokens, E = np.array(rows), rng.standard_normal((V, D))
        dx = rng.standard_normal((tokens.shape[1], D, tokens.shape[0]))
        dE = derivative(lambda E, dx=dx, tokens=tokens: (dx * embedding_forward(tokens, E)[0]).sum(), E)
        see = result_or_local("dE")
        trials.append(Trial(name, calling("embedding_backward", dx, (tokens, E)), see, {"dE": dE}))
    return trials


EMBEDDING = Exercise(
    "the embedding: a row gathers the gradients of all its occurrences",
    "embedding_backward",
    (
        Term(
            "dE",
            "x[t, :, b] = E[tokens[b, t]], so dx[t, :, b] belongs to the row tokens[b, t] of dE, and to no other.",
            blank="gather",
            clues={
                "no symbol twice": "Repeated symbols do not add up: `dE[tokens.T] += ...` writes each row once, with "
                "its last occurrence. np.add.at, or a loop, adds every one."
            },
        ),
    ),
    embedding_trials,
)


@cache
def dropout_trials() -> list[Trial]:
    trials = []
    for name, rate in {"rate 0.3": 0.3, "rate 0.6": 0.6, "nothing dropped": 0.0}.items():
        rng = np.random.default_rng(1)
        x, dy = rng.standard_normal((2, 4, 3, 2))

        def thin(x: np.ndarray, rate: float = rate) -> tuple:
            return dropout_forward(x, rate, np.random.default_rng(2))

        dx, mask = derivative(lambda x, dy=dy, thin=thin: (dy * thin(x)[0]).sum(), x), thin(x)[1]

        def parts(dx: np.ndarray, mask: np.ndarray | None = mask) -> dict:
            if mask is None:
                return {"dx without a mask": dx}
            if np.shape(dx) != mask.shape:
                return {"dx of what was silenced": dx, "dx of what was kept": dx}
            return {"dx of what was silenced": dx[mask == 0], "dx of what was kept": dx[mask > 0]}

        def see(seen: dict, result: object, parts: Callable = parts) -> dict:
            return parts(result) if result is not ... else {}

        trials.append(Trial(name, calling("dropout_backward", dy, mask), see, parts(dx)))
    return trials


DROPOUT = Exercise(
    "inverted dropout: what the mask lets through",
    "dropout_backward",
    (
        Term("dx of what was silenced", "y = 0 there whatever x is, so the gradient is zero.", blank="return"),
        Term(
            "dx of what was kept",
            "y = x / (1 - rate) there: the gradient is scaled as the value was, by what the mask holds.",
            blank="return",
        ),
        Term("dx without a mask", "Outside training the mask is None and y = x: then dx is dy.", blank="return"),
    ),
    dropout_trials,
)


@cache
def linear_trials() -> list[Trial]:
    V, H = 4, 3
    trials = []
    for name, T, B in (("steps and sequences", 2, 5), ("one step", 1, 5), ("one sequence", 2, 1)):
        rng = np.random.default_rng(3)
        x, W, b = rng.standard_normal((T, H, B)), rng.standard_normal((V, H)), rng.standard_normal(V)
        dy = rng.standard_normal((T, V, B))
        reference = {
            "dx": derivative(lambda x, W=W, b=b, dy=dy: (dy * linear_forward(x, W, b)[0]).sum(), x),
            "dW": derivative(lambda W, x=x, b=b, dy=dy: (dy * linear_forward(x, W, b)[0]).sum(), W),
            "db": derivative(lambda b, x=x, W=W, dy=dy: (dy * linear_forward(x, W, b)[0]).sum(), b),
        }
        reference["what is returned"] = flat(*reference.values())
        trials.append(Trial(name, calling("linear_backward", dy, (x, W)), _see_linear, reference))
    return trials


def _see_linear(seen: dict, result: object) -> dict:
    return {**seen, **returned(result)}


SUMS = {
    "one sequence": f"It goes wrong with the batch: {BATCH}",
    "one step": f"It goes wrong with the steps: {STEPS}",
}

LINEAR = Exercise(
    "the linear layer: dx, dW and db, summed over steps and batch",
    "linear_backward",
    (
        Term("dx", "y_v = Σ_h W_vh x_h + b_v: x_h reaches each y_v by the weight W_vh, so dx_h = Σ_v W_vh dy_v."),
        Term("dW", "dW_vh is the sum of dy_v x_h over all steps and sequences.", clues=SUMS),
        Term("db", "db_v is the sum of dy_v over all steps and sequences.", clues=SUMS),
        Term("what is returned", "The order is dx, dW, db.", ("dx", "dW", "db")),
    ),
    linear_trials,
)


# -- the loss ------------------------------------------------------------------------------------


@cache
def loss_trials() -> list[Trial]:
    trials = []
    for name, targets in {
        "one target": np.array([[2]]),
        "no target ignored": np.array([[2, 0, 4], [1, 1, 3]]),
        "one axis": np.array([0, 3, 3]),
        "some ignored": np.array([[2, IGNORED, 4], [IGNORED, 0, 3]]),
    }.items():
        logits = np.random.default_rng(4).standard_normal((*targets.shape, 5))
        dlogits = derivative(lambda z, targets=targets: softmax_cross_entropy(z, targets)[0], logits)
        at_target = np.arange(5) == targets[..., None]

        def parts(dlogits: np.ndarray, targets: np.ndarray = targets, at_target: np.ndarray = at_target) -> dict:
            if np.shape(dlogits) != at_target.shape:
                return {"dlogits: p": dlogits}
            if targets.size == 1:
                return {"dlogits: p": dlogits[~at_target], "dlogits: onehot": dlogits[at_target]}
            counted = targets != IGNORED
            values = {"dlogits: mean" if counted.all() else "dlogits: N": dlogits[counted]}
            return values if counted.all() else {**values, "dlogits: ignored": dlogits[~counted]}

        def see(seen: dict, result: object, parts: Callable = parts) -> dict:
            dlogits = result[1] if isinstance(result, tuple) and len(result) == 2 else seen.get("dlogits", ...)
            return parts(dlogits) if dlogits is not ... else {}

        trials.append(Trial(name, calling("softmax_cross_entropy", logits, targets), see, parts(dlogits)))
    return trials


P_AND_ONEHOT = ("dlogits: p", "dlogits: onehot")

LOSS = Exercise(
    "softmax with cross-entropy, from logits to their gradient",
    "softmax_cross_entropy",
    (
        Term("dlogits: p", "At a symbol that is not the target, dlogits is p = softmax(logits).", blank="dlogits"),
        Term("dlogits: onehot", "At the target, dlogits is p - 1.", ("dlogits: p",), "onehot"),
        Term("dlogits: mean", "The loss is a mean, so every gradient is divided by N.", P_AND_ONEHOT, "mean"),
        Term(
            "dlogits: N",
            "N counts the targets that are not ignored, not all of them.",
            ("dlogits: mean",),
            "mean",
        ),
        Term("dlogits: ignored", "An ignored target has no part in the loss: zero.", P_AND_ONEHOT, "mean"),
    ),
    loss_trials,
)
