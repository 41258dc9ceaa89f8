"""What stands beside the tokens: right, in words, never from the future, and the same step by step."""

import json

import numpy as np
import pytest

from encoding import ContextEncoder, Meter, StringToIntEncoder, Told
from encoding.context import PARTS, longest_passage

TUNE = "60 _ 62 _ 64 _ 60 _ 60 _ 62 _ 64 _ 65 _".split()
WALTZ = Told(Meter(2, 6, 2), False)
VOCABULARY = StringToIntEncoder([[*TUNE, "67", "r"]])


def ids(tokens):
    return np.array([VOCABULARY.encode(token) for token in tokens])


SONGS = (WALTZ, Told(Meter(0, 8, 4), True), Told())


def encoder(parts=PARTS, songs=SONGS):
    return ContextEncoder(VOCABULARY, parts, songs)


def in_words(context, row):
    return {context.symbols[index] for index in row if index >= 0}


def test_in_words():
    context = encoder()
    rows = context.of_song(ids(TUNE), WALTZ)
    assert rows.shape == (len(TUNE) + 1, context.width)
    common = {"an upbeat of 2", "bars of 6 steps, beats of 2", "major"}
    assert in_words(context, rows[0]) == common | {"place 4 in the bar", "0 steps after so many bars", "0 bars gone by"}
    assert in_words(context, rows[13]) == common | {
        "place 5 in the bar", "1 steps after so many bars", "2 bars gone by", "'_' 1 bar(s) before",
        "'_' 2 bar(s) before", "'_' the last time", "the same for 4 steps or more", "heard 1 times before or more",
    }  # fmt: skip
    assert "'60' 1 bar(s) before" in in_words(context, rows[14])
    assert "'60' the last time" in in_words(context, rows[14])  # and not the 65 that comes
    assert "place 2 in the bar" in in_words(context, rows[16])
    assert rows.min() >= -1
    assert rows.max() < len(context)
    assert len(context) == len(set(context.symbols))


def test_what_is_not_known():
    context = encoder()
    for told in (Told(), Told(Meter(0, 10, 2))):  # no meter, and one that no song has
        row = in_words(context, context.of_song(ids(TUNE), told)[13])
        assert row == {
            "no known meter",
            "'_' the last time",
            "the same for 4 steps or more",
            "heard 1 times before or more",
        }
    assert not context.knows(Meter(0, 10, 2))
    assert context.knows(Meter(5, 6, 2))
    assert encoder(()).of_song(ids(TUNE), WALTZ) is None
    assert encoder(()).following(WALTZ) is None
    assert len(encoder(())) == 0


@pytest.mark.parametrize("part", PARTS)
def test_each_part_alone(part):
    """A part has the same words whether or not there are others."""
    alone, all_parts = encoder([part]), encoder()
    for one, whole in zip(alone.of_song(ids(TUNE), WALTZ), all_parts.of_song(ids(TUNE), WALTZ), strict=True):
        assert in_words(alone, one) <= in_words(all_parts, whole)
    assert alone.width == (3 if part == "again" else 1)


def test_nothing_from_the_future(rng):
    """However the rest of a song is changed, what stands beside a step stays."""
    context = encoder()
    song = ids([*TUNE, *TUNE, *TUNE[:7]])
    rows = context.of_song(song, WALTZ)
    for t in range(len(song) + 1):
        changed = np.concatenate([song[:t], rng.permutation(song[t:])])
        np.testing.assert_array_equal(context.of_song(changed, WALTZ)[: t + 1], rows[: t + 1])
        np.testing.assert_array_equal(context.of_song(song[:t], WALTZ), rows[: t + 1])


def test_composing_is_told_what_training_was(rng):
    context = encoder()
    song = rng.integers(1, len(VOCABULARY), 40)
    for told in (WALTZ, Told(), Told(Meter(0, 8, 4), True)):
        follow = context.following(told)
        for t, row in enumerate(context.of_song(song, told)):
            np.testing.assert_array_equal(follow(song[:t].tolist()), row)


def longest_by_hand(text, shortest, longest):
    best = None
    for place in range(1, len(text)):
        steps = 0
        while steps < min(longest, place) and text[place - 1 - steps] == text[len(text) - 1 - steps]:
            steps += 1
        if steps >= shortest and (best is None or steps >= best[1]):
            best = place, steps
    return best


def test_the_longest_passage_is_that_of_a_slow_search(rng):
    for length in (0, 1, 4, 5, 9, 60):
        for _ in range(60):
            text = "".join(rng.choice(list("ab"), length))
            for shortest, longest in ((4, 32), (1, 3), (2, 8)):
                assert longest_passage(text, shortest, longest) == longest_by_hand(text, shortest, longest)


def test_a_record_makes_it_again():
    context = encoder()
    again = ContextEncoder.from_record(VOCABULARY, json.loads(json.dumps(context.record)))
    assert again.symbols == context.symbols
    assert again.record == context.record
    assert again.songs == context.songs
    assert len(ContextEncoder.from_record(VOCABULARY, None)) == 0
    for record in ({}, {"parts": ["place"]}, {"parts": [], "songs": [[1]]}, [], "x", {"parts": [], "songs": 3}):
        with pytest.raises(ValueError, match="none that this program knows"):
            ContextEncoder.from_record(VOCABULARY, record)


def test_drawn_as_often_as_the_songs_have_it(rng):
    context = encoder(songs=[WALTZ] * 3 + [Told(Meter(0, 8, 4), True)] + [Told()] * 4)
    drawn = [context.draw(rng, lambda told: told.meter is not None) for _ in range(800)]
    assert drawn.count(WALTZ) == pytest.approx(600, abs=50)
    assert set(drawn) == {WALTZ, Told(Meter(0, 8, 4), True)}
    assert context.draw(rng, lambda told: told.minor is True).meter.bar == 8
    assert context.draw(rng, lambda told: False) is None


def test_of_what_goes_round_for_the_third_time_nothing_is_told():
    """Otherwise a network that composes would hardly leave the circle."""
    context, circle = encoder(["again"]), "60 _ 62 64".split()
    rows = context.of_song(ids(circle * 3), Told())
    assert "'60' the last time" in in_words(context, rows[8])
    assert "'64' the last time" in in_words(context, rows[11])
    assert in_words(context, rows[12]) == set()
