"""Train the network on folk songs.

    python train.py                     the default corpus and recipe
    python train.py --recipe article    exactly as in the article
    python train.py --data my_scores/   your own songs
    python train.py --resume runs/...   go on where a run was stopped
    python train.py --evaluate runs/... judge a trained model on songs that it has never heard

Everything musical is in `encoding/`, everything mathematical in `lstm_numpy/`; this file
connects the two. The heavy imports wait inside the functions, so that --help is quick and
the number of threads can be set before NumPy starts its own.
"""

import argparse
import contextlib
import hashlib
import itertools
import json
import os
import signal
import sys
import time
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from lstm_numpy.command_line import (
    CommandLineError,
    Parser,
    in_words,
    number,
    run_command,
    some_path,
    some_text,
    use_threads,
)

RUNS = Path("runs")

# What a recipe decides. stride counts for windows alone, input_dim 0 is the size of the
# vocabulary, clip 0 does not clip.
RECIPES = {
    "default": {
        "batches": "streams", "outputs": "every", "split": "song", "stride": 16, "sequence_len": 64,
        "input_dim": 64, "hidden_dim": 320, "layer_dim": 1,
        "dropout": 0.5, "embedding_dropout": 0.15, "weight_dropout": 0.15,
        "learning_rate": 0.003, "schedule": "cosine", "warm_up": 0.04, "batch_size": 16, "epochs": 24, "clip": 1.0,
    },
    "article": {
        "batches": "windows", "outputs": "last", "split": "window", "stride": 1, "sequence_len": 64,
        "input_dim": 0, "hidden_dim": 128, "layer_dim": 1,
        "dropout": 0.2, "embedding_dropout": 0.0, "weight_dropout": 0.0,
        "learning_rate": 0.001, "schedule": "constant", "warm_up": 0.0, "batch_size": 64, "epochs": 10, "clip": 0.0,
    },
}  # fmt: skip

# What no recipe decides.
DEFAULTS = {
    "recipe": "default",
    "seed": 0,
    "eval_interval": 100,
    "time_step": 1 / 16,
    "limit_songs": None,
    "plain": False,
    "watch": False,
}

MOST = 10**6  # that may be asked for of anything: more is a slip of the finger

BEFORE, AFTER = 13, 120  # steps of the melodies composed before and after training
MELODIES, TEMPERATURE = 5, 0.6
SAVE_EVERY = 60  # seconds
WATCHED = 100  # validation windows that --watch chooses from

# --evaluate: melodies at each temperature, their seed, and the length at which none should be cut off.
EVALUATED, EVALUATION_SEED, EVALUATED_LEN, TEMPERATURES = 200, 0, 512, (0.6, 1.0)


# -- the command line ------------------------------------------------------------------------


