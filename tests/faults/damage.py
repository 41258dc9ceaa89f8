"""Damaged bytes: flipped, cut, inserted, exchanged."""

import numpy as np

KINDS = ("bits flipped", "cut", "inserted", "exchanged", "overwritten")


def damaged(content: bytes, kind: str, rng: np.random.Generator) -> bytes:
    """The content with one such damage at a random place; it may happen to be the same again.

    Args:
        content: at least one byte.
        kind: one of KINDS.
    """
    place = int(rng.integers(len(content)))
    length = int(rng.choice([1, 2, 4, 16, 64]))
    noise = rng.bytes(length)
    if kind == "bits flipped":
        array = bytearray(content)
        for where in rng.integers(len(content), size=rng.integers(1, 4)):
            array[where] ^= 1 << int(rng.integers(8))
        return bytes(array)
    if kind == "cut":
        # The end, as when a copy breaks off, or a piece out of the middle.
        return content[:place] + (content[place + length :] if rng.random() < 0.5 else b"")
    if kind == "inserted":
        return content[:place] + noise + content[place:]
    if kind == "exchanged":
        other = int(rng.integers(len(content)))
        first, second = sorted((place, other))
        length = min(length, second - first)
        one, two = content[first : first + length], content[second : second + length]
        return content[:first] + two + content[first + length : second] + one + content[second + length :]
    return content[:place] + noise + content[place + length :]
