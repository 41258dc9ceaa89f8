"""Loss against seconds: the default recipe, and the article's in PyTorch, on the same songs.

    python tests/benchmarks/recipes.py                       three seeds of each, about an hour
    python tests/benchmarks/recipes.py --seeds 0 --recipes default
    python tests/benchmarks/recipes.py --draw recipes.json   the figure alone, from kept results

Both are split by song, the same songs for the same seed, and have the same number of threads.
On the clock is what each recipe does by itself, its validation after every epoch included; to
put both on both scales, the weights of each epoch are kept and judged afterwards: on whole
songs, and on windows of 64 tokens as the article counts; in validation every seventh window, to
spare time (not every fourth or eighth, which would always stand at the same place of a beat).
The test songs are read once, by the epoch that was best in validation on whole songs.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

from contest import ROOT, environment, machine

RECIPES = {"default": "the default recipe", "article": "the article's recipe, PyTorch"}


def prepare(recipe: str, seed: int, **changes) -> tuple:
    """What train.py makes of the songs by a recipe and its changes: the training, its batches, and what is held out."""
    import train
    from encoding import load_corpus
    from lstm_numpy.training import Settings, Training

    config = {**train.DEFAULTS, **train.RECIPES[recipe], "split": "song", "seed": seed, "data": "erk", **changes}
    corpus = load_corpus(progress=lambda done, total: None)
    if config["limit_songs"]:
        corpus = corpus.limited_to(config["limit_songs"], seed)
    vocabulary, context, held_out, rngs = train.prepare(corpus, config, None)
    model = train.make_model(config, len(vocabulary), len(context), rngs.weights)
    batches = held_out.batches(*(config[name] for name in ("batches", "outputs", "stride", "batch_size")))
    return Training(model, Settings.chosen_from(config), rngs.order, rngs.dropout), batches, held_out


def train_here(training, batches, held_out):
    """Epochs of train.py's own training: seconds and weights of each."""
    import train

    for report in training.run(batches, lambda model: train.judge(model, held_out, train.VALIDATION)):
        if report.validation is not None:
            yield training.seconds, training.model.state_dict()


def train_pytorch(held_out, V: int, seed: int):
    """Epochs of the article's recipe in PyTorch, as the article writes it, but split by song."""
    import numpy as np
    import torch
    from torch.utils.data import DataLoader, Dataset
    from torch_model import TorchModel

    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    torch.manual_seed(seed)

    class Windows(Dataset):
        def __init__(self, windows):
            self.windows = windows

        def __len__(self) -> int:
            return len(self.windows)

        def __getitem__(self, index: int):
            window, target = held_out.data[self.windows[index]]
            return torch.tensor(window.astype(np.int64)), target

    training, validation, _ = (DataLoader(Windows(part), batch_size=64, shuffle=True) for part in held_out.windows)
    network, criterion = TorchModel(V, V, 128, 1, 0.2), torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(network.parameters(), lr=0.001)
    begin = time.perf_counter()
    for _ in range(10):
        network.train()
        for tokens, targets in training:
            optimizer.zero_grad()
            loss = criterion(network(tokens, outputs="last")[0], targets)
            loss.backward()
            optimizer.step()
            loss.item()
        network.eval()
        with torch.no_grad():
            for tokens, targets in validation:
                criterion(network(tokens, outputs="last")[0], targets)
        seconds = time.perf_counter() - begin
        yield seconds, {name: array.numpy().copy() for name, array in network.state_dict().items()}


def one(recipe: str, seed: int) -> dict:
    """Train once; the losses after each epoch and, for the best one, on the test songs."""
    import train
    from lstm_numpy import LSTMModel

    training, batches, held_out = prepare(recipe, seed)
    start_len, V = training.model.start_len, training.model.vocab_size
    epochs, best = [], None
    here = recipe != "article"
    kept = list(train_here(training, batches, held_out) if here else train_pytorch(held_out, V, seed))
    for seconds, weights in kept:
        model = LSTMModel.from_state_dict(weights)
        model.start_len = start_len
        songs = train.judge(model, held_out, train.VALIDATION).loss
        windows = judge_windows(model, held_out, train.VALIDATION, every=7)
        epochs.append({"seconds": seconds, "songs": songs, "windows": windows})
        if best is None or songs < best[0]:
            best = songs, model
    songs = train.judge(best[1], held_out, train.TEST).loss
    test = {"songs": songs, "windows": judge_windows(best[1], held_out, train.TEST)}
    threads = int(os.environ["OMP_NUM_THREADS"])
    return {"recipe": recipe, "seed": seed, "threads": threads, "epochs": epochs, "test": test, "machine": machine()}


