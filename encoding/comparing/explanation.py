"""What goes on inside a network while it reads melodies, in a musician's words and pictures.

The network comes as a function that makes its portrait (see `Portrait` in lstm_numpy.inspection).
"""

from collections.abc import Callable, Sequence

import numpy as np

from encoding.comparing.landmarks import BEAT, Songs, landmarks, readable_song
from encoding.context import Meter, Told
from encoding.page import Page, listing, picture
from encoding.reading import printable
from encoding.vocabulary import StringToIntEncoder
from encoding.writing import Composition, Primer, draw_roll, in_words, upwards

CAPTIONS = {
    "units.png": "Single units along a song, and how often the gates of all units are shut and open",
    "primer-explained.png": "The primer, what the network expected at each step, and what its units did",
}
# Tokens, whether TERM follows, and what is told beside them, as the network reads them: integers and their context
Reads = Callable[[Sequence[str], bool, Told], tuple[np.ndarray, np.ndarray | None]]


class Explanation:
    """A portrait of a network, whose units are judged on some songs, and the pictures that are drawn with it.

    `make_portrait` takes the fields of `Notation`, sequences of integers, landmarks and contexts.
    """

    def __init__(self, make_portrait: Callable, reads: Reads, vocabulary: StringToIntEncoder, time_step: float,
                 songs: Songs):  # fmt: skip
        self.reads, self.time_step, self.songs = reads, time_step, songs
        read = [reads(tokens, False, told) for tokens, told in zip(songs.tokens, songs.told, strict=True)]
        sequences, contexts = zip(*read, strict=True)
        contexts = None if contexts[0] is None else contexts
        self.portrait = make_portrait(notation(vocabulary, time_step), sequences, landmarks(songs), contexts)

    def __str__(self) -> str:
        """What the units follow."""
        if BEAT in self.portrait.figures:
            return self.portrait.report()
        return f"no song has a meter, so no unit can be said to follow the beat or the bar\n{self.portrait.report()}"

    def first_pictures(self, primer: Primer, score: str | None, whole: bool, alone: bool) -> dict[str, bytes]:
        """Pictures that need no melody, by the names of their files.

        The units are shown along the primer if it is from a file of the name `score`, whose `whole` it may be; if it
        stands `alone`, as nothing is composed, it is explained itself.
        """
        score = score and printable(score)
        shown = (score, primer.tokens, Told(primer.meter, primer.key and primer.key.minor)) if score else None
        self.pictures = {"units.png": self.of_units(*(shown or readable_song(self.songs)))}
        if alone:
            ended = score is not None and whole
            told = Told(primer.meter, primer.key and primer.key.minor)
            melody = Composition(primer.tokens, told, ended, {}, [])
            self.pictures["primer-explained.png"] = self.of_melody(melody, 0, score or "Primer")
        return self.pictures

    def put_on(self, page: Page) -> None:
        """Show what the units follow, and the first pictures."""
        pictures = (picture(content, CAPTIONS[name]) for name, content in self.pictures.items())
        page.put("Inside the network", listing(str(self)), *pictures)

    def of_units(self, name: str, tokens: Sequence[str], told: Told) -> bytes:
        """The units along a song, with lines at its bars if it has a meter."""
        meter = told.meter
        first, period, lines = 0, round(1 / self.time_step), "a line after every whole note"
        if meter is not None:
            first, period, lines = meter.upbeat, meter.bar, "bar lines as in the score"
        symbols, context = self.reads(tokens, False, told)
        return self.portrait.units(symbols, context, tokens, first, period, f"{name}: its tokens, {lines}")

    def of_melody(self, melody: Composition, given: int, title: str) -> bytes:
        """A melody, of which so many tokens were `given`, and what the network made of it."""
        tokens, told, ended, *_ = melody
        symbols, context = self.reads(tokens, ended, told)
        meter = told.meter or Meter(0, len(symbols), 1)
        lines = range(meter.upbeat or meter.bar, len(symbols), meter.bar)
        return self.portrait.explain(
            symbols, context, given, title, lambda axes: draw_roll(axes, tokens, self.time_step), lines
        )


def notation(vocabulary: StringToIntEncoder, time_step: float) -> dict:
    """How the tokens are written where a network is shown, as the fields of `Notation` in lstm_numpy.inspection."""
    kinds = vocabulary.kinds
    return {
        "labels": [in_words(symbol) for symbol in vocabulary.symbols], "order": upwards(vocabulary.symbols),
        "end": vocabulary.end, "kinds": {f"a {kind}": kinds[kind] for kind in ("note", "hold", "rest")},
        "each": ("the notes of each pitch", kinds["note"]),
        "duration": 4 * time_step, "time": "quarter notes", "settled": round(1 / time_step),
    }  # fmt: skip
