"""Standard MIDI files, read by the letter of the standard.

A reader of our own: music21 takes a file that is cut off for a shorter song, and rounds times before it looks
whether notes overlap. What the standard does not allow is refused. Tempo, controllers, pitch bends and words
say how a melody is played, not what it is, and are passed over. What is a note and what a rest, `touch` says.
"""

from collections.abc import Iterator
from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING

from encoding.grid import LONGEST, SongRejected
from encoding.reading.touch import on_grid, sounding

if TYPE_CHECKING:
    from music21.stream import Part, Score

END_OF_TRACK, TIME_SIGNATURE, KEY_SIGNATURE = 0x2F, 0x58, 0x59  # meta events
DRUMS = 9  # the channel that musicians count as the tenth

Event = tuple[Fraction, int, bytes]  # quarter notes from the beginning; status, or type of a meta event; data


def score_of(content: bytes, quarters_per_step: Fraction) -> "Score":
    """The score that a MIDI file stands for: a part for each track, its notes on the grid.

    Bar lines are noted in its `editorial["bar_lines"]`, for `encoding.reading.meter`.
    """
    ticks, tracks = _tracks(content)
    tracks = [list(_events(_Bytes(track, f"track {n} of the MIDI file"), ticks)) for n, track in enumerate(tracks, 1)]
    from music21 import meter, stream

    score = stream.Score([_part(events, quarters_per_step) for events in tracks])
    signs = [(at, data) for events in tracks for at, kind, data in events if kind == TIME_SIGNATURE]
    times = [(at, f"{data[0]}/{2 ** data[1]}") for at, data in signs]
    if times and min(times)[0] > 0:  # until then it is 4/4, says the standard
        times.append((Fraction(0), "4/4"))
    upbeat, lengths = Fraction(0), [4 * Fraction(time) for _, time in sorted(times)]
    if len(times) == 2 and max(times)[0] == lengths[0] < lengths[1]:  # the bar of an upbeat, with a meter of its own
        upbeat, times = lengths[0], [(Fraction(0), max(times)[1])]
    for at, time in times:
        score.insert(at, meter.TimeSignature(time))
    if len({time for _, time in times}) == 1:
        bar = 4 * Fraction(times[0][1])
        bars = min(LONGEST, ceil((Fraction(score.highestTime) - upbeat) / bar))
        score.editorial["bar_lines"] = [upbeat + number * bar for number in range(bars)]
    return score


def _part(events: list[Event], quarters_per_step: Fraction) -> "Part":
    """The notes of a track, and its keys."""
    from music21 import key, note, stream

    part = stream.Part()
    keys: dict[tuple[int, int], tuple[list[Fraction], list[Fraction]]] = {}  # channel, pitch -> struck, released
    for at, status, data in events:
        if status == KEY_SIGNATURE:
            fifths = data[0] - 256 * (data[0] > 127)
            part.insert(at, key.KeySignature(fifths).asKey("minor" if data[1] else "major"))
        elif status >> 4 in (8, 9):
            struck, released = keys.setdefault((status & 15, data[0]), ([], []))
            if status >> 4 == 9 and data[1] > 0:
                if status & 15 == DRUMS:
                    raise SongRejected("drums (channel 10), which have no pitch, sound", at)
                struck.append(at)
            elif len(released) < len(struck):  # a key that is not down cannot come up
                released.append(at)
    notes = [one for (_, pitch), times in keys.items() for one in sounding(pitch, *times)]
    for onset, end, pitch in on_grid(notes, quarters_per_step):
        element = note.Note(quarterLength=end - onset)
        element.pitch.midi = pitch
        part.insert(onset, element)
    return part


class _Bytes:
    """Bytes to be taken one after the other; SongRejected if there are fewer than asked for."""

    def __init__(self, content: bytes, name: str):
        self.content, self.name, self.place = content, name, 0

    def left(self) -> int:
        return len(self.content) - self.place

    def take(self, count: int) -> bytes:
        if count > self.left():
            raise SongRejected(f"{self.name} is cut off: it ends {count - self.left():,} bytes too early")
        self.place += count
        return self.content[self.place - count : self.place]

    def number(self, count: int = 1) -> int:
        return int.from_bytes(self.take(count), "big")

    def varying(self) -> int:
        """A number of seven bits a byte; the highest bit is set in all but the last."""
        value = 0
        for _ in range(4):
            byte = self.number()
            value = value << 7 | byte & 127
            if byte < 128:
                return value
        raise self.damaged("a number is longer than four bytes")

    def damaged(self, what: str) -> SongRejected:
        return SongRejected(f"{self.name} is damaged at byte {self.place:,}: {what}")


def _tracks(content: bytes) -> tuple[int, list[bytes]]:
    """Ticks per quarter note, and the bytes of each track."""
    file = _Bytes(content, "the MIDI file")
    if content[:4] != b"MThd":
        raise SongRejected("it is no MIDI file: it does not begin with MThd")
    file.take(4)
    header = _Bytes(file.take(file.number(4)), "the header of the MIDI file")
    kind, count, ticks = header.number(2), header.number(2), header.number(2)
    if kind == 2:
        raise SongRejected("its tracks are songs of their own (MIDI format 2); save each of them as format 0 or 1")
    if kind > 2:
        raise SongRejected(f"it is of MIDI format {kind}, which does not exist")
    if ticks == 0 or ticks >= 0x8000:
        raise SongRejected("its times are not counted in parts of a quarter note but in frames of a film (SMPTE)")
    tracks = []
    while len(tracks) < count:
        name, chunk = file.take(4), file.take(file.number(4))
        if name == b"MTrk":  # chunks of other kinds are to be passed over, says the standard
            tracks.append(chunk)
    if b"MTrk" in content[file.place :]:  # other bytes behind the last track say nothing
        raise SongRejected(f"the MIDI file has more tracks than its header speaks of ({count})")
    return ticks, tracks


def _events(track: _Bytes, ticks: int) -> Iterator[Event]:
    tick, status = 0, 0
    while track.left():
        tick += track.varying()
        first = track.number()
        if first == 0xFF:
            kind, data = track.number(), track.take(track.varying())
            if kind == END_OF_TRACK:
                if track.left():
                    raise track.damaged("it goes on behind its end")
                return
            if kind > 127:
                raise track.damaged("there is no such event")
            if kind == KEY_SIGNATURE and not (len(data) == 2 and (data[0] + 7) % 256 <= 14 and data[1] <= 1):
                raise track.damaged("there is no such key")
            if kind == TIME_SIGNATURE and not (len(data) >= 2 and data[0] and data[1] <= 6):
                raise track.damaged("there is no such meter")
            yield Fraction(tick, ticks), kind, data
        elif first in (0xF0, 0xF7):  # what only instruments of one make understand
            track.take(track.varying())
        else:
            if first >= 0x80:
                status, first = first, track.number()
            if not 0x80 <= status < 0xF0:
                raise track.damaged("there is no such event")
            data = bytes([first]) if status >> 4 in (0xC, 0xD) else bytes([first, track.number()])
            if max(data) > 127:
                raise track.damaged("a number is above 127")
            yield Fraction(tick, ticks), status, data
    raise SongRejected(f"{track.name} is cut off: the event that ends it is missing")
