"""MusicXML files: read by music21, after what it reads otherwise than meant is written anew.

- A pitch is written as the player of a transposing instrument reads it; `<transpose>` says how far from there it
  sounds. (A clef with an octave mark does not: with it, a pitch is written as it sounds.)
- A cue note shows what somebody else plays.
- A tie may be written by `<tied>`, the curve, alone.
- A rest for the whole bar lasts as long as its `<duration>`, in a bar that is short or an upbeat, too.
"""

import copy
import io
import re
import warnings
import zipfile
from math import floor
from typing import TYPE_CHECKING
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from encoding.grid import SongRejected
from encoding.key import SEMITONES

if TYPE_CHECKING:
    from music21.stream import Score

SHARPS = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"]  # any names will do: the grid has none


def score_of(content: bytes) -> "Score":
    """The score of a MusicXML document, compressed (.mxl) or not, as it sounds.

    Raises:
        SongRejected: if it is no such document or is damaged.
    """
    root = _root(content)
    for part in root.iterfind("part"):
        shift = 0.0
        for measure in part.iterfind("measure"):
            try:
                shift = _rewrite(measure, shift)
            except (AttributeError, KeyError, TypeError, ValueError):
                raise SongRejected(f"a note, key or transposition is damaged, in bar {measure.get('number')}") from None
    from music21.musicxml.xmlToM21 import MusicXMLImporter

    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        try:
            return MusicXMLImporter().xmlRootToScore(root)
        except Exception:  # music21 raises errors of every kind on damaged files, and warns of where
            where = re.search(r"took place in m\. (\S+) in", " ".join(str(warning.message) for warning in told))
            raise SongRejected(f"music21 cannot read {f'bar {where[1]}' if where else 'it'}") from None


def _root(content: bytes) -> Element:
    document = _unpacked(content) if content.startswith(b"PK") else content
    try:
        root = ElementTree.fromstring(document)
    except ElementTree.ParseError as error:
        line, column = error.position
        raise SongRejected(f"it is no XML, or damaged XML, from line {line}, column {column + 1} on") from None
    except (LookupError, ValueError):
        raise SongRejected("its letters are in an encoding that is not known; save it as UTF-8") from None
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


def _rewrite(measure: Element, shift: float) -> float:
    """Write a bar anew.

    Args:
        measure: the bar.
        shift: by how many semitones the part sounds higher than it is written.

    Returns:
        The shift behind it.
    """
    for element in list(measure):
        if element.tag == "attributes":
            for transposition in element.findall("transpose"):
                octaves = int(transposition.findtext("octave-change", "0"))
                if octaves == int(element.findtext("clef/clef-octave-change", "0")):
                    octaves = 0  # some programs say it twice
                shift = float(transposition.findtext("chromatic", "0")) + 12 * octaves
                element.remove(transposition)
            for fifths in element.iterfind("key/fifths"):
                if shift:  # a semitone is seven fifths
                    fifths.text = str(int(int(fifths.text) + 7 * shift + 6) % 12 - 6)
        elif element.tag == "note":
            _write_ties(element)
            if shift and (pitch := element.find("pitch")) is not None:
                _transpose(pitch, shift)
                for accidental in element.findall("accidental"):
                    element.remove(accidental)
            if element.find("cue") is not None:
                _replace(measure, element, _silence_of_cue(element))
            elif element.find("rest[@measure='yes']") is not None and element.find("duration") is not None:
                _replace(measure, element, _plain_rest(element))
    return shift


def _write_ties(note: Element) -> None:
    ends = {"start": ("start",), "stop": ("stop",), "continue": ("stop", "start")}
    written = {tie.get("type") for tie in note.iterfind("tie")}
    drawn = {end for tied in note.iterfind("notations/tied") for end in ends.get(tied.get("type"), ())}
    for end in sorted(drawn - written):
        SubElement(note, "tie", type=end)


def _transpose(pitch: Element, shift: float) -> None:
    written = SEMITONES[pitch.findtext("step").strip()] + float(pitch.findtext("alter", "0"))
    octaves, semitones = divmod(written + shift, 12)
    name, octave = SHARPS[floor(semitones)], int(pitch.findtext("octave")) + int(octaves)
    pitch.clear()
    SubElement(pitch, "step").text = name[0]
    SubElement(pitch, "alter").text = str(len(name) - 1 + semitones % 1)
    SubElement(pitch, "octave").text = str(octave)


def _silence_of_cue(note: Element) -> list[Element]:
    """As long as the note, unless it is a grace note or joins one in a chord."""
    if note.find("chord") is not None or note.find("duration") is None:
        return []
    forward = Element("forward")
    forward.append(note.find("duration"))
    return [forward]


def _plain_rest(rest: Element) -> list[Element]:
    """The rest, and one of no length: music21 makes a rest that is alone in its bar as long as bars should be."""
    del rest.find("rest").attrib["measure"]
    nothing = copy.deepcopy(rest)
    nothing.find("duration").text = "0"
    return [rest, nothing]


def _replace(measure: Element, element: Element, others: list[Element]) -> None:
    place = list(measure).index(element)
    measure[place : place + 1] = others
