"""Parts of the project that may be missing: what does without them still works."""

import importlib.util

from lstm_numpy.system.command_line import CommandLineError


def has_room(package: str) -> bool:
    """Whether a part of the project, such as lstm_numpy.inspection, is there."""
    spec = importlib.util.find_spec(package)
    return spec is not None and spec.origin is not None  # what is left of a folder has no __init__


def check_rooms(option: str, *packages: str) -> None:
    """See that the parts of the project that an option needs are there."""
    for package in packages:
        if not has_room(package):
            raise CommandLineError(f"{option} needs {package.replace('.', '/')}, which is missing; put it back")