def make_parser() -> Parser:
    parser = Parser(prog="train.py", description="Train an LSTM on folk songs.")

    def recipe_option(name: str, kind, help: str, **more) -> None:
        values = {recipe: settings[name] for recipe, settings in RECIPES.items()}
        shown = (
            values["default"]
            if len(set(values.values())) == 1
            else f"{values['default']}; article: {values['article']}"
        )
        option = "--" + name.replace("_", "-")
        parser.add_argument(option, type=kind, default=None, help=f"{help} (default: {shown})", **more)

    parser.add_argument(
        "--data",
        type=some_text,
        metavar="SCORES",
        help="a score, a folder of scores or a .zip; or erk or essen, which come with music21 (default: erk; "
        "a folder of that name is ./erk)",
    )
    parser.add_argument(
        "--out", type=some_path, help="the run's folder (default: runs/RECIPE-DATE-TIME), or that of an evaluation"
    )
    parser.add_argument("--recipe", choices=RECIPES, help="a set of settings (default: default)")
    recipe_option("batches", str, "training data: songs end to end, or windows", choices=("streams", "windows"))
    recipe_option("sequence_len", number(int, 1, MOST), "tokens in a training window, or steps of a stream at a time")
    recipe_option("stride", number(int, 1, MOST), "steps from one training window of a song to the next")
    recipe_option("input_dim", number(int, 0, MOST), "width of the embedding, 0 is the vocabulary's size")
    recipe_option("hidden_dim", number(int, 1, MOST), "width of the hidden state")
    recipe_option("layer_dim", number(int, 1, 1000), "stacked LSTM layers")
    recipe_option("dropout", number(float, 0, 1), "share of the LSTM's output that is dropped in training")
    recipe_option("embedding_dropout", number(float, 0, 1), "share of the embedding that is dropped in training")
    recipe_option("weight_dropout", number(float, 0, 1), "share of the recurrent weights that is dropped in training")
    recipe_option("learning_rate", number(float, 0), "step size of Adam, the largest")
    recipe_option("schedule", str, "of the learning rate: falling to zero, or not", choices=("cosine", "constant"))
    recipe_option("warm_up", number(float, 0, 1), "share of the training in which the learning rate rises")
    recipe_option("batch_size", number(int, 1, MOST), "windows or streams per training step")
    recipe_option("epochs", number(int, 0, MOST), "passes through the training data")
    recipe_option("clip", number(float, 0), "largest norm of the gradient, 0 does not clip")
    recipe_option("outputs", str, "targets after the last or after every step", choices=("last", "every"))
    recipe_option("split", str, "what is held out: whole songs or single windows", choices=("song", "window"))
    parser.add_argument("--eval-interval", type=number(int, 1, MOST), help="steps per reported loss (default: 100)")
    parser.add_argument("--time-step", type=time_step, help="the grid, of a whole note (default: 1/16)")
    parser.add_argument(
        "--limit-songs", type=number(int, 3, MOST), help="train on so many songs of the corpus (default: all)"
    )
    parser.add_argument("--seed", type=number(int, 0), help="of all random choices (default: 0)")
    parser.add_argument("--plain", action="store_true", default=None, help="compute with the plain cell (slow)")
    parser.add_argument("--watch", action="store_true", default=None,
        help="measure gradients, updates and gates while training: watch.csv and watch.png")  # fmt: skip
    parser.add_argument(
        "--threads", type=number(int, 1, 1000), help="of NumPy's matrix products (default: 1, the safe choice)"
    )
    parser.add_argument(
        "--export",
        type=some_path,
        metavar="FILE.npz",
        help="write the best model there when done, for sample.py alone",
    )
    parser.add_argument(
        "--resume",
        type=some_path,
        metavar="RUN",
        help="go on with a run; only --epochs, --learning-rate, --data, --threads, --save-every, --export may be given",
    )
    parser.add_argument(
        "--save-every",
        type=number(float, 0),
        metavar="SECONDS",
        help=f"save the place in the training so often, and after each epoch (default: {SAVE_EVERY})",
    )
    parser.add_argument(
        "--evaluate",
        type=some_path,
        metavar="RUN",
        help="train nothing, but judge a run's best model, or an exported one, on its test songs: tables and a picture "
        "in RUN/evaluation (of an exported model: in evaluation-NAME); only --out, --data and --threads may be given",
    )
    return parser


def time_step(text: str) -> float:
    """A share of a whole note, written as 1/16 or 0.0625."""
    numerator, _, denominator = text.partition("/")
    try:
        value = float(numerator) / float(denominator or 1)
    except (ValueError, ZeroDivisionError):
        value = 0.0
    if not 1 / 256 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a share of a whole note such as 1/16, from 1/256 to 1")
    return value


# -- the run ---------------------------------------------------------------------------------


def main(arguments: list[str] | None = None) -> int:
    parser = make_parser()
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # to be asked to end is as good as Ctrl-C
    use_threads(options.threads)
    if options.evaluate is not None:
        evaluate(options)
        return 0
    if options.export is not None:
        check_export(options.export, options.resume)  # now rather than at the end
    with contextlib.ExitStack() as claims:  # the run's folder is ours until the end
        return train_and_finish(options, resumed_run(options, claims) if options.resume else new_run(options, claims))


def train_and_finish(options, run) -> int:
    if run.training.optimizer.t == 0:
        run.compose(run.training.model, "before", BEFORE)
    print(f"run folder: {run.folder}\n")
    if not train(run, SAVE_EVERY if options.save_every is None else options.save_every):
        return 130
    try:
        finish(run)
        if options.export is not None:
            run.export(run.best_model(), options.export)
    except KeyboardInterrupt:
        print(f"\nstopped; all is saved, for the rest: python train.py --resume {run.folder}")
        return 130
    return 0


def check_export(path: Path, resume: Path | None) -> None:
    if path.is_dir():
        raise CommandLineError(f"--export {path} is a folder; give a file in it, such as model.npz")
    if not path.parent.is_dir():
        raise CommandLineError(f"--export {path}: there is no folder {path.parent}; make it first")
    if not os.access(path.parent, os.W_OK):
        raise CommandLineError(f"--export {path}: the folder cannot be written to; give another")
    if path.name in ("best.npz", "last.npz") or (resume is not None and path.resolve() == resume.resolve()):
        raise CommandLineError(f"--export {path} would replace a file that a run needs to go on; give another name")


