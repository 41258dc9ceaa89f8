"""Memory that is used again: when it is the same, when it is new, and which caches still own it."""

import numpy as np
import pytest

from lstm_numpy import Workspace


def test_the_same_name_is_the_same_memory():
    workspace = Workspace()
    first = workspace.empty("z", (3, 4), np.float32)
    assert (first.shape, first.dtype) == ((3, 4), np.float32)
    assert workspace.empty("z", [3, 4], np.dtype(np.float32)) is first
    assert workspace.empty("y", (3, 4), np.float32) is not first
    assert Workspace().empty("z", (3, 4), np.float32) is not first


@pytest.mark.parametrize("shape", [(3, 5), (3, 3), (4, 3), (2, 6), (3, 4, 1), (12,)])
def test_another_shape_is_new_memory(shape):
    workspace = Workspace()
    first = workspace.empty("z", (3, 4), np.float64)
    other = workspace.empty("z", shape, np.float64)
    assert other is not first
    assert other.shape == shape
    assert workspace.empty("z", shape, np.float64) is other
    assert workspace.empty("z", (3, 4), np.float64) is not first  # only the last one is kept


@pytest.mark.parametrize("dtypes", [(np.float32, np.float64), (np.float64, np.float32), (np.float64, np.complex128)])
def test_another_dtype_is_new_memory(dtypes):
    workspace = Workspace()
    first, other = (workspace.empty("z", (3, 4), dtype) for dtype in dtypes)
    assert other is not first
    assert other.dtype == dtypes[1]


def test_only_the_last_forward_pass_owns_it():
    workspace = Workspace()
    numbers = [workspace.begin() for _ in range(600)]  # beyond the small integers, which Python keeps but once
    assert len(set(numbers)) == 600
    workspace.check(int(str(numbers[-1])))
    for number in (*numbers[:-1], numbers[-1] + 1):
        with pytest.raises(RuntimeError, match="no longer valid"):
            workspace.check(number)
