"""Compose melodies with a trained model.

    python sample.py                                   five melodies by the newest run's best model,
                                                       or by models/erk.npz if nothing was trained yet
    python sample.py --model runs/.../best.npz -n 20 --temperature 0.8 --seed 7
    python sample.py --primer "55 _ _ _ 60 _ _ _"      go on from a beginning
    python sample.py --primer-file song.abc --primer-notes 8

It reads the checkpoint alone, no corpus.
"""

import secrets
import shutil
import sys
from datetime import datetime
from pathlib import Path

from train import RUNS, CommandLineError, Parser, load_checkpoint, number, run_command, use_threads

SHIPPED = Path(__file__).resolve().parent / "models" / "erk.npz"
FORMATS = ("tokens", "midi", "musicxml", "roll", "wav")  # the keys of encoding.render.FORMATS


def make_parser() -> Parser:
    parser = Parser(prog="sample.py", description="Compose melodies with a trained model.")
    add = parser.add_argument
    add(
        "--model",
        type=Path,
        help="a checkpoint or a run's folder (default: the newest run in runs/, else the shipped model)",
    )
    add("-n", type=number(int, 1), default=5, help="how many melodies (default: 5)")
    add("--temperature", type=number(float, 0, infinite=True), default=0.6,
        help="0 always takes the likeliest token, inf takes any (default: 0.6)")  # fmt: skip
    add("--top-k", type=number(int, 1), help="choose among the k likeliest tokens alone (default: among all)")
    add(
        "--max-len",
        type=number(int, 1),
        default=120,
        help="longest melody in steps, the primer included (default: 120)",
    )
    add("--seed", type=number(int, 0), help="the same seed gives the same melodies (default: a new one, printed)")
    primer = parser.add_mutually_exclusive_group()
    primer.add_argument("--primer", help='tokens to go on from, such as "55 _ _ _ 60 _ _ _"')
    primer.add_argument("--primer-file", type=Path, metavar="SCORE", help="a score whose beginning to go on from")
    add("--primer-notes", type=number(int, 1), metavar="N", help="notes to take from the primer (default: all)")
    add("--out", type=Path, help="folder for the files (default: melodies/DATE-TIME)")
    add("--formats", type=formats, default=",".join(FORMATS), help=f"some of {','.join(FORMATS)} (default: all)")
    add(
        "--soundfont", type=Path, metavar="FILE.sf2", help="play the WAV with FluidSynth (default: our own synthesiser)"
    )
    return parser


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
    use_threads(None)  # a few columns of numbers at a time are no work for more threads

    path = options.model or newest_model()
    if path.is_dir():
        path = path / "best.npz"
    model, vocabulary, time_step = load_model(path)
    primer = read_primer(options, vocabulary, time_step)
    seed = secrets.randbelow(2**32) if options.seed is None else options.seed
    folder = options.out or Path("melodies") / f"{datetime.now():%Y%m%d-%H%M%S}"
    folder.mkdir(parents=True, exist_ok=True)
    print(f"model {path}, seed {seed}, temperature {options.temperature:g}")
    compose(options, model, vocabulary, time_step, primer, seed, folder)
    print(f"written to {folder}")
    return 0


def compose(options, model, vocabulary, time_step: float, primer: list[str], seed: int, folder: Path) -> None:
    """Compose the melodies, then print and write one after the other."""
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


def read_primer(options, vocabulary, time_step: float) -> list[str]:
    """The beginning to go on from, checked against the vocabulary and the length."""
    from encoding import GridEncoder
    from encoding.tokens import events

    option, tokens = "--primer", []
    try:
        if options.primer is not None:
            tokens = options.primer.split()
        elif options.primer_file is not None:
            option = "--primer-file"
            tokens = encode_score(options.primer_file, time_step)
        for token in tokens:
            vocabulary.encode(token)
        if options.primer_notes is not None:
            tokens = GridEncoder(time_step).take_notes(tokens, options.primer_notes)
        list(events(tokens))  # raises at the first token that is out of place
    except ValueError as error:
        raise CommandLineError(f"{option}: {error}") from None
    if len(tokens) > options.max_len:
        raise CommandLineError(
            f"{option}: it has {len(tokens)} steps, more than --max-len {options.max_len}; shorten it"
        )
    return tokens


def encode_score(path: Path, time_step: float) -> list[str]:
    """The first song of a score file, in C major or A minor."""
    from encoding import CorpusError, load_corpus

    try:
        corpus = load_corpus(path, time_step, progress=lambda done, total: None)
    except (CorpusError, FileNotFoundError) as error:
        raise ValueError(str(error)) from None
    if not corpus.songs:
        raise ValueError(f"{path} cannot be used: {next(iter(corpus.rejected.values()), 'it holds no song')}")
    return corpus.songs[0]


if __name__ == "__main__":
    sys.exit(run_command(main))
