"""ABC by abc2midi: the tune made into MIDI, and that read by mido.

abc2midi plays a tune as a player would. What the project does not play (repeats, graces, ornaments, chords of an
accompaniment) is switched off, or taken out of the text.
"""

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import midi_file
from sounding import NotCompared, Sound

PLAIN = "%%MIDI gchordoff\n%%MIDI ratio 3 1\n"  # no chords; A>B is three to one
QUOTED = r'"[^"\n]*"|%[^\n]*|\[[A-Za-z]:[^\]\n]*\]|^[A-Za-z]:[^\n]*$'
ORNAMENT = r"![^!\n|]*!|\+[a-z]+\+|\{[^}\n]*\}|[.~H-Wh-w]|y[\d/]*"  # and spacers
BAR = r":*\[?\|[|:\]]*|::+"
ENDING = r'\[\s*(?:\d[\d,.-]*|"[^"\n]*")|(?<=\|)\s*\d[\d,.-]*'


def is_there() -> str | None:
    """Why this reader cannot be used."""
    if shutil.which("abc2midi") is None:
        return "abc2midi is not installed (apt-get install abcmidi)"
    return midi_file.is_there()


def read(tune: str) -> list[Sound]:
    """What sounds.

    Raises:
        NotCompared: if abc2midi cannot play it.
    """
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "tune.abc", Path(folder) / "tune.mid"
        source.write_text(_plain(tune), encoding="utf-8")
        command = ["abc2midi", str(source), "-o", str(target), "-NGRA", "-NGUI", "-NFER", "-NFNP", "-silent"]
        done = subprocess.run(command, capture_output=True, timeout=60)
        if done.returncode or not target.exists():
            raise NotCompared("abc2midi cannot play it")
        return midi_file.read(target)


def _plain(tune: str) -> str:
    """With a number, and without ornaments, repeats, endings and an order of parts."""
    tune = tune if re.search("(?m)^X:", tune) else f"X:1\n{tune}"
    tune = re.sub(r"(?m)^P:.*\n", "", tune)
    for what, instead in ((ORNAMENT, ""), (BAR, "|"), (ENDING, "")):
        tune = re.sub(rf"(?m)({QUOTED})|(?:{what})", lambda found, instead=instead: found[1] or instead, tune)
    return re.sub(r"(?m)^(K:.*\n)", rf"\1{PLAIN}", tune, count=1)
