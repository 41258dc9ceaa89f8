"""Compose melodies with a trained model.

    python sample.py                                   five melodies by the newest run's best model,
                                                       or by models/erk.npz if nothing was trained yet
    python sample.py --model runs/.../best.npz -n 20 --temperature 0.8 --seed 7
    python sample.py --primer "55 _ _ _ 60 _ _ _"      go on from a beginning
    python sample.py --primer-file song.abc --primer-notes 8     the same, back in the song's own key and meter
    python sample.py --key "e minor" --meter 3/4 --upbeat 4 --tempo 90
    python sample.py --again melodies/.../melody-5.json          that melody again, byte for byte
    python sample.py --explain                         also draw what goes on inside the network
    python sample.py --explain --primer-file song.abc -n 0   the same for a song of your own alone

Beside the files of each melody lies a JSON with all that it takes to make them again. The checkpoint
alone is needed. --explain and --report read the songs of the training, too; otherwise these are
looked at, for the novelty of each melody, if the token cache has them.
"""

import hashlib
import math
import secrets
import shlex
import shutil
import sys
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

import train
from lstm_numpy.command_line import CommandLineError, Parser, number, run_command, some_path, use_threads
from train import RUNS, load_checkpoint

SHIPPED = Path(__file__).resolve().parent / "models" / "erk.npz"
FORMATS = ("tokens", "midi", "musicxml", "abc", "roll", "wav")  # the keys of encoding.render.FORMATS
MOST_SONGS = 200  # that --explain reads to find the units
NOT_KEPT = (
    "model", "n", "seed", "primer", "primer_file", "primer_notes", "out", "again", "explain", "units", "data", "report",
)  # fmt: skip
BESIDE_AGAIN = ("again", "model", "out", "formats")  # options that --again may be given with


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
    add("--top-p", type=number(float, 0), metavar="P",
        help="choose among the likeliest tokens alone that have together the probability P (default: 1)")  # fmt: skip
    add("--min-len", type=number(int, 0, 10**5), default=0, metavar="STEPS",
        help="shortest melody in steps, the primer included (default: 0)")  # fmt: skip
    add("--max-len", type=number(int, 1, 10**5), default=120, metavar="STEPS",
        help="longest melody in steps, the primer included (default: 120)")  # fmt: skip
    add("--seed", type=number(int, 0), help="the same seed gives the same melodies (default: a new one, printed)")
    primer = parser.add_mutually_exclusive_group()
    primer.add_argument("--primer", help='tokens to go on from, such as "55 _ _ _ 60 _ _ _"')
    primer.add_argument("--primer-file", type=some_path, metavar="SCORE", help="a score whose beginning to go on from")
    add("--primer-notes", type=number(int, 1), metavar="N", help="notes to take from the primer (default: all)")
    add("--no-primer-in-output", action="store_true", help="write only what follows the primer")
    add("--key", metavar="KEY",
        help="such as G, Bb or 'e minor' (default: that of --primer-file, else C major or A minor)")  # fmt: skip
    add("--meter", metavar="N/N", help="of the written score (default: that of --primer-file if known, else 4/4)")
    add(
        "--upbeat",
        type=number(int, 0, 10**5),
        metavar="STEPS",
        help="before the first bar line (default: as --meter, or 0)",
    )
    add("--tempo", type=number(float, 10, 1001), default=120.0, help="quarter notes per minute (default: 120)")
    add("--range", metavar="LOW-HIGH",
        help="move each melody by octaves to where it fits best, such as A3-E5; or any "
        "(default: G3-G5; with a primer: any)")  # fmt: skip
    add(
        "--again",
        type=some_path,
        metavar="FILE.json",
        help="make the melody of this file again; all else is taken from it",
    )
    add("--out", type=some_path, help="folder for the files (default: melodies/DATE-TIME)")
    add("--formats", type=formats, help=f"some of {','.join(FORMATS)} (default: all)")
    add("--soundfont", type=some_path, metavar="FILE.sf2",
        help="play the WAV with FluidSynth (default: our own synthesiser)")  # fmt: skip
    add("--explain", action="store_true",
        help="also draw what the network expects and what its units do along each melody, primer included")  # fmt: skip
    add("--units", type=unit_numbers, metavar="N,N",
        help="units of the last layer to show with --explain (default: those that follow the music best)")  # fmt: skip
    add("--report", action="store_true",
        help="also write a page of figures: how good the melodies are, how new, how like folk songs")  # fmt: skip
    add("--data", metavar="SCORES",
        help="with --explain or --report, the songs of the training (default: where they were then)")  # fmt: skip
    return parser


