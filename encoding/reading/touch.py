"""From keys that go down and up to notes and rests: what a MIDI file does not say.

*Onsets* are rounded to the nearest step. One that lies nearer to the middle between two steps is beside the
grid; so are the notes of a triplet, and a note that is over before the step has room for the next.

*Gaps.* Between two notes there is often a silence that nobody wrote: players lift the finger, programs hold a
note for 90 % of its length. Rounded, a half note would be seven sixteenths and a rest. A gap alone does not
tell, since a sixteenth rest after seven sixteenths is as long. The whole file does: either it means what it
says, or all its notes are short by the same time, or by the same share of their length. (By how much, the
median says of those that sound for three fifths or more of the time to the next onset: after less there is a
rest, or the note is staccato, which is read as it sounds.) That is believed after which the ends lie closest
to the steps; if all explain the file as well, the first. Notes are made longer accordingly, at most up to the
next onset, and what is then missing is a rest.

Where even the best explanation leaves the ends beside the steps, somebody has played, now shorter, now longer.
Then the notes are made longer by the share, and a gap that is left is no rest either if it is less than a tenth
of the time from onset to onset.

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
EXPLAINED = Fraction(1, 16)  # how far ends may be from their steps, on average
EQUAL = Fraction(1, 48)  # what is no difference between such averages: programs let go a tick early
REST = Fraction(7, 8)  # a shorter gap is none; a bit less than a step, as ticks are whole numbers
HALF = Fraction(1, 2)
# As shares of the time to the next onset:
TOUCH = Fraction(3, 5)
LIFTED = Fraction(1, 10)


class Note(NamedTuple):
    """A note from its onset to its end; its pitch is a MIDI number."""

    onset: Fraction
    end: Fraction
    pitch: int


def sounding(pitch: int, struck: Sequence[Fraction], released: Sequence[Fraction]) -> list[Note]:
    """The notes of one key: each sounds until the key comes up or is struck again.

    Args:
        pitch: the key.
        struck, released: when it goes down and up, in quarter notes, in order. Of a key that is struck twice
            before it comes up, the first release belongs to the first note; if there are too few releases
            for that, each ends what is sounding.

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
    share, silence, by_hand = _touch(played, following)
    placed, grid = [], Fraction(quarters_per_step, 4)
    for note, until in zip(played, following, strict=True):
        start, is_last = _nearest(note.onset), len(placed) == len(played) - 1
        length = note.end - note.onset
        if abs(note.onset - start) >= CLOSE:
            raise SongRejected(f"a note begins beside the grid of {grid},", note.onset * quarters_per_step)
        if length < SHORTEST or (not is_last and note.end <= until and _nearest(until) == start):
            raise SongRejected(f"a note too short, beside the grid of {grid},", note.onset * quarters_per_step)
        end = note.onset + length / share + silence
        if not is_last:
            gap = until - min(end, max(until, note.end))
            lifted = by_hand and 0 <= gap < LIFTED * (until - note.onset)
            end = until if lifted or -HALF < gap < REST else until - gap
        end = max(_nearest(end), start + 1)
        placed.append(Note(start * quarters_per_step, end * quarters_per_step, note.pitch))
    return placed


def _touch(played: Sequence[Note], following: Sequence[Fraction]) -> tuple[Fraction, Fraction, bool]:
    """How short this file's notes are.

    Returns:
        The share of its length for which a note sounds, the silence after it in steps, and whether neither
        explains the ends, so that the file is played by hand.
    """
    shares, silences = [], []
    for note, until in zip(played, following, strict=True):
        if note.end - note.onset >= TOUCH * (until - note.onset) > 0:
            shares.append(min((note.end - note.onset) / (until - note.onset), Fraction(1)))
            silences.append(max(until - note.end, Fraction(0)))

    def misfit(explanation: tuple[Fraction, Fraction]) -> int:
        share, silence = explanation
        ends = [note.onset + (note.end - note.onset) / share + silence for note in played]
        return round(sum(abs(end - _nearest(end)) for end in ends) / len(played) / EQUAL)

    one, none = Fraction(1), Fraction(0)
    explanations = [(one, none)]
    if shares and median(silences) < 1:
        explanations.append((one, median(silences)))
    if shares:
        explanations.append((median(shares), none))
    best = min(explanations, key=misfit)
    by_hand = misfit(best) > EXPLAINED / EQUAL
    return *(explanations[-1] if by_hand else best), by_hand


def _nearest(steps: Fraction) -> Fraction:
    return Fraction(floor(steps + HALF))
