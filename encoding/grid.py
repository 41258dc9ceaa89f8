"""GridEncoder: scores become lists of grid tokens, and token lists become scores again."""

from collections.abc import Sequence
from fractions import Fraction
from math import floor
from typing import TYPE_CHECKING, NamedTuple

from encoding.key import key_of
from encoding.tokens import HOLD_SYMBOL, PITCHES, REST_SYMBOL, events

if TYPE_CHECKING:  # music21 takes half a second to import, so it waits until a score is read
    from music21.stream import Score, Stream

    from encoding.key import Key

# Part of the key of the token cache: raise it whenever the same score gives other tokens another meter or another key.
ENCODER_VERSION = 7

FINEST = Fraction(1, 256)  # of a whole note: below that no score is written
LONGEST = 100_000  # steps of a song; what is longer is a damaged length
SHARPS = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"]  # names that tell pitches in any key


class SongRejected(ValueError):
    """The song cannot be written on the grid, for a reason that may lie at one place, in quarter notes."""

    def __init__(self, reason: str, quarters: Fraction | None = None):
        super().__init__(reason if quarters is None else f"{reason} {_place(quarters)}")
        self.quarters = quarters


class GridEncoder:
    """Translates between music21 scores and tokens on a regular grid.

    Args:
        time_step: the length of one grid step as a share of a whole note; 1/16 is a sixteenth note.

    Raises:
        ValueError: if time_step is below 1/256 or above 1.
    """

    def __init__(self, time_step: float = 1 / 16):
        if not FINEST <= time_step <= 1:
            raise ValueError(f"time_step must be a share of a whole note, from {FINEST} to 1, not {time_step}")
        # As a fraction, so that 1/12 divides the beat without rounding. music21 counts quarter notes.
        self.time_step = time_step
        self.quarters_per_step = 4 * Fraction(time_step).limit_denominator(FINEST.denominator)

    def encode_song(self, score: "Stream") -> list[str]:
        """Write a score on the grid, in the key in which it stands.

        Ties are merged into one note; grace notes and chord symbols are left out; repeat
        signs are not played out; where nothing is written, a rest is.

        Returns:
            One token per grid step.

        Raises:
            SongRejected: if an onset or duration falls beside the grid, if more than one note sounds at a time, if a
                pitch has no MIDI number, or if the song is longer than LONGEST steps.
        """
        tokens: list[str] = []
        for event in _melody(score):
            start, stop = self._to_steps(event.onset, "begins"), self._to_steps(event.end, "ends")
            if stop > LONGEST:
                raise SongRejected(f"it is more than {LONGEST:,} steps long; a length may be damaged")
            if start > len(tokens):  # a gap in which nothing is written
                tokens += [REST_SYMBOL] + [HOLD_SYMBOL] * (start - len(tokens) - 1)
            tokens += [event.symbol] + [HOLD_SYMBOL] * (stop - start - 1)
        return tokens

    def encode_songs(self, scores: Sequence["Score"], transpose: bool = True) -> tuple[list[list[str]], list[int]]:
        """Encode many scores, each brought to C major or A minor if `transpose`, and leave out those that do not fit.

        Returns:
            (encoded_songs, invalid_song_indices): the token lists of the songs that fit, and the positions in `scores`
            of the others.
        """
        encoded_songs, invalid_song_indices = [], []
        for index, score in enumerate(scores):
            try:
                encoded_songs.append(self.encode_with_key(score)[0] if transpose else self._encode_notes(score))
            except SongRejected:
                invalid_song_indices.append(index)
        return encoded_songs, invalid_song_indices

    def encode_with_key(self, score: "Score", mode_by_third: bool = False) -> tuple[list[str], "Key"]:
        """One song in C major or A minor, and the key in which it stood; for `mode_by_third`, see `key_of`.

        Raises:
            SongRejected: as `encode_song`, or if the song has no note or no key.
        """
        as_written = self._encode_notes(score)
        key = key_of(score, mode_by_third)
        if key is None:
            raise SongRejected("no key is written and none could be found from the notes")
        return transpose_tokens(as_written, -key.shift), key

    def _encode_notes(self, score: "Score") -> list[str]:
        tokens = self.encode_song(score)
        if not any(token in PITCHES for token in tokens):
            raise SongRejected("it has no notes")
        return tokens

    def _to_steps(self, quarters: Fraction, what_it_does: str) -> int:
        steps = quarters / self.quarters_per_step
        if steps.denominator != 1:
            step = Fraction(self.quarters_per_step, 4)
            raise SongRejected(f"a note or rest {what_it_does} beside the grid of {step},", quarters)
        return int(steps)

    def decode_song(self, tokens: Sequence[str]) -> "Score":
        """Turn tokens into a score with one part; every step is kept, the last one too.

        Raises:
            ValueError: if the tokens are not a valid song; names the position and token.
        """
        melody = list(events(tokens))  # all errors first, before music21 is imported
        from music21 import note, pitch, stream

        part = stream.Part()
        for onset, symbol, steps in melody:
            # midi=, as music21 takes a bare number below 12 for a pitch class in octave 4
            element = note.Rest() if symbol == REST_SYMBOL else note.Note(pitch.Pitch(midi=int(symbol)))
            element.quarterLength = steps * self.quarters_per_step
            part.insert(onset * self.quarters_per_step, element)
        return stream.Score([part])

    def decode_songs(self, encoded_songs: Sequence[Sequence[str]]) -> list["Score"]:
        """`decode_song` for each of many songs."""
        return [self.decode_song(tokens) for tokens in encoded_songs]

    def take_notes(self, melody: Sequence[str], n_notes: int) -> list[str]:
        """The beginning of a melody up to the end of its n-th note; with fewer notes, it is returned whole.

        Raises:
            ValueError: if n_notes is negative or the melody is not valid.
        """
        if n_notes < 0:
            raise ValueError(f"n_notes must not be negative, not {n_notes}")
        end, notes = 0, 0
        for onset, symbol, steps in events(melody):
            if symbol != REST_SYMBOL and notes < n_notes:
                notes, end = notes + 1, onset + steps
        return list(melody[:end]) if notes == n_notes else list(melody)


