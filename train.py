"""Train the network on folk songs.

    python train.py                     the default corpus and recipe
    python train.py --recipe article    exactly as in the article
    python train.py --data my_scores/   your own songs
    python train.py --resume runs/...   go on where a run was stopped
    python train.py --evaluate runs/... judge a trained model on songs that it has never heard

Everything musical is in `encoding/`, everything mathematical in `lstm_numpy/`; this file connects the two in the
order of the article. The heavy imports wait inside the functions, so that --help is quick and threads can be set.
"""

import contextlib
import sys
from datetime import datetime
from pathlib import Path

from lstm_numpy.system import CommandLineError, Parser, in_one_sentence, refuse_others, run_command, use_threads
from lstm_numpy.system.kinds import fraction, number, some_of, some_path, some_text
from lstm_numpy.system.rooms import check_rooms, has_room
from lstm_numpy.system.signals import sigterm_like_ctrl_c
from lstm_numpy.system.whole_files import show_page, write_all
from lstm_numpy.training.options import DEFAULTS, add_run_options, add_settings, new_config, resumed_config

CONTEXT = ("place", "beginning", "bars", "upbeat", "meter", "mode", "back1", "back2", "back4", "again")
# What a recipe decides; stride is for windows alone, input_dim 0 is the vocabulary's size, clip 0 does not clip.
RECIPES = {
    "default": {
        "batches": "streams", "outputs": "every", "split": "song", "stride": 16, "sequence_len": 64,
        "input_dim": 64, "hidden_dim": 320, "layer_dim": 1, "context": [*CONTEXT], "context_dropout": 0.1,
        "dropout": 0.4, "embedding_dropout": 0.1, "weight_dropout": 0.1,
        "learning_rate": 0.003, "schedule": "cosine", "warm_up": 0.04, "batch_size": 16, "epochs": 24, "clip": 1.0,
    },
    "article": {
        "batches": "windows", "outputs": "last", "split": "window", "stride": 1, "sequence_len": 64,
        "input_dim": 0, "hidden_dim": 128, "layer_dim": 1, "context": [], "context_dropout": 0.0,
        "dropout": 0.2, "embedding_dropout": 0.0, "weight_dropout": 0.0,
        "learning_rate": 0.001, "schedule": "constant", "warm_up": 0.0, "batch_size": 64, "epochs": 10, "clip": 0.0,
    },
}  # fmt: skip
# Melodies before and after training: how many, their most steps before; after, that and the temperature by recipe.
MELODIES, BEFORE, AFTER = 5, "13", {"default": (None, 0.8), "article": ("120", 0.6)}
VALIDATION, TEST, WATCHED = 1, 2, 100  # parts of a split; validation windows that --watch chooses from
EVALUATED, EVALUATION_SEED, TEMPERATURES = range(1, 401), 0, (0.6, 0.8, 1.0)  # numbers of melodies by --evaluate


def make_parser() -> Parser:
    parser = Parser(prog="train.py", description="Train an LSTM on folk songs.")
    add = parser.add_argument
    add("--data", type=some_text, metavar="SCORES", help="a score, a folder of scores or a .zip; or erk or essen, "
        "which come with music21 (default: erk; a folder of that name is ./erk)")  # fmt: skip
    add("--time-step", type=fraction(1 / 256, 1, "a share of a whole note such as 1/16, from 1/256 to 1"),
        help="the grid, of a whole note (default: 1/16)")  # fmt: skip
    add("--limit-songs", type=number(int, 3, 10**6), help="train on so many songs of the corpus (default: all)")
    add("--context", type=some_of(CONTEXT, "piece of context", or_none=True), metavar="PIECES", help="what the network "
        f"is told beside the tokens: none, or some of {','.join(CONTEXT)} (default: all; article: none)")  # fmt: skip
    add_settings(parser, RECIPES)
    add_run_options(parser)
    add("--out", type=some_path, help="the run's folder (default: runs/RECIPE-DATE-TIME), or that of an evaluation")
    add("--evaluate", type=some_path, metavar="RUN", help="train nothing, but judge a run's best model, or an exported "
        "one, on its test songs; only --out, --data and --threads may be given")  # fmt: skip
    return parser


def main(arguments: list[str] | None = None) -> int:
    parser = make_parser()
    options = parser.parse_args(arguments)
    use_threads(options.threads)
    with sigterm_like_ctrl_c(), contextlib.ExitStack() as claims:  # the run's folder is ours until the end
        return train(parser, options, claims) if options.evaluate is None else evaluate(parser, options)


