"""The figures of the course, each made by the code that its page is about (in docs/drawings).

python docs/figures.py                  all of them, into docs/images
python docs/figures.py valves adam      some of them
"""

import argparse
import sys
from pathlib import Path

DOCS = Path(__file__).resolve().parent
sys.path[:0] = [str(DOCS.parent), str(DOCS)]  # where the packages lie, and the drawings

from drawings import cell, context, dataflow, engraved, learning, network, through_time

from lstm_numpy.system import write_whole

FIGURES = {
    "first-look": network.first_look,
    "tokens": network.tokens,
    **dataflow.CELL,
    "valves": cell.valves,
    "backward": dataflow.backward,
    "slopes": cell.slopes,
    "unrolled": dataflow.unrolled,
    "through-time": through_time.through_time,
    "softmax": network.softmax,
    "adam": learning.adam,
    "wrong-gradients": learning.wrong_gradients,
    "remembering": through_time.remembering,
    "told": context.told,
    "engraved": engraved.engraved,
}
SLOW = {"wrong-gradients", "engraved"}  # the first reads the corpus and trains for a minute, the other takes verovio
QUICK = [name for name in FIGURES if name not in SLOW]


def main() -> None:
    parser = argparse.ArgumentParser(description="Draw the figures of the course.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"some of {', '.join(FIGURES)} (default: all)")
    parser.add_argument("--folder", type=Path, default=DOCS / "images", help="(default: docs/images)")
    options = parser.parse_args()
    for name in options.names:
        if name not in FIGURES:
            parser.error(f"there is no figure {name!r}; choose from {', '.join(FIGURES)}")
    for name in options.names or FIGURES:
        picture = FIGURES[name]()
        path = options.folder / f"{name}.{'svg' if picture.startswith(b'<svg') else 'png'}"
        write_whole(path, picture)
        print(f"drawn {path}", flush=True)


if __name__ == "__main__":
    main()