def transpose_tokens(tokens: Sequence[str], shift: int) -> list[str]:
    """Shift each pitch by a number of semitones; holds and rests stay.

    Raises:
        SongRejected: if a pitch would leave 0..127.
    """
    moved = []
    for token in tokens:
        if token in PITCHES:
            number = int(token) + shift
            if not 0 <= number <= 127:
                raise SongRejected(f"{name_of(int(token))}, moved by {shift:+d} semitones, lies outside C-1 to G9")
            token = str(number)
        moved.append(token)
    return moved


def name_of(pitch: int) -> str:
    """A MIDI number as a musician says it: C4 for 60."""
    return f"{SHARPS[pitch % 12]}{pitch // 12 - 1}"


class _Event(NamedTuple):
    """A note or rest, its times in quarter notes."""

    onset: Fraction
    end: Fraction
    symbol: str
    tie: str | None = None  # 'start', 'continue' or 'stop'


def _melody(score: "Stream") -> list[_Event]:
    """The notes and rests of a single voice, ties merged."""
    from music21 import chord, harmony, note

    notes, rests = [], []
    for element in _only_sounding_part(score).flatten().notesAndRests:
        if element.duration.isGrace or isinstance(element, (harmony.Harmony, harmony.NoChord)):
            continue
        onset = Fraction(element.offset)
        end = onset + Fraction(element.quarterLength)
        if end == onset:  # an ornament of no length that is not marked as a grace note
            continue
        if isinstance(element, note.Rest):
            rests.append(_Event(onset, end, REST_SYMBOL))
            continue
        if isinstance(element, chord.Chord) and len(element.pitches) > 1:
            raise SongRejected("it is not monophonic: a chord", onset)
        if not element.pitches:
            raise SongRejected("a note without pitch", onset)
        tie = element.notes[0].tie if isinstance(element, chord.Chord) else element.tie
        notes.append(_Event(onset, end, _midi_number(element.pitches[0].ps, onset), tie.type if tie else None))
    return _with_rests(_merge_ties(notes), rests)


def _only_sounding_part(score: "Stream") -> "Stream":
    """The score, or of several parts the one that has notes; if several have, SongRejected is raised."""
    parts = list(score.getElementsByClass("Part"))
    sounding = [part for part in parts if any(note.duration.quarterLength for note in part.recurse().notes)]
    if len(sounding) > 1:
        raise SongRejected("it is not monophonic: several parts have notes")
    return sounding[0] if len(parts) > 1 and sounding else score


def _merge_ties(notes: list[_Event]) -> list[_Event]:
    melody: list[_Event] = []
    tied = False  # does the note before reach over into the next?
    for note in sorted(notes, key=lambda event: (event.onset, event.end)):
        before = melody[-1] if melody else None
        if before and note.onset < before.end:
            raise SongRejected("it is not monophonic: two notes sound", note.onset)
        joins = before and tied and note.tie in ("stop", "continue")
        if joins and before.symbol == note.symbol and before.end == note.onset:
            melody[-1] = before._replace(end=note.end)
        else:
            melody.append(note)
        tied = note.tie in ("start", "continue")
    return melody


def _with_rests(notes: list[_Event], rests: list[_Event]) -> list[_Event]:
    """Put the rests between the notes; one that overlaps a note belongs to a silent voice."""
    everything = sorted([*notes, *rests], key=lambda event: event.onset)
    melody: list[_Event] = []
    for index, event in enumerate(everything):
        if event.symbol == REST_SYMBOL:
            next_note = next((later for later in everything[index:] if later.symbol != REST_SYMBOL), None)
            if (melody and event.onset < melody[-1].end) or (next_note and next_note.onset < event.end):
                continue
        melody.append(event)
    return melody


def _midi_number(pitch_space: float, onset: Fraction) -> str:
    number = floor(pitch_space)
    if pitch_space != number:
        raise SongRejected(f"a pitch between two semitones, {name_of(number)} and {name_of(number + 1)},", onset)
    if not 0 <= number <= 127:
        raise SongRejected(f"the note {name_of(number)}, which lies outside C-1 to G9,", onset)
    return str(number)


def _place(quarters: Fraction) -> str:
    """As one counts: 7 1/2 quarters."""
    near = Fraction(quarters).limit_denominator(48)
    if near == 0:
        return "at the beginning of the song"
    counted = " ".join(str(number) for number in divmod(near, 1) if number)
    return f"{'' if near == quarters else 'about '}{counted} quarter{'s' if near > 1 else ''} into the song"
