"""Compose melodies with a trained model.

    python sample.py                                   five melodies by the newest run's best model,
                                                       or by models/erk.npz if nothing was trained yet
    python sample.py --model runs/.../best.npz -n 20 --temperature 0.8 --seed 7
    python sample.py --primer "55 _ _ _ 60 _ _ _"      go on from a beginning
    python sample.py --primer-file song.abc --primer-notes 8     the same, back in the song's own key and meter
    python sample.py --key "e minor" --meter 3/4 --upbeat "1 beat" --tempo 90
    python sample.py --again melodies/.../melody-5.json          that melody again, byte for byte
    python sample.py --explain                         also draw what goes on inside the network

All melodies are heard and seen on one page, index.html; the JSON of each holds all that it takes to make it again.
"""

import secrets
import sys
from datetime import datetime
from pathlib import Path

from lstm_numpy.system import CommandLineError, Parser, check_company, in_one_sentence, refuse_others, run_command
from lstm_numpy.system.command_line import use_threads
from lstm_numpy.system.kinds import number, numbers, probability, some_of, some_path
from lstm_numpy.system.rooms import check_rooms, has_room
from lstm_numpy.system.whole_files import show_page, write_all

SHIPPED = Path(__file__).resolve().parent / "models" / "erk.npz"
FORMATS = ("page", "midi", "musicxml", "abc", "tokens", "roll", "wav")  # but for the first, encoding.writing.FORMATS
SUFFIXES = {"html": "page", "mid": "midi", "txt": "tokens", "png": "roll"}  # which are understood, too
BESIDE_AGAIN = ("again", "model", "out", "formats", "open")  # options that --again may be given with


def make_parser() -> Parser:
    parser = Parser(prog="sample.py", description="Compose melodies with a trained model.")
    add, steps = parser.add_argument, number(int, 0, 10**5)
    add("--model", type=some_path, help="a checkpoint or a run's folder (default: the newest in runs/, else shipped)")
    add("-n", type=steps, default=5, help="how many melodies (default: 5); 0, with --explain: the primer alone")
    add("--temperature", type=number(float, 0, infinite=True), default=0.8,
        help="0: the likeliest, inf: any (default: 0.8)")  # fmt: skip
    add("--top-k", type=number(int, 1), help="choose among the k likeliest tokens alone (default: among all)")
    add("--top-p", type=probability, metavar="P", help="choose among the likeliest that have P together (default: 1)")
    add("--min-len", default="0", metavar="LENGTH", help="shortest melody, the primer included, such as 64 (steps), "
        "'8 bars' or '3 beats' (default: 0)")  # fmt: skip
    add("--max-len", metavar="LENGTH", help="longest melody, likewise; what is longer is cut off (default: a melody "
        "ends when the network ends it, after 64 bars at the latest)")  # fmt: skip
    add("--as-drawn", action="store_true", help="keep what is drawn; without it, a melody is drawn again that does not "
        "end by itself, repeats a pitch more than six times, or is for more than half in one song")  # fmt: skip
    add("--seed", type=number(int, 0), help="the same seed gives the same melodies (default: a new one, printed)")
    primer = parser.add_mutually_exclusive_group()
    primer.add_argument("--primer", help='what to go on from, as tokens or notes: "55 _ _ _ 60 _ _ _", "G3:4 C4:4"')
    primer.add_argument("--primer-file", type=some_path, metavar="SCORE", help="a score whose beginning to go on from")
    add("--primer-notes", type=number(int, 1), metavar="N", help="notes to take from the primer (default: all)")
    add("--no-primer-in-output", action="store_true", help="write only what follows the primer")
    add("--key", help="such as G, Bb or 'e minor'; its mode is that of the melody, too "
        "(default: that of --primer-file, else C major or A minor, as often as the songs)")  # fmt: skip
    add("--meter", metavar="N/N", help="such as 3/4 (default: that of --primer-file, else as the songs)")
    add("--upbeat", metavar="LENGTH", help="before the first bar line: 4 (steps), '1 beat' (default: likewise)")
    add("--tempo", type=number(float, 10, 1001), help="quarter notes a minute (default: as --primer-file, else 120)")
    add("--range", metavar="LOW-HIGH", help="move each melody by octaves to where it fits best, such as A3-E5; or any "
        "(default: G3-G5; with a primer: any)")  # fmt: skip
    add("--again", type=some_path, metavar="FILE.json", help="make this melody again; all else is taken from its file")
    add("--out", type=some_path, help="folder for the files (default: melodies/DATE-TIME)")
    add("--formats", type=some_of(FORMATS, "format", other_names=SUFFIXES),
        help=f"some of {','.join(FORMATS)} (default: {','.join(FORMATS[:3])})")  # fmt: skip
    add("--open", action="store_true", help="open the page in the browser")
    add("--soundfont", type=some_path, metavar="FILE.sf2", help="play the WAV with FluidSynth (default: our own way)")
    add("--explain", action="store_true", help="also show what the network expects, and what its units do")
    add("--units", type=numbers, metavar="N,N", help="with --explain, these (default: which follow the music best)")
    add("--report", action="store_true", help="also show how good the melodies are, how new, how like folk songs")
    add("--data", metavar="SCORES", help="with --explain or --report, the songs of the training (default: as then)")
    return parser


