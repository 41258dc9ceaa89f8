"""Token lists as notes and rests, and what is no token list."""

import pytest

from encoding.tokens import PITCHES, events


def test_notes_and_rests_with_their_places():
    assert list(events("r _ 60 _ _ 62 r".split())) == [(0, "r", 2), (2, "60", 3), (5, "62", 1), (6, "r", 1)]
    assert list(events("60 60 _".split())) == [(0, "60", 1), (1, "60", 2)]
    assert list(events([])) == []
    assert sorted(map(int, PITCHES)) == list(range(128))


@pytest.mark.parametrize(
    ("tokens", "message"),
    [
        ("_", "position 0: '_' holds nothing"),
        ("60 _ .", "position 2: '.' ends a song"),
        (".", "position 0: '.' ends a song"),
        ("60 r -1", "position 2: '-1' is not a token"),
        ("60 128", "position 1: '128' is not a token"),
    ],
)
def test_what_is_no_song_is_refused_with_its_place(tokens, message):
    with pytest.raises(ValueError, match=message):
        list(events(tokens.split()))
