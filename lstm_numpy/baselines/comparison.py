"""A network beside n-grams: the same sequences to learn from, the same to be judged by."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from lstm_numpy.baselines.ngrams import NGrams
from lstm_numpy.baselines.scores import Sums, ratio, resample, score, summary
from lstm_numpy.model import LSTMModel
from lstm_numpy.training import log_probabilities

ORDERS = (1, 2, 4, 8, 16, 24)  # of the n-grams that are shown
STRENGTHS = (1, 2, 4, 8, 16, 32, 64)  # among which the best n-gram is sought
NETWORK, BEST = "network", "best n-gram"
Kinds = Mapping[str, Sequence[int]]


def n_gram_name(order: int) -> str:
    """What an n-gram is called in the tables."""
    return "unigram" if order == 1 else f"{order}-gram"


def judge_predictions(
    model: LSTMModel,
    sequences: Sequence[np.ndarray],
    split: Sequence[np.ndarray],
    hold_out: Callable[[int, np.random.Generator], Sequence[np.ndarray]],
    end: int,
    kinds: Kinds,
    event: str,
    seed: int,
) -> dict:
    """A network beside n-grams on unseen sequences; and these where single targets are held out at random.

    Args:
        model: trained on the training sequences.
        sequences: all of them, integers, (length,) each.
        split: the numbers of those for training, validation and test.
        hold_out: draws the same of so many single targets.
        end, kinds, event: see `compare`.
        seed: of the intervals and of `hold_out`.

    Returns:
        'prediction', the rows of `compare`; 'best n-gram', its order and strength; 'leak': for each n-gram its nats
        per step on 'unseen songs' and on 'random windows'.
    """
    rngs = [np.random.default_rng([seed, n]) for n in range(3)]
    parts = [[sequences[number] for number in part] for part in split]
    rows, (order, strength) = compare(model, parts, end, kinds, event, rngs[0])
    training, _, test = hold_out(sum(len(sequence) + 1 for sequence in sequences), rngs[1])
    best = order, strength
    on_windows = compare_on_windows(sequences, training, test, model.vocab_size, end, kinds, best, rngs[2])
    unseen = {row["predictor"]: row["nats per step"] for row in rows}
    leak = {name: {"unseen songs": unseen[name], "random windows": found} for name, found in on_windows.items()}
    return {"prediction": rows, "best n-gram": {"order": order, "strength": strength}, "leak": leak}


def compare(
    model: LSTMModel,
    parts: Sequence[Sequence[np.ndarray]],
    end: int,
    kinds: Kinds,
    event: str,
    rng: np.random.Generator,
) -> tuple[list[dict], tuple[int, float]]:
    """Judge a network and n-grams by the same sequences.

    Args:
        model: trained on the training sequences.
        parts: the training, the validation and the test sequences.
        end: the end symbol.
        kinds, event: see `score` and `summary`.
        rng: draws the sequences for the intervals, the same for all predictors.

    Returns:
        For the network, the best n-gram and those of ORDERS, a dict with 'predictor', 'above the network'
        (nats per step, with the interval of the difference) and the figures of `summary`; and the order
        and the strength of the best n-gram, chosen by the validation sequences.
    """
    training, validation, test = parts
    log_p = dict(log_probabilities(model, test, end))
    network = score([log_p[number] for number in range(len(test))], test, end, kinds)
    ngrams = NGrams(training, max(ORDERS), model.vocab_size, end)
    best = best_order_and_strength(ngrams, validation)
    draws = resample(len(test), rng)
    rows = []
    for predictor, sums in {NETWORK: network, **n_gram_sums(ngrams, test, kinds, best)}.items():
        above = ratio(sums["nats"] - network["nats"], sums["targets"], draws)
        rows.append({"predictor": predictor, "above the network": above, **summary(sums, list(kinds), event, draws)})
    return rows, best


def compare_on_windows(
    sequences: Sequence[np.ndarray],
    training: np.ndarray,
    test: np.ndarray,
    vocab_size: int,
    end: int,
    kinds: Kinds,
    best: tuple[int, float],
    rng: np.random.Generator,
) -> dict[str, list[float]]:
    """The n-grams' nats per step where single targets, and not whole sequences, are held out.

    Args:
        sequences: all of them; their targets are numbered through, length + 1 for each.
        training, test: the numbers of the targets to learn from and to be judged by.
        vocab_size, end, kinds: see `NGrams` and `score`.
        best: order and strength of the best n-gram, chosen elsewhere.
        rng: draws the sequences for the intervals.
    """
    lengths = [len(sequence) + 1 for sequence in sequences]
    learned, wanted = (
        np.split(np.isin(np.arange(sum(lengths)), part), np.cumsum(lengths)[:-1]) for part in (training, test)
    )
    ngrams = NGrams(sequences, max(ORDERS), vocab_size, end, learned)
    draws = resample(len(sequences), rng)
    return {
        predictor: ratio(sums["nats"], sums["targets"], draws)
        for predictor, sums in n_gram_sums(ngrams, sequences, kinds, best, wanted).items()
    }


def n_gram_sums(
    ngrams: NGrams,
    sequences: Sequence[np.ndarray],
    kinds: Kinds,
    best: tuple[int, float],
    wanted: Sequence[np.ndarray] | None = None,
) -> dict[str, Sums]:
    """The sums of the best n-gram, and of those with Witten-Bell smoothing of each of ORDERS.

    Args:
        ngrams: fitted to at least 24, the largest of ORDERS.
        sequences, kinds, wanted: see `score`.
        best: of `best_order_and_strength`.
    """
    results = {}
    for strength, orders in ((best[1], {best[0]: BEST}), (1.0, {order: n_gram_name(order) for order in ORDERS})):
        for order, log_p in ngrams.log_probabilities(sequences, strength, wanted):
            if order in orders:
                results[orders[order]] = score(log_p, sequences, ngrams.end, kinds, wanted)
    return results


def best_order_and_strength(ngrams: NGrams, validation: Sequence[np.ndarray]) -> tuple[int, float]:
    """The order and the strength of the shorter contexts with the lowest loss on the validation sequences."""
    targets = np.concatenate([[*sequence, ngrams.end] for sequence in validation])
    losses = {}
    for strength in STRENGTHS:
        for order, log_p in ngrams.log_probabilities(validation, strength):
            log_p_target = np.take_along_axis(np.concatenate(log_p), targets[:, None], axis=1)
            losses[order, float(strength)] = -float(log_p_target.mean())
    return min(losses, key=losses.get)
