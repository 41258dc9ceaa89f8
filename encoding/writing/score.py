"""A melody as a music21 score, from which MIDI and MusicXML are written."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import groupby
from typing import TYPE_CHECKING

from encoding.writing.bars import COMPOSER, Layout, Piece, TimeSignature, bars, beamed_from

if TYPE_CHECKING:
    from music21.stream import Measure, Score


def score(tokens: Sequence[str], time_step: float, layout: Layout, title: str, upbeat_alone: bool = False) -> "Score":
    """A music21 score with bars, ties, beams, key, meter, tempo and title.

    `upbeat_alone` gives the bar of the upbeat a meter of its own, by which readers of MIDI place the bar lines.

    Raises:
        ValueError: if the tokens are not valid.
    """
    written = bars(tokens, time_step, layout)  # all errors first, before music21 is imported
    from music21 import clef, instrument, key, metadata, meter, stream, tempo

    measures = list(_measures(written, layout.time))
    counted = Fraction(3, 2) if layout.time.beat == Fraction(3, 2) else 1  # the dotted quarter in 6/8
    number = layout.tempo / float(counted)
    mark = tempo.MetronomeMark(number=int(number) if number == int(number) else number, referent=float(counted))
    mark.placement = "above"
    opening = [
        clef.bestClef(stream.Stream(note for measure in measures for note in measure.notes)),
        key.Key(layout.key.tonic.replace("b", "-"), "minor" if layout.key.minor else "major"),
        meter.TimeSignature(str(layout.time)),
        mark,
    ]
    upbeat = (layout.time.bar - written[0][0].place) / 4  # of a whole note; no meter has thirds of one
    if upbeat_alone and written[0][0].place and upbeat.denominator & (upbeat.denominator - 1) == 0 and measures[1:]:
        opening[2] = meter.TimeSignature(f"{upbeat.numerator}/{upbeat.denominator}")
        measures[1].insert(0, meter.TimeSignature(str(layout.time)))
        measures[0].paddingLeft = 0
    for element in opening:
        measures[0].insert(0, element)
    if layout.ended:
        measures[-1].rightBarline = "final"
    player = instrument.Piano()
    player.partId, player.instrumentId, player.partName = "P1", "P1-I1", "Melody"  # music21 would draw ids at random
    part = stream.Part([player, *measures])
    part.makeBeams(inPlace=True)
    for measure, pieces in zip(measures, written, strict=True):
        _beam_in_fours(measure, pieces, layout.time)
    whole = stream.Score([part])
    whole.insert(0, metadata.Metadata(title=title, composer=COMPOSER))
    return whole


def _beam_in_fours(measure: "Measure", pieces: Sequence[Piece], time: TimeSignature) -> None:
    """Join four quavers that fill half a bar of four beats; music21 joins two."""
    both = zip(measure.notesAndRests, pieces, strict=True)
    for _, group in groupby(both, key=lambda pair: beamed_from(pair[1], pieces, time)):
        notes = [note for note, piece in group if piece.pitch is not None and piece.quarters == Fraction(1, 2)]
        if len(notes) == 4:
            for note, kind in zip(notes, ("start", "continue", "continue", "stop"), strict=True):
                note.beams.fill("eighth", kind)


def _measures(written: list[list[Piece]], time: TimeSignature) -> Iterator["Measure"]:
    from music21 import note, pitch, stream, tie

    first = written[0][0].place  # more than 0 if there is an upbeat
    held = False
    for number, pieces in enumerate(written, start=0 if first else 1):
        measure = stream.Measure(number=number)
        for piece in pieces:
            if piece.pitch is None:
                element = note.Rest(quarterLength=piece.quarters)
                element.fullMeasure = piece.quarters == time.bar
            else:
                letter, alter, octave = piece.pitch
                name = letter + ("#" if alter > 0 else "-") * abs(alter)
                element = note.Note(pitch.Pitch(name, octave=octave), quarterLength=piece.quarters)
                kind = {(False, True): "start", (True, True): "continue", (True, False): "stop"}
                if (held, piece.tied) in kind:
                    element.tie = tie.Tie(kind[held, piece.tied])
            held = piece.tied
            measure.append(element)
        if number == 0:
            measure.paddingLeft, measure.showNumber = first, stream.enums.ShowNumber.NEVER
        else:  # a last bar that the upbeat completes
            measure.paddingRight = time.bar - pieces[-1].place - pieces[-1].quarters
        yield measure
