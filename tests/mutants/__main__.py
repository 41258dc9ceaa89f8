"""Do the tests, and the judge of the exercises, notice every small change of the code?

    python tests/mutants lstm_numpy/dropout.py       the mutants of a module and its unit tests
    python tests/mutants                             of all modules below, hours; it may be broken off and goes on
    python tests/mutants --sample 50 --seconds 5     fifty of each, with five seconds of tests for each
    python tests/mutants --table                     what has come out so far
    python tests/mutants --judge                     the mutants of the seven solutions and the judge, two minutes

It needs cosmic-ray, which makes the mutants and is no dependency. docs/mutants.md has the last result. The exit
status is 1 if a mutant is not noticed and does not stand in equivalent.toml, the list of those that change nothing.
"""

import argparse
import os
import re
import sys
import tempfile
import tomllib
from collections import Counter
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy is imported
HERE = Path(__file__).resolve().parent
sys.path[1:1] = [str(HERE.parent.parent), str(HERE)]

from making import Mutant, mutants  # noqa: E402
from running import LATE, ROOT, digest, read, run  # noqa: E402

PARTS = (
    "lstm_numpy/*.py", "lstm_numpy/system/*.py", "lstm_numpy/training/*.py", "lstm_numpy/gradcheck/*.py",
    "encoding/*.py",
)  # fmt: skip
FIRST = ("cell", "lstm", "plain", "model", "loss", "adam", "embedding", "linear", "dropout", "sampling")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python tests/mutants", description="Mutation testing.")
    parser.add_argument("modules", nargs="*", help="such as lstm_numpy/dropout.py (default: all)")
    parser.add_argument("--sample", type=int, metavar="N", help="only N mutants of a module, drawn from a seed")
    parser.add_argument(
        "--seconds", type=float, default=60, help="of tests for a mutant, the quick first (default: %(default)s)"
    )
    parser.add_argument(
        "--results", type=Path, default=ROOT / "mutants.jsonl", help="a line for each (default: %(default)s)"
    )
    shown = parser.add_mutually_exclusive_group()
    shown.add_argument("--table", action="store_true", help="only show the results so far")
    shown.add_argument("--judge", action="store_true", help="the judge of the exercises instead of the tests")
    options = parser.parse_args()
    if options.judge:
        return judge_table()
    modules = options.modules or everything()
    for module in modules:
        if not (ROOT / module).is_file():
            parser.error(f"there is no {module}; give paths from the project's folder, such as lstm_numpy/dropout.py")
    if not options.table:
        known = equivalents()

        def same(module: str, mutant: Mutant) -> bool:
            return is_same(known, module, mutant.line, mutant.mutated)

        run(modules, options.results, {"sample": options.sample, "seconds": options.seconds}, same)
    return test_table(modules, options.results)


def everything() -> list[str]:
    """All modules of the parts but what only gathers names, those that everything rests on first."""
    found = [path for part in PARTS for path in sorted(ROOT.glob(part)) if path.name != "__init__.py"]
    found.sort(key=lambda path: FIRST.index(path.stem) if path.stem in FIRST else len(FIRST))
    return [path.relative_to(ROOT).as_posix() for path in found]


def equivalents() -> list[tuple[str, ...]]:
    """(where, line, mutated) of the mutants that are the same function; … stands for anything."""
    entries = tomllib.loads((HERE / "equivalent.toml").read_text(encoding="utf-8"))["equivalent"]
    return [
        tuple(re.escape(text).replace("…", ".*") for text in (where, entry["line"], mutated))
        for entry in entries
        for where in entry["where"]
        for mutated in entry["mutated"]
    ]


def is_same(known: list[tuple[str, ...]], *mutant: str) -> bool:
    return any(all(map(re.fullmatch, patterns, mutant)) for patterns in known)


def judge_table() -> int:
    """Print how many mutants the judge refuses, and each that it accepts without being equivalent."""
    from judging import judged  # it imports the project, which a run must not

    same, counts, wrong = equivalents(), Counter(), []
    with tempfile.TemporaryDirectory() as folder:
        for where, mutant, accepted in judged(Path(folder)):
            kind = (
                "refused"
                if not accepted
                else "same"
                if is_same(same, where, mutant.line, mutant.mutated)
                else "accepted"
            )
            counts[where, kind] += 1
            if kind == "accepted":
                wrong.append((where, mutant.line, mutant.mutated))
    return _show("exercise", ("refused", "same", "accepted"), counts, wrong)


def test_table(modules: list[str], results: Path) -> int:
    """Print how many mutants the tests kill, and each survivor that is not equivalent."""
    same, known, counts, wrong = equivalents(), read(results), Counter(), []
    for module in modules:
        for mutant in mutants((ROOT / module).read_text(encoding="utf-8")):
            row = known.get((module, digest(mutant.meaning)))
            kind = row["outcome"] if row else "untried"
            if kind == "survived" and is_same(same, module, mutant.line, mutant.mutated):
                kind = "same"
            counts[module, kind] += 1
            if kind == "survived":
                wrong.append((module, mutant.line, mutant.mutated))
    return _show("module", ("killed", "same", "survived", LATE, "untried"), counts, wrong)


def _show(what: str, kinds: tuple[str, ...], counts: Counter, wrong: list[tuple[str, str, str]]) -> int:
    for where, line, mutated in wrong:
        print(f"{where}\n    {line}\n    {mutated}")
    names = list(dict.fromkeys(where for where, _ in counts))
    rows = [(name, *(counts[name, kind] for kind in kinds)) for name in names]
    rows.append(("all", *(sum(row[k] for row in rows) for k in range(1, len(kinds) + 1))))
    print(f"\n| {what} | mutants | {' | '.join(kinds)} |\n|---|" + "---:|" * (len(kinds) + 1))
    for name, *numbers in rows:
        print(f"| {name} | {sum(numbers):,} | {' | '.join(f'{number:,}' for number in numbers)} |")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
