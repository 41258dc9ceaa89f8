"""An epoch of windows or of streams."""

from itertools import pairwise

import numpy as np
import pytest

from encoding import ScoreDataset, StreamBatches, StringToIntEncoder, WindowBatches
from encoding.batches import last_targets

SONGS = [["60", "_", "62"], ["64", "_", "_", "_", "65"], ["67"], ["69", "r", "_", "71", "_", "72", "_"]]


@pytest.fixture
def data():
    return ScoreDataset(SONGS, StringToIntEncoder(SONGS), 4)


def test_windows(data, rng):
    windows = data.windows_of(np.array([0, 1, 3]))
    batches = WindowBatches(data, windows, stride=1, batch_size=5, outputs="every")
    epoch = batches.epoch(rng)
    assert len(epoch) == 4  # of 4 + 6 + 8 windows
    seen = [(tuple(tokens), tuple(targets)) for batch in epoch for tokens, targets in zip(*batch, strict=True)]
    assert sorted(seen) == sorted((tuple(data[i][0]), tuple(data.targets(i))) for i in windows)
    np.testing.assert_array_equal(epoch[2][0], epoch[2][0])
    with pytest.raises(IndexError):
        epoch[4]
    again = [tuple(tokens) for tokens in batches.epoch(rng)[0][0]]
    assert again != [tokens for tokens, _ in seen[:5]]
    assert not batches.carries_state


@pytest.mark.parametrize(("batch_size", "chunk"), [(1, 64), (1, 3), (2, 4), (3, 2), (20, 1)])
def test_streams(data, rng, batch_size, chunk):
    streams = StreamBatches(data.songs, 0, batch_size, chunk)
    assert streams.carries_state
    whole = {tuple(song) for song in data.songs}
    for _ in range(5):
        epoch = streams.epoch(rng)
        length = 20 // batch_size  # 16 tokens and 4 TERM
        assert len(epoch) == -(-length // chunk)
        assert all(tokens.shape == targets.shape == (batch_size, chunk) for tokens, targets in list(epoch)[:-1])
        rows = np.concatenate([tokens for tokens, _ in epoch], axis=1)
        shifted = np.concatenate([targets for _, targets in epoch], axis=1)
        assert rows.shape == (batch_size, length)
        # Rows and targets are one line of songs with TERM around each.
        line = np.append(rows.ravel(), shifted[-1, -1])
        np.testing.assert_array_equal(shifted.ravel(), line[1:])
        ends = np.flatnonzero(line == 0)
        assert all(tuple(line[a + 1 : b]) in whole for a, b in pairwise(ends))


def test_streams_change_their_order_and_reach_every_song(data, rng):
    streams = StreamBatches(data.songs, 0, 3, 4)  # 2 tokens of 20 are left over
    epochs = [np.concatenate([targets for _, targets in streams.epoch(rng)], axis=1).ravel() for _ in range(60)]
    assert len({tuple(line) for line in epochs}) > 30
    # With a chance to be the first or the last target: what is cut off is not always the same.
    assert {line[0] for line in epochs} >= {song[0] for song in data.songs}
    assert any(line[-1] == 0 for line in epochs)
    assert any(line[-1] != 0 for line in epochs)


def test_too_many_streams(data):
    with pytest.raises(ValueError, match="21 rows"):
        StreamBatches(data.songs, 0, 21, 4)


@pytest.mark.parametrize("start_len", [1, 2, 4])
def test_last_targets_of_each_window_with_as_many_term_as_wanted(data, start_len):
    windows = data.windows_of(np.array([1, 3]))
    seen = [
        ("".join(map(str, tokens)), target)
        for batch in last_targets(data, windows, start_len, batch_size=2)
        for tokens, target in zip(*batch, strict=True)
    ]
    expected = []
    for i in windows:
        tokens, target = data[i]
        padding = int(np.argmax(tokens != 0)) if tokens.any() else 4
        expected.append(("".join(map(str, tokens[max(0, padding - start_len) :])), target))
    assert sorted(seen) == sorted(expected)
