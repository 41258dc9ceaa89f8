"""Copies that were planted must be found, and as long as they are."""

import numpy as np
import pytest

from encoding.comparing.comparison import find_copies
from encoding.comparing.novelty import Novelty


def song(rng, steps):
    """A melody in which nothing repeats for long: random notes, holds and rests."""
    tokens = [str(60 + rng.integers(12))]
    while len(tokens) < steps:
        tokens.append(str(rng.choice(["_", "_", "r", *map(str, range(60, 80))])))
    return tokens


def transposed(tokens, shift):
    return [str(int(token) + shift) if token.isdecimal() else token for token in tokens]


@pytest.fixture
def songs(rng):
    return [song(rng, 90) for _ in range(12)]


@pytest.fixture
def novelty(songs):
    return Novelty(songs, [f"song {n}" for n in range(len(songs))])


@pytest.mark.parametrize("steps", [9, 16, 31, 32, 70])
@pytest.mark.parametrize("place", ["start", "middle", "end"])
@pytest.mark.parametrize("shift", [0, -5, 7])
def test_planted_copies(rng, songs, novelty, steps, place, shift):
    begin = {"start": 0, "middle": 11, "end": 90 - steps}[place]
    copy = transposed(songs[4][begin : begin + steps], shift)
    before, after = ["127", "0", "126"], ["127", "0", "125"]  # leaps that no song has
    run = novelty.longest_run(before + copy + after)
    # The note before may be the run's first, as any note may, if a note stands there in the song, too.
    grown = begin - run.song_start
    assert run.song == "song 4"
    assert (run.steps, run.start, run.song_start) == (steps + grown, 3 - grown, begin - grown)
    assert run.share == run.steps / (steps + 6)
    assert run.transposition == shift
    assert grown == 0


def test_rests_and_holds_must_be_the_same():
    there = "60 _ _ 62 r _ _ 64 _ 65 _ 67".split()
    novelty = Novelty([there], ["there"])
    assert novelty.longest_run(transposed(there, 3)) == (12, 1.0, 0, "there", 0, 3)
    shorter_rest = "60 _ _ 62 r _ 64 _ 65 _ 67".split()
    assert novelty.longest_run(shorter_rest).steps == 6
    rest_for_note = "60 _ _ r r _ _ 64 _ 65 _ 67".split()
    assert novelty.longest_run(rest_for_note)[:3] == (8, 8 / 12, 4)
    hold_for_rest = "60 _ _ 62 _ _ _ 64 _ 65 _ 67".split()
    assert novelty.longest_run(hold_for_rest)[:3] == (7, 7 / 12, 5)


def test_the_first_note_decides_the_transposition():
    """A run that begins with another note than the song's, and goes on with the song's intervals, ends at once."""
    novelty = Novelty([["60", "_", "64", "_", "67"]], ["triad"])
    assert novelty.longest_run("61 _ 64 _ 67".split()) == (4, 4 / 5, 1, "triad", 1, 0)
    assert novelty.longest_run("72 _ 76 _ 80".split()) == (4, 4 / 5, 0, "triad", 0, 12)


def test_nothing_in_common_and_nothing_at_all():
    novelty = Novelty([["60", "62"]], ["two"])
    run = novelty.longest_run(["r"])
    assert (run.steps, run.share, run.song) == (0, 0.0, "")
    assert not run.copied
    assert novelty.longest_run([]).share == 0
    assert Novelty([], []).longest_run(["60"]).steps == 0
    with pytest.raises(ValueError, match="names"):
        Novelty([["60"]], [])


def test_against_every_pair_of_places(rng):
    """The index finds what a search by brute force finds, on melodies full of repetitions."""

    def motif_song():
        return [str(token) for token in rng.choice(["_", "_", "60", "62", "r"], size=30)]

    def same(one, two):
        pairs = [(int(a), int(b)) for a, b in zip(one, two, strict=True) if a.isdecimal() and b.isdecimal()]
        kinds = all(a == b for a, b in zip(one, two, strict=True) if not (a.isdecimal() and b.isdecimal()))
        return kinds and len({a - b for a, b in pairs}) <= 1

    songs = [motif_song() for _ in range(4)]
    novelty = Novelty(songs, list("abcd"))
    for _ in range(6):
        melody = motif_song()
        longest = max(
            length
            for song in songs
            for i in range(30)
            for j in range(30)
            for length in range(31 - max(i, j))
            if same(melody[i : i + length], song[j : j + length])
        )
        run = novelty.longest_run(melody)
        assert run.steps == longest
        there = songs["abcd".index(run.song)][run.song_start : run.song_start + run.steps]
        assert transposed(there, run.transposition) == melody[run.start : run.start + run.steps]


def test_copies_are_marked(songs, novelty):
    fresh = ["127", "0"] * 20
    found = find_copies(novelty, [songs[2] + fresh, songs[3][:20] + fresh], lambda values: [float(np.mean(values))] * 3)
    assert [run["steps"] for run in found["runs"]] == [90, 20]
    assert found["half"][0] == 0.5
    assert found["long"][0] == 0.5
    alone = find_copies(novelty, [songs[2]], lambda values: [float(np.mean(values))] * 3, ["song 2"])
    assert alone["runs"][0]["song"] != "song 2"
    assert alone["runs"][0]["steps"] < 20
