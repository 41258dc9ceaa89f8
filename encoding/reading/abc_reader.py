"""One ABC tune -> its notes, rests, bar lines, keys and meters, in the order in which they stand.

Read by an allow-list: whatever is not understood leaves the tune out, with the reason and the bar. Skipped is only
what is known not to change a note: words, chord symbols, grace notes, ornaments, slurs, spacing, text, layout.
"""

import re
from dataclasses import dataclass
from fractions import Fraction

from encoding.grid import SongRejected
from encoding.key import LETTERS, Key
from encoding.reading.abc_fields import ACCIDENTAL, ALTER, default_length, read_key, read_length, read_meter, read_voice
from encoding.reading.abc_tokens import FIELD, TOKEN, WORDS, may_be_music, units

TEXT = frozenset("ABCDEFGHNOPQRSTWXZrsw+")  # the fields that change no note
SEVERAL = "it is not monophonic: it is written in several voices"
# Directives lay out the page, but for these.
CHANGES_NOTES = re.compile(r"\s*(begin|abc-include|transpose|shift|propagate-accidentals(?![\s=]+pitch\b))")


@dataclass(slots=True)
class Sound:
    """A note, or a rest, whose letter is empty."""

    written: Fraction  # its length as written, in quarter notes
    quarters: Fraction  # what tuplets and broken rhythm make of it
    letter: str = ""
    octave: int = 4  # from C to B
    alter: int = 0  # semitones: the accidental
    tied: bool = False
    bent: bool = False  # by a broken rhythm


@dataclass(frozen=True)
class Bar:
    """A bar line, and which bar begins at it; a double one or a repeat is not single, it may divide a bar."""

    single: bool
    number: int


@dataclass(frozen=True)
class MeterSign:
    """A meter, where it begins to hold."""

    upper: int
    lower: int


def read_tune(tune: str) -> list[Sound | Bar | MeterSign | Key]:
    """All that a tune says about its notes; SongRejected if anything in it is not understood."""
    return _Reader().read(tune)


