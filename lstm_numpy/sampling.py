"""From logits to the next symbol, and from symbol to symbol to a whole sequence."""

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

import numpy as np

from lstm_numpy.checks import check_array, check_count, check_generator
from lstm_numpy.model import LSTMModel
from lstm_numpy.workspace import Workspace

LONGEST = 100_000  # where generation stops even without max_len, should the end never be drawn
BLOCK = 64  # sequences that are computed side by side
Context = Callable[[Sequence[int]], np.ndarray]  # from the ids so far to what is known of the next step, (K,)


class Vocabulary(Protocol):
    """What `generate` needs to know of the symbols."""

    end: int  # the id that ends a sequence and, in training, stood in front of it
    not_first: Sequence[int]  # ids that cannot begin a sequence

    def encode(self, symbol: str) -> int: ...

    def decode(self, index: int) -> str: ...


def _check_request(
    logits: np.ndarray, temperature: float, top_k: int | None, forbidden: Sequence[int], top_p: float | None
) -> None:
    check_array("logits", logits)
    if logits.dtype.kind not in "fiu":
        raise TypeError(f"logits must be real numbers, not {logits.dtype}")
    if not (logits < np.inf).all():
        raise ValueError("the model puts out numbers that are not finite; its training has diverged")
    if not temperature >= 0:
        raise ValueError(f"temperature must be 0 or more, not {temperature}")
    if top_k is not None:
        check_count("top_k", top_k, 1)
    if top_p is not None and not 0 < top_p <= 1:
        raise ValueError(f"top_p must be above 0 and at most 1, not {top_p}")
    if not set(forbidden) <= set(range(logits.shape[-1])):
        raise ValueError(f"forbidden must hold ids from 0 to {logits.shape[-1] - 1}, not {list(forbidden)}")


def next_probabilities(
    logits: np.ndarray,
    temperature: float = 1.0,
    top_k: int | None = None,
    forbidden: Sequence[int] = (),
    top_p: float | None = None,
) -> np.ndarray:
    """The distribution of the next symbol, softmax(logits / temperature).

    Args:
        logits: (..., V); -inf is a symbol that cannot come.
        temperature: 1 is what the network has learned; towards 0 the likely becomes certain,
            towards infinity all becomes equally likely. Both ends may be given.
        top_k: keep the k likeliest symbols alone.
        forbidden: ids that get probability 0.
        top_p: keep the *nucleus* alone (Holtzman et al. 2020): the likeliest symbols, as few as
            have together at least this probability, after top_k and temperature.

    Returns:
        (..., V) in float64, never NaN, with sum 1.

    Raises:
        TypeError: if logits are no array of real numbers.
        ValueError: if one of the arguments is out of range, all is forbidden, or a logit is NaN or +inf.
    """
    _check_request(logits, temperature, top_k, forbidden, top_p)
    z = logits.astype(np.float64)
    z[..., list(forbidden)] = -np.inf
    if (z == -np.inf).all(axis=-1).any():
        raise ValueError("every symbol is forbidden")
    z -= z.max(axis=-1, keepdims=True)  # the likeliest allowed symbol is now 0, and stays so when divided
    if temperature == 0:
        top_k, temperature = 1, 1.0
    likeliest_first = np.argsort(-z, axis=-1, kind="stable")
    if top_k is not None:
        np.put_along_axis(z, likeliest_first[..., top_k:], -np.inf, axis=-1)
    if temperature == np.inf:
        p = np.exp(np.where(z > -np.inf, 0.0, z))
    else:
        with np.errstate(over="ignore"):  # a tiny temperature may send the unlikely to -inf: rightly so
            p = np.exp(z / temperature)
    p /= p.sum(axis=-1, keepdims=True)
    if top_p is not None:
        falling = np.take_along_axis(p, likeliest_first, axis=-1)
        likelier = np.cumsum(falling, axis=-1) - falling  # what all likelier ones have together
        np.put_along_axis(p, likeliest_first, np.where(likelier < top_p, falling, 0.0), axis=-1)
        p /= p.sum(axis=-1, keepdims=True)
    return p


def draw(p: np.ndarray, u: np.ndarray | float) -> np.ndarray:
    """Symbols from distributions: where the numbers u fall in the running sums.

    Args:
        p: (..., V).
        u: uniform random numbers from [0, 1), (...).

    Returns:
        ids, (...).
    """
    running = np.cumsum(p, axis=-1)
    index = (running <= np.asarray(u)[..., None] * running[..., -1:]).sum(axis=-1)
    last = p.shape[-1] - 1 - (p[..., ::-1] > 0).argmax(axis=-1)  # the last that is possible at all
    return np.minimum(index, last)  # which rounding must not surpass


def generate(
    model: LSTMModel,
    vocabulary: Vocabulary,
    seq: Sequence[str] | None = None,
    max_len: int | None = None,
    temperature: float = 1.0,
    rng: np.random.Generator | None = None,
    *,
    top_k: int | None = None,
    top_p: float | None = None,
    min_len: int = 0,
    context: Context | None = None,
) -> list[str]:
    """Draw a sequence symbol by symbol, until the end symbol or max_len.

    The state is handed from step to step, so that the cost grows with the length and not
    with its square. The network first reads `model.start_len` end symbols.

    Args:
        model: a trained model.
        vocabulary: translates between symbols and ids.
        seq: the beginning; it becomes part of the result.
        max_len: the longest result, the beginning included; None is until the end is drawn.
        temperature, top_k, top_p: see `next_probabilities`.
        min_len: the shortest result, the beginning included: before, the end cannot be drawn.
        context: gives what a model with context is told of the next step, from the ids so far.
        rng: draws the symbols; None is an unseeded generator. A seed is no generator: give
            np.random.default_rng(seed).

    Returns:
        The symbols, without the end symbol. The first is never one of `not_first`.

    Raises:
        TypeError: if rng is no generator, or a length no whole number.
        ValueError: if seq holds an unknown symbol or is longer than max_len, min_len is
            longer, or temperature, top_k or top_p is out of range.
    """
    check_generator("rng", rng, or_none=True)
    rng = np.random.default_rng() if rng is None else rng
    limits = {"top_k": top_k, "top_p": top_p, "min_len": min_len, "contexts": context and [context]}
    (drawn,) = generate_many(model, vocabulary, [rng], seq, max_len, temperature, **limits)
    return drawn


