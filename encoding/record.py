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
    composed                 steps of what was composed, and whether it ended or was cut off
    novelty                  of what was composed, the longest run that stands in a song of the training
                             (see `novelty.Run`); null if those songs were not at hand
    tokens                   the melody as it is written
"""

import json
import platform
from collections.abc import Mapping
from importlib.metadata import version

from encoding.arrangement import Primer
from encoding.meter import Meter
from encoding.spelling import Key

PACKAGES = ("numpy", "music21", "matplotlib")


def versions() -> dict[str, str]:
    """Of Python and the packages."""
    return {"Python": platform.python_version()} | {name: version(name) for name in PACKAGES}


def record_of_primer(primer: Primer) -> dict:
    """The primer as a record holds it."""
    return primer._asdict() | {"tokens": " ".join(primer.tokens)}


def primer_of_record(record: Mapping) -> Primer:
    """The primer of a record that `read_record` has read."""
    tokens, meter, key = (record["primer"][name] for name in ("tokens", "meter", "key"))
    return Primer(tokens.split(), meter and Meter(*meter), key and Key(*key))


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
        _, _, key = primer_of_record(record)
        well_formed = [
            isinstance(record["number"], int) and record["number"] >= 1 and isinstance(record["seed"], int),
            isinstance(record["tokens"], str) and isinstance(record["options"], dict),
            isinstance(record["model"]["file"], str) and isinstance(record["model"]["sha256"], str),
            key is None or isinstance(key.fifths, int),
        ]
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        raise ValueError("not the record of a melody") from None
    if not all(well_formed):
        raise ValueError("not the record of a melody")
    return record
