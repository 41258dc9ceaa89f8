"""A melody as a music21 score, from which MIDI and MusicXML are written."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from encoding.writing.bars import COMPOSER, Layout, Piece, TimeSignature, bars

if TYPE_CHECKING:
    from music21.stream import Measure, Score


def score(tokens: Sequence[str], time_step: float, layout: Layout, title: str) -> "Score":
    """A music21 score with bars, ties, beams, key, meter, tempo and title.

    Raises:
        ValueError: if the tokens are not valid.
    """
    written = bars(tokens, time_step, layout)  # all errors first, before music21 is imported
    from music21 import clef, instrument, key, metadata, meter, stream, tempo

    measures = list(_measures(written, layout.time))
    number = int(layout.tempo) if layout.tempo == int(layout.tempo) else layout.tempo
    opening = [
        clef.bestClef(stream.Stream(note for measure in measures for note in measure.notes)),
        key.Key(layout.key.tonic.replace("b", "-"), "minor" if layout.key.minor else "major"),
        meter.TimeSignature(str(layout.time)),
        tempo.MetronomeMark(number=number),
    ]
    for element in opening:
        measures[0].insert(0, element)
    if layout.ended:
        measures[-1].rightBarline = "final"
    player = instrument.Instrument()
    player.partId = "P1"  # music21 would draw one at random
    part = stream.Part([player, *measures])
    part.makeBeams(inPlace=True)
    whole = stream.Score([part])
    whole.insert(0, metadata.Metadata(title=title, composer=COMPOSER))
    return whole


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
