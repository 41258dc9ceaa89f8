"""Compose melodies with a trained model.

    python sample.py                                   five melodies by the newest run's best model,
                                                       or by models/erk.npz if nothing was trained yet
    python sample.py --model runs/.../best.npz -n 20 --temperature 0.8 --seed 7
    python sample.py --primer "55 _ _ _ 60 _ _ _"      go on from a beginning
    python sample.py --primer-file song.abc --primer-notes 8
    python sample.py --explain                         also draw what goes on inside the network
    python sample.py --explain --primer-file song.abc -n 0   the same for a song of your own alone

It reads the checkpoint alone; only --explain reads the corpus, too.
"""

import secrets
import shutil
import sys
from datetime import datetime
from functools import partial
from pathlib import Path

import train
from train import RUNS, CommandLineError, Parser, load_checkpoint, number, run_command, some_path, use_threads

SHIPPED = Path(__file__).resolve().parent / "models" / "erk.npz"
FORMATS = ("tokens", "midi", "musicxml", "roll", "wav")  # the keys of encoding.render.FORMATS
MOST_SONGS = 200  # that --explain reads to find the units


def make_parser() -> Parser:
    parser = Parser(prog="sample.py", description="Compose melodies with a trained model.")
    add = parser.add_argument
    add("--model", type=some_path,
        help="a checkpoint or a run's folder (default: the newest run in runs/, else the shipped model)")  # fmt: skip
    add("-n", type=number(int, 0, 10**5), default=5,
        help="how many melodies (default: 5); 0, with --explain, explains the primer alone")  # fmt: skip
    add("--temperature", type=number(float, 0, infinite=True), default=0.6,
        help="0 always takes the likeliest token, inf takes any (default: 0.6)")  # fmt: skip
    add("--top-k", type=number(int, 1), help="choose among the k likeliest tokens alone (default: among all)")
    add("--max-len", type=number(int, 1, 10**5), default=120,
        help="longest melody in steps, the primer included (default: 120)")  # fmt: skip
    add("--seed", type=number(int, 0), help="the same seed gives the same melodies (default: a new one, printed)")
    primer = parser.add_mutually_exclusive_group()
    primer.add_argument("--primer", help='tokens to go on from, such as "55 _ _ _ 60 _ _ _"')
    primer.add_argument("--primer-file", type=some_path, metavar="SCORE", help="a score whose beginning to go on from")
    add("--primer-notes", type=number(int, 1), metavar="N", help="notes to take from the primer (default: all)")
    add("--out", type=some_path, help="folder for the files (default: melodies/DATE-TIME)")
    add("--formats", type=formats, default=",".join(FORMATS), help=f"some of {','.join(FORMATS)} (default: all)")
    add("--soundfont", type=some_path, metavar="FILE.sf2",
        help="play the WAV with FluidSynth (default: our own synthesiser)")  # fmt: skip
    add("--explain", action="store_true",
        help="also draw what the network expects and what its units do along each melody, primer included")  # fmt: skip
    add("--units", type=unit_numbers, metavar="N,N",
        help="units of the last layer to show with --explain (default: those that follow the music best)")  # fmt: skip
    add("--data", metavar="SCORES",
        help="with --explain, the songs that the model was trained on (default: where they were then)")  # fmt: skip
    return parser


def unit_numbers(text: str) -> list[int]:
    """Whole numbers, separated by commas."""
    return [number(int, 0)(part) for part in text.split(",")]


def formats(text: str) -> list[str]:
    """A list of formats, separated by commas."""
    import argparse

    chosen = [name.strip() for name in text.split(",")]
    for name in chosen:
        if name not in FORMATS:
            raise argparse.ArgumentTypeError(f"{name!r} is not a format; choose from {','.join(FORMATS)}")
    return chosen


