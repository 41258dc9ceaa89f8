"""MusicXML files: read by music21, after what it reads otherwise than meant is written anew.

- A cue note shows what somebody else plays.
- A tie may be written by `<tied>`, the curve, alone.
- A rest lasts as long as its `<duration>`, alone in a bar that is short or an upbeat, too; so does a silence that only
  `<forward>` writes at the end of a bar, but for the last.
- A note of a piano part that names no staff stands in the first.
"""

import io
import re
import warnings
import zipfile
from typing import TYPE_CHECKING
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from encoding.grid import SongRejected

if TYPE_CHECKING:
    from music21.stream import Score

VALUES = {  # what these elements may hold, and what they are
    "step": (r"[A-G]", "the letter of a note"),
    "octave": (r"\d", "the octave of a note"),
    "alter": (r"[-+]?\d*\.?\d+", "the accidental of a note"),
    "duration": (r"\d*\.?\d+", "a length"),
    "divisions": (r"(?=.*[1-9])\d*\.?\d+", "the unit of lengths (divisions)"),
    "fifths": (r"[-+]?(\d|1[01])", "the number of sharps or flats of a key"),
    "chromatic": (r"[-+]?\d*\.?\d+", "a transposition"),
    "octave-change": (r"[-+]?\d", "the octaves of a transposition"),
    "clef-octave-change": (r"[-+]?\d", "the octaves of a clef"),
}
IN_A_BAR = (
    "note backup forward direction attributes harmony figured-bass print sound listening barline grouping link bookmark"
).split()
OF_A_REST = ("voice", "type", "dot", "time-modification", "staff")


def score_of(content: bytes) -> "Score":
    """The score of a MusicXML document, compressed (.mxl) or not, as it sounds."""
    root = _root(content)
    for part in root.iterfind("part"):
        if part.get("id") not in [one.get("id") for one in root.iterfind("part-list/score-part")]:
            raise SongRejected(f"the part {part.get('id')!r} is not in its list of parts")
        staves = part.find("measure/attributes/staves") is not None
        measures = part.findall("measure")
        for measure in measures:
            if damage := _damage(measure):
                raise SongRejected(f"{damage}, in bar {measure.get('number')}")
            for note in measure.iterfind("note") if staves else ():
                if note.find("staff") is None:
                    SubElement(note, "staff").text = "1"
            _rewrite(measure)
            timed = [element for element in measure if element.find("duration") is not None]
            if timed and timed[-1].tag == "forward" and measure is not measures[-1]:
                _silence(measure, timed[-1])
    from music21.musicxml.xmlToM21 import MusicXMLImporter

    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        try:
            importer = MusicXMLImporter()
            importer.xmlRootToScore(root, importer.stream)  # into which parts of several staves go in any case
            return importer.stream.toSoundingPitch()
        except Exception:  # music21 raises errors of every kind on damaged files, and warns of where
            where = re.search(r"took place in m\. (\S+) in", " ".join(str(warning.message) for warning in told))
            raise SongRejected(f"{f'bar {where[1]}' if where else 'it'} holds no music that can be read") from None


def _root(content: bytes) -> Element:
    document = _unpacked(content) if content.startswith(b"PK") else content
    try:
        root = ElementTree.fromstring(document)
    except ElementTree.ParseError as error:
        line, column = error.position
        raise SongRejected(f"it is no XML, or damaged XML, from line {line}, column {column + 1} on") from None
    except (LookupError, ValueError):
        raise SongRejected("its letters are in an encoding that is not known; save it as UTF-8") from None
    for element in root.iter() if root.tag.startswith("{") else ():
        element.tag = element.tag.rpartition("}")[2]  # without its namespace
    if root.tag == "score-timewise":
        raise SongRejected("it is written bar by bar (score-timewise); save it part by part (score-partwise)")
    if root.tag != "score-partwise":
        raise SongRejected("it is XML, but no MusicXML")
    return root


def _unpacked(content: bytes) -> bytes:
    """The score in an .mxl archive; its META-INF folder names it, but there is only one."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in archive.namelist():
                if name.lower().endswith((".xml", ".musicxml")) and not name.startswith("META-INF"):
                    return archive.read(name)
    except Exception:  # zipfile raises errors of every kind on damaged archives
        raise SongRejected("the archive is damaged, it cannot be unpacked") from None
    raise SongRejected("there is no score in the archive")


def _damage(measure: Element) -> str | None:
    """What in a bar says nothing that could be played, in words."""
    for element in measure.iter():
        pattern, what = VALUES.get(element.tag, ("", ""))
        if what and not re.fullmatch(pattern, (element.text or "").strip()):
            return f"{what} is {(element.text or '').strip()[:20]!r}"
        if element.tag == "pitch" and (element.find("step") is None or element.find("octave") is None):
            return "a note has no letter or no octave"
        lasts = element.tag in ("note", "forward", "backup") and element.find("grace") is None
        if lasts and element.find("duration") is None:
            return "a note or rest has no length"
        if element.tag == "note" and sum(child.tag in ("pitch", "rest", "unpitched") for child in element) != 1:
            return "a note has no pitch, or several"
    unknown = [element.tag for element in measure if element.tag not in IN_A_BAR]
    return f"there is something unknown, {unknown[0][:20]!r}" if unknown else None


def _rewrite(measure: Element) -> None:
    """Write a bar anew: ties, silences of the length that they have, and octaves that clef and instrument both name."""
    for attributes in measure.iterfind("attributes"):
        octaves = attributes.find("transpose/octave-change")
        if octaves is not None and octaves.text == attributes.findtext("clef/clef-octave-change"):
            octaves.text = "0"
    for element in measure.findall("note"):
        _write_ties(element)
        if element.find("cue") is not None or element.find("rest") is not None:
            _silence(measure, element)


def _write_ties(note: Element) -> None:
    ends = {"start": ("start",), "stop": ("stop",), "continue": ("stop", "start")}
    written = {tie.get("type") for tie in note.iterfind("tie")}
    drawn = {end for tied in note.iterfind("notations/tied") for end in ends.get(tied.get("type"), ())}
    for end in sorted(drawn - written):
        SubElement(note, "tie", type=end)


def _silence(measure: Element, element: Element) -> None:
    """A rest instead of an element, unless that is a grace note or joins another note in a chord.

    One of no length follows: music21 makes a rest that is alone in its bar as long as bars should be.
    """
    silence = [Element("note"), Element("note")]
    for rest, length in zip(silence, (element.findtext("duration"), "0"), strict=True):
        SubElement(rest, "rest")
        SubElement(rest, "duration").text = length
        rest.extend(child for child in element if child.tag in OF_A_REST)
    place, none = list(measure).index(element), element.find("chord") is not None or element.find("grace") is not None
    measure[place : place + 1] = [] if none else silence
