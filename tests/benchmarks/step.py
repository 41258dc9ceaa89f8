"""How long a training step takes: this project, its plain cell, and PyTorch where installed.

    python tests/benchmarks/step.py                     the table in the README
    python tests/benchmarks/step.py --rounds 3 --json step.json

A step is forward, loss, backward and Adam on a batch of V 38, T 64, B 64 in float32 with
dropout. Each contender runs in a process of its own with the same number of threads; they take
turns, a few steps each, while the others wait, so that a change of the machine's speed meets
all alike. Shown is the median over all steps, and the middle half of them.

Nothing else should run on the machine. With two threads on two cores a neighbour can make a
step many times slower, for every contender.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
V, T, B = 38, 64, 64
WARM_UP, STEPS = 5, 20  # steps before the first round, and in each round
CONTENDERS = ("numpy", "plain", "pytorch")


# -- a contender: prepares its step, then runs some whenever it is told to -------------------------


def numpy_step(hidden_dim: int, outputs: str, plain: bool = False):
    import numpy as np

    from lstm_numpy import Adam, LSTMModel, Workspace
    from lstm_numpy.training import Settings, train_step

    rng = np.random.default_rng(0)
    model = LSTMModel(V, V, hidden_dim, 1, 0.2, rng, plain=plain)
    optimizer, workspace = Adam(model.params), Workspace()
    settings = Settings(outputs, 1, learning_rate=0.001, schedule="constant", warm_up=0, clip=0, eval_interval=100)
    tokens, targets = rng.integers(V, size=(B, T)), rng.integers(V, size=(B, T) if outputs == "every" else B)
    return lambda: train_step(model, optimizer, tokens, targets, settings, rng, workspace)


def pytorch_step(hidden_dim: int, outputs: str):
    import torch

    sys.path.insert(0, str(ROOT / "tests"))
    from torch_model import TorchModel

    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    network = TorchModel(V, V, hidden_dim, 1, 0.2)
    optimizer, criterion = torch.optim.Adam(network.parameters()), torch.nn.CrossEntropyLoss()
    tokens = torch.randint(V, (B, T))
    targets = torch.randint(V, (B * T if outputs == "every" else B,))

    def step() -> float:
        optimizer.zero_grad()
        loss = criterion(network(tokens, outputs=outputs)[0].reshape(-1, V), targets)
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


def contend(name: str, hidden_dim: int, outputs: str) -> None:
    """The process of one contender: a line in, a round of steps, a line of seconds out."""
    sys.path.insert(0, str(ROOT))
    makers = {"numpy": numpy_step, "pytorch": pytorch_step, "plain": lambda *a: numpy_step(*a, plain=True)}
    step = makers[name](hidden_dim, outputs)
    for _ in range(WARM_UP):
        step()
    print("ready", flush=True)
    for _ in sys.stdin:
        seconds = []
        for _ in range(STEPS):
            begin = time.perf_counter()
            step()
            seconds.append(time.perf_counter() - begin)
        print(json.dumps({"seconds": seconds, "peak_mb": peak_megabytes()}), flush=True)


def peak_megabytes() -> float | None:
    """The largest resident memory of this process so far, where the system tells it."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


# -- the comparison --------------------------------------------------------------------------------


def compare(hidden_dim: int, outputs: str, threads: int, rounds: int, names: list[str]) -> dict[str, dict]:
    """Median, quartiles (milliseconds) and peak memory of each contender that can start."""
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": str(threads), "OMP_NUM_THREADS": str(threads)}
    processes = {}
    for name in names:
        command = [sys.executable, __file__, "--contender", name, "--hidden-dim", str(hidden_dim), "--outputs", outputs]
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=environment,
        )
        if process.stdout.readline().strip() == "ready":
            processes[name] = process
    seconds: dict[str, list[float]] = {name: [] for name in processes}
    peak = {}
    for _ in range(rounds):
        for name, process in processes.items():
            process.stdin.write("go\n")
            process.stdin.flush()
            answer = json.loads(process.stdout.readline())
            seconds[name] += answer["seconds"]
            peak[name] = answer["peak_mb"]
    for process in processes.values():
        process.stdin.close()
        process.wait()
    result = {}
    for name, values in seconds.items():
        ordered = sorted(1000 * value for value in values)
        quartiles = [ordered[len(ordered) * k // 4] for k in (1, 2, 3)]
        result[name] = {"ms": quartiles[1], "from": quartiles[0], "to": quartiles[2], "peak_mb": peak[name]}
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description="Compare the time of a training step.")
    parser.add_argument("--rounds", type=int, default=5, help=f"of {STEPS} steps for each contender (default: 5)")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2], help="(default: 1 2)")
    parser.add_argument("--hidden-dims", type=int, nargs="+", default=[128, 256], help="(default: 128 256)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to a file")
    parser.add_argument("--contender", choices=CONTENDERS, help=argparse.SUPPRESS)
    parser.add_argument("--hidden-dim", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--outputs", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.contender:
        contend(options.contender, options.hidden_dim, options.outputs)
        return

    rows = []
    print("   H outputs  threads contender       ms     middle half  peak MB  ratio")
    for hidden_dim in options.hidden_dims:
        for outputs in ("last", "every"):
            for threads in options.threads:
                found = compare(hidden_dim, outputs, threads, options.rounds, list(CONTENDERS))
                for name, row in found.items():
                    ratio = row["ms"] / found["pytorch"]["ms"] if "pytorch" in found else float("nan")
                    rows.append({"H": hidden_dim, "outputs": outputs, "threads": threads, "contender": name, **row})
                    print(
                        f"{hidden_dim:>4} {outputs:<8} {threads:>7} {name:<10} {row['ms']:7.1f} "
                        f"{row['from']:7.1f}-{row['to']:<7.1f} {row['peak_mb'] or 0:8.0f} {ratio:6.2f}",
                        flush=True,
                    )
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