TRAINING, VALIDATION, TEST = 0, 1, 2  # the parts of a split
PARTS = ("training", "validation", "test")


class Run:
    """A training, its data and the folder that it lives in.

    Args:
        folder: where its files go.
        config: the settings of its recipe and options, as the checkpoint keeps them.
        corpus: the songs.
        split: three arrays with the numbers of songs, or of windows, as an earlier start of
            the run has drawn them; None draws them.
    """

    def __init__(self, folder: Path, config: dict, corpus, split=None):
        from encoding import ScoreDataset, StringToIntEncoder
        from lstm_numpy.training import Settings, Training

        self.folder, self.config, self.corpus = folder, config, corpus
        split_rng, initial_rng, shuffle_rng, dropout_rng = random_streams(config["seed"])
        self.vocabulary = StringToIntEncoder(corpus.songs)
        self.data = ScoreDataset(corpus.songs, self.vocabulary, config["sequence_len"])
        self.by_song = config["split"] == "song"
        if split is None:
            split = draw_split(config, corpus, split_rng)
        self.split = split
        self.window_parts = [self.data.windows_of(part) for part in split] if self.by_song else split
        self.batches = self.make_batches()
        settings = {name: config[name] for name in Settings.__dataclass_fields__}
        self.training = Training(
            make_model(config, len(self.vocabulary), initial_rng), Settings(**settings), shuffle_rng, dropout_rng
        )

    def make_batches(self):
        """The training songs or windows, as the training loop asks for them."""
        from encoding import StreamBatches, WindowBatches

        config, batch_size = self.config, self.config["batch_size"]
        if config["batches"] == "windows":
            windows = self.window_parts[TRAINING]
            return WindowBatches(self.data, windows, config["stride"], batch_size, config["outputs"])
        if config["outputs"] == "last":
            raise CommandLineError("--outputs last needs --batches windows; streams have a target at every step")
        if not self.by_song:
            raise CommandLineError("--split window needs --batches windows; streams read whole songs")
        songs = [self.data.songs[song] for song in self.split[TRAINING]]
        try:
            return StreamBatches(songs, self.vocabulary.end, batch_size, config["sequence_len"])
        except ValueError as error:
            raise CommandLineError(f"--batch-size {batch_size}: {error}; give a smaller one") from None

    # Judging

    def evaluate(self, model, part: int):
        """The loss on the validation or test data: on whole songs, or on windows if those were split."""
        from lstm_numpy.evaluation import evaluate_sequences

        if not self.by_song:
            return self.evaluate_windows(model, part)
        return evaluate_sequences(model, [self.data.songs[song] for song in self.split[part]], self.vocabulary.end)

    def evaluate_windows(self, model, part: int, every: int = 1):
        """The loss of the token after each window, or every so many windows, as in the article."""
        from encoding.batches import last_targets
        from lstm_numpy.evaluation import evaluate_windows

        windows = self.window_parts[part][::every]
        return evaluate_windows(model, last_targets(self.data, windows, model.start_len), "last")

    def watch(self):
        """With --watch, a watch on some of the longest validation windows, from all parts of the data."""
        from encoding.batches import last_targets
        from lstm_numpy.watch import Watch

        if not self.config["watch"]:
            return None
        windows = self.window_parts[VALIDATION]
        spaced = windows[:: max(1, len(windows) // WATCHED)]
        *_, longest = last_targets(self.data, spaced, self.training.model.start_len)
        return Watch(*longest)

    # Saving

    def save(self, name: str) -> None:
        """All that is needed to compose and to go on with the training."""
        from lstm_numpy import checkpoint

        arrays, values = self.training.state()
        arrays |= {f"split/{part}": numbers for part, numbers in enumerate(self.split)}
        arrays |= checkpoint.model_arrays(self.training.model)
        checkpoint.save(self.folder / name, arrays, {**self.description(), "training": values})

    def start_from_here(self) -> None:
        """Make the folder that of a run at this place, whatever a killed process has left there.

        last.npz knows all; the tables are written from it, and lose the lines of steps that will
        be made again.
        """
        from lstm_numpy.files import remove_leftovers

        remove_leftovers(self.folder)
        self.save("last.npz")
        self.write_metrics()

    def best_model(self):
        """The model after the best epoch."""
        from lstm_numpy import checkpoint

        return checkpoint.model_from(*load_checkpoint(self.folder / "best.npz"))

    def export(self, model, path: Path) -> None:
        """All that is needed to compose: a third of the size, and no training to go on with."""
        from lstm_numpy import checkpoint

        description = self.description()
        description["config"] = {**self.config, "data": Path(self.config["data"]).name}  # not where it lies
        checkpoint.save(path, checkpoint.model_arrays(model), description)
        print(f"the model alone is in {path}")

    def description(self) -> dict:
        from lstm_numpy import checkpoint

        return {
            "model": checkpoint.model_sizes(self.training.model),
            "start_len": self.training.model.start_len,
            "vocabulary": self.vocabulary.symbols,
            "time_step": self.config["time_step"],
            "config": self.config,
        }

    def write_report(self) -> None:
        """What was found in the corpus and what was left out, in full."""
        from lstm_numpy.files import write_whole

        write_whole(self.folder / "corpus.txt", f"{self.corpus.report(longest=None)}\n".encode())

    def write_metrics(self) -> None:
        from lstm_numpy import figures
        from lstm_numpy.files import write_whole
        from lstm_numpy.training import metrics_csv
        from lstm_numpy.watch import watch_csv

        write_whole(self.folder / "metrics.csv", metrics_csv(self.training.rows).encode())
        write_whole(self.folder / "curves.png", figures.curves(self.training.rows))
        if self.training.watched:
            write_whole(self.folder / "watch.csv", watch_csv(self.training.watched).encode())
            write_whole(self.folder / "watch.png", figures.watch(self.training.watched))

    def draw_architecture(self) -> None:
        from lstm_numpy.architecture import architecture
        from lstm_numpy.files import write_whole

        sizes = (self.config[name] for name in ("batch_size", "sequence_len", "outputs"))
        write_whole(self.folder / "architecture.png", architecture(self.training.model, *sizes))

    def compose(self, model, when: str, max_len: int) -> None:
        """Compose melodies, print them and write them in every format."""
        import numpy as np

        from encoding.render import FORMATS, render
        from encoding.tokens import note_names
        from lstm_numpy import generate_many
        from lstm_numpy.files import write_whole

        print(f"\nmelodies {when} training, temperature {TEMPERATURE}, at most {max_len} steps:")
        rngs = [np.random.default_rng([self.config["seed"], n]) for n in range(1, MELODIES + 1)]
        melodies = generate_many(model, self.vocabulary, rngs, None, max_len, TEMPERATURE)
        for n, tokens in enumerate(melodies, start=1):
            print(f"  {n}: {' '.join(tokens)}\n     {note_names(tokens)}")
            for format, suffix in FORMATS.items():
                content = render(tokens, format, self.config["time_step"], f"Melody {n}, {when} training")
                write_whole(self.folder / f"{when}-{n}{suffix}", content)


def random_streams(seed: int) -> list:
    """A generator for each purpose, so that none disturbs another: split, initial weights, order, dropout."""
    import numpy as np

    return [np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(4)]


def draw_split(config: dict, corpus, rng) -> tuple:
    """The numbers of the songs, or of the windows, to train on, to validate with and to test with."""
    from encoding import split_by_song, split_by_window

    try:
        if config["split"] == "song":
            return split_by_song(corpus.songs, rng)
        return split_by_window(sum(len(song) + 1 for song in corpus.songs), rng)
    except ValueError as error:
        raise CommandLineError(f"{corpus.source}: {error}; give more songs with --data") from None


def split_of(config: dict, corpus, arrays: dict) -> tuple:
    """The numbers of the songs that a model was trained on, validated with and tested with.

    Args:
        config, arrays: of its checkpoint. A model that was exported does not hold its split; it is drawn again.

    Raises:
        ValueError: if that cannot be told; the message says why.
    """
    if config["split"] != "song":
        raise ValueError("the training held out single windows, so that no song is unheard")
    if digest(corpus) != config.get("songs_digest"):
        raise ValueError("the songs are not those of the training")
    if f"split/{TEST}" in arrays:
        return tuple(arrays[f"split/{part}"] for part in (TRAINING, VALIDATION, TEST))
    return draw_split(config, corpus, random_streams(config["seed"])[0])


def make_model(config: dict, vocab_size: int, rng):
    from lstm_numpy import LSTMModel

    input_dim = config["input_dim"] or vocab_size
    sizes = vocab_size, input_dim, config["hidden_dim"], config["layer_dim"]
    start_len = 1 if config["batches"] == "streams" else config["sequence_len"]
    rates = {name: config[name] for name in ("dropout", "embedding_dropout", "weight_dropout")}
    return LSTMModel(*sizes, rng=rng, plain=config["plain"], start_len=start_len, **rates)


def new_run(options, claims: contextlib.ExitStack) -> Run:
    given = {name: value for name, value in vars(options).items() if value is not None}
    config = {**DEFAULTS, **RECIPES[given.get("recipe", "default")]}
    config |= {name: given[name] for name in config if name in given}
    config["data"] = data_to_keep(options.data)

    folder = options.out or RUNS / f"{config['recipe']}-{datetime.now():%Y%m%d-%H%M%S}"
    check_unused(folder)  # now rather than after reading the songs
    corpus = load_songs(config)
    config["songs_digest"] = digest(corpus)
    run = Run(folder, config, corpus)
    run.folder = folder = options.out or next_unused(folder)
    folder.mkdir(parents=True, exist_ok=True)
    claim(folder, f"--out {folder}", claims)
    check_unused(folder)  # another may have begun in the meantime
    run.write_report()
    run.draw_architecture()
    run.start_from_here()
    model = run.training.model
    print(f"\nmodel ({config['recipe']} recipe):\n{model.summary()}\n")
    parts = ", ".join(f"{len(part):,} {name}" for part, name in zip(run.split, PARTS, strict=True))
    print(f"{'songs' if run.by_song else 'windows, drawn at random'}: {parts}")
    return run


def check_unused(folder: Path) -> None:
    if (folder / "last.npz").exists() or (folder / "best.npz").exists():
        raise CommandLineError(
            f"--out {folder} already holds a run; give another folder, or go on with --resume {folder}"
        )


def next_unused(folder: Path) -> Path:
    """Make the folder; with -2, -3 ... at its name if another run has begun in the same second."""
    for n in itertools.count(1):
        made = folder if n == 1 else folder.with_name(f"{folder.name}-{n}")
        with contextlib.suppress(FileExistsError):
            made.mkdir(parents=True)
            return made


def claim(folder: Path, option: str, claims: contextlib.ExitStack) -> None:
    from lstm_numpy.claim import claimed

    try:
        claims.enter_context(claimed(folder))
    except BlockingIOError:
        raise CommandLineError(f"{option}: another train.py is at work in it; wait for its end") from None


def resumed_run(options, claims: contextlib.ExitStack) -> Run:
    from lstm_numpy import checkpoint

    given = {name: value for name, value in vars(options).items() if value is not None}
    changes = {name: given[name] for name in ("epochs", "learning_rate") if name in given}
    if options.data is not None:
        changes["data"] = data_to_keep(options.data)  # the same songs in another place
    path = place_to_go_on(options.resume)
    claim(path.parent, f"--resume {options.resume}", claims)
    arrays, description = load_checkpoint(path)
    if "training" not in description:
        raise CommandLineError(
            f"--resume {path}: it holds a model but no training to go on with; give a run's last.npz"
        )
    config = {**DEFAULTS, **description["config"]}
    for name in given.keys() - changes.keys() - {"resume", "threads", "export", "save_every"}:
        option, value = "--" + name.replace("_", "-"), f" (here {config[name]})" if name in config else ""
        raise CommandLineError(f"--resume goes on with the settings of the run{value}; leave out {option}")
    planned = config
    config = {**config, **changes}
    corpus = load_same_songs(config, description, f"--resume {path}")
    run = Run(path.parent, config, corpus, [arrays[f"split/{part}"] for part in (TRAINING, VALIDATION, TEST)])
    try:
        run.training.model.load_state_dict(checkpoint.model_from(arrays, description).params)
    except ValueError as error:
        raise CommandLineError(f"--resume {path}: {error}") from None
    run.training.restore(arrays, description["training"])
    check_best(run, path)
    place = run.training
    begun = place.epoch + (place.step_in_epoch > 0)
    if config["epochs"] < begun:
        raise CommandLineError(
            f"--epochs {config['epochs']}: the run has begun epoch {begun} already; give at least {begun}"
        )
    run.start_from_here()
    if place.epoch == config["epochs"]:
        print(f"the run is finished, after {place.optimizer.t:,} steps; to go on, give more --epochs")
    else:
        print(f"going on in epoch {place.epoch + 1}, after {place.optimizer.t:,} steps")
    for name in ("epochs", "learning_rate"):
        if config[name] != planned[name]:
            print(f"--{name.replace('_', '-')} {config[name]} in the place of {planned[name]}: "
                f"the schedule of the learning rate ({config['schedule']}) is computed anew from here on")  # fmt: skip
    return run


def place_to_go_on(given: Path) -> Path:
    """The checkpoint that --resume means: in a folder, the one that is furthest.

    That is last.npz, unless the run was killed after it had written best.npz and before last.npz.
    """
    if not given.is_dir():
        if not given.is_file():
            raise CommandLineError(f"--resume {given}: there is no {given.name}; give the folder of a run")
        check_furthest(given)
        return given
    found = [given / name for name in ("last.npz", "best.npz") if (given / name).is_file()]
    if not found:
        raise CommandLineError(f"--resume {given}: there is no last.npz; give the folder of a run")
    return max(found, key=lambda path: steps_in(load_checkpoint(path)[1]))


def steps_in(description: dict) -> int:
    return description.get("training", {}).get("adam_steps", 0)


def check_furthest(given: Path) -> None:
    """See that no last.npz would be overwritten that is further than the checkpoint to go on from."""
    from lstm_numpy import checkpoint

    last = given.with_name("last.npz")
    if given.name == last.name or not last.is_file():
        return
    try:
        ahead = steps_in(checkpoint.load(last)[1])
    except checkpoint.CheckpointError:  # there is nothing in it to lose
        return
    here = steps_in(load_checkpoint(given)[1])
    if ahead > here:
        raise CommandLineError(
            f"--resume {given}: {last}, after {ahead:,} steps, is further than this, after {here:,}; "
            "give the folder, or move last.npz away to go back"
        )


def check_best(run: Run, path: Path) -> None:
    """See that best.npz holds the epoch that the run knows as its best: its weights are nowhere else."""
    place, best = run.training, run.folder / "best.npz"
    if path == best or place.best_epoch == 0:
        return
    if not best.is_file():
        raise CommandLineError(f"--resume {path}: beside it, best.npz of the best epoch is missing; put it back")
    found = load_checkpoint(best)[1].get("training", {}).get("place", {}).get("best_epoch")
    if found != place.best_epoch:
        raise CommandLineError(
            f"--resume {path}: its best epoch is {place.best_epoch}, but best.npz is of epoch {found}; "
            f"go on with --resume {best}"
        )


def difference(corpus, description: dict) -> str:
    """In which way songs are not those of a checkpoint."""
    from encoding import StringToIntEncoder

    songs, known = set(StringToIntEncoder(corpus.songs).symbols), set(description["vocabulary"])
    if songs != known:
        changes = [f"{' '.join(sorted(symbols))} {how}" for symbols, how in
            ((songs - known, "new"), (known - songs, "missing")) if symbols]  # fmt: skip
        return f"the vocabulary of {corpus.source} differs from that of the run ({', '.join(changes)})"
    return f"the songs of {corpus.source} differ from those of the run, in names or notes"


def data_to_keep(given: str | None) -> str:
    """What --data means, whatever the current folder is when a run is resumed."""
    from encoding.corpus import COLLECTIONS

    given = "erk" if given is None else given
    return given if given in COLLECTIONS else str(Path(given).absolute())


def load_songs(config: dict):
    """The corpus, cut to --limit-songs, after saying what was found in it."""
    import numpy as np

    from encoding import CorpusError, load_corpus
    from encoding.corpus import progress_line

    try:
        corpus = load_corpus(config["data"], config["time_step"], progress_line(sys.stdout))
    except CorpusError as error:
        raise CommandLineError(f"--data {error}") from None
    except FileNotFoundError as error:
        raise CommandLineError(f"--data {error}; give a score, a folder or a .zip") from None
    print(corpus.report(), flush=True)
    if not corpus.songs:
        raise CommandLineError(
            f"--data {config['data']}: none of its songs can be used; give songs of one voice on the grid"
        )
    limit = config["limit_songs"]
    if limit is not None and limit < len(corpus.songs):
        # Drawn from all over the corpus: neighbours are often variants of one song.
        chosen = np.sort(np.random.default_rng([config["seed"], limit]).permutation(len(corpus.songs))[:limit])
        lists = {name: [getattr(corpus, name)[i] for i in chosen] for name in ("songs", "names", "meters")}
        corpus = replace(corpus, **lists)
        print(f"of these, {limit} songs are used (--limit-songs)")
    return corpus


def load_same_songs(config: dict, description: dict, option: str):
    """The corpus of an earlier run, whose checkpoint has this description."""
    corpus = load_songs(config)
    if digest(corpus) != config["songs_digest"]:
        raise CommandLineError(
            f"{option}: {difference(corpus, description)}; restore the songs, or give them with --data"
        )
    return corpus


def load_checkpoint(path: Path) -> tuple[dict, dict]:
    """Arrays and description of a checkpoint; what is wrong with it becomes a sentence."""
    from lstm_numpy import checkpoint

    try:
        return checkpoint.load(path)
    except (FileNotFoundError, checkpoint.CheckpointError) as error:
        raise CommandLineError(str(error)) from None


def digest(corpus) -> str:
    """A checksum by which a resumed run recognises its songs."""
    return hashlib.sha256(json.dumps([corpus.names, corpus.songs]).encode()).hexdigest()


# -- from the first step to the last melody -------------------------------------------------------


def train(run: Run, save_every: float) -> bool:
    """Run the training loop; returns False if it was interrupted (it is then saved).

    A run may be killed between any two of these writes. best.npz comes before last.npz, so that
    it is never behind; where it is ahead, it is the place to go on from.
    """
    from lstm_numpy.training import Diverged

    signals = []

    def interrupt(*_) -> None:
        if signals:  # the second Ctrl-C does not wait for the step to end
            raise KeyboardInterrupt
        signals.append(True)

    previous = {name: signal.signal(name, interrupt) for name in (signal.SIGINT, signal.SIGTERM)}
    try:
        take_reports(run, save_every, signals)
    except Diverged as error:
        raise CommandLineError(
            f"{error}; what was saved before is intact in {run.folder}; try a smaller --learning-rate"
        ) from None
    except BrokenPipeError:  # an OSError, too, but nothing that the user has to mend
        raise
    except OSError as error:
        what = in_words(error) if error.filename else f"the output cannot be written: {in_words(error)}"
        raise CommandLineError(
            f"{what}; what was saved before is intact; when it can be written, "
            f"go on with: python train.py --resume {run.folder}"
        ) from None
    finally:
        for name, handler in previous.items():
            signal.signal(name, handler)
    if run.training.optimizer.t == 0:  # nothing was trained (--epochs 0): the initial weights are the best
        run.save("best.npz")
    if signals:  # perhaps after the last step
        print(f"\nstopped and saved; go on with: python train.py --resume {run.folder}")
    return not signals


def take_reports(run: Run, save_every: float, signals: list) -> None:
    """Save and show what each step has come to, until the training is done or there is a signal."""
    from lstm_numpy.screen import StatusLine, show

    training, status, saved = run.training, StatusLine(), time.monotonic()
    for report in training.run(run.batches, lambda model: run.evaluate(model, VALIDATION), run.watch()):
        stop, ends_epoch = bool(signals), report.validation is not None
        if report.is_best:
            run.save("best.npz")
        if ends_epoch or stop or time.monotonic() - saved >= save_every:
            run.save("last.npz")
            saved = time.monotonic()
        if ends_epoch or stop:
            run.write_metrics()
        try:
            show(report, training.settings.epochs, training.best_epoch, status)
        except BrokenPipeError:  # the screen is gone, the run need not be
            run.save("last.npz")
            raise
        if stop:
            status.clear()
            return


def finish(run: Run) -> None:
    """The test loss, once, of the best epoch; then its melodies."""
    from lstm_numpy.screen import duration

    model = run.best_model()
    print(f"\ntest, best epoch ({run.training.best_epoch}): {run.evaluate(model, TEST)}")
    if run.by_song:
        print(
            f"  on windows of {run.config['sequence_len']}, as the article counts: {run.evaluate_windows(model, TEST)}"
        )
    run.compose(model, "after", AFTER)
    print(f"\n{duration(run.training.seconds)} of training; all is in {run.folder}")
    print("compose with: python sample.py")


# -- judging a trained model -------------------------------------------------------------------------


def evaluate(options) -> None:
    """Write the figures of a model to a folder, as tables, JSON and a picture."""
    from encoding.dashboard import dashboard
    from encoding.report import main_table, report, to_json
    from lstm_numpy.files import write_whole

    run, model, name, folder = run_to_judge(options)
    folder.mkdir(parents=True, exist_ok=True)
    figures = {"about": {"model": name}, **judge_predictions(run, model), **judge_melodies(run, model)}
    figures["about"] |= {
        "songs": run.corpus.source,
        "seed": EVALUATION_SEED,
        **{f"{part} songs": len(songs) for part, songs in zip(PARTS, run.split, strict=True)},
        "test notes": sum(token.isdecimal() for song in run.split[TEST] for token in run.corpus.songs[song]),
        "melodies": EVALUATED,
        "longest": EVALUATED_LEN,
        "cut": {
            f"{temperature:g}": figures["melodies"][f"temperature {temperature:g}"]["lengths"].count(EVALUATED_LEN)
            for temperature in TEMPERATURES
        },
    }
    write_whole(folder / "evaluation.json", to_json(figures).encode())
    write_whole(folder / "evaluation.md", report(figures).encode())
    write_whole(folder / "evaluation.png", dashboard(figures))
    print(f"\n{main_table(figures)}\n\nhow to read it, and more: {folder / 'evaluation.md'}")


def run_to_judge(options) -> tuple:
    """The run, its model, the model's name, and the folder for what is found out."""
    from lstm_numpy import checkpoint

    for name, value in vars(options).items():
        if value is not None and name not in ("evaluate", "out", "data", "threads"):
            raise CommandLineError(f"--evaluate trains nothing; leave out --{name.replace('_', '-')}")
    path = options.evaluate / "best.npz" if options.evaluate.is_dir() else options.evaluate
    if not path.is_file():
        raise CommandLineError(
            f"--evaluate {options.evaluate}: there is no {path.name}; give a run's folder, its best.npz "
            "or an exported model"
        )
    arrays, description = load_checkpoint(path)
    exported = "training" not in description
    config = {**DEFAULTS, **description["config"]}
    if config["split"] != "song":
        raise CommandLineError(
            f"--evaluate {options.evaluate}: its windows were split at random, so that no song is unheard; "
            "train with --split song"
        )
    if options.data is not None:
        config["data"] = data_to_keep(options.data)
    corpus = load_same_songs(config, description, f"--evaluate {options.evaluate}")
    split = None if exported else [arrays[f"split/{part}"] for part in (TRAINING, VALIDATION, TEST)]
    run = Run(path.parent, config, corpus, split)  # an exported model's split is drawn again from its seed
    try:
        model = checkpoint.model_from(arrays, description)
    except checkpoint.CheckpointError as error:
        raise CommandLineError(f"--evaluate {path}: {error}") from None
    folder = Path(f"evaluation-{path.stem}") if exported else path.parent / "evaluation"
    return run, model, path.name if exported else f"{path.resolve().parent.name}/{path.name}", options.out or folder


def judge_predictions(run: Run, model) -> dict:
    """The network beside n-grams, on unseen songs; and these on windows held out at random."""
    import numpy as np

    from encoding import split_by_window
    from lstm_numpy.baselines import compare, compare_on_windows

    print("\npredicting the test songs, with the network and with n-grams ...", flush=True)
    songs, vocabulary = run.data.songs, run.vocabulary
    parts = [[songs[song] for song in part] for part in run.split]
    rngs = [np.random.default_rng([EVALUATION_SEED, n]) for n in range(3)]
    rows, (order, strength) = compare(model, parts, vocabulary.end, vocabulary.kinds, "note", rngs[0])
    training, _, test = split_by_window(len(run.data), rngs[1])
    on_windows = compare_on_windows(
        songs, training, test, len(vocabulary), vocabulary.end, vocabulary.kinds, (order, strength), rngs[2]
    )
    unseen = {row["predictor"]: row["nats per step"] for row in rows}
    leak = {name: {"unseen songs": unseen[name], "random windows": found} for name, found in on_windows.items()}
    return {"prediction": rows, "best n-gram": {"order": order, "strength": strength}, "leak": leak}


def judge_melodies(run: Run, model) -> dict:
    """Melodies by the network beside the test songs, and what of each stands in the training songs."""
    import numpy as np

    from encoding.comparison import compare_melodies, find_copies
    from encoding.novelty import Novelty
    from lstm_numpy import generate_many
    from lstm_numpy.scores import bootstrap_mean

    corpus, mean = run.corpus, bootstrap_mean(EVALUATION_SEED)
    sets = {f"{PARTS[part]} songs": [corpus.songs[song] for song in run.split[part]] for part in (TEST, VALIDATION)}
    for temperature in TEMPERATURES:
        print(f"composing {EVALUATED} melodies at temperature {temperature:g} ...", flush=True)
        rngs = [np.random.default_rng([EVALUATION_SEED, n]) for n in range(1, EVALUATED + 1)]  # as sample.py
        sets[f"temperature {temperature:g}"] = generate_many(
            model, run.vocabulary, rngs, None, EVALUATED_LEN, temperature
        )
    print("comparing them with the songs ...", flush=True)
    steps_per_beat = max(1, round(1 / 4 / run.config["time_step"]))
    melodies = compare_melodies(sets, "test songs", mean, steps_per_beat)

    names = [corpus.names[song] for song in run.split[TRAINING]]
    novelty = Novelty([corpus.songs[song] for song in run.split[TRAINING]], names)
    copies = {name: find_copies(novelty, sets[name], mean) for name in sets if name != "validation songs"}
    some = np.random.default_rng(EVALUATION_SEED).permutation(run.split[TRAINING])[:EVALUATED]
    own = [corpus.names[song] for song in some]
    copies["training songs"] = find_copies(novelty, [corpus.songs[song] for song in some], mean, own)
    return {"melodies": melodies, "copies": copies}


if __name__ == "__main__":
    sys.exit(run_command(main))