def numbered_streams(seed: int, numbers: Iterable[int]) -> list[np.random.Generator]:
    """A generator for each number, so that the n-th sequence of a seed is the same however many are drawn."""
    check_count("seed", seed, 0)
    return [np.random.default_rng([seed, n]) for n in numbers]


def generate_many(
    model: LSTMModel,
    vocabulary: Vocabulary,
    rngs: Sequence[np.random.Generator],
    seq: Sequence[str] | None = None,
    max_len: int | Sequence[int] | None = None,
    temperature: float = 1.0,
    *,
    top_k: int | None = None,
    top_p: float | None = None,
    min_len: int | Sequence[int] = 0,
    contexts: Sequence[Context] | None = None,
) -> list[list[str]]:
    """As many sequences as there are generators, each drawn by its own and told by its own context; see `generate`.

    max_len and min_len may be given for each.

    The network computes them side by side, in blocks of always BLOCK columns, whether all are
    needed or not. A matrix product of another width may add in another order and end in other
    last digits; with a fixed width, a generator draws the same sequence whatever else is drawn.
    """
    if not isinstance(rngs, (list, tuple)):
        raise TypeError(f"rngs must be a list of generators, not {rngs!r:.50}")
    for n, rng in enumerate(rngs):
        check_generator(f"rngs[{n}]", rng)
    if contexts is not None and len(contexts) != len(rngs):
        raise ValueError(f"there are {len(contexts)} contexts for {len(rngs)} generators")
    beginning = list(seq or [])
    longest, shortest = _limits(max_len, min_len, len(rngs), len(beginning))
    begun = [vocabulary.encode(symbol) for symbol in beginning]
    read = [vocabulary.end] * model.start_len + begun
    ids, workspace = [begun.copy() for _ in rngs], Workspace()
    for first in range(0, len(rngs), BLOCK):
        unfinished = [n for n in range(first, min(first + BLOCK, len(rngs))) if len(ids[n]) < longest[n]]
        tokens, state = np.tile(read, (BLOCK, 1)), None
        told = contexts and _before(tokens, begun, contexts[first : first + BLOCK])
        while unfinished:
            logits, state, _ = model.forward(tokens, state, outputs="last", workspace=workspace, context=told)
            length = len(ids[unfinished[0]])  # all that go on are equally long
            forbidden = list(vocabulary.not_first) if length == 0 else []
            rows = [n - first for n in unfinished]
            logits = logits[rows]
            logits[[length < shortest[n] for n in unfinished], vocabulary.end] = -np.inf
            p = next_probabilities(logits, temperature, top_k, forbidden, top_p)
            drawn = draw(p, np.array([rngs[n].random() for n in unfinished]))
            tokens = np.full((BLOCK, 1), vocabulary.end)
            tokens[rows, 0] = drawn
            for n, index in zip(unfinished, drawn.tolist(), strict=True):
                ids[n].append(index)
            unfinished = [n for n in unfinished if ids[n][-1] != vocabulary.end and len(ids[n]) < longest[n]]
            if contexts:
                told = np.full((BLOCK, 1, told.shape[2]), -1)
                for n in unfinished:
                    told[n - first, 0] = contexts[n](ids[n])
    ended = (one[:-1] if one[-1:] == [vocabulary.end] else one for one in ids)
    return [beginning + [vocabulary.decode(index) for index in one[len(begun) :]] for one in ended]


def _limits(
    max_len: int | Sequence[int] | None, min_len: int | Sequence[int], count: int, begun: int
) -> tuple[list[int], list[int]]:
    """The longest and the shortest of each sequence, none of them shorter than what it begins with."""
    limits = {}
    for name, value in {"max_len": LONGEST if max_len is None else max_len, "min_len": min_len}.items():
        limits[name] = list(value) if isinstance(value, (list, tuple)) else [value] * max(1, count)
        if isinstance(value, (list, tuple)) and len(value) != count:
            raise ValueError(f"{name} has {len(value)} lengths for {count} sequences")
        for one in limits[name]:
            check_count(name, one, 0)
    for most, least in zip(*limits.values(), strict=False):
        if begun > most:
            raise ValueError(f"the beginning has {begun} symbols, more than the {most} of max_len")
        if least > most:
            raise ValueError(f"min_len {least} is more than the {most} of max_len")
    return limits["max_len"], limits["min_len"]


def _before(tokens: np.ndarray, begun: Sequence[int], contexts: Sequence[Context]) -> np.ndarray:
    """What the sequences of a block are told while their common beginning is read, (BLOCK, T, K)."""
    rows = [[context(begun[:t]) for t in range(len(begun) + 1)] for context in contexts]
    told = np.full((*tokens.shape, len(rows[0][0])), -1)
    told[: len(rows), -len(rows[0]) :] = rows
    return told
