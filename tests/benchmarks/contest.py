"""Contenders that take turns: each in a process of its own, all with the same number of threads.

While one runs, the others wait, so that a change of the machine's speed meets all alike. A
contender says how long each of its repetitions took; shown is the median over all rounds, and
the middle half. Nothing else should run on the machine.

Run as a program, this file is one contender: a line in, a round of repetitions, a line out.
"""

import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import quantiles

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
ROUND = 1.0  # seconds, about, that a contender runs before the next one has its turn
MOST = 20  # repetitions in a round, at most


def compare(contenders: Mapping[str, tuple], threads: int, rounds: int, warm_up: int = 3) -> dict[str, dict]:
    """Time the contenders.

    Args:
        contenders: name -> (function in `contenders.py`, its keyword arguments).
        threads: of the matrix products.
        rounds: turns of each.
        warm_up: repetitions before the first round.

    Returns:
        name -> median, 'from' and 'to' (the middle half) in milliseconds, 'peak_mb', and 'n',
        how many repetitions there were. A contender that cannot start has 'missing', the reason.

    Raises:
        RuntimeError: if one ends before its last turn.
    """
    processes, result = {}, {}
    for name, (function, arguments) in contenders.items():
        command = [sys.executable, __file__, function, json.dumps(arguments), str(warm_up)]
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=environment(threads),
        )  # fmt: skip
        if process.stdout.readline().strip() == "ready":
            processes[name] = process
        else:
            process.stdin.close()  # should it still live, it ends here
            result[name] = {"missing": (process.stderr.read().strip().splitlines() or ["it ended"])[-1]}
            process.wait()
    seconds: dict[str, list[float]] = {name: [] for name in processes}
    peak = {}
    for _ in range(rounds):
        for name, process in processes.items():
            process.stdin.write("go\n")
            process.stdin.flush()
            line = process.stdout.readline()
            if not line:
                raise RuntimeError(f"{name} ended in the middle: {process.stderr.read().strip()}")
            answer = json.loads(line)
            seconds[name] += answer["seconds"]
            peak[name] = answer["peak_mb"]
    for process in processes.values():
        process.stdin.close()
        process.wait()
    result |= {name: {**summary(values), "peak_mb": peak[name]} for name, values in seconds.items()}
    return {name: result[name] for name in contenders}


def environment(threads: int) -> dict[str, str]:
    """The environment of a process whose matrix products have so many threads."""
    sys.path.append(str(ROOT))
    from lstm_numpy.system.command_line import THREAD_VARIABLES

    return {**os.environ, **dict.fromkeys(THREAD_VARIABLES, str(threads))}


def machine() -> dict:
    """On what all this was measured."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        model = platform.processor()
    versions = {}
    for package in ("numpy", "music21", "torch"):
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            versions[package] = None
    return {
        "date": date.today().isoformat(), "processor": model, "cores": os.cpu_count(),
        "python": platform.python_version(), **versions,
    }  # fmt: skip


def summary(seconds: list[float]) -> dict:
    """Median and middle half, in milliseconds."""
    values = [1000 * value for value in seconds]
    low, middle, high = quantiles(values, n=4, method="inclusive") if len(values) > 1 else 3 * values
    return {"ms": middle, "from": low, "to": high, "n": len(values)}


def contend(function: str, arguments: dict, warm_up: int) -> None:
    """Be a contender."""
    answers, sys.stdout = sys.stdout, sys.stderr  # whatever a library prints must not stand among the answers
    sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
    import contenders

    once = getattr(contenders, function)(**arguments)
    begin = time.perf_counter()
    for _ in range(warm_up):
        begin = time.perf_counter()
        once()
    repetitions = max(1, min(MOST, int(ROUND / (time.perf_counter() - begin))))
    print("ready", file=answers, flush=True)
    for _ in sys.stdin:
        seconds = [timed(once) for _ in range(repetitions)]
        print(json.dumps({"seconds": seconds, "peak_mb": peak_megabytes()}), file=answers, flush=True)


def timed(once) -> float:
    """Seconds of one repetition; a contender that counts several in one returns how many."""
    begin = time.perf_counter()
    count = once()
    return (time.perf_counter() - begin) / (count or 1)


def peak_megabytes() -> float | None:
    """The largest resident memory of this process so far, where the system tells it."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


if __name__ == "__main__":
    contend(sys.argv[1], json.loads(sys.argv[2]), int(sys.argv[3]))