def load_network(path: str | Path):
    """The model and the vocabulary of a checkpoint, an exported model, or the folder of a run, as a `Trained`."""
    from encoding import ContextEncoder, StringToIntEncoder
    from lstm_numpy.training import Trained

    return Trained.load(Path(path), StringToIntEncoder.from_symbols, ContextEncoder.from_record)


def newest_model() -> Path:
    """The best model of the run that was written to last; the model that is shipped if there is none."""
    found = sorted(Path("runs").glob("*/best.npz"), key=lambda path: path.stat().st_mtime)
    if not found and not SHIPPED.is_file():
        raise CommandLineError("no trained model in runs/; train one with: python train.py, or name one with --model")
    return found[-1] if found else SHIPPED


def main(arguments: list[str] | None = None) -> int:
    parser = make_parser()
    options, record = parser.parse_args(arguments), None
    use_threads(None)  # a few columns of numbers at a time are no work for more threads
    if options.again is not None:
        options, record = recall(parser, options)
    options.formats = options.formats or list(FORMATS[:3])
    check_options(parser, options)
    from encoding.writing import Wanted, kept, record_of_primer, versions

    network = load_network(options.model or newest_model())
    path, sha256 = network.saved.path, network.sha256
    if record and record["model"]["sha256"] != sha256:
        raise CommandLineError(f"--again: {path} is not the model that made the melody (its checksum differs); "
                               "give that one with --model")  # fmt: skip
    primer, arrangement = read_request(options, network, record)
    seed = secrets.randbelow(2**32) if options.seed is None else options.seed
    folder = options.out or Path("melodies") / f"{datetime.now():%Y%m%d-%H%M%S}"
    print(f"model {path}, seed {seed}, temperature {options.temperature:g}", flush=True)
    inside = look_inside(options, network) if options.explain else None
    which = [record["number"]] if record else range(1, options.n + 1)
    learned = learned_songs(options, network) if which and not record else None
    folder.mkdir(parents=True, exist_ok=True)
    if inside:
        score = options.primer_file and options.primer_file.name
        write_all(folder, inside.first_pictures(primer, score, options.primer_notes is None, options.n == 0))
    about = {"seed": seed, "model": record["model"] if record else {"file": str(path), "sha256": sha256},
             "options": kept(vars(options)), "primer": record_of_primer(primer), "versions": versions()}  # fmt: skip
    wanted = Wanted(arrangement, network.time_step, options.formats, options.soundfont, len(primer.tokens),
                    options.no_primer_in_output, about, record)  # fmt: skip
    written = compose(options, network, primer.tokens, which, wanted, learned, inside, folder)
    print(f"written to {folder}")
    if "page" in options.formats or options.report or options.open:
        write_page(options, network, wanted, written, learned, inside, folder)
    return 0


def recall(parser: Parser, options) -> tuple:
    """The options with which a melody was made, and its record."""
    from encoding.writing import read_record, typed

    refuse_others(parser, options, BESIDE_AGAIN, f"--again takes all else from {options.again}")
    with in_one_sentence(ValueError, before=f"--again {options.again}: ", after="; give a melody-N.json"):
        record = read_record(options.again.read_bytes())
    given = {"model": options.model, "out": options.out, "formats": options.formats and ",".join(options.formats)}
    with in_one_sentence(ValueError, before="--again: "):
        return parser.parse_args(typed(record, given)), record


def check_options(parser: Parser, options) -> None:
    """What can be seen to be wrong before anything is read."""
    check_company(parser, options, {"units": ("explain",), "data": ("explain", "report")})
    if options.report and options.n == 0:
        raise CommandLineError("-n 0 composes nothing to report on; leave out --report")
    if options.explain:
        check_rooms("--explain", "lstm_numpy.inspection", "encoding.comparing")
    if options.report:
        check_rooms("--report", "lstm_numpy.baselines", "encoding.comparing")
    if options.soundfont is not None:
        from encoding.writing import RenderError, check_soundfont

        with in_one_sentence(RenderError):
            check_soundfont(options.soundfont, options.formats)


