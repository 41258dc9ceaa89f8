"""Small songs that the tests write, as ABC."""

import numpy as np


def abc_song(number: int, notes: str, key: str = "C", length: str = "1/16", meter: str = "4/4") -> str:
    """One ABC tune; lengths are in sixteenths unless said otherwise."""
    return f"X:{number}\nT:Song {number}\nM:{meter}\nL:{length}\nK:{key}\n{notes}\n"


def random_abc(number: int, rng: np.random.Generator, n_notes: int = 24) -> str:
    """A random walk on the scale of C major, in quavers and crotchets."""
    scale = "C D E F G A B c d e".split()
    place, words = int(rng.integers(len(scale))), []
    for _ in range(n_notes):
        place = int(np.clip(place + rng.integers(-2, 3), 0, len(scale) - 1))
        words.append(f"{scale[place]}{rng.choice([2, 4])}")
    return abc_song(number, " ".join(words) + " z4 |]")
