"""What a kind of fault came to: how often it was tried, and what happened."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass
class Row:
    """One line of the table.

    Attributes:
        kind: of fault.
        outcomes: how often each came about.
        wrong: a line for each outcome that must not be.
    """

    kind: str
    outcomes: Counter = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def add(self, outcome: str, problem: str | None = None) -> None:
        """Count one trial; a problem makes it a wrong one, whatever the outcome would have been."""
        self.outcomes["WRONG" if problem else outcome] += 1
        if problem:
            self.wrong.append(f"{self.kind}: {problem}")

    @property
    def tried(self) -> int:
        return self.outcomes.total()

    def __str__(self) -> str:
        outcomes = "; ".join(f"{count:,} {outcome}" for outcome, count in self.outcomes.most_common())
        return f"| {self.kind} | {self.tried:,} | {outcomes} |"


def table(rows: Iterable[Row]) -> str:
    """The rows in Markdown."""
    return "\n".join(["| kind of fault | tried | outcome |", "|---|---:|---|", *map(str, rows)])


def spread(count: int, length: int) -> list[int]:
    """`count` numbers from 0 to length - 1, or all of them if they are fewer, evenly spread."""
    count = min(count, length)
    return [n * length // count for n in range(count)]
