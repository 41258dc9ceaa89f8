"""Functions with their text edited: to plant a bug, or to undo a trick."""

import inspect
import textwrap
from collections.abc import Sequence
from types import FunctionType, ModuleType


def edited(module: ModuleType, place: str, edits: Sequence[tuple[str, str]]) -> tuple[object, str, FunctionType]:
    """A function of a module with some of its text replaced; the real one stays as it is.

    Args:
        module: where it is defined.
        place: "name" or "Class.name".
        edits: pairs of a text and what is to stand in its place.

    Returns:
        What holds the real function, its name there, and the edited function.

    Raises:
        AssertionError: if a text does not stand there exactly once, so that no edit goes stale.
    """
    owner, _, name = place.rpartition(".")
    holder = getattr(module, owner) if owner else module
    source = textwrap.dedent(inspect.getsource(getattr(holder, name)))
    for right, wrong in edits:
        assert source.count(right) == 1, f"{place} has {right!r} {source.count(right)} times"
        source = source.replace(right, wrong)
    namespace = dict(vars(module))
    exec(compile(source, f"<{place}, edited>", "exec"), namespace)
    return holder, name, namespace[name]
