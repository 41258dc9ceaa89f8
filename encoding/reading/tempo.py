"""The tempo that is written at the beginning of a score's file."""

import re
from pathlib import Path

from encoding.reading.abc import decode

# Such as Q:1/4=120, perhaps with words around it.
ABC_TEMPO = re.compile(
    r'(?m)^Q:\s*(?:"[^"]*"\s*)?(\d{1,3})/(\d{1,3})\s*=\s*(\d{1,4}(?:\.\d+)?)\s*(?:"[^"]*"\s*)?(?:%.*)?$'
)


def tempo_of(path: Path) -> float | None:
    """Quarter notes a minute in the first song of a file that can be read; None if it does not say."""
    if path.suffix.lower() == ".abc":
        first, *_ = re.split(r"(?m)^(?=X:)", decode(path.read_bytes()).lstrip())[1:] or [""]
        found = ABC_TEMPO.search(first)
        return found and 4 * int(found[1]) / int(found[2]) * float(found[3])
    from music21 import converter, tempo

    try:
        marks = converter.parse(path, forceSource=True).recurse().getElementsByClass(tempo.MetronomeMark)
        found = next(iter(marks), None)
        return found and found.getQuarterBPM()
    except Exception:  # music21 raises errors of every kind; without a tempo, the usual one is taken
        return None