def train(parser: Parser, options, claims: contextlib.ExitStack) -> int:
    """A training, new or, with --resume, from where an earlier one was stopped."""
    from lstm_numpy.training import Run, Settings, Trained, Training, duration, export, resuming

    resuming.check_export(options.export, options.resume)  # now rather than at the end
    if options.resume is None:
        saved, config = None, new_config(options, RECIPES, DEFAULTS)
        folder = options.out or Path("runs") / f"{config['recipe']}-{datetime.now():%Y%m%d-%H%M%S}"
        resuming.check_unused(folder)  # now rather than after reading the songs
    else:
        saved = resuming.take_up(options.resume, claims)
        config, folder = resumed_config(parser, options, saved.description["config"], DEFAULTS), saved.path.parent

    if config["watch"]:
        check_rooms("--watch", "lstm_numpy.inspection")

    # Songs, vocabulary, data set and split, model
    corpus = load_songs(config, options.data, saved)
    string_to_int, context, held_out, rngs = prepare(corpus, config, saved)
    with in_one_sentence(ValueError):
        batches = held_out.batches(config["batches"], config["outputs"], config["stride"], config["batch_size"])
    model = make_model(config, len(string_to_int), len(context), rngs.weights)

    # The training, and the folder that it lives in
    training, watch = Training(model, Settings.chosen_from(config), rngs.order, rngs.dropout), None
    if config["watch"]:
        from lstm_numpy.inspection import Watch

        watch = Watch(*held_out.some_windows(model.start_len, WATCHED)[:3])
    if saved is None:
        folder = resuming.make_folder(folder, options.out is not None, claims)
    about = {"vocabulary": string_to_int.symbols, "context": context.record, "time_step": config["time_step"],
             "config": config}  # fmt: skip
    page = page_of(folder, model, watch, corpus, held_out, config)
    run = Run(folder, training, about, held_out.split, watch, page.files)
    run.start_from_here(saved)
    if saved is None:
        print(f"\nmodel ({config['recipe']} recipe):\n{model.summary()}\n\n{held_out}")

    # Melodies before training, the training, the test, melodies after it
    music = string_to_int, context, config["time_step"]
    if training.optimizer.t == 0:
        compose(page, Trained(model, *music), config, "before")
    print(f"run folder: {folder}")
    show_page(folder, page.content())
    if not run.train(batches, lambda model: judge(model, held_out, VALIDATION), options.save_every):
        return 130
    try:
        model = run.best_model()
        page.test(f"test, best epoch ({training.best_epoch}): {judge(model, held_out, TEST)}")
        compose(page, Trained(model, *music), config, "after")
        print(f"\n{duration(training.seconds)} of training; all is in {folder}\ncompose with: python sample.py")
        show_page(folder, page.content())
        if options.export is not None:
            export(options.export, model, {**about, "config": {**config, "data": Path(config["data"]).name}})
    except KeyboardInterrupt:
        print(f"\nstopped; all is saved, for the rest: python train.py --resume {folder}")
        return 130
    return 0


def load_songs(config: dict, given: str | None, saved):
    """The corpus, from where it was or is `given`; for a saved training or model, the same songs as then."""
    from encoding.reading import CorpusError, lasting_name, read_songs

    if saved is None or given is not None:
        config["data"] = lasting_name(given)
    with in_one_sentence(CorpusError, before="--data "):
        corpus = read_songs(config["data"], config["time_step"], config["limit_songs"], config["seed"], sys.stdout)
    if saved is not None and corpus.digest() != config["songs_digest"]:
        what = corpus.difference(saved.description["vocabulary"])
        raise CommandLineError(f"{saved.asked_for}: {what}; restore the songs, or give them with --data")
    config["songs_digest"] = corpus.digest()
    return corpus


def prepare(corpus, config: dict, saved):
    """Vocabulary and context; the data set and its split, which a saved run knows; generators for all other chance."""
    from encoding import ContextEncoder, HeldOut, ScoreDataset, StringToIntEncoder, draw_split
    from lstm_numpy.training import random_streams

    string_to_int = StringToIntEncoder(corpus.songs)
    rngs, by_song = random_streams(config["seed"]), config["split"] == "song"
    with in_one_sentence(ValueError, before=f"{corpus.source}: ", after="; give more songs with --data"):
        split = (saved and saved.split) or draw_split(corpus.songs, config["split"], rngs.split)
    learned = split[0] if by_song else range(len(corpus.songs))
    context = ContextEncoder(string_to_int, config["context"], [corpus.told[n] for n in learned])
    dataset = ScoreDataset(corpus.songs, string_to_int, config["sequence_len"], context, corpus.told)
    return string_to_int, context, HeldOut(dataset, split, by_song), rngs