def main(arguments: list[str] | None = None) -> int:
    parser = make_parser()
    options = parser.parse_args(arguments)
    if options.soundfont is not None:
        if not options.soundfont.is_file():
            raise CommandLineError(f"--soundfont {options.soundfont}: there is no such file; give an .sf2 file")
        if shutil.which("fluidsynth") is None:
            raise CommandLineError(
                "--soundfont needs fluidsynth on the PATH; install FluidSynth or leave the option out"
            )
        if "wav" not in options.formats:
            raise CommandLineError("--soundfont is for the format wav; add it to --formats or leave the option out")
    for option in ("units", "data"):
        if getattr(options, option) is not None and not options.explain:
            raise CommandLineError(f"--{option} is for --explain; add it or leave the option out")
    use_threads(None)  # a few columns of numbers at a time are no work for more threads
    from lstm_numpy.files import write_whole

    path = options.model or newest_model()
    if path.is_dir():
        path = path / "best.npz"
    model, vocabulary, time_step = load_model(path)
    primer, meter = read_primer(options, vocabulary, time_step)
    if options.n == 0 and not (options.explain and primer):
        raise CommandLineError("-n 0 composes nothing; it is for --explain with a primer, which it explains alone")
    seed = secrets.randbelow(2**32) if options.seed is None else options.seed
    folder = options.out or Path("melodies") / f"{datetime.now():%Y%m%d-%H%M%S}"
    print(f"model {path}, seed {seed}, temperature {options.temperature:g}", flush=True)
    pictures, explain = {}, None
    if options.explain:
        pictures, explain = look_inside(options, path, model, vocabulary, time_step, primer, meter)
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in pictures.items():
        write_whole(folder / name, content)
    if options.n > 0:
        compose(options, model, vocabulary, time_step, primer, seed, folder, explain)
    print(f"written to {folder}")
    return 0


def compose(
    options, model, vocabulary, time_step: float, primer: list[str], seed: int, folder: Path, explain=None
) -> None:
    """Compose the melodies, then print and write one after the other, and what `explain` draws of it."""
    import numpy as np

    from encoding.render import FORMATS as SUFFIXES
    from encoding.render import RenderError, render
    from encoding.tokens import note_names
    from lstm_numpy import generate_many
    from lstm_numpy.files import write_whole

    # A stream for each: the n-th melody is the same however many are asked for.
    rngs = [np.random.default_rng([seed, n]) for n in range(1, options.n + 1)]
    melodies = generate_many(model, vocabulary, rngs, primer, options.max_len, options.temperature, top_k=options.top_k)
    for n, tokens in enumerate(melodies, start=1):
        print(f"{n}: {' '.join(tokens)}\n   {note_names(tokens)}", flush=True)
        for format in options.formats:
            try:
                content = render(tokens, format, time_step, f"Melody {n} (seed {seed})", options.soundfont)
            except RenderError as error:
                raise CommandLineError(str(error)) from None
            write_whole(folder / f"melody-{n}{SUFFIXES[format]}", content)
        if explain is not None:
            ended = len(tokens) < options.max_len
            picture = explain(tokens, len(primer), ended, f"Melody {n} (seed {seed})")
            write_whole(folder / f"melody-{n}-explained.png", picture)


def newest_model() -> Path:
    """The best model of the run that was written to last; the model that is shipped if there is none."""
    found = sorted(RUNS.glob("*/best.npz"), key=lambda path: path.stat().st_mtime)
    if not found and SHIPPED.is_file():
        return SHIPPED
    if not found:
        raise CommandLineError(
            f"no trained model in {RUNS}/; train one with: python train.py, or name one with --model"
        )
    return found[-1]


def load_model(path: Path):
    """The model, the vocabulary and the time step of a checkpoint."""
    from encoding import StringToIntEncoder
    from lstm_numpy import checkpoint

    arrays, description = load_checkpoint(path)
    try:
        model = checkpoint.model_from(arrays, description)
        vocabulary = StringToIntEncoder.from_symbols(description["vocabulary"])
        time_step = float(description["time_step"])
    except (KeyError, TypeError, ValueError) as error:
        raise CommandLineError(f"{path}: not a checkpoint of this program ({error}); give a run's best.npz") from None
    return model, vocabulary, time_step


def read_primer(options, vocabulary, time_step: float) -> tuple:
    """The beginning to go on from, checked against the vocabulary and the length; and the meter of its score."""
    from encoding import GridEncoder
    from encoding.tokens import events

    option, tokens, meter = "--primer", [], None
    try:
        if options.primer is not None:
            tokens = options.primer.split()
        elif options.primer_file is not None:
            option = "--primer-file"
            tokens, meter = encode_score(options.primer_file, time_step)
        for token in tokens:
            vocabulary.encode(token)
        if options.primer_notes is not None:
            tokens = GridEncoder(time_step).take_notes(tokens, options.primer_notes)
        list(events(tokens))  # raises at the first token that is out of place
    except ValueError as error:
        raise CommandLineError(f"{option}: {error}") from None
    if options.n > 0 and len(tokens) > options.max_len:
        raise CommandLineError(
            f"{option}: it has {len(tokens)} steps, more than --max-len {options.max_len}; shorten it"
        )
    return tokens, meter


