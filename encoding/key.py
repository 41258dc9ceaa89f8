"""Which key a score is in, and how far it is from there to C major or A minor.

Songs in different keys use different pitches for the same melody. Brought to one key they
share a vocabulary, and the network sees each turn of phrase more often.
"""

import re
from typing import TYPE_CHECKING

from encoding import spelling

if TYPE_CHECKING:
    from music21.key import Key
    from music21.stream import Stream

# A church mode counts as major or minor by the third above its tonic.
HAS_MINOR_THIRD = {
    "major": False, "ionian": False, "lydian": False, "mixolydian": False,
    "minor": True, "aeolian": True, "dorian": True, "phrygian": True, "locrian": True,
}  # fmt: skip


def shift_to_c_or_a(score: "Stream", mode_by_third: bool = False) -> int | None:
    """The interval, in semitones, from the score's tonic to C4 (major) or A4 (minor).

    The tonic is taken in octave 4, wherever the melody lies, so songs keep their register.

    Args:
        score: a music21 stream.
        mode_by_third: see `key_of`.

    Returns:
        The shift, or None if no key is written and the notes suggest none.
    """
    key = key_of(score, mode_by_third)
    return None if key is None else -key.shift


def key_of(score: "Stream", mode_by_third: bool = False) -> spelling.Key | None:
    """The key that is written or, if there is none, the one that the notes suggest.

    Args:
        score: a music21 stream.
        mode_by_third: do not believe a written major: call the song minor if the minor third
            above the tonic sounds longer, in sum, than the major third. For sources that drop
            the mode of their keys, which are then read as major.

    Returns:
        The key, a church mode as major or minor on the same tonic; None if no key is written and the
        notes suggest none.
    """
    key = written_key(score) or analysed_key(score)
    if key is None:
        return None
    tonic = round(key.tonic.ps)  # music21 puts a pitch without an octave into octave 4
    minor = _has_minor_third(key) or (mode_by_third and _minor_third_prevails(score, tonic))
    return spelling.Key(key.tonic.name.replace("-", "b"), minor)


def written_key(score: "Stream") -> "Key | None":
    """The first key that names a tonic and a mode we know, else None."""
    from music21 import key
    from music21.humdrum.spineParser import MiscTandem

    for found in score.recurse().getElementsByClass((key.Key, MiscTandem)):
        if isinstance(found, MiscTandem):
            found = _kern_mode(found.tandem)
        if found is not None and found.mode is not None and found.mode.removeprefix("hypo") in HAS_MINOR_THIRD:
            return found
    return None


def _kern_mode(tandem: str) -> "Key | None":
    """A church mode as kern writes it, such as *d:dor; music21 hands it on without reading it."""
    from music21 import key

    match = re.fullmatch(r"\*([A-Ga-g])([#-]*):(ion|dor|phr|lyd|mix|aeo|loc)", tandem)
    if match is None:
        return None
    letter, accidentals, short = match.groups()
    found = key.Key(letter.upper() + accidentals)
    found.mode = next(mode for mode in HAS_MINOR_THIRD if mode.startswith(short))
    return found


def analysed_key(score: "Stream") -> "Key | None":
    """The key that music21 reads from the durations of the pitches, else None."""
    from music21.exceptions21 import Music21Exception

    try:
        return score.analyze("key")
    except Music21Exception:
        return None


def _has_minor_third(key: "Key") -> bool:
    return HAS_MINOR_THIRD[key.mode.removeprefix("hypo")]


def _minor_third_prevails(score: "Stream", tonic: int) -> bool:
    sounding = {3: 0.0, 4: 0.0}  # semitones above the tonic -> quarter notes
    for note in score.recurse().notes:
        for pitch in note.pitches:
            interval = round(pitch.ps - tonic) % 12
            if interval in sounding:
                sounding[interval] += float(note.quarterLength)
    return sounding[3] > sounding[4]
