"""Memory that is used again from one training step to the next."""

from collections.abc import Sequence

import numpy as np

# For all temporary arrays: glibc hands freed memory back to the system at once, and has to ask
# for it again, until it has seen a block as large as this come and go.
np.empty(2**24, np.uint8)


class Workspace:
    """Arrays by name, handed out uninitialised and used again at the next forward pass.

    A training step fills some twenty megabytes with gates and states. To ask the system for
    them anew at every step costs more time than filling them. Who passes a workspace to two
    forward passes gives up the first one's cache; a backward pass on it raises an error.
    """

    def __init__(self) -> None:
        self._arrays: dict[str, np.ndarray] = {}
        self.forward_passes = 0

    def begin(self) -> int:
        """Start a forward pass; returns its number, which its cache keeps."""
        self.forward_passes += 1
        return self.forward_passes

    def empty(self, name: str, shape: Sequence[int], dtype: np.dtype) -> np.ndarray:
        """The array of this name, made anew if its shape or type has changed."""
        array = self._arrays.get(name)
        if array is None or array.shape != tuple(shape) or array.dtype != dtype:
            array = self._arrays[name] = np.empty(shape, dtype)
        return array

    def check(self, forward_pass: int) -> None:
        """Raise RuntimeError if the memory has been used for another forward pass since."""
        if forward_pass != self.forward_passes:
            raise RuntimeError(
                "this cache is no longer valid: its workspace was used for a later forward pass; "
                "call backward before that, or give each forward pass a workspace of its own"
            )
