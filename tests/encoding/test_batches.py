"""An epoch of windows or of streams."""

from itertools import pairwise

import numpy as np
import pytest

from encoding import ContextEncoder, Meter, ScoreDataset, StreamBatches, StringToIntEncoder, Told, WindowBatches
from encoding.batches import last_targets
from encoding.context import PARTS

SONGS = [["60", "_", "62"], ["64", "_", "_", "_", "65"], ["67"], ["69", "r", "_", "71", "_", "72", "_"]]


@pytest.fixture
def data():
    return ScoreDataset(SONGS, StringToIntEncoder(SONGS), 4)


def test_windows(data, rng):
    windows = data.windows_of(np.array([0, 1, 3]))
    batches = WindowBatches(data, windows, stride=1, batch_size=5, outputs="every")
    epoch = batches.epoch(rng)
    assert len(epoch) == 4  # of 4 + 6 + 8 windows
    seen = [(tuple(tokens), tuple(targets)) for batch in epoch for tokens, targets in zip(*batch[:2], strict=True)]
    assert sorted(seen) == sorted((tuple(data[i][0]), tuple(data.targets(i))) for i in windows)
    np.testing.assert_array_equal(epoch[2][0], epoch[2][0])
    with pytest.raises(IndexError):
        epoch[4]
    again = [tuple(tokens) for tokens in batches.epoch(rng)[0][0]]
    assert again != [tokens for tokens, _ in seen[:5]]
    assert not batches.carries_state


@pytest.mark.parametrize(("batch_size", "chunk"), [(1, 64), (1, 3), (2, 4), (3, 2), (24, 1)])
@pytest.mark.parametrize("told", [False, True])
def test_streams(data, rng, batch_size, chunk, told):
    contexts = [np.arange(2 * (len(song) + 1)).reshape(-1, 2) + 100 * n for n, song in enumerate(data.songs)]
    streams = StreamBatches(data.songs, 0, batch_size, chunk, contexts if told else None)
    assert streams.carries_state
    whole = {tuple(song): n for n, song in enumerate(data.songs)}
    for _ in range(5):
        epoch = streams.epoch(rng)
        length = 24 // batch_size  # 16 tokens, and of each song a TERM before and a step without a target behind
        assert len(epoch) == -(-length // chunk)
        assert all(batch.tokens.shape == batch.targets.shape == (batch_size, chunk) for batch in list(epoch)[:-1])
        tokens, targets, ends = (np.concatenate([batch[k] for batch in epoch], axis=1).ravel() for k in (0, 1, 3))
        assert len(tokens) == batch_size * length
        # Between two ends stands a whole song: TERM and its tokens to read, its tokens and TERM to predict.
        borders = np.flatnonzero(ends)
        for a, b in pairwise(borders):
            song = tuple(targets[a + 1 : b - 1])
            assert tuple(tokens[a + 1 : b]) == (0, *song)
            assert tuple(targets[a + 1 : b + 1]) == (*song, 0, -1)
            assert tokens[b] == 0
            if told:
                rows = np.concatenate([batch.context for batch in epoch], axis=1).reshape(-1, 2)
                np.testing.assert_array_equal(rows[a + 1 : b], contexts[whole[song]])
                np.testing.assert_array_equal(rows[b], [-1, -1])
        assert len(borders) in (3, 4)
        assert all(batch.context is None for batch in epoch) != told


def test_streams_change_their_order_and_reach_every_song(data, rng):
    streams = StreamBatches(data.songs, 0, 5, 4)  # 4 steps of 24 are left over
    epochs = [np.concatenate([batch.targets for batch in streams.epoch(rng)], axis=1).ravel() for _ in range(80)]
    assert len({tuple(line) for line in epochs}) > 30
    # With a chance to be the first or the last: what is cut off is not always the same.
    assert {line[0] for line in epochs} >= {song[0] for song in data.songs}
    assert any(line[-1] == -1 for line in epochs)
    assert any(line[-1] != -1 for line in epochs)


def test_too_many_streams(data):
    with pytest.raises(ValueError, match="25 rows"):
        StreamBatches(data.songs, 0, 25, 4)


@pytest.mark.parametrize("start_len", [1, 2, 4])
def test_last_targets_of_each_window_with_as_many_term_as_wanted(data, start_len):
    windows = data.windows_of(np.array([1, 3]))
    seen = [
        ("".join(map(str, tokens)), target)
        for batch in last_targets(data, windows, start_len, batch_size=2)
        for tokens, target in zip(*batch[:2], strict=True)
    ]
    expected = []
    for i in windows:
        tokens, target = data[i]
        padding = int(np.argmax(tokens != 0)) if tokens.any() else 4
        expected.append(("".join(map(str, tokens[max(0, padding - start_len) :])), target))
    assert sorted(seen) == sorted(expected)


def test_windows_with_what_is_told_of_each_step(rng):
    """Beside each token stands what is known of the token after it; beside padding, nothing."""
    vocabulary = StringToIntEncoder(SONGS)
    told = [Told(Meter(1, 4, 2)), Told(), Told(None, True), Told(Meter(0, 4, 2), False)]
    context = ContextEncoder(vocabulary, PARTS, told)
    data = ScoreDataset(SONGS, vocabulary, 4, context, told)
    for outputs in ("last", "every"):
        tokens, _, rows = data.batch(np.arange(len(data)), outputs)
        assert rows.shape == (*tokens.shape, context.width)
        for window, (song, position) in enumerate(zip(data.song_of, data.position_of, strict=True)):
            whole = context.of_song(data.songs[song], told[song])
            for step in range(4):
                place = position - 3 + step  # of the token after this step in its song
                expected = whole[place] if place >= 0 else np.full(context.width, -1)
                np.testing.assert_array_equal(rows[window, step], expected)
    batch = next(last_targets(data, np.arange(3), 1))
    assert batch.context.shape == (*batch.tokens.shape, context.width)


def test_a_last_step_alone_joins_those_before(data, rng):
    """It might be the step behind a song, which has no target."""
    epoch = StreamBatches(data.songs, 0, 1, 23).epoch(rng)
    assert [batch.tokens.shape for batch in epoch] == [(1, 24)]
    epoch = StreamBatches(data.songs, 0, 2, 5, None).epoch(rng)  # 12 steps a row
    assert [batch.tokens.shape[1] for batch in epoch] == [5, 5, 2]
    epoch = StreamBatches(data.songs[:3], 0, 1, 6).epoch(rng)  # 9 tokens and 6 more
    assert [batch.tokens.shape[1] for batch in epoch] == [6, 6, 3]
    assert all((batch.targets >= 0).any() for batch in epoch)
