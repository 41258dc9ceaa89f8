"""The exercises on the layers around the LSTM: embedding, dropout, linear layer and loss."""

from functools import partial

import numpy as np

from lstm_numpy.dropout import dropout_forward
from lstm_numpy.embedding import embedding_forward
from lstm_numpy.gradcheck.exercises import trials
from lstm_numpy.gradcheck.exercises.trials import RETURNED, Exercise, Term, Trial, calling, derivative, tried
from lstm_numpy.linear import linear_forward
from lstm_numpy.loss import IGNORED, softmax_cross_entropy


def _embedding_trial(name: str, V: int, rows: list) -> Trial:
    rng, tokens = np.random.default_rng(0), np.array(rows)
    E, dx = rng.standard_normal((V, 4)), rng.standard_normal((tokens.shape[1], 4, tokens.shape[0]))
    dE = derivative(lambda E: (dx * embedding_forward(tokens, E)[0]).sum(), E)
    given = {"times": np.bincount(tokens.ravel(), minlength=V)[:, None]}

    def see(seen: dict, result: object) -> dict:
        return {"dE": seen.get("dE", ...) if result is ... else result}

    return Trial(name, calling("embedding_backward", dx, (tokens, E)), see, {"dE": dE}, given)


EMBEDDING = Exercise(
    "the embedding: a row gathers the gradients of all its occurrences", "embedding_backward",
    (
        Term("dE",
             "x[t, :, b] = E[tokens[b, t]], so dx[t, :, b] belongs to the row tokens[b, t] of dE, and to no other.",
             blank="gather",
             clues={
                 "no symbol twice": "Repeated symbols do not add up: `dE[tokens.T] += ...` writes each row once, with "
                 "its last occurrence. np.add.at, or a loop, adds every one.",
                 "a symbol in two sequences at different steps": "Only a symbol that stands in two sequences at the "
                 "same step is lost: `dE[tokens[:, t]] += ...` writes each row once.",
                 "a symbol in two sequences at the same step": "Only a symbol that stands twice in a sequence is lost: "
                 "`dE[tokens[b]] += ...` writes each row once.",
             },
             mistakes={"A row is the sum of all its occurrences, not their mean.":
                       lambda v: v.dE / np.maximum(v.times, 1)}),
    ),
    tried(_embedding_trial, {
        "no symbol twice": (8, [[2, 0, 5], [4, 1, 6]]),
        "a symbol twice in a sequence": (6, [[2, 1, 2], [4, 3, 0]]),
        "a symbol in two sequences at different steps": (6, [[2, 0, 5], [4, 1, 2]]),
        "a symbol in two sequences at the same step": (6, [[2, 0, 5], [4, 0, 3], [1, 0, 3]]),
        "one sequence": (7, [[3, 1, 3, 5]]),
    }), results=("dE",),
)  # fmt: skip


KEPT, SILENCED, NO_MASK = "dx of what was kept", "dx of what was silenced", "dx without a mask"


def _dropout_trial(name: str, rate: float) -> Trial:
    x, dy = np.random.default_rng(1).standard_normal((2, 4, 3, 2))

    def thin(x: np.ndarray) -> tuple:
        return dropout_forward(x, rate, np.random.default_rng(2))

    dx, mask = derivative(lambda x: (dy * thin(x)[0]).sum(), x), thin(x)[1]

    def parts(dx: np.ndarray) -> dict:
        if mask is None:
            return {NO_MASK: dx}
        if np.shape(dx) != mask.shape:
            return {SILENCED: dx, KEPT: dx}
        return {SILENCED: dx[mask == 0], KEPT: dx[mask > 0]}

    def see(seen: dict, result: object) -> dict:
        return parts(result) if result is not ... else {}

    return Trial(name, calling("dropout_backward", dy, mask), see, parts(dx))


DROPOUT = Exercise(
    "inverted dropout: what the mask lets through", "dropout_backward",
    (
        Term(SILENCED, "y = 0 there whatever x is, so the gradient is zero.", blank="return"),
        Term(KEPT, "y = x / (1 - rate) there: the gradient is scaled as the value was, by what the mask holds.",
             blank="return"),
        Term(NO_MASK, "Outside training the mask is None and y = x: then dx is dy.", blank="return"),
    ),
    tried(_dropout_trial, {"rate 0.3": (0.3,), "rate 0.6": (0.6,), "nothing dropped": (0.0,)}),
    results=(SILENCED, KEPT, NO_MASK),
)  # fmt: skip


def _linear_trial(name: str, steps: tuple[int, ...], B: int) -> Trial:
    V, H, rng = 4, 3, np.random.default_rng(3)
    x, W, b = rng.standard_normal((*steps, H, B)), rng.standard_normal((V, H)), rng.standard_normal(V)
    dy = rng.standard_normal((*steps, V, B))

    def loss(x: np.ndarray, W: np.ndarray, b: np.ndarray) -> complex:
        return (dy * linear_forward(x, W, b)[0]).sum()

    dx, dW = derivative(lambda x: loss(x, W, b), x), derivative(lambda W: loss(x, W, b), W)
    db = derivative(lambda b: loss(x, W, b), b)
    reference = {"dx": dx, "dW": dW, "db": db, RETURNED: (dx, dW, db)}
    return Trial(name, calling("linear_backward", dy, (x, W)), lambda seen, result: seen, reference)