class _Reader:
    def __init__(self) -> None:
        self.events: list[Sound | Bar | MeterSign | Key] = []
        self.in_header = True
        self.bar = 1  # the one that is being read
        self.meter: tuple[int, int] | None = None
        self.unit: Fraction | None = None  # as L: gives it, in whole notes
        self.key: Key | None = None  # as written
        self.key_is_new = self.meter_is_new = False  # and to be noted at the next note
        self.signature = dict.fromkeys(LETTERS, 0)
        self.accidentals: dict[str, int] = {}  # in this bar, for a letter in every octave
        self.graces: dict[str, int] = {}
        self.voices: set[str] = set()  # of the header, too
        self.voice: str | None = None  # that is sung
        self.field_before = ""
        self.last: Sound | None = None
        self.stretch: tuple[Fraction, Fraction] | None = None  # of the note behind > or <, and its length as written
        self.tuplet, self.in_tuplet = Fraction(1), 0  # factor, notes that are still to come

    def read(self, tune: str) -> list[Sound | Bar | MeterSign | Key]:
        if not re.search(r"(?m)^K:", tune):
            raise SongRejected("it holds no tune: there is no K: field, with which the music begins")
        try:
            self._lines(tune.split("\n"))
            if self.in_tuplet or self.stretch:
                raise SongRejected("a tuplet or a broken rhythm lacks a note")
        except SongRejected as reason:
            where = "its header" if self.in_header else f"bar {self.bar}"
            raise SongRejected(f"{reason} (in {where})") from None
        return self.events

    # -- lines ---------------------------------------------------------------------------

    def _lines(self, lines: list[str]) -> None:
        ended = False
        for line in lines:
            if line.startswith("%"):
                self._directive(line[2:] if line.startswith("%%") else "")
            elif match := FIELD.match(line):
                if not ended:
                    self._field_line(match[1], re.split(r"(?<!\\)%", match[2])[0].rstrip())
            elif not line:
                ended = not self.in_header
            elif not self.in_header and not ended:
                self._music(line)
            elif may_be_music(line):  # else it is free text
                place = "behind an empty line, which ends a tune" if ended else "before K:"
                raise SongRejected(f"{line[:40]!r} may be music, and stands {place}")

    def _music(self, line: str) -> None:
        if WORDS.fullmatch(line):
            raise SongRejected(f"{line[:40]!r} may be words")
        for match in TOKEN.finditer(line):
            if match.lastgroup not in ("skip", "line_break"):
                getattr(self, f"_{match.lastgroup}")(match)

    def _field_line(self, letter: str, content: str) -> None:
        if content.endswith("\\") or (letter == "+" and self.field_before not in TEXT):
            raise SongRejected(f"the field {letter}:{content[:40]} continues another, or is continued")
        if not self.in_header and letter in "ABCDEFGH" and may_be_music(content):
            raise SongRejected(f"{letter}:{content[:40]} may be music, or a field that stands in a header")
        self.field_before = letter
        self._field(letter, content)

    def _directive(self, text: str) -> None:
        if CHANGES_NOTES.match(text):
            raise SongRejected(f"the directive {text.strip()[:40]!r} is not understood, or lacks its end")

    def _field(self, letter: str, content: str) -> None:
        readers = {"K": self._key, "M": self._meter, "V": self._voice, "I": self._directive}
        if letter in readers:
            readers[letter](content)
        elif letter == "L":
            self.unit = read_length(content)
        elif letter not in TEXT:  # as m:, a macro, and U:, an ornament
            raise SongRejected(f"the field {letter}: is not read")

    def _voice(self, content: str) -> None:
        voice = read_voice(content)
        self.voices.add(voice)
        if not self.in_header:
            if self.voice not in (None, voice) or (self.voice is None and self.last and len(self.voices) > 1):
                raise SongRejected(SEVERAL)
            self.voice = voice

    def _key(self, content: str) -> None:
        field = read_key(content)
        self.in_header = False
        if field.alters is not None:
            self.signature, self.accidentals = field.alters, {}
            self.key, self.key_is_new = field.key, field.key is not None

    def _meter(self, content: str) -> None:
        meter = read_meter(content)
        if not self.in_header and self.unit is None and default_length(meter) != default_length(self.meter):
            raise SongRejected("the meter changes, and no L: says how long a note is")
        self.meter, self.meter_is_new = meter, meter is not None

    # -- words of a line: a method for each group of TOKEN -------------------------------

    def _inline(self, match: re.Match) -> None:
        if match["field"] in TEXT and "|" in match["content"]:
            raise SongRejected(f"{match[0][:40]} may be text, or music behind a bracket that is not closed")
        self._field(match["field"], match["content"])

    def _note(self, match: re.Match) -> None:
        letter, marks = match["letter"].upper(), match["octave"]
        octave = 4 + match["letter"].islower() + marks.count("'") - marks.count(",")
        last = self.last
        if sign := match["accidental"]:
            alter = self.accidentals[letter] = ALTER[sign]
            self.graces.pop(letter, None)
        elif last is not None and last.tied and (last.letter, last.octave) == (letter, octave):
            alter = last.alter  # a tied note keeps its accidental over the bar line
        else:
            alter = self.accidentals.get(letter, self.signature[letter])
            if self.graces.get(letter, alter) != alter:
                raise SongRejected(f"the accidental of a grace note may or may not hold for {match[0]!r}")
        self._sound(self._length(match["length"]), letter, octave, alter)

    def _rest(self, match: re.Match) -> None:
        self._sound(self._length(match["pause"]))

    def _bars(self, match: re.Match) -> None:
        if self.meter is None:
            raise SongRejected(f"{match[0]!r} means bars of rest, and no meter says how long a bar is")
        count = int(match["count"] or 1)
        self._sound(count * 4 * Fraction(*self.meter))
        self.bar += count - 1

    def _length(self, text: str) -> Fraction:
        """In quarter notes."""
        return 4 * (self.unit or default_length(self.meter)) * units(text)

    def _sound(self, written: Fraction, letter: str = "", octave: int = 4, alter: int = 0) -> None:
        if self.voice is None and len(self.voices) > 1:
            raise SongRejected(SEVERAL)
        if not written:
            raise SongRejected("a note or rest of no length")
        quarters = written
        if self.in_tuplet:
            quarters *= self.tuplet
            self.in_tuplet -= 1
        if self.stretch is not None:
            factor, before = self.stretch
            if written != before:
                raise SongRejected("a broken rhythm between notes of different length, which has no certain meaning")
            quarters *= factor
        if self.key_is_new:
            self.events.append(self.key)
        if self.meter_is_new:
            self.events.append(MeterSign(*self.meter))
        self.key_is_new = self.meter_is_new = False
        self.last = Sound(written, quarters, letter, octave, alter, bent=self.stretch is not None)
        self.stretch = None
        self.events.append(self.last)

    def _bar(self, match: re.Match) -> None:
        if self.events and isinstance(self.events[-1], Sound):
            self.bar += 1
        self.events.append(Bar(match["single"] is not None, self.bar))
        self.accidentals, self.graces = {}, {}

    def _tie(self, match: re.Match) -> None:
        if not self.events or self.events[-1] is not self.last:
            raise SongRejected("a tie that follows no note")
        self.last.tied = True

    def _broken(self, match: re.Match) -> None:
        if not self.events or self.events[-1] is not self.last or self.last.bent or self.stretch is not None:
            raise SongRejected(f"{match[0]!r} follows no note, or one that a broken rhythm has changed already")
        if not self.in_tuplet and self.last.quarters != self.last.written:
            raise SongRejected("a broken rhythm over the edge of a tuplet, which has no certain meaning")
        short = Fraction(1, 2 ** len(match[0]))
        before, after = (2 - short, short) if match[0][0] == ">" else (short, 2 - short)
        self.last.quarters *= before
        self.stretch = (after, self.last.written)

    def _tuplet(self, match: re.Match) -> None:
        count, upper = int(match["p"]), self.meter[0] if self.meter is not None else 0
        default = {2: 3, 3: 2, 4: 3, 6: 2, 8: 3}.get(count, 3 if upper in (6, 9, 12) else 2)
        time, notes = int(match["q"] or default), int(match["r"] or count)
        if self.in_tuplet or self.stretch or count < 2 or not time or not notes:
            raise SongRejected(f"the tuplet {match[0]!r} is not understood here")
        if count in (5, 7, 9) and upper == 3 and not match["q"]:
            raise SongRejected(f"{match[0]!r} lasts longer by ABC 1.6 than by 2.1; write ({count}:2 or ({count}:3")
        self.tuplet, self.in_tuplet = Fraction(time, count), notes

    def _grace(self, match: re.Match) -> None:
        self.graces |= {letter.upper(): ALTER[sign] for sign, letter in ACCIDENTAL.findall(match[0])}

    def _decoration(self, match: re.Match) -> None:
        raise SongRejected(f"{match[0]} may be an ornament that is not known, or notes between two line breaks")

    def _chord(self, match: re.Match) -> None:
        if len(re.findall("[A-Ga-gxz]", re.sub('".*?"', "", match[0]))) < 2:
            raise SongRejected(f"the chord {match[0]!r} has fewer than two notes")
        raise SongRejected(f"it is not monophonic: the chord {match[0]!r}")

    def _ornament(self, match: re.Match) -> None:
        self._other(match)  # which nobody has defined

    def _other(self, match: re.Match) -> None:
        text = match.string[match.start() :][:20]
        if text[0] == "&":
            raise SongRejected("it is not monophonic: voices stand over one another (&)")
        if re.match(r"[_^=]+\d*/", text):
            raise SongRejected(f"a pitch between two semitones: {text!r}")
        raise SongRejected(f"{text!r} is not understood")
