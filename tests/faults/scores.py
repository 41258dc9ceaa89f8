"""Damaged scores: each is left out with its reason, or is a melody; the others are not disturbed."""

import io
import os
import zipfile
from pathlib import Path
from unittest.mock import patch

import numpy as np
from damage import KINDS, damaged
from outcomes import Row
from runs import HERE, ROOT
from songs import abc_song, random_abc

from encoding import CorpusError, load_corpus
from encoding.reading import workers
from encoding.reading.parse import Source, encode_source
from encoding.tokens import events
from encoding.writing.render import render

LEFT_OUT, MELODY = "left out with the reason", "still a melody"
MELODY_TOKENS = "60 _ _ _ 62 _ 64 _ 65 _ _ _ 67 _ _ _ r _ _ _ 64 _ _ _ 60 _ _ _ _ _ _ _".split()
KERN = b"""!!!OTL: A small song
**kern
*clefG2
*k[f#]
*G:
*M4/4
=1-
4g
8a
8b
4cc
4dd
=2
4b\\
4r
[2g
=3
4g]
2.r
==
*-
"""


def small_scores() -> dict[str, bytes]:
    """A valid score of each format, by its suffix."""
    musicxml = render(MELODY_TOKENS, "musicxml")
    return {
        ".krn": KERN,
        ".abc": random_abc(1, np.random.default_rng(5)).encode(),
        ".mid": render(MELODY_TOKENS, "midi"),
        ".musicxml": musicxml,
        ".xml": musicxml,
        ".mxl": zipped({"song.musicxml": musicxml}),
    }