def encode_score(path: Path, time_step: float) -> tuple:
    """The first song of a score file, in C major or A minor, and its meter."""
    from encoding import CorpusError, load_corpus

    try:
        corpus = load_corpus(path, time_step, progress=lambda done, total: None)
    except (CorpusError, FileNotFoundError) as error:
        raise ValueError(str(error)) from None
    if not corpus.songs:
        raise ValueError(f"{path} cannot be used: {next(iter(corpus.rejected.values()), 'it holds no song')}")
    return corpus.songs[0], corpus.meters[0]


# -- --explain -------------------------------------------------------------------------------


def look_inside(options, path: Path, model, vocabulary, time_step: float, primer: list[str], meter) -> tuple:
    """Print what the units follow, and draw it.

    Returns:
        Pictures by their file names: that of the units and, if nothing is composed, that of the
        primer; and what draws a composed melody (see `draw_explained`).
    """
    from encoding.landmarks import readable_song

    for unit in options.units or []:
        if unit >= model.hidden_dim:
            raise CommandLineError(f"--units {unit}: there is no such unit; give any of 0 to {model.hidden_dim - 1}")
    songs = songs_to_read(path, vocabulary, options.data)
    window = window_on(songs, model, vocabulary, time_step, options.units)
    explain = partial(draw_explained, window, vocabulary, time_step)
    title = options.primer_file.name if options.primer_file else "Primer"
    score = (title, primer, meter) if options.primer_file else readable_song(songs)
    pictures = {"units.png": draw_units(window, vocabulary, time_step, *score)}
    if options.n == 0:
        whole_score = options.primer_file is not None and options.primer_notes is None
        pictures["primer-explained.png"] = explain(primer, 0, whole_score, title)
    return pictures, explain


def songs_to_read(path: Path, vocabulary, data: str | None):
    """The test songs of the model's training; of another corpus, all songs that it can read."""
    from encoding.landmarks import Songs

    arrays, description = load_checkpoint(path)
    config = {**train.DEFAULTS, **description["config"]}
    if data is not None:
        config["data"] = data
    corpus = train.load_songs(config)
    numbers, kind = train.held_out_songs(config, corpus, arrays), "held-out songs"
    if numbers is None:
        known = set(vocabulary.symbols)
        numbers = [n for n, song in enumerate(corpus.songs) if known.issuperset(song)]
        kind = f"songs of {Path(config['data']).name}"
        print(f"the songs are not those of the training, or none was held out whole: units are judged on all {kind}")
    if not len(numbers):
        raise CommandLineError(f"--data {config['data']}: no song is written in tokens that the model knows")
    lists = corpus.names, corpus.songs, corpus.meters
    return Songs(kind, *([items[n] for n in numbers[:MOST_SONGS]] for items in lists))


def window_on(songs, model, vocabulary, time_step: float, chosen: list[int] | None = None):
    """What the model's units follow in the songs, found once for all pictures, and printed."""
    from encoding.landmarks import BEAT, in_words, kinds, landmarks, upwards
    from lstm_numpy.window import Notation, Window

    symbols, marks = vocabulary.symbols, landmarks(songs)
    notation = Notation(
        labels=[in_words(symbol) for symbol in symbols],
        order=upwards(symbols),
        end=vocabulary.end,
        kinds=kinds(symbols),
        each=("the notes of each pitch", kinds(symbols)["a note"]),
        duration=4 * time_step,
        time="time (quarter notes)",
        settled=round(1 / time_step),
    )
    window = Window(model, notation, [integers(vocabulary, song) for song in songs.tokens], marks, chosen)
    if BEAT not in window.figures:
        print("no song has a meter, so no unit can be said to follow the beat or the bar")
    print(window.report())
    return window


def draw_explained(window, vocabulary, time_step: float, tokens: list[str], given: int, ended: bool, title: str):
    """The picture of a melody; `given` tokens of it were not composed, and if it has `ended`, TERM came last."""
    from encoding import TERM_SYMBOL
    from encoding.render import draw_roll

    symbols = integers(vocabulary, [*tokens, TERM_SYMBOL] if ended else tokens)
    return window.explain(symbols, given, title, lambda axes: draw_roll(axes, tokens, time_step))


def draw_units(window, vocabulary, time_step: float, name: str, tokens: list[str], meter) -> bytes:
    """The picture of the units along a song, whose lines are broken at bar lines, if it has a meter."""
    first, period, lines = 0, round(1 / time_step), "a line after every whole note"
    if meter is not None:
        first, period, lines = meter.upbeat, meter.bar, "bar lines as in the score"
    return window.units(integers(vocabulary, tokens), tokens, first, period, f"{name}: its tokens, {lines}")


def integers(vocabulary, tokens: list[str]):
    import numpy as np

    return np.array([vocabulary.encode(token) for token in tokens])


if __name__ == "__main__":
    sys.exit(run_command(main))
