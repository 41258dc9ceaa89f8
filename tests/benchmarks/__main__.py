"""How fast: every comparison, side by side.

    python tests/benchmarks                              all of it, half an hour
    python tests/benchmarks --only step scripts --rounds 1
    python tests/benchmarks --json all.json --figure docs/images/growth.png

What needs PyTorch is left out where it is not installed. Nothing else should run on the
machine: with two threads on two cores, a neighbour can make a step many times slower.
"""

import argparse
import json
import sys
from pathlib import Path

import commands
import growth
from contest import ROOT, compare, machine

PARTS = ("step", "tricks", "loop", "forward", "generation", "corpus", "scripts", "growth")


def steps(options) -> list[dict]:
    rows = []
    for H in options.hidden_dims:
        for outputs in ("last", "every"):
            sizes = {"H": H, "outputs": outputs}
            contenders = {
                "this project": ("numpy_step", sizes),
                "plain cell": ("numpy_step", {**sizes, "plain": True}),
                "PyTorch": ("pytorch_step", sizes),
            }
            rows += contest(f"training step, H {H}, {outputs}", contenders, options)
    return rows


def without_tricks(options) -> list[dict]:
    """The step on one thread, with one trick of the fast layer undone at a time."""
    from tricks import TRICKS

    sizes = {"H": 128, "outputs": "every"}
    contenders = {"with all": ("numpy_step", sizes), "plain cell": ("numpy_step", {**sizes, "plain": True})}
    for trick in TRICKS:
        contenders[f"without: {trick}"] = ("numpy_step_without", {**sizes, "trick": trick})
    found = compare(contenders, 1, options.rounds)
    rows = [{"what": "training step, H 128, every", "threads": 1, "contender": name, **found[name]} for name in found]
    for row in rows:
        if "ms" in row:
            row["ratio"] = row["ms"] / found["with all"]["ms"]  # here to all tricks, not to PyTorch
        show(row)
    return rows


def loops(options) -> list[dict]:
    contenders = {
        "this project": ("numpy_loop", {"H": 128}),
        "PyTorch, DataLoader": ("pytorch_loop", {"H": 128, "loader": True}),
        "PyTorch, bare": ("pytorch_loop", {"H": 128, "loader": False}),
    }
    return contest("article's loop, per batch", contenders, options)


def forwards(options) -> list[dict]:
    rows = []
    for H in options.hidden_dims:
        contenders = {"this project": ("numpy_forward", {"H": H}), "PyTorch": ("pytorch_forward", {"H": H})}
        rows += contest(f"forward pass, H {H}", contenders, options)
    return rows


def generation(options) -> list[dict]:
    contenders = {
        "this project, 100 at once": ("numpy_melodies", {"H": 128, "melodies": 100, "length": 120}),
        "this project, 1": ("numpy_melodies", {"H": 128, "melodies": 1, "length": 120}),
        "PyTorch, article's loop": ("pytorch_melody", {"H": 128, "length": 120}),
    }
    return contest("a melody of 120 tokens", contenders, options)


def contest(what: str, contenders: dict, options) -> list[dict]:
    """Time contenders at each number of threads; print and return a row for each."""
    rows = []
    for threads in options.threads:
        found = compare(contenders, threads, options.rounds)
        peer = next((row["ms"] for name, row in found.items() if name.startswith("PyTorch") and "ms" in row), None)
        for name, row in found.items():
            row = {"what": what, "threads": threads, "contender": name, **row}
            if peer is not None and "ms" in row:
                row["ratio"] = row["ms"] / peer
            rows.append(row)
            show(row)
    return rows


def reading(options) -> list[dict]:
    """Reading a corpus; afterwards, what a thousand of its tokens cost."""
    rows = whole_commands("reading a corpus", commands.corpus(options.rounds))
    for row in rows:
        print(f"{'':<32} {row['contender']:<50} {1000 * row['ms'] / row['tokens']:.1f} ms for 1000 tokens", flush=True)
    return rows


def whole_commands(what: str, found: dict[str, dict]) -> list[dict]:
    rows = [{"what": what, "contender": name, **row} for name, row in found.items()]
    for row in rows:
        show(row)
    return rows


def show(row: dict) -> None:
    if "missing" in row:
        print(f"{row['what']:<32} {row['contender']:<50} left out: {row['missing']}", flush=True)
        return
    peak = f"{row['peak_mb']:.0f} MB" if row.get("peak_mb") else ""
    ratio = f"{row['ratio']:.3g}" if "ratio" in row else ""
    print(
        f"{row['what']:<32} {row['contender']:<50} {row.get('threads', ''):>2} {row['ms']:9.2f} ms "
        f"{row['from']:9.2f}-{row['to']:<9.2f} {peak:>8} {ratio:>6}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python tests/benchmarks", description="Compare speeds.")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="(default: all)")
    parser.add_argument("--rounds", type=int, default=3, help="turns of each contender (default: 3)")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2], help="(default: 1 2)")
    parser.add_argument("--hidden-dims", type=int, nargs="+", default=[128, 256], help="(default: 128 256)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures to a file")
    parser.add_argument("--figure", type=Path, metavar="FILE.png", help="draw how the time grows with the sizes")
    options = parser.parse_args()

    sys.path += [str(ROOT), str(ROOT / "tests")]
    from lstm_numpy.system.whole_files import write_whole

    result = {"machine": machine(), "rows": []}
    print(", ".join(f"{name} {value}" for name, value in result["machine"].items()))
    print("median, middle half, peak memory; ratio to the first PyTorch row (of the tricks: to all of them)\n")
    parts = {
        "step": lambda: steps(options),
        "tricks": lambda: without_tricks(options),
        "loop": lambda: loops(options),
        "forward": lambda: forwards(options),
        "generation": lambda: generation(options),
        "corpus": lambda: reading(options),
        "scripts": lambda: whole_commands("start of a script", commands.scripts(options.rounds)),
    }
    for name in options.only:
        if name == "growth":
            result["growth"] = growth.measure(options.rounds)
            if options.figure:
                write_whole(options.figure, growth.figure(result["growth"]))
        else:
            result["rows"] += parts[name]()
    if options.json:
        write_whole(options.json, json.dumps(result, indent=1).encode())


if __name__ == "__main__":
    main()
