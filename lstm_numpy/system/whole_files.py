"""Files are written whole or not at all."""

import contextlib
import os
import webbrowser
from collections.abc import Mapping
from pathlib import Path


def write_whole(path: str | Path, content: bytes) -> None:
    """Write a file so that its name never stands for half of it; an OSError names the file.

    The content goes to a temporary name in the same folder, onto the disk, and takes the place of an older file in one
    move. If anything fails, the older file is still there.
    """
    path = Path(path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with open(temporary, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException as error:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise OSError(error.errno, error.strerror, str(path)) from error
        raise


def write_all(folder: str | Path, files: Mapping[str, bytes]) -> None:
    """Write files into a folder, each whole; given are their contents by their names."""
    for name, content in files.items():
        write_whole(Path(folder) / name, content)


def show_page(folder: Path, content: bytes, open_it: bool = False) -> None:
    """Write an index.html and print a link to it that terminals open; open it in the browser, too, if that is asked."""
    write_whole(folder / "index.html", content)
    link = (folder / "index.html").resolve().as_uri()
    print(f"hear and see it in a browser: {link}")
    if open_it:
        webbrowser.open(link)


def remove_leftovers(folder: str | Path) -> None:
    """Remove the temporary files that processes left when they were killed while writing."""
    for path in Path(folder).glob(".*.[0-9]*.tmp"):
        path.unlink(missing_ok=True)