def read_request(options, network, record: dict | None) -> tuple:
    """What the melodies begin with, and the key, meter and register that they are brought to."""
    from encoding.writing import arrange_as_asked, primer_of_record, read_primer

    given = {"text": options.primer, "score": options.primer_file, "notes": options.primer_notes,
             "recorded": record and primer_of_record(record)}  # fmt: skip
    asked = {name: getattr(options, name) for name in ("key", "meter", "upbeat", "tempo")}
    lengths = {"longest": options.max_len, "shortest": options.min_len}
    with in_one_sentence(ValueError):
        primer = read_primer(network.vocabulary, network.time_step, **given)
        arrangement = arrange_as_asked(network.time_step, primer, range_=options.range, **asked, **lengths)
    if options.primer_file and not (primer.meter or options.meter):
        print("the score has no meter, or more than one: those of the melodies are drawn as the songs have them")
    if options.no_primer_in_output and not primer.tokens:
        raise CommandLineError("--no-primer-in-output is for a primer; give one or leave the option out")
    if options.n == 0 and not (options.explain and primer.tokens):
        raise CommandLineError("-n 0 composes nothing; it is for --explain with a primer, which it explains alone")
    return primer, arrangement


def compose(options, network, primer: list[str], which, wanted, learned, inside, folder: Path) -> list[tuple]:
    """Compose the melodies of these numbers, print and write one after the other; returns their records and files."""
    from encoding import SongRejected
    from encoding.writing import RULES, RenderError, tally, write_melody
    from encoding.writing import compose as compose_many
    from lstm_numpy.sampling import numbered_streams

    rngs, written, novelty = numbered_streams(wanted.about["seed"], which), [], learned and learned.novelty
    draw = network.drawing(primer, options.temperature, top_k=options.top_k, top_p=options.top_p)
    rules = () if options.as_drawn else tuple(RULES)
    attempts = 1 + sum(wanted.again["composed"]["redrawn"].values()) if wanted.again else None
    copied = novelty and (lambda tokens: novelty(tokens)["copied"])
    with in_one_sentence(ValueError, before="--max-len, --min-len, --primer: "):
        of_all = network.context, wanted.arrangement, rngs, len(primer)
        melodies = compose_many(draw, *of_all, copied, rules, attempts)
    for n, composition in zip(which, melodies, strict=True):
        with in_one_sentence(SongRejected, RenderError):
            text, record, files = write_melody(composition, n, wanted, network.likelihood, novelty)
        print(text, flush=True)
        if inside:
            files["-explained.png"] = inside.of_melody(composition, len(primer), record["title"])
        write_all(folder, {f"melody-{n}{suffix}": content for suffix, content in files.items()})
        written.append((record, files))
    if struck := tally(melodies):
        told = ", ".join(f"{count} {RULES.get(rule, 'without a note')}" for rule, count in struck.items())
        print(f"drawn again: {told} (--as-drawn keeps them)")
    return written


def learned_songs(options, network):
    """The songs behind the model. Without --report they are not parsed: None if they are not in the token cache."""
    if not has_room("encoding.comparing"):
        print("encoding/comparing is missing, so novelty is not looked up, and none is called a copy")
        return None
    from encoding.comparing import Learned

    if options.report:
        mend = "" if options.data else "; say with --data where they are"
        with in_one_sentence(ValueError, OSError, before="--report: ", after=mend):
            return Learned.read(options.data, *network.origin)
    learned = Learned.if_cached(options.data, *network.origin)
    if learned is None:
        print("the songs of the training are not in the token cache, so none is called a copy (--report reads them)")
    return learned


def write_page(options, network, wanted, written: list[tuple], learned, inside, folder: Path) -> None:
    """All melodies on one page, with what --explain and --report have found."""
    from encoding.page import page_of_melodies

    page = page_of_melodies(written, wanted, folder)
    if inside:
        inside.put_on(page)
    if options.report:
        from encoding.comparing import report_on_melodies
        from lstm_numpy.baselines import bootstrap_mean

        report_on_melodies(page, learned, [record for record, _ in written], network.judge, bootstrap_mean(0))
    show_page(folder, page.content(), options.open)


def look_inside(options, network):
    """What the network's units follow, found once for all pictures, and printed."""
    from encoding.comparing import Explanation, songs_to_look_at
    from lstm_numpy.inspection import Portrait

    with in_one_sentence(ValueError, before="--units "):
        portrait = Portrait.maker(network.model, options.units)
    with in_one_sentence(ValueError, before="--data "):
        songs = songs_to_look_at(options.data, *network.origin, network.vocabulary.symbols)
    inside = Explanation(portrait, network.reads, network.vocabulary, network.time_step, songs)
    print(inside)
    return inside


if __name__ == "__main__":
    sys.exit(run_command(main))
