"""The fields of ABC that change what the notes mean: K: (key), V: (voice), M: (meter) and L: (unit length)."""

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import NamedTuple, NoReturn

from encoding.grid import SongRejected
from encoding.key import LETTERS, SEMITONES, Key

MODES = {"maj": 0, "ion": 0, "lyd": -1, "mix": 1, "dor": 2, "min": 3, "m": 3, "aeo": 3, "phr": 4, "loc": 5}  # in fifths
KEY = re.compile(
    r"\s*(?:(?P<pipes>HP|Hp)(?!\S)|none(?!\S)|(?P<tonic>[A-G][#b]?)\s*"
    r"(?P<mode>(?:m(?!=)|(?i:(?:maj|ion|lyd|mix|dor|min|aeo|phr|loc)[a-z]*|exp))(?![A-Za-z]))?(?=[\s_^=]|$)|)"
)
ACCIDENTAL = re.compile(r"(\^\^?|__?|=)([A-Ga-g])")
ALTER = {"^^": 2, "^": 1, "=": 0, "_": -1, "__": -2}  # semitones
# How the notes are drawn. What moves them (octave=, transpose=, a small 8 at the clef) is not among it.
CLEF = re.compile(
    r"(?:clef=)?(?:treble|alto|tenor|bass|perc|none)[1-5]?|clef=[GCF][1-5]?"
    r"|middle=[A-Ga-g][,']*|(?:stafflines|staffscale)=[\d.]+"
)
DRAWN = re.compile(r"(?:s?nm|s?name|subname|stems?|gstem|brace|bracket|merge|up|down|(?i:midi|program)|\d+)\b")
METER = re.compile(r"(?:FREI)?(\()?(\d{1,2}(?:\+\d{1,2}){0,4})(?(1)\))/(1|2|4|8|16|32|64)")  # FREI4/4: Essen collection
LENGTH = re.compile(r"([1-9]\d{0,3})(?:\s*/\s*([1-9]\d{0,3}))?")


class KeyField(NamedTuple):
    """What a K: field says."""

    alters: Mapping[str, int] | None  # the signature, letter -> semitones; None if the field names only a clef
    key: Key | None  # None if it names no tonic: then the notes have to tell


def read_key(field: str) -> KeyField:
    """A K: field: tonic, mode, accidentals of its own and clef.

    The pipes' keys Hp and HP sound the same; HP only does not show its two sharps. A key with accidentals of its own
    counts as major or minor by its third, as a church mode does.
    """
    start = KEY.match(field)
    tonic, mode = start["tonic"], (start["mode"] or "maj").lower()[:3]
    words = field[start.end() :].split()
    explicit = [word for word in words if re.fullmatch(rf"(?:{ACCIDENTAL.pattern})+", word)]
    if not all(word in explicit or CLEF.fullmatch(word) for word in words) or (explicit and tonic is None):
        _refuse("key", field)
    if words and not start[0].strip():
        return KeyField(None, None)
    fifths = 2 if start["pipes"] else 0
    if tonic is not None and mode != "exp":
        fifths = Key(tonic).place - MODES[mode]
    alters = {letter: (fifths - place + 6) // 7 for place, letter in enumerate(LETTERS)}
    alters |= {letter.upper(): ALTER[sign] for sign, letter in ACCIDENTAL.findall(" ".join(explicit))}
    return KeyField(alters, None if tonic is None else Key(tonic, _has_minor_third(tonic, alters)))


def _has_minor_third(tonic: str, alters: Mapping[str, int]) -> bool:
    third = "CDEFGABCD"["CDEFGAB".index(tonic[0]) + 2]
    return (SEMITONES[third] + alters[third] - Key(tonic).number) % 12 == 3


def read_voice(field: str) -> str:
    """A V: field: the voice's name."""
    name, *words = re.findall(r'(?:[^\s"]|"[^"]*")+', field) or [""]
    drawn = (DRAWN.match(word) or CLEF.fullmatch(re.sub('(?<==)"(.*)"', r"\1", word)) for word in words)
    if name == "*" or field.count('"') % 2 or not all(drawn):
        _refuse("voice", field)
    return name


def read_meter(field: str) -> tuple[int, int] | None:
    """An M: field as upper and lower number; None for no meter."""
    field = {"C": "4/4", "C|": "2/2"}.get(field.strip(), field.strip())
    if field in ("", "none"):
        return None
    match = METER.fullmatch(field)
    if match is None or not 0 < (upper := sum(map(int, match[2].split("+")))) <= 32:
        _refuse("meter", field)
    return upper, int(match[3])


def read_length(field: str) -> Fraction:
    """An L: field, in whole notes."""
    match = LENGTH.fullmatch(field.strip())
    if match is None:
        _refuse("unit length", field)
    return Fraction(int(match[1]), int(match[2] or 1))


def default_length(meter: tuple[int, int] | None) -> Fraction:
    """The unit length of a tune without L:, in whole notes."""
    return Fraction(1, 16) if meter and Fraction(*meter) < Fraction(3, 4) else Fraction(1, 8)


def _refuse(what: str, field: str) -> NoReturn:
    raise SongRejected(f"the {what} {field.strip()[:40]!r} is not understood")
