"""Whole commands, timed from their start: reading the corpus, and the two scripts.

Each command runs several times, in turns with the others.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from contest import ROOT, summary

OURS = """
from encoding import load_corpus
corpus = load_corpus(progress=lambda done, total: None)
print(sum(map(len, corpus.songs)))
"""

# What one would write: music21 parses each song as it stands, transposes the score, and the grid
# encoder reads it. The text is prepared and the key found as in the project, so that the
# tokens can be compared: they are equal.
MUSIC21 = """
import importlib.util, re, sys
from pathlib import Path
from music21 import converter
from encoding import GridEncoder, load_corpus
from encoding.abc import prepare, split_tunes
from encoding.key import shift_to_c_or_a
folder = Path(importlib.util.find_spec("music21").origin).parent / "corpus" / "essenFolksong"
encoder, songs = GridEncoder(), []
for name in ("erk10.abc", "erk20.abc", "erk30.abc"):
    for tune in split_tunes((folder / name).read_text(encoding="utf-8-sig")):
        score = converter.parse("%abc-2.1\\n" + prepare(tune), format="abc")
        shift = shift_to_c_or_a(score, mode_by_third=True)
        songs.append(encoder.encode_song(score.transpose(shift)))
print(sum(map(len, songs)))
if len(sys.argv) > 1:  # compare, off the clock
    ours = load_corpus(progress=lambda done, total: None).songs
    print("songs that differ:", sum(a != b for a, b in zip(songs, ours, strict=True)), file=sys.stderr)
"""


def run(command: list[str], cache: Path, cores: int | None, folder: Path) -> float:
    """Seconds that a command takes.

    Raises:
        subprocess.CalledProcessError: if it fails.
    """
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache), "PYTHONPATH": str(ROOT)}

    def limit() -> None:
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])

    begin = time.perf_counter()
    subprocess.run(
        command, cwd=folder, env=environment, check=True, capture_output=True,
        preexec_fn=limit if cores is not None else None,
    )  # fmt: skip
    return time.perf_counter() - begin


def corpus(rounds: int) -> dict[str, dict]:
    """Reading the 1754 songs of erk."""
    one_core = 1 if hasattr(os, "sched_setaffinity") else None
    seconds: dict[str, list[float]] = {"cold": [], "cold, one core": [], "cached": [], "music21, one core": []}
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        for number in range(rounds):
            fresh = [folder / f"{number} {name}" for name in "ab"]
            python = [sys.executable, "-c"]
            seconds["cold"].append(run([*python, OURS], fresh[0], None, folder))
            seconds["cached"].append(run([*python, OURS], fresh[0], None, folder))
            seconds["cold, one core"].append(run([*python, OURS], fresh[1], one_core, folder))
            seconds["music21, one core"].append(run([*python, MUSIC21], fresh[1], one_core, folder))
    return {name: summary(values) for name, values in seconds.items()}


def scripts(rounds: int) -> dict[str, dict]:
    """The start of both scripts, and from the start to a first melody by the shipped model."""
    train, sample = str(ROOT / "train.py"), str(ROOT / "sample.py")
    model = ["--model", str(ROOT / "models" / "erk.npz"), "-n", "1", "--seed", "1"]
    commands = {
        "train.py --help": [train, "--help"],
        "sample.py --help": [sample, "--help"],
        "sample.py, one melody as tokens": [sample, *model, "--formats", "tokens"],
        "sample.py, one melody as MIDI": [sample, *model, "--formats", "midi"],
        "sample.py, one melody in all formats": [sample, *model],
    }
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(rounds):
            for name, command in commands.items():
                seconds[name].append(run([sys.executable, *command], Path(folder), None, Path(folder)))
    return {name: summary(values) for name, values in seconds.items()}