def judge_windows(model, held_out, part: int, every: int = 1) -> float:
    """The loss of the token after each window, or every so many windows, as the article counts."""
    from encoding.batches import last_targets
    from lstm_numpy.training import evaluate_windows

    windows = held_out.windows[part][::every]
    return evaluate_windows(model, last_targets(held_out.data, windows, model.start_len), "last").loss


def figure(results: list[dict]) -> bytes:
    """Validation loss of every run against its seconds."""
    from matplotlib.figure import Figure

    from lstm_numpy.system import BLUE, ORANGE, png

    colors = {"default": BLUE, "article": ORANGE}
    drawing = Figure(figsize=(9, 4.5), layout="constrained")
    panels = drawing.subplots(1, 2, sharey=True)
    for axes, scale in zip(panels, ("songs", "windows"), strict=True):
        named = set()
        for result in results:
            recipe = result["recipe"]
            axes.plot(
                [row["seconds"] / 60 for row in result["epochs"]], [row[scale] for row in result["epochs"]],
                color=colors[recipe], lw=1, marker=".", ls="-" if result["threads"] == 1 else "--",
                label=None if (recipe, result["threads"]) in named else f"{RECIPES[recipe]}, {threads_of(result)}",
            )  # fmt: skip
            named.add((recipe, result["threads"]))
        axes.set_xlabel("minutes of training, validation included")
        axes.set_title("whole songs" if scale == "songs" else "windows of 64 tokens")
        axes.set_xlim(left=0)
        axes.grid(alpha=0.3)
    best = min(row["songs"] for result in results for row in result["epochs"])
    panels[0].set_ylim(best - 0.02, best + 0.35)
    panels[0].set_ylabel("validation loss, nats per step")
    panels[1].legend()
    return png(drawing)


def threads_of(result: dict) -> str:
    return "one thread" if result["threads"] == 1 else f"{result['threads']} threads"


def report(results: list[dict]) -> None:
    """A line for each run, and when the default recipe reached what the article's ended with."""
    ends = {}
    for result in results:
        if result["recipe"] == "article":
            ends.setdefault(result["seed"], []).append((threads_of(result), result["epochs"][-1]))
    for result in results:
        last, test = result["epochs"][-1], result["test"]
        line = (
            f"{result['recipe']:<8} seed {result['seed']}, {threads_of(result)}: {last['seconds']:.0f} s; "
            "validation songs "
            f"{min(row['songs'] for row in result['epochs']):.3f}, windows "
            f"{min(row['windows'] for row in result['epochs']):.3f}; test songs {test['songs']:.3f}, "
            f"windows {test['windows']:.3f}"
        )
        print(line, flush=True)
        if result["recipe"] == "article":
            continue
        for threads, end in ends.get(result["seed"], []):
            for scale in ("songs", "windows"):
                seconds = [row["seconds"] for row in result["epochs"] if row[scale] <= end[scale]]
                reached = (
                    f"in {seconds[0]:.0f} s, 1/{end['seconds'] / seconds[0]:.1f} of the {end['seconds']:.0f} s"
                    if seconds
                    else "never"
                )
                print(f"         reaches the article's {scale} {end[scale]:.3f} ({threads}) {reached}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="Compare the recipes.")
    parser.add_argument("--recipes", nargs="+", choices=RECIPES, default=["default", "article"])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2], help="(default: 0 1 2)")
    parser.add_argument("--threads", type=int, default=2, help="of the matrix products (default: 2)")
    parser.add_argument("--json", type=Path, default=Path("recipes.json"), help="(default: recipes.json)")
    parser.add_argument("--figure", type=Path, metavar="FILE.png", help="draw loss against seconds")
    parser.add_argument(
        "--draw", type=Path, nargs="+", metavar="FILE.json", help="measure nothing: results kept earlier"
    )
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
        print(json.dumps(one(options.one[0], int(options.one[1]))))
        return
    sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
    from lstm_numpy.system.whole_files import write_whole

    try:
        results = [result for path in options.draw or [] for result in json.loads(path.read_text())]
    except (OSError, ValueError) as error:
        parser.error(f"--draw: {error}; give the --json files of earlier runs")
    if not options.draw:
        for seed in options.seeds:
            for recipe in options.recipes:
                command = [sys.executable, __file__, "--one", recipe, str(seed)]
                done = subprocess.run(command, env=environment(options.threads), capture_output=True, text=True)
                if done.returncode:
                    print(f"{recipe} left out: {(done.stderr.strip().splitlines() or ['it ended'])[-1]}")
                    continue
                results.append(json.loads(done.stdout.splitlines()[-1]))
                report(results[-1:])
                write_whole(options.json, json.dumps(results, indent=1).encode())
        print()
    report(results)
    if options.figure and results:
        write_whole(options.figure, figure(results))


if __name__ == "__main__":
    main()
