"""What the network is told at one step of a song, on page 12."""

import numpy as np
from matplotlib.figure import Figure

from encoding import ContextEncoder, Meter, StringToIntEncoder, Told
from encoding.context import PARTS, longest_passage
from encoding.tokens import events
from lstm_numpy.system import BLUE, GREEN, GREY, ORANGE, png

SONG = "67 _ 60 _ _ _ 64 _ 62 _ 60 _ 64 _ 67 _ _ _ 67 _ 60 _ _ _ 64 _ 62 _".split()  # 3/4, an upbeat of a quaver
WALTZ = Told(Meter(2, 12, 4), False)


def told() -> bytes:
    """A song up to a step, and all symbols that stand beside the next."""
    vocabulary = StringToIntEncoder([SONG])
    encoder = ContextEncoder(vocabulary, PARTS, [WALTZ])
    numbers = [vocabulary.encode(token) for token in SONG]
    row, t = encoder.of_song(np.array(numbers), WALTZ)[-1], len(SONG)
    figure = Figure(figsize=(9, 4.6), layout="constrained")
    above, below = figure.subplots(2, 1, height_ratios=(2, 1.5))
    for onset, symbol, steps in events(SONG):
        above.broken_barh([(onset + 0.06, steps - 0.12)], (int(symbol) - 0.4, 0.8), color=BLUE)
    for step, token in enumerate([*SONG, "?"]):
        above.text(step + 0.5, 57.4, token, ha="center", va="center", family="monospace", fontsize=9)
    for line in range(WALTZ.meter.upbeat, t + 1, WALTZ.meter.bar):
        above.axvline(line, color=GREY, lw=1)
    above.axvspan(t, t + 1, color=ORANGE, alpha=0.25)
    place, heard = longest_passage("".join(map(chr, numbers)))
    for stop in (place, t):
        above.plot([stop - heard, stop], [69.2, 69.2], color=GREEN, lw=4, solid_capstyle="butt")
    for steps, height, text in ((12, 70.5, "one bar before"), (24, 73, "two bars before")):
        above.annotate(
            "", (t - steps + 0.5, height), (t + 0.5, height), arrowprops={"arrowstyle": "->", "color": ORANGE}
        )
        above.text(t - steps / 2, height + 0.2, text, color=ORANGE, ha="center", va="bottom", fontsize=9)
    above.set(xlim=(0, t + 1), ylim=(56.4, 75), ylabel="pitch (MIDI number)", yticks=[60, 62, 64, 67])
    above.set_xticks(range(0, t + 1, 4))
    above.set_xlabel("time (grid steps, sixteenths)")
    below.axis("off")
    words = [
        f"{name}: {encoder.symbols[n] if n >= 0 else 'nothing'}" for name, n in zip(encoder.columns, row, strict=True)
    ]
    for n, text in enumerate(words):
        below.text(0.02 + 0.5 * (n // 6), 0.92 - 0.16 * (n % 6), text, transform=below.transAxes, fontsize=9.5)
    return png(figure)
