"""A portrait of a network: which of its units follow what, and what they do along a sequence.

The units are compared with landmarks: labels for each step of some sequences, set by someone who knows what the symbols
stand for. It is the last layer that is looked at (see `units`).
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np

from lstm_numpy.inspection.explained import Notation, explained
from lstm_numpy.inspection.gates import OPEN, SHUT, looks_back, read, saturation
from lstm_numpy.inspection.units import correlation, correlation_ratio, cost_of_silence, read_sequences
from lstm_numpy.inspection.units_picture import draw_units
from lstm_numpy.model import LSTMModel

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OFTEN = 20  # times that a symbol comes, below which no mean is told of it


class Landmark(Protocol):
    """What the units are compared with; a named tuple with these fields will do."""

    name: str
    measure: str  # how closely a unit follows it, in words
    short: str  # name and measure where there is little room
    # Of each sequence, (length,), or None: truth values, compared by the correlation, or numbers of groups, compared by
    # the correlation ratio.
    labels: Sequence[np.ndarray | None]
    where: str  # the sequences that have labels, in words
    coarser: Sequence[np.ndarray | None] | None  # larger groups, whose means are taken away first


class Portrait:
    """A model and what its units follow, found once for all pictures.

    The units are judged on `sequences`, integers (length,) each, with landmarks that have labels for at least one of
    them, and `contexts`, (length + 1, K) each, for a model that is told. Described and shown are the `chosen` units;
    None shows the best for each landmark.
    """

    def __init__(
        self, model: LSTMModel, notation: Notation, sequences: Sequence[np.ndarray], landmarks: Sequence[Landmark],
        chosen: Sequence[int] | None = None, contexts: Sequence[np.ndarray] | None = None,
    ):  # fmt: skip
        self.model, self.notation, self.landmarks = model, notation, landmarks
        self.symbols = np.concatenate(sequences)
        seen = read_sequences(model, sequences, notation.end, contexts)
        self.values = np.tanh(seen.c[:, :, 0])  # (N, H)
        self.gates = {"input gate i": seen.i, "forget gate f": seen.f, "output gate o": seen.o}  # (N, H, 1) each
        self.shares = {name: saturation(gate) for name, gate in self.gates.items()}  # shut and open, (H,) each
        by_sequence = np.split(self.values, np.cumsum([len(sequence) for sequence in sequences])[:-1])
        # Of each landmark: how closely each unit follows it, (H,), and the unit that follows it most closely.
        self.figures = {landmark.name: _followed(by_sequence, landmark) for landmark in landmarks}
        self.best = {name: int(abs(figure).argmax()) for name, figure in self.figures.items()}
        self.costs = (
            cost_of_silence(model, chosen, sequences, notation.end, contexts) if chosen else {}
        )  # of chosen units alone
        self.shown = list(dict.fromkeys(self.best.values() if chosen is None else chosen))  # in the pictures

    @classmethod
    def maker(cls, model: LSTMModel, chosen: Sequence[int] | None) -> Callable[..., "Portrait"]:
        """A function from the fields of `Notation`, sequences, landmarks and contexts to a portrait of the model.

        ValueError if a unit is chosen that the model does not have.
        """
        for unit in chosen or []:
            if unit >= model.hidden_dim:
                raise ValueError(f"{unit}: there is no such unit; give any of 0 to {model.hidden_dim - 1}")
        return lambda words, sequences, landmarks, contexts: cls(
            model, Notation(**words), sequences, landmarks, chosen, contexts
        )

    def report(self) -> str:
        """A line on the best unit for each landmark, and some on each chosen unit."""
        best = ("{} ({})".format(*self._best_in_words(landmark)) for landmark in self.landmarks)
        return "\n".join([*best, *map(self.describe, self.costs)])

    def describe(self, unit: int) -> str:
        """What a chosen unit follows, its gates, its values after each kind of symbol, and what it is worth."""
        figures = (f"{mark.name}, {mark.measure} {self._number(mark, unit)}" for mark in self.landmarks)
        shares = (f"{name} {low[unit]:.0%} and {high[unit]:.0%}" for name, (low, high) in self.shares.items())
        values = self.values[:, unit]
        means = {"tanh c after": self._by_kind(values, "+.2f"), "|tanh c| after": self._by_kind(abs(values), ".2f")}
        for name in ("input gate i", "forget gate f"):
            means[f"{name} at"] = self._by_kind(self.gates[name][:, unit, 0], ".2f")
        lines = [
            f"unit {unit}: {'; '.join(figures)}",
            f"share of the time shut (below {SHUT:g}) and open (above {OPEN:g}): {', '.join(shares)}",
            *(f"mean of {what} {of_each}" for what, of_each in means.items()),
            f"mean of tanh c after {self._by_symbol(values)}",
            f"silenced, it costs {self.costs[unit]:+.4f} nats per step",
        ]
        return "\n  ".join(lines)

    def _best_in_words(self, landmark: Landmark) -> tuple[str, str]:
        """The unit that follows a landmark most closely, and how closely."""
        unit = self.best[landmark.name]
        closely = f"{landmark.measure} {self._number(landmark, unit)} {landmark.where}"
        return f"unit {unit} follows {landmark.name}", closely

    def _number(self, landmark: Landmark, unit: int) -> str:
        return f"{self.figures[landmark.name][unit]:{'+.2f' if _is_signed(landmark) else '.2f'}}"

    def _by_kind(self, values: np.ndarray, form: str) -> str:
        """The mean of a unit's values, (N,), when a symbol of each kind has been read."""
        kinds = {kind: np.isin(self.symbols, symbols) for kind, symbols in self.notation.kinds.items()}
        return ", ".join(f"{kind} {values[at].mean():{form}}" for kind, at in kinds.items() if at.any())

    def _by_symbol(self, values: np.ndarray) -> str:
        """The same for each symbol of a kind that comes often, and how far the symbol decides the value."""
        name, apart = self.notation.each
        among = np.isin(self.symbols, apart)
        ratio = correlation_ratio(values[among, None], self.symbols[among])[0]
        each = {s: self.symbols == s for s in self.notation.order if s in apart}
        often = [f"{self.notation.labels[s]} {values[at].mean():+.2f}" for s, at in each.items() if at.sum() >= OFTEN]
        return f"{name} (correlation ratio {ratio:.2f}): {', '.join(often)}"

    def explain(
        self, symbols: np.ndarray, context: np.ndarray | None, given: int, title: str,
        draw_top: Callable[["Axes"], None], lines: Sequence[int] = (),
    ) -> bytes:  # fmt: skip
        """A PNG of a sequence, what was expected at each step, and what the shown units did.

        The step whose prediction is traced back is the most surprising one after the first `notation.settled` steps, or
        the last step of a shorter sequence. For `given`, `draw_top` and `lines`, see `explained`.
        """
        notation = self.notation
        reading = read(self.model, symbols, notation.end, context)
        first = min(notation.settled, len(symbols) - 1)
        step = first + int(reading.surprisal[first:].argmax())
        back = looks_back(self.model, symbols, notation.end, step, context)
        units = {unit: self._in_short(unit) for unit in self.shown}
        return explained(symbols, reading, notation, units, step, back, given, title, draw_top, lines)

    def _in_short(self, unit: int) -> str:
        return "; ".join(f"{landmark.short} {self._number(landmark, unit)}" for landmark in self.landmarks)

    def units(
        self, symbols: np.ndarray, context: np.ndarray | None, texts: Sequence[str], first_line: int, period: int,
        title: str,
    ) -> bytes:  # fmt: skip
        """A PNG of the chosen units along a sequence, (T,), or the best one for each landmark; and all units' gates.

        `texts` are written for the symbols, and broken as `draw_units` says.
        """
        last = read(self.model, symbols, self.notation.end, context).layers[-1]
        titles = [(unit, f"unit {unit}: {self._in_short(unit)}") for unit in self.costs]
        if not titles:
            titles = [(self.best[mark.name], ": ".join(self._best_in_words(mark))) for mark in self.landmarks]
        strips = [(text, np.tanh(last.c[:, unit, 0])) for unit, text in titles]
        return draw_units(strips, texts, first_line, period, self.shares, self.shown, title)


def _followed(by_sequence: Sequence[np.ndarray], landmark: Landmark) -> np.ndarray:
    """How closely each unit follows a landmark, (H,), over the sequences that have labels."""
    labelled = [n for n, labels in enumerate(landmark.labels) if labels is not None]
    values, labels = (np.concatenate([arrays[n] for n in labelled]) for arrays in (by_sequence, landmark.labels))
    if _is_signed(landmark):
        return correlation(values, labels)
    larger = None if landmark.coarser is None else np.concatenate([landmark.coarser[n] for n in labelled])
    return correlation_ratio(values, labels, larger)


def _is_signed(landmark: Landmark) -> bool:
    """Whether its measure has a sign: a correlation has, a correlation ratio has not."""
    return next(labels for labels in landmark.labels if labels is not None).dtype == bool
