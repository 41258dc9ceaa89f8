"""What is lost, and what is accepted that should not be: faults of every kind, counted.

    python tests/faults                            all of it, some minutes; prints the table of docs/faults.md
    python tests/faults --only kills --kills 100
    python tests/faults --json faults.json

Small trainings are killed, disks are full, files are damaged, options are nonsense. The damage is
drawn from a seed; when exactly a kill strikes, is not. The exit status is 1 if anything went wrong.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy is imported
HERE = Path(__file__).resolve().parent
sys.path[1:1] = [str(HERE.parent.parent), str(HERE.parent)]

import caches  # noqa: E402
import checkpoints  # noqa: E402
import disk  # noqa: E402
import divergence  # noqa: E402
import kills  # noqa: E402
import options  # noqa: E402
import resuming  # noqa: E402
import scores  # noqa: E402
from outcomes import Row, table  # noqa: E402

EVERY = 10**6  # more than there are


def plan(given) -> dict[str, list[Callable[[Path], Row | list[Row]]]]:
    """The kinds of fault by the names of --only, each as a function of an empty folder."""
    return {
        "kills": [
            lambda folder: kills.same_seed(folder, 2),
            lambda folder: kills.at_any_moment(folder, given.kills, given.seed),
            lambda folder: kills.while_writing(folder, given.kills, given.seed),
            lambda folder: kills.between_best_and_last(folder, EVERY),
            lambda folder: kills.asked_to_end(folder, max(1, given.kills // 3), given.seed),
        ],
        "resuming": [
            resuming.refusals,
            resuming.changes,
            lambda folder: resuming.without_best(folder, EVERY),
        ],
        "disk": [
            lambda folder: disk.at_every_write(folder, EVERY),
            lambda folder: disk.files_that_cannot_grow(folder, 10),
            lambda folder: disk.output_that_is_full(folder, EVERY),
            disk.folders_in_the_way,
            lambda folder: disk.broken_pipes(folder, EVERY),
        ],
        "divergence": [lambda folder: divergence.not_finite(folder, EVERY)],
        "checkpoints": [lambda folder: checkpoints.damages(folder, given.bytes, given.seed), checkpoints.forged],
        "scores": [
            lambda folder: scores.damages(folder, given.scores, given.seed),
            scores.hopeless,
            scores.archives,
            scores.failing_music21,
        ],
        "options": [options.below_a_file, options.nonsense, options.sizes_beyond_memory],
        "caches": [
            lambda folder: caches.damages(folder, given.bytes // 20, given.seed),
            lambda folder: caches.at_once(folder, 3),
        ],
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="python tests/faults", description="Try faults of every kind.")
    parser.add_argument("--only", nargs="+", choices=list(plan(None)), metavar="KIND",
        help=f"some of {', '.join(plan(None))} (default: all)")  # fmt: skip
    parser.add_argument("--kills", type=int, default=40, help="trainings to kill in each way (default: 40)")
    parser.add_argument("--bytes", type=int, default=10_000, help="damaged checkpoints (default: 10000)")
    parser.add_argument("--scores", type=int, default=600, help="damaged scores (default: 600)")
    parser.add_argument("--seed", type=int, default=0, help="of the damage (default: 0)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the table as JSON, too")
    given = parser.parse_args()

    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as home:
        os.environ["XDG_CACHE_HOME"] = f"{home}/cache"  # the user's own is left alone
        for kind, functions in plan(given).items():
            if given.only and kind not in given.only:
                continue
            for n, function in enumerate(functions):
                folder, begin = Path(home) / f"{kind} {n}", time.perf_counter()
                folder.mkdir()
                found = function(folder)
                rows += found if isinstance(found, list) else [found]
                print(f"{kind} {n + 1} of {len(functions)}: {time.perf_counter() - begin:.0f} s", file=sys.stderr)
    print(table(rows))
    wrong = [line for row in rows for line in row.wrong]
    print(f"\n{sum(row.tried for row in rows):,} faults, {len(wrong)} with an outcome that must not be")
    for line in wrong:
        print(f"WRONG: {line}")
    if given.json:
        content = [{"kind": row.kind, "tried": row.tried, "outcomes": row.outcomes, "wrong": row.wrong} for row in rows]
        given.json.write_text(json.dumps(content, indent=1))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
