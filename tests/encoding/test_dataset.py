"""Windows, targets and splits."""

import numpy as np
import pytest

from encoding import ScoreDataset, StringToIntEncoder, split_by_song, split_by_window
from encoding.split import draw_split, group_variants

SONGS = ["60 _ 62".split(), "64 r".split()]


@pytest.fixture
def dataset():
    return ScoreDataset(SONGS, StringToIntEncoder(SONGS), sequence_len=4)


def words(dataset, ids):
    vocabulary = StringToIntEncoder(SONGS)
    return " ".join("-" if index < 0 else vocabulary.decode(index) for index in ids)


def test_windows(dataset):
    assert len(dataset) == sum(len(song) + 1 for song in SONGS)
    expected = [
        (". . . .", "60"), (". . . 60", "_"), (". . 60 _", "62"), (". 60 _ 62", "."),
        (". . . .", "64"), (". . . 64", "r"), (". . 64 r", "."),
    ]  # fmt: skip
    for index, (window, target) in enumerate(expected):
        tokens, following = dataset[index]
        assert (words(dataset, tokens), words(dataset, [following])) == (window, target)
        assert tokens.shape == (4,)


def test_targets_at_every_step_leave_out_the_padding(dataset):
    expected = ["- - - 60", "- - 60 _", "- 60 _ 62", "60 _ 62 .", "- - - 64", "- - 64 r", "- 64 r ."]
    assert [words(dataset, dataset.targets(index)) for index in range(len(dataset))] == expected


def test_windows_are_views(dataset):
    tokens, _ = dataset[2]
    assert np.shares_memory(tokens, dataset[3][0])
    assert np.shares_memory(dataset.targets(0), dataset.targets(2))


def test_batches_are_the_same_windows(dataset):
    indices = np.array([5, 0, 3])
    tokens, last, _ = dataset.batch(indices, "last")
    _, every, _ = dataset.batch(indices, "every")
    for row, index in enumerate(indices):
        np.testing.assert_array_equal(tokens[row], dataset[index][0])
        np.testing.assert_array_equal(every[row], dataset.targets(index))
        assert last[row] == dataset[index][1]


def test_default_length_and_long_songs():
    songs = [["60"] + ["_"] * 199]
    dataset = ScoreDataset(songs, StringToIntEncoder(songs))
    assert dataset.sequence_len == 64
    assert len(dataset) == 201
    assert dataset[200][1] == 0
    assert (dataset.targets(0)[:-1] == -1).all()
    assert dataset.targets(0)[-1] == dataset[0][1]
    with pytest.raises(ValueError, match="sequence_len"):
        ScoreDataset(songs, StringToIntEncoder(songs), 0)


def test_spaced_windows_cover_each_song(rng):
    songs = [["60"] * length for length in (10, 100, 37)]
    dataset = ScoreDataset(songs, StringToIntEncoder(songs), sequence_len=16)
    windows = dataset.windows_of(np.array([1, 2]))
    assert len(windows) == 101 + 38
    np.testing.assert_array_equal(dataset.spaced(windows, 1, rng), windows)
    for _ in range(20):
        chosen = dataset.spaced(windows, 16, rng)
        assert set(chosen) <= set(windows)
        for song in (1, 2):
            positions = dataset.position_of[chosen[dataset.song_of[chosen] == song]]
            assert positions[-1] == len(songs[song])
            assert np.diff(positions).max() <= 16
            assert positions[0] < 16
    seen = {window for _ in range(200) for window in dataset.spaced(windows, 16, rng)}
    assert seen == set(windows)


# -- splits ------------------------------------------------------------------------------------


def many_songs(rng, count=100):
    return [[str(number) for number in rng.integers(40, 80, size=rng.integers(70, 120))] for _ in range(count)]


def test_split_by_song(rng):
    songs = many_songs(rng)
    parts = split_by_song(songs, np.random.default_rng(1))
    assert [len(part) for part in parts] == [80, 10, 10]
    assert sorted(np.concatenate(parts)) == list(range(100))
    again = split_by_song(songs, np.random.default_rng(1))
    other = split_by_song(songs, np.random.default_rng(2))
    assert all(np.array_equal(*pair) for pair in zip(parts, again, strict=True))
    assert not np.array_equal(parts[2], other[2])


def test_variants_stay_together(rng):
    songs = many_songs(rng, 30)
    songs[3][2:66] = songs[7][5:69]  # 64 shared tokens
    songs[9][-64:] = songs[7][-64:]  # relatives of relatives
    songs[11][:63] = songs[12][:63]  # one too few
    songs[20] = songs[21] = ["60"] * 40  # too short to share 64
    groups = group_variants(songs)
    assert [group for group in groups if len(group) > 1] == [[3, 7, 9]]
    assert sorted(song for group in groups for song in group) == list(range(30))
    for seed in range(20):
        parts = split_by_song(songs, np.random.default_rng(seed))
        assert sum({3, 7, 9} <= set(part) for part in parts) == 1


def test_few_groups():
    alone = [[str(number)] * 80 for number in (60, 62, 64)]
    assert [len(part) for part in split_by_song(alone, np.random.default_rng(0))] == [1, 1, 1]
    uneven = [*alone[:2], *[alone[2]] * 30]
    for seed in range(10):
        assert min(len(part) for part in split_by_song(uneven, np.random.default_rng(seed))) == 1
    with pytest.raises(ValueError, match="three groups"):
        split_by_song(alone[:2] * 5, np.random.default_rng(0))