def unit_numbers(text: str) -> list[int]:
    """Whole numbers, separated by commas, each once."""
    return list(dict.fromkeys(number(int, 0)(part) for part in text.split(",")))


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
    options, record = parser.parse_args(arguments), None
    use_threads(None)  # a few columns of numbers at a time are no work for more threads
    if options.again is not None:
        options, record = recall(parser, options)
    options.formats = options.formats or list(FORMATS)
    check_options(options)
    from encoding.record import primer_of_record, record_of_primer, versions
    from lstm_numpy.files import write_whole

    path = options.model or newest_model()
    if path.is_dir():
        path = path / "best.npz"
    model, vocabulary, time_step = load_model(path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if record and record["model"]["sha256"] != digest:
        raise CommandLineError(f"--again: {path} is not the model that made the melody (its checksum differs); "
                               "give that one with --model")  # fmt: skip
    primer = read_primer(options, vocabulary, time_step, record and primer_of_record(record))
    if options.no_primer_in_output and not primer.tokens:
        raise CommandLineError("--no-primer-in-output is for a primer; give one or leave the option out")
    arrangement = read_arrangement(options, primer, time_step)
    if options.n == 0 and not (options.explain and primer.tokens):
        raise CommandLineError("-n 0 composes nothing; it is for --explain with a primer, which it explains alone")
    seed = secrets.randbelow(2**32) if options.seed is None else options.seed
    folder = options.out or Path("melodies") / f"{datetime.now():%Y%m%d-%H%M%S}"
    print(f"model {path}, seed {seed}, temperature {options.temperature:g}", flush=True)
    pictures, explain = {}, None
    if options.explain:
        pictures, explain = look_inside(options, path, model, vocabulary, time_step, primer.tokens, primer.meter)
    numbers = [record["number"]] if record else range(1, options.n + 1)
    if options.report and not numbers:
        raise CommandLineError("-n 0 composes nothing to report on; leave out --report")
    learned = learned_songs(options, path) if numbers and not record else None
    if numbers and not record and learned is None:
        print("the songs of the training are not in the token cache, so novelty is not looked up (--report reads them)")
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in pictures.items():
        write_whole(folder / name, content)
    if numbers:
        about = {
            "seed": seed,
            "model": record["model"] if record else {"file": str(path), "sha256": digest},
            "options": kept(options),
            "primer": record_of_primer(primer),
            "versions": versions(),
        }
        network = model, vocabulary, time_step
        novelty = (lambda _: record.get("novelty")) if record else learned and learned.novelty
        records = compose(options, numbers, network, primer, arrangement, about, folder, novelty, explain, record)
        if options.report:
            write_page(options, network, records, learned, folder)
    print(f"written to {folder}")
    return 0


def check_options(options) -> None:
    """What can be seen to be wrong before anything is read."""
    if options.soundfont is not None:
        if not options.soundfont.is_file():
            raise CommandLineError(f"--soundfont {options.soundfont}: there is no such file; give an .sf2 file")
        if shutil.which("fluidsynth") is None:
            raise CommandLineError(
                "--soundfont needs fluidsynth on the PATH; install FluidSynth or leave the option out"
            )
        if "wav" not in options.formats:
            raise CommandLineError("--soundfont is for the format wav; add it to --formats or leave the option out")
    if options.units is not None and not options.explain:
        raise CommandLineError("--units is for --explain; add it or leave the option out")
    if options.data is not None and not (options.explain or options.report):
        raise CommandLineError("--data is for --explain and --report; add one or leave the option out")
    if options.min_len > options.max_len:
        raise CommandLineError(f"--min-len {options.min_len} is more than --max-len {options.max_len}; give less")
    if options.top_p is not None and not 0 < options.top_p <= 1:
        raise CommandLineError(f"--top-p {options.top_p:g}: a probability is wanted, above 0 and at most 1")


def compose(
    options,
    numbers,
    network: tuple,
    primer,
    arrangement,
    about: dict,
    folder,
    novelty=None,
    explain=None,
    expected=None,
) -> list[dict]:
    """Compose the melodies of these numbers, then print and write one after the other, and what `explain` draws.

    Args:
        novelty: from tokens to what they share with the songs of the training, for the records.
        expected: the record that must come out again.

    Returns:
        Their records.
    """
    import numpy as np

    from encoding import SongRejected
    from encoding.record import write_record
    from encoding.render import FORMATS as SUFFIXES
    from encoding.render import RenderError, render
    from encoding.tokens import note_names
    from lstm_numpy import generate_many
    from lstm_numpy.files import write_whole

    model, vocabulary, time_step = network
    # A stream for each: the n-th melody is the same however many are asked for.
    rngs = [np.random.default_rng([about["seed"], n]) for n in numbers]
    melodies = generate_many(
        model, vocabulary, rngs, primer.tokens, options.max_len, options.temperature,
        top_k=options.top_k, top_p=options.top_p, min_len=options.min_len,
    )  # fmt: skip
    records, given = [], len(primer.tokens)
    for n, composed in zip(numbers, melodies, strict=True):
        title, ended = f"Melody {n} (seed {about['seed']})", len(composed) < options.max_len
        try:
            tokens, layout, shift = arrangement.of(composed, given if options.no_primer_in_output else 0)
            if expected is not None and " ".join(tokens) != expected["tokens"]:  # before anything is written
                raise CommandLineError(
                    f"--again: the melody came out otherwise; it was made with {expected['versions']}, these are "
                    f"{about['versions']}"
                )
            print(f"{n}: {' '.join(tokens)}\n   {note_names(tokens, layout.key)}", flush=True)
            for format in options.formats:
                content = render(tokens, format, time_step, title, options.soundfont, layout)
                write_whole(folder / f"melody-{n}{SUFFIXES[format]}", content)
        except (RenderError, SongRejected) as error:
            raise CommandLineError(str(error)) from None
        record = {
            "title": title, "number": n, **about,
            "key": str(layout.key), "meter": str(layout.time), "upbeat": layout.upbeat, "tempo": layout.tempo,
            "transposed_by": shift,
            "likelihood": likelihood(model, vocabulary, composed, given, ended),
            "composed": {"steps": len(composed) - given, "ended": ended},
            "novelty": novelty(composed[given:]) if novelty else None,
            "tokens": " ".join(tokens),
        }  # fmt: skip
        records.append(record)
        if record["novelty"] and record["novelty"]["copied"]:
            print(f"   more than half of it stands in {record['novelty']['song']}, which the model learned from")
        write_whole(folder / f"melody-{n}.json", write_record(record))
        if explain is not None:
            write_whole(folder / f"melody-{n}-explained.png", explain(composed, given, ended, title))
    return records


def likelihood(model, vocabulary, tokens: list[str], given: int, ended: bool) -> dict:
    """What the model at temperature 1 thinks of what was composed, and of the end, if that came last."""
    from encoding import TERM_SYMBOL
    from encoding.tokens import PITCHES
    from lstm_numpy.inspection import read

    symbols = integers(vocabulary, [*tokens, TERM_SYMBOL] if ended else tokens)
    if given == len(symbols):
        return {"steps": 0, "notes": 0, "nats_per_step": None, "bits_per_note": None}
    bits = read(model, symbols, vocabulary.end).surprisal[given:]
    notes = sum(token in PITCHES for token in tokens[given:])
    return {
        "steps": len(bits),
        "notes": notes,
        "nats_per_step": round(float(bits.mean()) * math.log(2), 6),
        "bits_per_note": round(float(bits.sum()) / notes, 6) if notes else None,
    }


# -- the songs that the model has learned from, and --report -----------------------------------


class Learned(NamedTuple):
    """Songs of the model's training, and those that it was tested with."""

    source: str
    validation: list[list[str]]
    test: list[list[str]]
    novelty: Callable[[list[str]], dict]  # what tokens share with the songs that were learned from


def learned_songs(options, path: Path) -> Learned | None:
    """The songs behind a model. Without --report they are not parsed: None if they are not in the token cache."""
    from encoding import CorpusError, load_corpus
    from encoding.novelty import Novelty

    arrays, description = load_checkpoint(path)
    config = {**train.DEFAULTS, **description["config"]}
    config["data"] = options.data or config["data"]
    try:
        if options.report:
            corpus = train.load_songs(config)
        else:
            corpus = load_corpus(config["data"], config["time_step"], only_cached=True)
        if corpus is None:
            return None
        learned, *held_out = train.split_of(config, corpus, arrays)
    except (ValueError, CorpusError, OSError) as reason:
        if not options.report:
            return None
        raise CommandLineError(f"--report: {reason}; say with --data where they are") from None
    index = Novelty([corpus.songs[n] for n in learned], [corpus.names[n] for n in learned])

    def novelty(tokens: list[str]) -> dict:
        return index.longest_run(tokens).as_record()

    return Learned(corpus.source, *([corpus.songs[n] for n in part] for part in held_out), novelty)


def write_page(options, network: tuple, records: list[dict], learned: Learned, folder: Path) -> None:
    """report.md and its picture: how good the melodies are, how new, how like folk songs, and how to make one again."""
    import numpy as np

    from encoding.comparison import compare_melodies, copies_of, usual_overlap
    from encoding.dashboard import few_melodies
    from encoding.page import SONGS, THESE, page
    from encoding.tokens import PITCHES
    from lstm_numpy.evaluation import evaluate_sequences
    from lstm_numpy.files import write_whole
    from lstm_numpy.scores import bootstrap_mean

    model, vocabulary, time_step = network
    mean, longest = bootstrap_mean(0), options.max_len
    cut, others = ([song[:longest] for song in songs] for songs in (learned.test, learned.validation))
    sets = {SONGS: cut, THESE: in_c(records)}
    judged = evaluate_sequences(model, [integers(vocabulary, song) for song in learned.test], vocabulary.end)
    notes = sum(token in PITCHES for song in learned.test for token in song)
    runs = {SONGS: [learned.novelty(song) for song in learned.test], THESE: [record["novelty"] for record in records]}
    figures = {
        "melodies": compare_melodies(sets, SONGS, mean, max(1, round(1 / 4 / time_step))),
        "copies": {name: copies_of(found, mean) for name, found in runs.items()},
        "songs": learned.source,
        "usual overlap": usual_overlap(others, cut, len(records), np.random.default_rng(0)),
        "longest": longest,
        "songs likelihood": (judged.loss, judged.nats / math.log(2) / notes),
    }
    title = f"{len(records)} melodies by {records[0]['model']['file']} (seed {records[0]['seed']})"
    text = page(title, records, figures, f"python sample.py --again {shlex.quote(str(folder))}/melody-N.json")
    write_whole(folder / "melodies.png", few_melodies(figures))
    write_whole(folder / "report.md", text.encode())
    print(f"how good, how new, how like folk songs: {folder / 'report.md'}")


def in_c(records: list[dict]) -> list[list[str]]:
    """The melodies in C major or A minor, as the songs are."""
    from encoding.grid import transpose_tokens

    return [transpose_tokens(record["tokens"].split(), -record["transposed_by"]) for record in records]


# -- --again ---------------------------------------------------------------------------------


def kept(options) -> dict:
    """The options that make a melody what it is, as they would be typed."""
    values = vars(options) | {"formats": ",".join(options.formats)}
    given = {name: values[name] for name in values if name not in NOT_KEPT and values[name] is not None}
    return {name: True if value is True else str(value) for name, value in given.items() if value is not False}


def recall(parser: Parser, options) -> tuple:
    """The options with which a melody was made, and all else that its JSON holds."""
    for name, value in vars(options).items():
        if name not in BESIDE_AGAIN and value != parser.get_default(name):
            option = "-n" if name == "n" else "--" + name.replace("_", "-")
            raise CommandLineError(f"--again takes all else from {options.again}; leave out {option}")
    from encoding.record import read_record

    try:
        record = read_record(options.again.read_bytes())
    except ValueError as error:
        raise CommandLineError(f"--again {options.again}: {error}; give a melody-N.json") from None
    if options.model is None and not Path(record["model"]["file"]).exists():
        raise CommandLineError(
            f"--again: the model {record['model']['file']} is not there; say with --model where it is"
        )
    values = record["options"] | {"seed": str(record["seed"]), "model": record["model"]["file"]}
    words = [f"--{name.replace('_', '-')}" + ("" if value is True else f"={value}") for name, value in values.items()]
    before = parser.parse_args(words)
    for name in BESIDE_AGAIN:
        setattr(before, name, getattr(options, name) or getattr(before, name))
    return before, record


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


def read_primer(options, vocabulary, time_step: float, recorded=None):
    """The beginning to go on from, checked against the vocabulary and the length."""
    from encoding import GridEncoder
    from encoding.arrangement import Primer
    from encoding.tokens import events

    option, primer = "--again" if recorded else "--primer", recorded or Primer([])
    try:
        if options.primer is not None:
            primer = Primer(options.primer.split())
        elif options.primer_file is not None:
            option = "--primer-file"
            primer = encode_score(options.primer_file, time_step)
        tokens = primer.tokens
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
    return primer._replace(tokens=tokens)


def encode_score(path: Path, time_step: float):
    """The first song of a score file as a primer."""
    from encoding import CorpusError, load_corpus
    from encoding.arrangement import Primer

    try:
        corpus = load_corpus(path, time_step, progress=lambda done, total: None)
    except (CorpusError, FileNotFoundError) as error:
        raise ValueError(str(error)) from None
    if not corpus.songs:
        raise ValueError(f"{path} cannot be used: {next(iter(corpus.rejected.values()), 'it holds no song')}")
    return Primer(corpus.songs[0], corpus.meters[0], corpus.keys[0])


def read_arrangement(options, primer, time_step: float):
    """Key, meter, tempo and range of what is written, as asked for or as the primer has them."""
    from encoding.arrangement import Range, arrange
    from encoding.notation import TimeSignature
    from encoding.spelling import Key

    asked = {}
    for option, kind in (("key", Key), ("meter", TimeSignature), ("range", Range)):
        text = getattr(options, option)
        try:
            asked[option] = None if text is None else kind.parse(text)
        except ValueError as error:
            raise CommandLineError(f"--{option}: {error}") from None
    range_ = asked.pop("range")
    try:
        return arrange(time_step, primer, upbeat=options.upbeat, tempo=options.tempo, range_=range_, **asked)
    except ValueError as error:
        raise CommandLineError(str(error)) from None


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
    portrait = portrait_of(songs, model, vocabulary, time_step, options.units)
    explain = partial(draw_explained, portrait, vocabulary, time_step)
    title = options.primer_file.name if options.primer_file else "Primer"
    score = (title, primer, meter) if options.primer_file else readable_song(songs)
    pictures = {"units.png": draw_units(portrait, vocabulary, time_step, *score)}
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
    try:
        numbers, kind = train.split_of(config, corpus, arrays)[train.TEST], ("held-out song", "held-out songs")
    except ValueError as reason:
        known = set(vocabulary.symbols)
        numbers = [n for n, song in enumerate(corpus.songs) if known.issuperset(song)]
        kind = tuple(f"{word} of {Path(config['data']).name}" for word in ("song", "songs"))
        print(f"{reason}; units are judged on the {kind[1]}")
    if not len(numbers):
        raise CommandLineError(f"--data {config['data']}: no song is written in tokens that the model knows")
    found = len(numbers)
    if found > MOST_SONGS:  # neighbours in a corpus are alike
        numbers = [numbers[n * found // MOST_SONGS] for n in range(MOST_SONGS)]
        print(f"{MOST_SONGS} of {found:,} {kind[1]}, spread evenly over them, are read")
    lists = corpus.names, corpus.songs, corpus.meters
    return Songs(kind, *([items[n] for n in numbers] for items in lists))


def portrait_of(songs, model, vocabulary, time_step: float, chosen: list[int] | None = None):
    """What the model's units follow in the songs, found once for all pictures, and printed."""
    from encoding.landmarks import BEAT, landmarks
    from encoding.tokens import in_words, upwards
    from lstm_numpy.portrait import Notation, Portrait

    symbols, kinds, marks = vocabulary.symbols, vocabulary.kinds, landmarks(songs)
    notation = Notation(
        labels=[in_words(symbol) for symbol in symbols],
        order=upwards(symbols),
        end=vocabulary.end,
        kinds={f"a {kind}": kinds[kind] for kind in ("note", "hold", "rest")},
        each=("the notes of each pitch", kinds["note"]),
        duration=4 * time_step,
        time="quarter notes",
        settled=round(1 / time_step),
    )
    portrait = Portrait(model, notation, [integers(vocabulary, song) for song in songs.tokens], marks, chosen)
    if BEAT not in portrait.figures:
        print("no song has a meter, so no unit can be said to follow the beat or the bar")
    print(portrait.report())
    return portrait


def draw_explained(portrait, vocabulary, time_step: float, tokens: list[str], given: int, ended: bool, title: str):
    """The picture of a melody; `given` tokens of it were not composed, and if it has `ended`, TERM came last."""
    from encoding import TERM_SYMBOL
    from encoding.render import draw_roll

    symbols = integers(vocabulary, [*tokens, TERM_SYMBOL] if ended else tokens)
    return portrait.explain(symbols, given, title, lambda axes: draw_roll(axes, tokens, time_step))


def draw_units(portrait, vocabulary, time_step: float, name: str, tokens: list[str], meter) -> bytes:
    """The picture of the units along a song, whose lines are broken at bar lines, if it has a meter."""
    first, period, lines = 0, round(1 / time_step), "a line after every whole note"
    if meter is not None:
        first, period, lines = meter.upbeat, meter.bar, "bar lines as in the score"
    return portrait.units(integers(vocabulary, tokens), tokens, first, period, f"{name}: its tokens, {lines}")


def integers(vocabulary, tokens: list[str]):
    import numpy as np

    return np.array([vocabulary.encode(token) for token in tokens])


if __name__ == "__main__":
    sys.exit(run_command(main))
