"""Whole commands, timed from their start: reading the corpus, and the two scripts.

Each command runs several times, in turns with the others.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from contest import ROOT, summary

OURS = """
import json
from encoding import load_corpus
corpus = load_corpus({name!r}, progress=lambda done, total: None)
print(json.dumps(dict(zip(corpus.names, map(" ".join, corpus.songs)))))
"""

# What one would write: music21 parses each song as it stands, transposes the score, and the grid
# encoder reads it. The key is found as in the project, so that the tokens can be compared: they are equal
# but for two songs that tie an accidental over a bar line, and one whose last bar is too long, where
# music21 makes two rests of one.
READ_OTHERWISE = {"erk10.abc#280", "erk30.abc#531", "erk10.abc#268"}
MUSIC21 = """
import importlib.util, json
from pathlib import Path
from music21 import converter
from encoding import GridEncoder
from encoding.reading.abc import split_tunes
from encoding.key import key_of
folder = Path(importlib.util.find_spec("music21").origin).parent / "corpus" / "essenFolksong"
encoder, songs = GridEncoder(), {}
for name in ("erk10.abc", "erk20.abc", "erk30.abc"):
    for n, tune in enumerate(split_tunes((folder / name).read_text(encoding="utf-8-sig")), start=1):
        score = converter.parse("%abc-2.1\\n" + tune, format="abc")
        shift = -key_of(score, mode_by_third=True).shift
        songs[f"{name}#{n}"] = " ".join(encoder.encode_song(score.transpose(shift)))
print(json.dumps(songs))
"""


def run(command: list[str], cache: Path, cores: int | None, folder: Path) -> tuple[float, str]:
    """Seconds that a command takes, and what it prints.

    Raises:
        subprocess.CalledProcessError: if it fails.
    """
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache), "PYTHONPATH": str(ROOT)}

    def limit() -> None:
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])

    begin = time.perf_counter()
    done = subprocess.run(
        command, cwd=folder, env=environment, check=True, capture_output=True, text=True,
        preexec_fn=limit if cores is not None else None,
    )  # fmt: skip
    return time.perf_counter() - begin, done.stdout


def corpus(rounds: int) -> dict[str, dict]:
    """Reading the 1754 songs of erk, and the 8462 of the whole Essen collection.

    Raises:
        AssertionError: if the ways of reading do not find the same tokens.
    """
    one_core = 1 if hasattr(os, "sched_setaffinity") else None
    erk, essen = OURS.format(name="erk"), OURS.format(name="essen")
    ways = {
        "erk, cold": (erk, "all", None),
        "erk, cached": (erk, "all", None),
        "erk, cold, one core": (erk, "single", one_core),
        "erk, music21, one core": (MUSIC21, "single", one_core),
        "essen, cold": (essen, "all", None),
        "essen, cached": (essen, "all", None),
    }
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    songs: dict[str, dict] = {}
    with tempfile.TemporaryDirectory() as folder:
        for number in range(rounds):
            for name, (text, cache, cores) in ways.items():
                command = [sys.executable, "-c", text]
                taken, printed = run(command, Path(folder) / f"{number} {cache}", cores, Path(folder))
                seconds[name].append(taken)
                songs[name] = json.loads(printed)
    for name in ways:
        expected = songs["essen, cold" if name.startswith("essen") else "erk, cold"]
        differing = {
            song for song in expected.keys() | songs[name].keys() if expected.get(song) != songs[name].get(song)
        }
        assert differing == (READ_OTHERWISE if "music21" in name else set()), f"{name}: other tokens in {differing}"
    tokens = {name: sum(len(song.split()) for song in songs[name].values()) for name in ways}
    return {name: {**summary(values), "tokens": tokens[name]} for name, values in seconds.items()}


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
        for number in range(rounds + 1):
            for name, command in commands.items():
                taken, _ = run([sys.executable, *command], Path(folder), None, Path(folder))
                if number:  # the first time fills caches, matplotlib's list of fonts for instance
                    seconds[name].append(taken)
    return {name: summary(values) for name, values in seconds.items()}