def test_split_by_window():
    parts = split_by_window(1000, np.random.default_rng(0))
    assert [len(part) for part in parts] == [800, 100, 100]
    assert sorted(np.concatenate(parts)) == list(range(1000))
    with pytest.raises(ValueError, match="three"):
        split_by_window(2, np.random.default_rng(0))


def test_the_sizes_of_the_parts(rng):
    """A tenth each for validation and test, rounded by song, rounded down by window, and at least one."""
    for number, held_out in ((3, 1), (14, 1), (16, 2), (24, 2), (26, 3)):
        parts = split_by_song(many_songs(rng, number), rng)
        assert [len(part) for part in parts] == [number - 2 * held_out, held_out, held_out]
        assert all((np.diff(part) > 0).all() for part in parts)
    for number, held_out in ((3, 1), (19, 1), (20, 2), (29, 2)):
        parts = split_by_window(number, rng)
        assert [len(part) for part in parts] == [number - 2 * held_out, held_out, held_out]
        assert all((np.diff(part) > 0).all() for part in parts)


def test_songs_or_windows_are_drawn(rng):
    songs = many_songs(rng, 12)
    numbers = {by: np.concatenate(draw_split(songs, by, rng)) for by in ("song", "window")}
    assert sorted(numbers["song"]) == list(range(12))
    assert sorted(numbers["window"]) == list(range(sum(len(song) + 1 for song in songs)))


def test_a_group_is_taken_whole_if_it_fits(rng):
    """Eighteen songs, two to be held out: the group of three never fits, the pairs do, and the single ones fill up."""
    songs = many_songs(rng, 18)
    songs[1] = songs[2] = songs[0]
    for first in range(3, 17, 2):
        songs[first + 1] = songs[first]
    for seed in range(10):
        training, *held_out = split_by_song(songs, np.random.default_rng(seed))
        assert {0, 1, 2} <= set(training)
        for part in held_out:
            assert 1 <= len(part) <= 2
            assert all(song == 17 or {song, song + (1 if song % 2 else -1)} <= set(part) for song in part)


def test_if_no_group_fits_the_smallest_is_taken(rng):
    songs = many_songs(rng, 9)
    songs[1] = songs[2] = songs[3] = songs[0]
    songs[5] = songs[4]
    songs[7] = songs[8] = songs[6]  # groups of 4, 2 and 3; one song would be enough
    for seed in range(6):
        assert [len(part) for part in split_by_song(songs, np.random.default_rng(seed))] == [4, 3, 2]


def test_a_batch_has_every_target_or_the_last(dataset):
    with pytest.raises(ValueError, match="outputs must be 'last' or 'every', not 'all'"):
        dataset.batch(np.array([0]), "all")


def test_nobody_writes_into_the_windows(dataset):
    for array in (dataset[0][0], dataset.targets(0)):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


def test_spaced_windows_lie_as_far_apart_as_asked(rng):
    dataset = ScoreDataset([["60"] * 100, ["60"] * 30], StringToIntEncoder([["60"]]), sequence_len=4)
    begins = set()
    for _ in range(60):
        chosen = dataset.spaced(np.arange(len(dataset)), 12, rng)
        for song, length in enumerate((100, 30)):
            *places, last = dataset.position_of[chosen[dataset.song_of[chosen] == song]]
            assert last == length
            assert set(np.diff(places)) == {12}
            assert last - places[-1] <= 12
            begins.add((song, places[0]))
    assert begins == {(song, place) for song in range(2) for place in range(12)}


def test_words_that_are_equal_are_the_same(dataset, rng):
    """Not only those that Python keeps once."""
    np.testing.assert_array_equal(dataset.batch(np.arange(3), "".join(["la", "st"]))[1].shape, (3,))
    assert sum(map(len, draw_split(many_songs(rng, 5), "".join(["so", "ng"]), rng))) == 5


def test_songs_that_share_one_step_too_few_are_not_related(rng):
    songs = [[str(number) for number in rng.integers(128, size=120)] for _ in range(4)]
    songs[1][-63:] = songs[0][-63:]
    songs[3][:63] = songs[2][-63:]
    assert group_variants(songs) == [[0], [1], [2], [3]]
    songs[3][:64] = songs[2][-64:]
    songs[1] = songs[0][-64:]  # as long as what it shares
    assert group_variants(songs) == [[0, 1], [2, 3]]


def test_long_and_many_songs(rng):
    songs = [[str(number) for number in rng.integers(128, size=300)] for _ in range(5)]
    assert group_variants(songs) == [[0], [1], [2], [3], [4]]
    many = [[str(n // 2 % 128)] * 64 + [str(n // 256)] * 64 for n in range(600)]
    groups = group_variants(many)
    assert sorted(song for group in groups for song in group) == list(range(600))
    assert all(song + 1 in group for group in groups for song in group if song % 2 == 0)


def test_something_is_left_for_each_part(rng):
    songs = many_songs(rng, 30)
    songs[3:] = [songs[3]] * 27  # of the single ones, test may have two, so that one is left for validation
    for seed in range(5):
        assert [len(part) for part in split_by_song(songs, np.random.default_rng(seed))] == [27, 1, 2]


def test_no_songs_no_windows():
    empty = ScoreDataset([], StringToIntEncoder(SONGS), 1)
    assert len(empty) == 0
    assert empty.windows_of(np.array([0])).size == 0


def test_windows_of_length_one():
    dataset = ScoreDataset(SONGS, StringToIntEncoder(SONGS), sequence_len=1)
    assert [words(dataset, [*dataset[i][0], dataset[i][1]]) for i in range(4)] == [". 60", "60 _", "_ 62", "62 ."]
    assert list(dataset.windows_of(np.array([1]))) == [4, 5, 6]
