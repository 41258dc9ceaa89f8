"""Every note of a folder of scores, compared with what other programs read.

    python tests/peers FOLDER                      all its scores
    python tests/peers FOLDER --time-step 1/12
    python tests/peers --random 5000 --seed 1      ABC tunes made up for this, whose right notes are known

ABC is compared with abc2midi, MIDI with mido, and kern with a small reader of its text; where one is not
installed, that is said. The exit status is 1 if a note differs.
"""

import argparse
import os
import sys
import tempfile
from fractions import Fraction
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy is imported
HERE = Path(__file__).resolve().parent
sys.path[1:1] = [str(HERE.parent.parent), str(HERE.parent / "encoding" / "reading")]

from comparison import compare  # noqa: E402

from encoding import CorpusError  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(prog="python tests/peers", description="Compare every note with other readers.")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("folder", nargs="?", type=Path, metavar="FOLDER", help="scores of any kind that is read")
    what.add_argument("--random", type=int, metavar="N", help="make up N tunes instead")
    parser.add_argument("--time-step", type=Fraction, default=Fraction(1, 16), help="the grid (default: 1/16)")
    parser.add_argument("--seed", type=int, default=0, help="of the tunes that are made up (default: 0)")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ["XDG_CACHE_HOME"] = home  # every score is read now
        try:
            if given.random is None:
                tallies = compare(given.folder, float(given.time_step))
            else:
                from made_up import compare_made_up

                tallies = compare_made_up(given.random, given.seed)
        except (FileNotFoundError, CorpusError) as error:
            parser.error(str(error))
    for tally in tallies:
        print(tally)
    return 1 if any(tally.different for tally in tallies) else 0


if __name__ == "__main__":
    sys.exit(main())