SUMS = {
    "one sequence": f"It goes wrong with the batch: {trials.OVER_BATCH}",
    "one step": f"It goes wrong with the steps: {trials.OVER_STEPS}",
    "steps and sequences": "It is right for x (T, H, B), but x may also be (H, B), or have more axes in front.",
}

LINEAR = Exercise(
    "the linear layer: dx, dW and db, summed over steps and batch", "linear_backward",
    (
        Term("dx", "y_v = Σ_h W_vh x_h + b_v: x_h reaches each y_v by the weight W_vh, so dx_h = Σ_v W_vh dy_v."),
        Term("dW", "dW_vh is the sum of dy_v x_h over all steps and sequences.", clues=SUMS),
        Term("db", "db_v is the sum of dy_v over all steps and sequences.", clues=SUMS),
        Term(RETURNED, "The order is dx, dW, db.", ("dx", "dW", "db")),
    ),
    tried(_linear_trial, {
        "one sequence": ((2,), 1), "one step": ((1,), 5), "steps and sequences": ((2,), 5),
        "no axis for the steps": ((), 5), "two axes before the features": ((3, 2), 5),
    }),
)  # fmt: skip


P, ONEHOT, MEAN, N_COUNTED, OUTSIDE = (f"dlogits: {part}" for part in ("p", "onehot", "mean", "N", "ignored"))


def _loss_trial(name: str, V: int, rows: list) -> Trial:
    targets = np.array(rows)
    logits = np.random.default_rng(4).standard_normal((*targets.shape, V))
    loss = softmax_cross_entropy(logits, targets)[0]
    dlogits = derivative(lambda z: softmax_cross_entropy(z, targets)[0], logits)
    parts = partial(_loss_parts, targets, dlogits)

    def see(seen: dict, result: object) -> dict:
        dlogits = result[1] if isinstance(result, tuple) else seen.get("dlogits", ...)
        return parts(dlogits) if dlogits is not ... else {}

    reference = {**(parts(dlogits) if V > 1 else {}), RETURNED: (loss, dlogits)}
    return Trial(name, calling("softmax_cross_entropy", logits, targets), see, reference)


def _loss_parts(targets: np.ndarray, right: np.ndarray, dlogits: np.ndarray) -> dict:
    """What tells p, the 1 taken from it, and the mean apart: a 1 at a wrong place leaves a whole number."""
    if np.shape(dlogits) != right.shape:
        return {P: dlogits}
    counted = targets != IGNORED
    N, here = np.count_nonzero(counted), dlogits[counted]
    values = {MEAN if counted.all() else N_COUNTED: here}
    if not counted.all():
        values[OUTSIDE] = dlogits[~counted]
    for scale in (N, 1, targets.size, *right.shape):  # by which it may have been divided
        rest = scale * here - N * right[counted]
        if np.abs(rest - np.rint(rest)).max() < 1e-9:
            return values | {P: scale * here - np.rint(rest), ONEHOT: scale * here}
    return values | ({P: here, ONEHOT: here} if targets.size == 1 else {})


LOSS = Exercise(
    "softmax with cross-entropy, from logits to their gradient", "softmax_cross_entropy",
    (
        Term(P, "At a symbol that is not the target, dlogits is p = softmax(logits).", blank="dlogits"),
        Term(ONEHOT, "At the target, dlogits is p - 1: each step of each sequence has a target of its own.", (P,),
             "onehot",
             {"one target": "A single target is right: with more, the 1 is taken at wrong places, or too often."}),
        Term(MEAN, "The loss is a mean, so every gradient is divided by N.", (P, ONEHOT), "mean",
             mistakes={"The division by N is missing.": lambda v: vars(v)[ONEHOT]}),
        Term(N_COUNTED, "N counts the targets that are not ignored, not all of them.", (MEAN,), "mean"),
        Term(OUTSIDE, "An ignored target has no part in the loss: zero.", (P, ONEHOT), "mean"),
        Term(RETURNED, "The loss, as the file has it, and dlogits.", (P, ONEHOT, MEAN, N_COUNTED, OUTSIDE)),
    ),
    tried(_loss_trial, {
        "one target": (5, [[2]]), "no target ignored": (5, [[2, 0, 4], [1, 1, 3]]), "one axis": (5, [0, 3, 3]),
        "some ignored": (6, [[2, -1, -1], [1, 0, 3]]), "a sequence ignored": (6, [[-1, -1], [0, 2], [4, -1]]),
        "a single symbol": (1, [[0, -1]]),
    }),
    refused={
        f"the targets {targets}, for logits of shape (2, {V})": (np.zeros((2, V)), np.array(targets))
        for V, *rows in ((5, [0, 1, 2], [0], [0, -2], [0, 5], [0, 6], [-1, -1]), (4, [0, 4])) for targets in rows
    },
)  # fmt: skip
