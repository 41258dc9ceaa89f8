"""Which mutants of a module do its unit tests notice?

The tests of `lstm_numpy/training/loop.py` are those of the folder `tests/lstm_numpy/training`, its own
`test_loop.py` first, then the others, those that name it most often first, each in a run of its own; the first
that fails is enough. Nothing is changed in the project: each process has a copy of it.
"""

import hashlib
import json
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from making import Mutant, mutants

ROOT = Path(__file__).resolve().parents[2]
LATE = "late"  # a loop without end, or a machine with other work: the next run tries it again
LEFT_OUT = shutil.ignore_patterns(".*", "__pycache__", "runs", "melodies", "*.jsonl")


def tests_of(module: str) -> list[str]:
    """The test files that belong to a module, in the order in which they run."""
    stem = Path(module).stem
    found = [path.relative_to(ROOT) for path in (ROOT / "tests" / Path(module).parent).glob("test_*.py")]
    if not found:
        raise SystemExit(f"{module}: there are no tests in {ROOT / 'tests' / Path(module).parent}")
    named = {path: (ROOT / path).read_text(encoding="utf-8").count(stem) for path in found}
    return [str(path) for path in sorted(found, key=lambda path: (path.stem != f"test_{stem}", -named[path], path))]


def run(modules: list[str], results: Path, processes: int) -> None:
    """Test all mutants of these modules that `results` does not have yet, and add a line for each."""
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        copies: queue.Queue[Path] = queue.Queue()
        for k in range(processes):
            shutil.copytree(ROOT, Path(folder) / str(k), ignore=LEFT_OUT)
            copies.put(Path(folder) / str(k))
        for module in modules:
            _run_module(module, results, copies)


def read(results: Path) -> dict[tuple[str, str], dict]:
    """The last outcome of each mutant, by its module and the digest of its text."""
    lines = results.read_text(encoding="utf-8").splitlines() if results.exists() else []
    return {(row["module"], row["text"]): row for row in map(json.loads, lines)}


def digest(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]


def _run_module(module: str, results: Path, copies: queue.Queue) -> None:
    text, tests = (ROOT / module).read_text(encoding="utf-8"), tests_of(module)
    of_tests = digest(*((ROOT / path).read_text(encoding="utf-8") for path in tests))
    start, copy = time.monotonic(), copies.get()
    if _outcome(copy, tests, 3600) != "survived":
        raise SystemExit(f"{module}: its tests fail without any mutant: {' '.join(tests)}")
    copies.put(copy)
    limit = 10 + 3 * (time.monotonic() - start)
    known = read(results)

    def is_open(mutant: Mutant) -> bool:
        row = known.get((module, digest(mutant.text)))
        return row is None or row["outcome"] == LATE or (row["outcome"] == "survived" and row["tests"] != of_tests)

    def try_out(mutant: Mutant) -> tuple[Mutant, str]:
        copy = copies.get()
        try:
            (copy / module).write_text(mutant.text, encoding="utf-8")
            for path in tests:
                outcome = _outcome(copy, [path], limit)
                if outcome != "survived":
                    break
            return mutant, outcome
        finally:
            (copy / module).write_text(text, encoding="utf-8")
            copies.put(copy)

    waiting = [mutant for mutant in mutants(text) if is_open(mutant)]
    print(f"{module}: {len(waiting)} mutants to try, {limit:.0f} s at most for each", flush=True)
    with ThreadPoolExecutor(copies.qsize()) as pool, results.open("a", encoding="utf-8") as file:
        for mutant, outcome in pool.map(try_out, waiting):
            row = {"module": module, "line": mutant.line, "mutated": mutant.mutated, "outcome": outcome}
            file.write(json.dumps(row | {"text": digest(mutant.text), "tests": of_tests}, ensure_ascii=False) + "\n")
            file.flush()


def _outcome(copy: Path, tests: list[str], limit: float) -> str:
    """'survived' if the tests pass in this copy, 'killed' if not, LATE if they take too long, in seconds."""
    command = [sys.executable, "-B", "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
    process = subprocess.Popen(
        command, cwd=copy, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        return "killed" if process.wait(limit) else "survived"
    except subprocess.TimeoutExpired:
        return LATE
    finally:
        if process.poll() is None:
            os.killpg(process.pid, 9)
            process.wait()
