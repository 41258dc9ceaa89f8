"""The JSON beside a melody: what it is and what it was made from, so that it can be made again.

A record is a dict:

    title, number, seed      the number-th melody of the seed
    model                    file and sha256, its checksum
    options                  of the command line, as they would be typed; True for those without a value
    primer                   tokens (in C major or A minor), and meter and key of its score, or null
    versions                 of Python and the packages, on which the files may depend
    key, meter, upbeat, tempo, transposed_by
                             how it is written: upbeat in grid steps, tempo in quarter notes a minute,
                             transposed_by in semitones from C major or A minor
    likelihood               under the model at temperature 1: nats_per_step, bits_per_note
    told                     to the network beside the tokens: meter (upbeat, bar, beat in steps) and whether minor;
                             unknown: which of them was asked for, but means nothing to it
    composed                 steps of what was composed, whether it ended or was cut off, how often each rule had it
                             drawn again before, and the rules that strike it all the same
    novelty                  of what was composed, the longest run that stands in a song of the training
                             (see `novelty.Run`); null if those songs were not at hand
    tokens                   the melody as it is written
"""

import json
import platform
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from encoding.key import Key
from encoding.reading import Meter
from encoding.writing.primer import Primer

# Options of sample.py that do not make a melody what it is, or stand elsewhere in its record.
NOT_KEPT = (
    "model", "n", "seed", "primer", "primer_file", "primer_notes", "out", "again", "explain", "units", "data", "report",
)  # fmt: skip
PACKAGES = ("numpy", "music21", "matplotlib")


def versions() -> dict[str, str]:
    """Of Python and the packages."""
    return {"Python": platform.python_version()} | {name: version(name) for name in PACKAGES}


def record_of_primer(primer: Primer) -> dict:
    """The primer as a record holds it."""
    return primer._asdict() | {"tokens": " ".join(primer.tokens)}


def primer_of_record(record: Mapping) -> Primer:
    """The primer of a record that `read_record` has read."""
    tokens, meter, key, tempo = (record["primer"][name] for name in Primer._fields)
    return Primer(tokens.split(), meter and Meter(*meter), key and Key(*key), tempo and float(tempo))


def kept(values: Mapping) -> dict:
    """Options, given by their names as argparse returns them, as a record holds them: as they would be typed."""
    values = {**values, "formats": ",".join(values["formats"])}
    given = {name: value for name, value in values.items() if name not in NOT_KEPT and value is not None}
    return {name: True if value is True else str(value) for name, value in given.items() if value is not False}


def typed(record: Mapping, given: Mapping) -> list[str]:
    """The command line that made the melody of a record, but for its primer and number.

    Args:
        given: name -> value of options that now stand in the place of those; None is not given.

    Raises:
        ValueError: if the model is not where it was, and no other is given.
    """
    values = record["options"] | {"seed": str(record["seed"]), "model": record["model"]["file"]}
    values |= {name: str(value) for name, value in given.items() if value is not None}
    if not Path(values["model"]).exists():
        raise ValueError(f"the model {values['model']} is not there; say with --model where it is")
    return [f"--{name.replace('_', '-')}" + ("" if value is True else f"={value}") for name, value in values.items()]


def write_record(record: Mapping) -> bytes:
    """The content of the file."""
    return (json.dumps(record, indent=2) + "\n").encode()


def read_record(content: bytes) -> dict:
    """The record in a file.

    Raises:
        ValueError: if it is none.
    """
    try:
        record = json.loads(content)
        key = primer_of_record(record).key
        well_formed = [
            isinstance(record["number"], int) and record["number"] >= 1 and isinstance(record["seed"], int),
            isinstance(record["tokens"], str) and isinstance(record["options"], dict),
            all(type(count) is int and 0 < count < 20 for count in record["composed"]["redrawn"].values()),
            sum(record["composed"]["redrawn"].values()) < 20,
            isinstance(record["model"]["file"], str) and isinstance(record["model"]["sha256"], str),
            key is None or isinstance(key.fifths, int),
        ]
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        raise ValueError("not the record of a melody") from None
    if not all(well_formed):
        raise ValueError("not the record of a melody")
    return record
