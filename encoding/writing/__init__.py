"""Writing melodies: from tokens to a score, MIDI, MusicXML, ABC, sound and pictures.

In the order to read: `spelling` and `names` (pitches as letters), `bars` (meter, upbeat, notes split where bars end),
`primer` and `arrangement` (what is asked, and from what is composed to key and register), `composing` (what the
network is told, and which melodies are drawn again); then a file of each kind: `score` (for MIDI
and MusicXML), `abc`, `sound`, `roll`, all of them by `render`; `record` (what it takes to make a melody again);
and `melody` (all of this for one melody).

Imports the ground floor and `encoding.reading`. music21 is imported only when a score is written.
"""

from encoding.writing.arrangement import arrange_as_asked
from encoding.writing.bars import Layout, TimeSignature
from encoding.writing.composing import MOST_REPEATED, RULES, Composition, as_drawn, compose, most_repeated, tally
from encoding.writing.melody import Wanted, write_melody
from encoding.writing.names import in_words, note_names, upwards
from encoding.writing.primer import Primer, read_primer
from encoding.writing.record import kept, primer_of_record, read_record, record_of_primer, typed, versions
from encoding.writing.render import FORMATS, RenderError, check_soundfont, render, render_all
from encoding.writing.roll import draw_roll, png, scale_names

__all__ = [
    "FORMATS", "MOST_REPEATED", "RULES", "Composition", "Layout", "Primer", "RenderError", "TimeSignature", "Wanted",
    "arrange_as_asked", "as_drawn", "check_soundfont", "compose", "draw_roll", "in_words", "kept", "most_repeated",
    "note_names", "png", "primer_of_record", "read_primer", "read_record", "record_of_primer", "render", "render_all",
    "scale_names", "tally", "typed",
    "upwards", "versions", "write_melody",
]  # fmt: skip
