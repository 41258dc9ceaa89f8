"""MIDI by mido: the notes of all tracks, as they are played."""

from collections import defaultdict
from fractions import Fraction
from pathlib import Path

from sounding import Sound


def is_there() -> str | None:
    """Why this reader cannot be used."""
    try:
        import mido  # noqa: F401
    except ImportError:
        return "mido is not installed (pip install mido)"
    return None


def read(path: Path) -> list[Sound]:
    """What sounds; a note ends where its key is struck again."""
    import mido

    file = mido.MidiFile(path)
    sounds = []
    for track in file.tracks:
        tick, down = 0, defaultdict(list)
        for message in track:
            tick += message.time
            if message.type not in ("note_on", "note_off"):
                continue
            at, key = Fraction(tick, file.ticks_per_beat), (message.channel, message.note)
            if message.type == "note_on" and message.velocity:
                down[key].append(at)
            elif down[key]:
                onset = down[key].pop(0)
                if onset < at:
                    sounds.append(Sound(onset, min([at, *down[key][:1]]), message.note))
    return sorted(sounds)
