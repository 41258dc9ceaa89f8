"""What predictions are worth: sums for each sequence, and their ratios with an interval.

Any predictor can be judged, as long as it gives log p of every symbol at every step.
"""

import functools
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from lstm_numpy.checks import check_generator

RESAMPLES = 10_000
Sums = dict[str, np.ndarray]  # name -> a number for each sequence, (S,)
Kinds = Mapping[str, Sequence[int]]  # the symbols of each kind; every symbol belongs to one


def score(
    log_p: Sequence[np.ndarray], sequences: Sequence[np.ndarray], end: int, kinds: Kinds,
    wanted: Sequence[np.ndarray] | None = None,
) -> Sums:  # fmt: skip
    """Add up what was predicted, for each sequence, (length,), behind which the end symbol is its last target.

    `log_p` holds log probabilities at the wanted targets, (wanted targets, V) for each; `wanted` is as in `NGrams`.

    Returns:
        'nats', 'targets' and 'correct' (how often the likeliest symbol came); for each kind the same of the targets of
        that kind alone, as 'nats KIND' and so on; and 'nats within KIND': those of the symbol once it is known that one
        of the kind comes, -log(p(w) / p(kind)).
    """
    kind_of = {symbol: kind for kind, symbols in kinds.items() for symbol in symbols}
    rows = []
    for number, (log_p_one, sequence) in enumerate(zip(log_p, sequences, strict=True)):
        targets = np.array([*sequence, end])
        if wanted is not None:
            targets = targets[wanted[number]]
        nats = -np.take_along_axis(log_p_one, targets[:, None], axis=1)[:, 0].astype(np.float64)
        correct = log_p_one.argmax(axis=1) == targets
        row = {"nats": nats.sum(), "targets": len(targets), "correct": correct.sum()}
        kind = np.array([kind_of[symbol] for symbol in targets.tolist()], object)
        for name, symbols in kinds.items():
            of_kind = kind == name
            row |= {f"nats {name}": nats[of_kind].sum(), f"targets {name}": of_kind.sum()}
            row[f"correct {name}"] = correct[of_kind].sum()
            log_p_kind = np.log(np.exp(log_p_one[np.ix_(of_kind, symbols)].astype(np.float64)).sum(axis=1))
            row[f"nats within {name}"] = (nats[of_kind] + log_p_kind).sum()
        rows.append(row)
    return {name: np.array([row[name] for row in rows], np.float64) for name in rows[0]}


def resample(count: int, rng: np.random.Generator) -> np.ndarray:
    """How often each of `count` sequences is drawn when as many are drawn with replacement, (RESAMPLES, count)."""
    check_generator("rng", rng)
    return rng.multinomial(count, np.full(count, 1 / count), size=RESAMPLES)


def ratio(numerator: np.ndarray, denominator: np.ndarray | float, draws: np.ndarray) -> list[float]:
    """Σ numerator / Σ denominator over the sequences, (S,) each, and both ends of its 95 % interval by bootstrap.

    The sequences are what chance has chosen, not their steps, which depend on each other; so whole sequences are drawn
    again (Efron 1979), and the interval leaves out 2.5 % of the results at each end. The `draws` are those of
    `resample`, the same for everything that is to be compared. NaN where a denominator is zero.
    """
    denominator = np.broadcast_to(np.asarray(denominator, np.float64), numerator.shape)
    with np.errstate(invalid="ignore", divide="ignore"):
        value = numerator.sum() / denominator.sum()
        resampled = (draws @ numerator) / (draws @ denominator)
    finite = resampled[np.isfinite(resampled)]
    if not (np.isfinite(value) and len(finite)):
        return [float("nan")] * 3
    return [float(value), *map(float, np.quantile(finite, [0.025, 0.975]))]


def bootstrap_mean(seed: int) -> Callable[[Sequence[float]], list[float]]:
    """A function that gives the mean of some numbers and its interval (see `ratio`).

    For equally many numbers it draws the same, so that figures of the same melodies are comparable.
    """
    draws = functools.cache(lambda count: resample(count, np.random.default_rng(seed)))
    return lambda values: ratio(np.array(values, float), 1, draws(len(values)))


def summary(sums: Sums, kinds: Sequence[str], event: str, draws: np.ndarray) -> dict[str, list[float]]:
    """The figures that a predictor is judged by, from the sums of `score`, each with its interval (see `ratio`).

    'bits per EVENT' are all nats of all steps, in bits, over the number of targets of the kind `event`; 'bits of which
    EVENT' those within the kind, over the same number.
    """
    nats, bit = ratio(sums["nats"], sums["targets"], draws), np.log(2)
    events = sums[f"targets {event}"]
    return {
        "nats per step": nats,
        "perplexity": [float(np.exp(value)) for value in nats],
        f"bits per {event}": ratio(sums["nats"] / bit, events, draws),
        f"bits of which {event}": ratio(sums[f"nats within {event}"] / bit, events, draws),
        "accuracy": ratio(sums["correct"], sums["targets"], draws),
        **{f"accuracy {kind}": ratio(sums[f"correct {kind}"], sums[f"targets {kind}"], draws) for kind in kinds},
    }
