"""A network beside n-grams: the same sequences to learn from, the same to be judged by."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from lstm_numpy.baselines.ngrams import NGrams
from lstm_numpy.baselines.scores import Kinds, Sums, ratio, resample, score, summary
from lstm_numpy.model import LSTMModel
from lstm_numpy.training import log_probabilities

SHOWN = {1: "unigram"} | {order: f"{order}-gram" for order in (2, 4, 8, 16, 24)}  # n-grams, by their order
STRENGTHS = (1, 2, 4, 8, 16, 32, 64)  # among which the best n-gram is sought
NETWORK, BEST = "network", "best n-gram"


def judge_predictions(
    model: LSTMModel, sequences: Sequence[np.ndarray], split: Sequence[np.ndarray],
    hold_out: Callable[[int, np.random.Generator], Sequence[np.ndarray]], end: int, kinds: Kinds, event: str, seed: int,
    contexts: Sequence[np.ndarray] | None = None, beside: Mapping[str, Sequence[np.ndarray]] | None = None,
) -> dict:  # fmt: skip
    """A network beside n-grams on unseen sequences; and these where single targets are held out at random.

    Args:
        sequences: all of them, integers, (length,) each; each has length + 1 targets, the last is the end symbol.
        split: the numbers of those for training, on which the model was trained, validation and test.
        hold_out: draws the same of so many single targets.
        kinds, event: see `score` and `summary`.
        seed: of `hold_out` and of the intervals, for which all predictors are judged by the same draws.
        contexts: what the network is told of the test sequences; see `log_probabilities`.
        beside: what n-grams may be told of all sequences (see `NGrams`), by how that is called.

    Returns:
        'prediction': for the network, the best n-gram, those that are told something and those SHOWN, a dict with
        'predictor', 'above the network' (nats per step, with the interval of the difference) and the figures of
        `summary`;
        'best n-gram': its order and strength, chosen by the validation sequences; 'told n-grams': the same of each of
        these, by 'predictor';
        'leak': for each n-gram its nats per step on 'unseen songs' and, where what it may learn from are single
        targets of all sequences, on 'random windows'.
    """
    rngs = [np.random.default_rng([seed, n]) for n in range(3)]
    training, validation, test = ([sequences[number] for number in part] for part in split)
    log_p = dict(log_probabilities(model, test, end, contexts))
    network = score([log_p[number] for number in range(len(test))], test, end, kinds)
    told, best = {}, {}
    for name, known in (beside or {}).items():
        name, parts = f"{BEST}, {name}", [[known[number] for number in part] for part in split]
        ngrams = NGrams(training, max(SHOWN), model.vocab_size, end, beside=parts[0])
        order, strength = best[name] = best_order_and_strength(ngrams, validation, parts[1])
        told |= sums_of(ngrams, test, kinds, {order: name}, strength, beside=parts[2])
    ngrams = NGrams(training, max(SHOWN), model.vocab_size, end)
    best[BEST] = best_order_and_strength(ngrams, validation)
    draws, rows = resample(len(test), rngs[0]), []
    untold = n_gram_sums(ngrams, test, kinds, best[BEST])
    for predictor, sums in ({NETWORK: network, BEST: untold.pop(BEST)} | told | untold).items():
        above = ratio(sums["nats"] - network["nats"], sums["targets"], draws)
        rows.append({"predictor": predictor, "above the network": above, **summary(sums, list(kinds), event, draws)})

    del ngrams  # the next ones need its memory
    lengths = [len(sequence) + 1 for sequence in sequences]
    chosen = (np.isin(np.arange(sum(lengths)), part) for part in hold_out(sum(lengths), rngs[1]))
    learned, _, wanted = (np.split(part, np.cumsum(lengths)[:-1]) for part in chosen)
    ngrams = NGrams(sequences, max(SHOWN), model.vocab_size, end, learned)
    draws, leak = resample(len(sequences), rngs[2]), {}
    unseen = {row["predictor"]: row["nats per step"] for row in rows}
    for name, sums in n_gram_sums(ngrams, sequences, kinds, best[BEST], wanted).items():
        leak[name] = {"unseen songs": unseen[name], "random windows": ratio(sums["nats"], sums["targets"], draws)}
    told = {name: {"order": order, "strength": strength} for name, (order, strength) in best.items()}
    return {"prediction": rows, "best n-gram": told.pop(BEST), "told n-grams": told, "leak": leak}


def n_gram_sums(
    ngrams: NGrams, sequences: Sequence[np.ndarray], kinds: Kinds, best: tuple[int, float],
    wanted: Sequence[np.ndarray] | None = None,
) -> dict[str, Sums]:  # fmt: skip
    """The sums (see `score`) of the n-gram of the best order and strength, and of those SHOWN with s = 1."""
    order, strength = best
    best_sums = sums_of(ngrams, sequences, kinds, {order: BEST}, strength, wanted)
    return best_sums | sums_of(ngrams, sequences, kinds, SHOWN, 1.0, wanted)


def sums_of(
    ngrams: NGrams, sequences: Sequence[np.ndarray], kinds: Kinds, names: Mapping[int, str], strength: float,
    wanted: Sequence[np.ndarray] | None = None, beside: Sequence[np.ndarray] | None = None,
) -> dict[str, Sums]:  # fmt: skip
    """The sums (see `score`) of the n-grams of some orders, which are named."""
    return {
        names[order]: score(log_p, sequences, ngrams.end, kinds, wanted)
        for order, log_p in ngrams.log_probabilities(sequences, strength, wanted, beside)
        if order in names
    }


def best_order_and_strength(
    ngrams: NGrams, validation: Sequence[np.ndarray], beside: Sequence[np.ndarray] | None = None
) -> tuple[int, float]:
    """The order and the strength of the shorter contexts with the lowest loss on the validation sequences."""
    targets = np.concatenate([[*sequence, ngrams.end] for sequence in validation])
    losses = {}
    for strength in STRENGTHS:
        for order, log_p in ngrams.log_probabilities(validation, strength, beside=beside):
            log_p_target = np.take_along_axis(np.concatenate(log_p), targets[:, None], axis=1)
            losses[order, float(strength)] = -float(log_p_target.mean())
    return min(losses, key=losses.get)
