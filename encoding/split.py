"""Splitting a corpus into training, validation and test data.

By song is the honest way: what is tested was never heard. Folk songs come in variants, so
songs that share a long passage are kept together. By window, as the article does it, puts
windows of one song on both sides and measures memory as well as understanding.
"""

from collections.abc import Sequence

import numpy as np

SHARED_STEPS = 64  # songs with so many equal consecutive tokens belong together
HELD_OUT = 0.1  # the share for validation, and the same for test
PARTS = ("training", "validation", "test")
Split = tuple[np.ndarray, np.ndarray, np.ndarray]  # the numbers of the songs, or of the windows, of each part


def draw_split(encoded_songs: Sequence[Sequence], by: str, rng: np.random.Generator) -> Split:
    """The numbers of whole songs (by 'song') or of single windows (by 'window') for training, validation and test.

    Raises:
        ValueError: as `split_by_song` and `split_by_window`.
    """
    if by == "song":
        return split_by_song(encoded_songs, rng)
    return split_by_window(sum(len(song) + 1 for song in encoded_songs), rng)


def split_by_song(encoded_songs: Sequence[Sequence], rng: np.random.Generator) -> Split:
    """Song numbers for training, validation and test; no group of variants is divided.

    Returns:
        Three sorted arrays of song numbers: about 80 %, 10 % and 10 %, each with at least one.

    Raises:
        ValueError: if there are fewer than three groups of songs.
    """
    groups = group_variants(encoded_songs)
    if len(groups) < 3:
        raise ValueError(
            f"to split by song takes three groups of unrelated songs, for training, validation and test; "
            f"there are {len(groups)} (songs that share {SHARED_STEPS} steps are one group)"
        )
    waiting = [groups[index] for index in rng.permutation(len(groups))]
    size = round(HELD_OUT * len(encoded_songs))
    test = _take_groups(waiting, size, leave=2)
    validation = _take_groups(waiting, size, leave=1)
    train = [song for group in waiting for song in group]
    return np.sort(train), np.sort(validation), np.sort(test)


def split_by_window(n_windows: int, rng: np.random.Generator) -> Split:
    """Window numbers for training, validation and test, drawn at random as in the article.

    Raises:
        ValueError: if there are fewer than three windows.
    """
    if n_windows < 3:
        raise ValueError(f"to split windows takes at least three, there are {n_windows}")
    order = rng.permutation(n_windows)
    size = max(1, int(HELD_OUT * n_windows))
    return np.sort(order[2 * size :]), np.sort(order[:size]), np.sort(order[size : 2 * size])


def group_variants(encoded_songs: Sequence[Sequence]) -> list[list[int]]:
    """Put songs that share SHARED_STEPS consecutive tokens into one group, transitively.

    Returns:
        Lists of song numbers: every song in exactly one, ordered by each list's first song.
    """
    ids: dict = {}
    numbers = [np.array([ids.setdefault(token, len(ids)) for token in song], np.uint16) for song in encoded_songs]

    # Union-find: relative_of[song] points towards the song that stands for the group.
    relative_of = list(range(len(encoded_songs)))

    def representative(song: int) -> int:
        while relative_of[song] != song:
            relative_of[song] = song = relative_of[relative_of[song]]
        return song

    first_with: dict[bytes, int] = {}  # passage -> the first song that has it
    for song, array in enumerate(numbers):
        for start in range(len(array) - SHARED_STEPS + 1):
            other = first_with.setdefault(array[start : start + SHARED_STEPS].tobytes(), song)
            one, two = sorted((representative(song), representative(other)))
            relative_of[two] = one

    groups: dict[int, list[int]] = {}
    for song in range(len(encoded_songs)):
        groups.setdefault(representative(song), []).append(song)
    return list(groups.values())


def _take_groups(waiting: list[list[int]], size: int, leave: int) -> list[int]:
    """Take whole groups off the list while they fit into `size`, the smallest if none fits."""
    taken: list[list[int]] = []
    for group in list(waiting):
        if len(waiting) > leave and sum(map(len, taken)) + len(group) <= size:
            waiting.remove(group)
            taken.append(group)
    if not taken:
        taken.append(waiting.pop(min(range(len(waiting)), key=lambda index: len(waiting[index]))))
    return [song for group in taken for song in group]