def zipped(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def quietly(path: Path):
    return load_corpus(path, progress=lambda done, total: None)


def songs_of(corpus) -> dict[str, list[str]]:
    return dict(zip(corpus.names, corpus.songs, strict=True))


def problems(corpus, files: list[str], intact: dict[str, list[str]]) -> dict[str, str]:
    """What is wrong, by the names of files: a song that is none, no reason, an intact song that is missing."""
    found, songs = {}, songs_of(corpus)
    for name, song in songs.items():
        try:
            if sum(steps for _, _, steps in events(song)) != len(song) or len(song) > 100_000:
                found[name] = "not a melody"
        except ValueError as error:
            found[name] = str(error)
    for name, reason in corpus.rejected.items():
        if not reason or len(reason.splitlines()) != 1 or len(reason) > 300:
            found[name] = f"a bad reason: {reason!r}"
    for name in files:
        if not any(known.split("#")[0] == name for known in (*songs, *corpus.rejected)):
            found[name] = "neither kept nor left out"
    for name, song in intact.items():
        if songs.get(name) != song:
            found[name] = f"an intact song is missing or changed: {corpus.rejected.get(name)}"
    return found


def damages(folder: Path, count: int, seed: int = 0) -> list[Row]:
    """A row for each format, `count` damaged files in all, and an intact one of each among them."""
    scores = small_scores()
    folder = folder / "damaged"
    folder.mkdir()
    for suffix, content in scores.items():
        (folder / f"intact{suffix}").write_bytes(content)
    intact = songs_of(quietly(folder))
    assert len(intact) == len(scores), intact
    files = []
    for number, (suffix, content) in enumerate(scores.items()):
        rng = np.random.default_rng([seed, number])
        for n in range(count // len(scores)):
            files.append(f"{number}-{n}{suffix}")
            # One to four damages: a single one often hits what is not music.
            spoiled = content
            for _ in range(rng.integers(1, 5)):
                spoiled = damaged(spoiled or b"\0", KINDS[n % len(KINDS)], rng)
            (folder / files[-1]).write_bytes(spoiled)
    corpus = quietly(folder)
    wrong = problems(corpus, files, intact)
    rows = {suffix: Row(f"damaged {suffix} files among intact ones") for suffix in scores}
    melodies = {name.split("#")[0] for name in corpus.names}
    for name in sorted({*files, *wrong}):
        row = rows[Path(name.split("#")[0]).suffix]
        row.add(MELODY if name in melodies else LEFT_OUT, wrong.get(name) and f"{name}: {wrong[name]}")
    return list(rows.values())


def hopeless(folder: Path) -> Row:
    """Files that hold no score at all, or one in another encoding."""
    row = Row("empty files, other encodings, other files, lengths without end")
    folder = folder / "hopeless"
    (folder / "a folder.krn").mkdir(parents=True)
    scores = small_scores()
    files = {}
    for suffix, content in scores.items():
        files |= {f"empty{suffix}": b"", f"zeros{suffix}": bytes(1000), f"cut{suffix}": content[: len(content) // 2]}
        files[f"prose{suffix}"] = "Liebes Tagebuch, dies ist keine Musik.\n".encode("latin-1")
        files[f"noise{suffix}"] = np.random.default_rng(0).bytes(500)
        files[f"zip{suffix}"] = zipped({"readme.txt": b"no score"})
        if suffix in (".krn", ".abc"):
            files[f"utf16{suffix}"] = content.decode().encode("utf-16")
    files |= {
        "long.abc": abc_song(1, "C9999999999 D4").encode(),
        "deep.abc": abc_song(1, "(" * 5000 + "C4").encode(),
        "long.krn": KERN.replace(b"4cc", b"4" + b"." * 5000 + b"cc"),
        "deep.xml": b"<a>" * 100_000,
        "laughs.xml": b'<!DOCTYPE l [<!ENTITY a "' + b"ha" * 1000 + b'">'
        + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 20) for n in range(8))
        + b"]><l>&i;</l>",
    }  # fmt: skip
    (folder / "intact.abc").write_bytes(scores[".abc"])
    intact = songs_of(quietly(folder / "intact.abc"))
    for name, content in files.items():
        (folder / name).write_bytes(content)
    broken_name = os.fsencode(folder) + b"/\xff\xfe.krn"
    try:
        Path(os.fsdecode(broken_name)).write_bytes(b"no music, and a name that is no UTF-8")
        files[r"\udcff\udcfe.krn"] = b""
    except OSError:  # such names cannot be on every system
        pass
    (folder / "nowhere.krn").symlink_to(folder / "nothing")
    corpus = quietly(folder)
    corpus.report(None).encode()  # whatever the names, the report can be written
    wrong = problems(corpus, list(files), intact)
    for name in {*files, *wrong}:
        kept = any(known.split("#")[0] == name for known in corpus.names)
        if kept and not name.startswith(("cut", "utf16", "deep.abc")):  # which may well be melodies
            wrong.setdefault(name, "accepted")
        row.add(MELODY if kept else LEFT_OUT, wrong.get(name) and f"{name}: {wrong[name]}")
    return row


def archives(folder: Path) -> Row:
    """A .zip with paths that climb out, members that unfold to too much, members that are damaged."""
    row = Row("members of .zip archives that climb out, unfold without end or are damaged")
    home = folder / "archives"
    home.mkdir()
    song = random_abc(1, np.random.default_rng(5)).encode()
    climbing = ["../climbs.abc", "/climbs.abc", "songs/../../climbs.abc", "..\\climbs.abc", "C:\\climbs.abc"]
    members = {"songs/good.abc": song, **dict.fromkeys(climbing, song), "bomb.krn": bytes(2**27), "spoiled.abc": song}
    content = zipped(members)
    place = content.rindex(b"spoiled.abc", 0, content.index(b"PK\1\2")) + 20  # in what is packed, not in the directory
    (home / "songs.zip").write_bytes(content[:place] + bytes([content[place] ^ 255]) + content[place + 1 :])
    before = sorted(folder.rglob("*"))
    corpus = quietly(home / "songs.zip")
    for name in [*climbing, "bomb.krn", "spoiled.abc"]:
        row.add(LEFT_OUT, None if corpus.rejected.get(name) else f"{name} was not left out")
    row.add("an intact one beside them is kept", None if corpus.names == ["songs/good.abc#1"] else f"{corpus.names}")
    escaped = sorted(folder.rglob("*")) != before or Path("/climbs.abc").exists()
    row.add("nothing is written elsewhere", "a file was written" if escaped else None)
    rng = np.random.default_rng(0)
    for _ in range(50):
        (home / "damaged.zip").write_bytes(damaged(zipped({"good.abc": song}), KINDS[int(rng.integers(5))], rng))
        try:
            corpus = quietly(home / "damaged.zip")
            row.add("read", None if corpus.rejected or corpus.songs else "neither kept nor left out")
        except CorpusError as error:
            row.add("refused with a sentence", "more than a line" if "\n" in str(error) else None)
        except BaseException as error:
            row.add("", f"{type(error).__name__}: {error}")
    return row


FAILURES = ("hangs", "dies", "crashes", "leaves", "recurses", "takes all memory", "prints", "raises")


def failing_music21(folder: Path, failures: tuple[str, ...] = FAILURES) -> Row:
    """music21 made to fail on some files in every way that a library can (see the folder of that name)."""
    row = Row("music21 hangs, dies, crashes, recurses, takes all memory, prints, raises")
    folder = folder / "failing"
    folder.mkdir()
    for name in (*failures, "intact", "intact too"):
        (folder / f"{name}.krn").write_bytes(KERN)
    (intact,) = encode_source(Source("intact", path=str(folder / "intact.krn")), 1 / 16)
    tokens = intact.tokens.split()
    expected = {
        "intact.krn": tokens,
        "intact too.krn": tokens,
        **({"prints.krn": tokens} if "prints" in failures else {}),
    }
    # The workers find a sitecustomize.py there, which Python runs when it starts.
    environment = {
        "PYTHONPATH": os.pathsep.join(map(str, (HERE / "failing_music21", ROOT))),
        "XDG_CACHE_HOME": str(folder / "cache"),
    }
    with patch.dict(os.environ, environment), patch.object(workers, "SECONDS", 2):
        corpus = quietly(folder)
    wrong = problems(corpus, [f"{name}.krn" for name in failures], expected)
    for name in failures:
        kept = f"{name}.krn" in corpus.names
        if kept and name != "prints":
            wrong.setdefault(f"{name}.krn", "accepted")
        row.add("no matter" if kept else LEFT_OUT, wrong.pop(f"{name}.krn", None) and f"{name}: {wrong}")
    row.add("the others are kept", "; ".join(wrong.values()) or None)
    return row
