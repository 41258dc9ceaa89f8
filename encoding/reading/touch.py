"""From keys that go down and up to notes and rests: what a MIDI file does not say.

*Onsets* are rounded to the nearest step. One that lies nearer to the middle between two steps is beside the
grid; so are the notes of a triplet, and a note that is over before the step has room for the next.

*Gaps.* Between two notes there is often a silence that nobody wrote: players lift the finger, programs hold a note
for 90 % of its length. So a gap below a step is no rest. A half note held so short leaves nearly a whole step; in such
a file all notes are made longer by the same share, if their ends then lie closer to the steps, and not farther off
than if all were let go some time early. (By how much, the median says of the notes that sound for three fifths or
more of the time to the next onset: after less there is a rest, or the note is staccato, which is read as it sounds.)
None is made longer than to the next onset.

No rest is shorter than a step. The last note has no next onset; the first step after it stands for that.
"""

from bisect import bisect_right
from collections.abc import Sequence
from fractions import Fraction
from math import ceil, floor
from statistics import median
from typing import NamedTuple

from encoding.grid import SongRejected, name_of

# In steps:
CLOSE = Fraction(1, 4)  # how far an onset may be from its step
SHORTEST = Fraction(3, 8)  # a shorter note is none of the grid's; a staccato sixteenth sounds for a half
EQUAL = Fraction(1, 48)  # by how much ends must lie closer, on average: programs let go a tick early
REST = Fraction(7, 8)  # a shorter gap is none; a bit less than a step, as ticks are whole numbers
HALF = Fraction(1, 2)
TOUCH = Fraction(3, 5)  # of the time to the next onset


class Note(NamedTuple):
    """A note from its onset to its end; its pitch is a MIDI number."""

    onset: Fraction
    end: Fraction
    pitch: int


def sounding(pitch: int, struck: Sequence[Fraction], released: Sequence[Fraction]) -> list[Note]:
    """The notes of one key, from when it goes down and up, in quarter notes.

    Each sounds until the key comes up or is struck again. Of a key that is struck twice before it comes up, the first
    release belongs to the first note; if there are too few for that, each release ends what is sounding.

    Raises:
        SongRejected: if a note is never let go.
    """
    notes = []
    for n, onset in enumerate(struck):
        own = n if len(released) == len(struck) else bisect_right(released, onset)
        if own == len(released):
            raise SongRejected(f"the note {name_of(pitch)} is never let go, struck", onset)
        notes.append(Note(onset, min([released[own], *struck[n + 1 : n + 2]]), pitch))
    return notes


def on_grid(notes: Sequence[Note], quarters_per_step: Fraction) -> list[Note]:
    """The notes of a melody with onsets and ends as said above, in quarter notes, and without those of no length.

    Notes that sound together stay for `GridEncoder` to refuse.

    Raises:
        SongRejected: if a note is beside the grid.
    """
    played = [Note(n.onset / quarters_per_step, n.end / quarters_per_step, n.pitch) for n in notes if n.onset < n.end]
    played.sort()
    if not played:
        return []
    following = [later.onset for later in played[1:]] + [Fraction(ceil(played[-1].end - CLOSE / 2))]
    share, placed, grid = _share(played, following), [], Fraction(quarters_per_step, 4)
    for note, until in zip(played, following, strict=True):
        start, is_last = _nearest(note.onset), len(placed) == len(played) - 1
        length = note.end - note.onset
        if abs(note.onset - start) >= CLOSE:
            raise SongRejected(f"a note begins beside the grid of {grid},", note.onset * quarters_per_step)
        if length < SHORTEST or (not is_last and note.end <= until and _nearest(until) == start):
            raise SongRejected(f"a note too short, beside the grid of {grid},", note.onset * quarters_per_step)
        end = note.onset + length / share
        if not is_last:
            gap = until - min(end, max(until, note.end))
            end = until if -HALF < gap < REST else until - gap
        end = max(_nearest(end), start + 1)
        placed.append(Note(start * quarters_per_step, end * quarters_per_step, note.pitch))
    return placed


def _share(played: Sequence[Note], following: Sequence[Fraction]) -> Fraction:
    """The share of its length for which a note of this file sounds; 1 if its ends mean what they say."""
    pairs = [(note.end - note.onset, until - note.onset) for note, until in zip(played, following, strict=True)]
    shares = [min(sounds / whole, Fraction(1)) for sounds, whole in pairs if sounds >= TOUCH * whole > 0]
    if not shares:
        return Fraction(1)

    def misfit(share: Fraction, silence: Fraction = Fraction(0)) -> int:
        ends = [note.onset + (note.end - note.onset) / share + silence for note in played]
        return round(sum(abs(end - _nearest(end)) for end in ends) / len(played) / EQUAL)

    share, early = median(shares), median(whole - sounds for sounds, whole in pairs)
    is_better = misfit(share) < misfit(Fraction(1)) and misfit(share) <= misfit(Fraction(1), early)
    return share if is_better else Fraction(1)


def _nearest(steps: Fraction) -> Fraction:
    return Fraction(floor(steps + HALF))
