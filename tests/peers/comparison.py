"""A folder of scores, read by the project and by the others, note by note."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import abc_player
import kern_text
import midi_file
from sounding import NotCompared, Sound, first_difference, sounds_of

from encoding import load_corpus
from encoding.reading.abc import decode, split_tunes


@dataclass
class Tally:
    """What became of the songs of one kind of file."""

    kind: str
    kept: int = 0
    equal: int = 0
    different: dict[str, str] = field(default_factory=dict)  # song -> first difference
    not_compared: Counter[str] = field(default_factory=Counter)  # reason -> songs
    refused: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        refused, others = sum(self.refused.values()), sum(self.not_compared.values())
        lines = [
            f"{self.kind}: {self.kept:,} kept ({self.equal:,} equal, {len(self.different):,} different, "
            f"{others:,} not compared), {refused:,} refused"
        ]
        lines += [f"  DIFFERENT {name}: {difference}" for name, difference in self.different.items()]
        lines += [f"  {count:,} not compared: {reason}" for reason, count in self.not_compared.most_common()]
        lines += [f"  {count:,} refused: {reason}" for reason, count in self.refused.most_common()]
        return "\n".join(lines)


def compare(folder: Path, time_step: float) -> list[Tally]:
    """A tally for each kind of file in a folder, or of a single file.

    Raises:
        FileNotFoundError, CorpusError: as `load_corpus`.
    """
    corpus = load_corpus(folder, time_step)
    tallies: dict[str, Tally] = {}
    readers: dict[str, Callable[[str], list[Sound]]] = defaultdict(lambda: _Reader(folder))
    for name, tokens, key in zip(corpus.names, corpus.songs, corpus.keys, strict=True):
        tally = tallies.setdefault(_kind(name), Tally(_kind(name)))
        tally.kept += 1
        try:
            theirs = readers[tally.kind](name)
        except NotCompared as reason:
            tally.not_compared[str(reason)] += 1
            continue
        difference = first_difference(sounds_of(tokens, key, time_step), theirs, held_short=tally.kind == ".mid")
        if difference is None:
            tally.equal += 1
        else:
            tally.different[name] = difference
    for name, reason in corpus.rejected.items():
        # Places apart, the same reason is counted together.
        plain = re.sub(r"at the beginning of|(about )?\d[\d/ ]* quarters? into", "somewhere in", reason)
        plain = re.sub(r"\d+", "N", plain)
        tallies.setdefault(_kind(name), Tally(_kind(name))).refused[plain] += 1
    return list(tallies.values())


class _Reader:
    """Finds the notes of a song by its name in the corpus."""

    def __init__(self, folder: Path):
        self.folder, self.file, self.tunes = folder, None, []

    def __call__(self, name: str) -> list[Sound]:
        file_name, _, number = name.partition("#") if _kind(name) in (".abc", ".krn") else (name, "", "")
        file = self.folder / file_name if self.folder.is_dir() else self.folder
        if not file.exists():
            raise NotCompared("its file cannot be found again by its name")
        if _kind(name) == ".krn":
            return kern_text.read(decode(file.read_bytes()))
        if _kind(name) == ".mid":
            return _if_there(midi_file) or midi_file.read(file)
        if _kind(name) == ".abc":
            if file != self.file:
                self.file, self.tunes = file, split_tunes(decode(file.read_bytes()))
            return _if_there(abc_player) or abc_player.read(self.tunes[int(number) - 1])
        raise NotCompared("no other reader is known here")


def _if_there(reader) -> None:
    if why_not := reader.is_there():
        raise NotCompared(why_not)


def _kind(name: str) -> str:
    suffix = Path(name.partition("#")[0]).suffix.lower()
    return {".midi": ".mid"}.get(suffix, suffix)
