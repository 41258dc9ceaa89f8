"""What each piece of context buys: the default recipe, which is told more and more, on the same songs.

    python tests/benchmarks/context.py                    seed 0: five trainings, about half an hour
    python tests/benchmarks/context.py --seeds 0 1 2      the mean of three
    python tests/benchmarks/context.py --limit-songs 60 --epochs 1      whether it runs

Each result is kept in the --json file as soon as it is there; what is there already is not trained again.
"""

import argparse
import json
import sys
from pathlib import Path

from contest import ROOT, machine

BACK = {"back1", "back2", "back4"}
ROWS = {  # its name -> whether it is told this piece
    "the tokens alone": lambda piece: False,
    "and the place in the bar": lambda piece: piece == "place",
    "and what stood there one, two and four bars before": lambda piece: piece in {"place", *BACK},
    "and what followed the last time": lambda piece: piece in {"place", *BACK, "again"},
    "all: also upbeat, meter, mode, and how far the song has gone": lambda piece: True,
}
WHICH = ("context", "seed", "limit_songs", "epochs")  # by these a result is known again


def one(context: list[str], seed: int, limit_songs: int | None, epochs: int | None) -> dict:
    """Train once; nats per step on whole songs, in the epoch that is best in validation."""
    import recipes

    import train

    changes = {"context": context, "limit_songs": limit_songs} | ({"epochs": epochs} if epochs else {})
    training, batches, held_out = recipes.prepare("default", seed, **changes)
    for report in training.run(batches, lambda model: train.judge(model, held_out, train.VALIDATION)):
        if report.is_best:
            best = training.model.state_dict()
    training.model.load_state_dict(best)
    test = train.judge(training.model, held_out, train.TEST).loss
    which = dict(zip(WHICH, (context, seed, limit_songs, epochs), strict=True))
    return {**which, "validation": training.best_loss, "test": test, "seconds": training.seconds, "machine": machine()}


def table(found: dict[str, list[dict]]) -> str:
    """Means over the seeds, and beside them the test loss of each seed, as Markdown."""
    lines = ["| the network is told | validation | test |", "|---|---|---|"]
    for name, results in found.items():
        validation, test = (sum(one[part] for one in results) / len(results) for part in ("validation", "test"))
        each = f" ({', '.join(format(one['test'], '.3f') for one in results)})" if len(results) > 1 else ""
        lines.append(f"| {name} | {validation:.3f} | {test:.3f}{each} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description="What each piece of context buys.")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0], help="(default: 0)")
    parser.add_argument("--limit-songs", type=int, help="as train.py has it")
    parser.add_argument("--epochs", type=int, help="instead of the recipe's")
    parser.add_argument("--threads", type=int, default=1, help="of the matrix products (default: 1)")
    parser.add_argument("--json", type=Path, default=Path("context.json"), help="(default: context.json)")
    options = parser.parse_args()
    sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
    from lstm_numpy.system import use_threads
    from lstm_numpy.system.whole_files import write_whole

    use_threads(options.threads)
    import train

    try:
        results = json.loads(options.json.read_text()) if options.json.exists() else []
        known = {tuple(map(str, (one[name] for name in WHICH))): one for one in results}
    except (OSError, ValueError, KeyError, TypeError) as error:
        parser.error(f"--json {options.json}: no results of this program ({error!r})")
    found: dict[str, list[dict]] = {}
    for seed in options.seeds:
        for name, is_told in ROWS.items():
            which = [*filter(is_told, train.CONTEXT)], seed, options.limit_songs, options.epochs
            result = known.get(tuple(map(str, which)))
            if result is None:
                result = one(*which)
                results.append(result)
                write_whole(options.json, json.dumps(results, indent=1).encode())
            found.setdefault(name, []).append(result)
            print(f"seed {seed}, {name}: validation {result['validation']:.3f}, test {result['test']:.3f}, "
                  f"{result['seconds']:.0f} s", flush=True)  # fmt: skip
    print(f"\n{table(found)}")


if __name__ == "__main__":
    main()