def make_model(config: dict, vocab_size: int, context_size: int, rng):
    """The network: embedding (and context) -> LSTM -> dropout -> linear."""
    from lstm_numpy import LSTMModel
    from lstm_numpy.model import DROPOUTS

    sizes = vocab_size, config["input_dim"] or vocab_size, config["hidden_dim"], config["layer_dim"]
    start_len = 1 if config["batches"] == "streams" else config["sequence_len"]
    more = {name: config[name] for name in (*DROPOUTS, "plain")}
    return LSTMModel(*sizes, rng=rng, context_size=context_size, start_len=start_len, **more)


def page_of(folder: Path, model, watch, corpus, held_out, config: dict):
    """The page of the run: what was found in the corpus, the network, and what is held out."""
    from encoding.page import RunPage
    from lstm_numpy.training import curves

    page, parts = RunPage(folder, curves, watch), ()
    if has_room("lstm_numpy.inspection"):
        from lstm_numpy.inspection import parts_of

        parts = parts_of(model, config["batch_size"], config["sequence_len"], config["outputs"])
    page.begin(corpus, held_out, model.summary(), parts)
    return page


def judge(model, held_out, part: int):
    """The loss on the validation or test data: of whole songs or, if windows were held out, of the token after each."""
    from lstm_numpy.training import evaluate_sequences, evaluate_windows

    if held_out.by_song:
        return evaluate_sequences(model, held_out.songs(part), held_out.end, held_out.contexts(part))
    return evaluate_windows(model, held_out.last_targets(part, model.start_len), "last")


def compose(page, network, config: dict, when: str) -> None:
    """Compose melodies, print them, put them on the page of the run, and write those from after training as files."""
    from encoding.writing import as_drawn, note_names
    from lstm_numpy.sampling import numbered_streams

    longest, temperature = (BEFORE, 0.6) if when == "before" else AFTER[config["recipe"]]
    print(f"\nmelodies {when} training, temperature {temperature}{f', at most {longest} steps' * bool(longest)}:")
    rngs = numbered_streams(config["seed"], range(1, MELODIES + 1))
    melodies, arrangement = as_drawn(network, rngs, temperature, longest)
    composed = [arrangement.of(*melody[:3])[:2] for melody in melodies]
    for n, (tokens, layout) in enumerate(composed, start=1):
        print(f"  {n}: {' '.join(tokens)}\n     {note_names(tokens, layout.key)}\n     {layout}")
    write_all(page.folder, page.melodies(when, composed, network.time_step))


def evaluate(parser: Parser, options) -> int:
    """Write the figures of a model to a folder, as a page and as JSON."""
    refuse_others(parser, options, ("evaluate", "out", "data", "threads"), "--evaluate trains nothing")
    check_rooms("--evaluate", "lstm_numpy.baselines", "encoding.comparing")
    from encoding import comparing, split_by_window
    from encoding.writing import as_drawn
    from lstm_numpy.baselines import bootstrap_mean, judge_predictions
    from lstm_numpy.sampling import numbered_streams
    from lstm_numpy.training import Saved, Trained

    saved = Saved.load_best(options.evaluate, "--evaluate")
    config = {**DEFAULTS, **saved.description["config"]}
    if config["split"] != "song":
        raise CommandLineError(f"{saved.asked_for}: its windows were split at random, so that no song is unheard; "
                               "train with --split song")  # fmt: skip
    corpus = load_songs(config, options.data, saved)
    string_to_int, context, held_out, _ = prepare(corpus, config, saved)
    model, folder = saved.model(), options.out or saved.evaluation_folder
    network = Trained(model, string_to_int, context, config["time_step"], saved)
    folder.mkdir(parents=True, exist_ok=True)
    data = held_out.data.songs, held_out.split, split_by_window, string_to_int.end, string_to_int.kinds
    beside = comparing.told_to_n_grams(data[0], corpus.told, string_to_int)
    figures = judge_predictions(model, *data, "note", EVALUATION_SEED, held_out.contexts(TEST), beside)
    print(f"\ncomposing {len(EVALUATED)} melodies at each of the temperatures {TEMPERATURES} ...", flush=True)
    composed = {t: as_drawn(network, numbered_streams(EVALUATION_SEED, EVALUATED), t)[0] for t in TEMPERATURES}
    seen = corpus, held_out.split, composed
    figures = {"about": comparing.about(saved.name, *seen, EVALUATION_SEED), **figures}
    figures |= comparing.judge_melodies(*seen, bootstrap_mean(EVALUATION_SEED), EVALUATION_SEED)
    write_all(folder, {"evaluation.json": comparing.to_json(figures).encode()})
    print(f"\n{comparing.main_table(figures)}\n\nhow to read it, and more:")
    page = comparing.evaluation_page(figures)
    show_page(folder, page.content())
    write_all(saved.path.parent, page.added_to(saved.path.parent))
    return 0


if __name__ == "__main__":
    sys.exit(run_command(main))
