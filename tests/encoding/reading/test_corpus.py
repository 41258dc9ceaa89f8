"""Finding, parsing, rejecting and caching songs."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from songs import abc_song

from encoding import CorpusError, GridEncoder, load_corpus
from encoding.reading import cache
from encoding.reading import corpus as corpus_module
from encoding.writing.render import render

ROOT = Path(__file__).resolve().parents[3]


def quiet(done, total):
    pass


def load(path, **more):
    return load_corpus(path, progress=quiet, **more)


def test_folder(song_folder):
    corpus = load(song_folder)
    assert corpus.names == [f"deep/two.abc#{n}" for n in range(1, 7)] + [f"one.abc#{n}" for n in range(1, 7)]
    assert len(corpus.songs) == 12
    assert corpus.rejected == {}
    assert "12 songs found, 12 kept, 0 left out" in corpus.report()
    assert load(str(song_folder / "one.abc")).names == [f"one.abc#{n}" for n in range(1, 7)]


def test_rejections_have_a_name_and_a_reason(tmp_path):
    (tmp_path / "a.abc").write_text(
        "\n".join([
            abc_song(1, "C4 D4 E4 F4"),
            abc_song(1, "[CE]4 G4"),  # the same number and title again
            abc_song(2, "C/ D3 E4"),
            abc_song(3, "V:1\nC4\nV:2\nE4"),
            abc_song(4, "z16"),
        ])
    )  # fmt: skip
    (tmp_path / "text.krn").write_text("This is no music at all.\n")
    (tmp_path / "empty.mid").write_bytes(b"")
    (tmp_path / "broken.musicxml").write_text("<score-partwise><part>")
    corpus = load(tmp_path)
    assert corpus.names == ["a.abc#1"]
    assert set(corpus.rejected) == {
        "a.abc#2",
        "a.abc#3",
        "a.abc#4",
        "a.abc#5",
        "text.krn",
        "empty.mid",
        "broken.musicxml",
    }
    assert "monophonic" in corpus.rejected["a.abc#2"]
    assert "beside the grid" in corpus.rejected["a.abc#3"]
    assert "several voices" in corpus.rejected["a.abc#4"]
    assert "no notes" in corpus.rejected["a.abc#5"]
    assert all(corpus.rejected.values())
    assert "left out text.krn" in corpus.report()
    assert "and 6 more" in corpus.report(longest=1)


def test_zip_and_resource_forks(tmp_path, song_folder):
    archive = tmp_path / "songs.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.write(song_folder / "one.abc", "songs/one.abc")
        file.writestr("__MACOSX/songs/._one.abc", b"\x00\x05\x16\x07")
        file.writestr("songs/._two.abc", b"\x00\x05\x16\x07")
        file.writestr("../../climbs.abc", abc_song(1, "C4 D4"))
        file.writestr("songs/readme.txt", "not a score")
    (song_folder / "._one.abc").write_bytes(b"\x00\x05\x16\x07")
    corpus = load(archive)
    assert corpus.names == [f"songs/one.abc#{n}" for n in range(1, 7)]
    assert list(corpus.rejected) == ["../../climbs.abc"]
    assert "leads out of the archive" in corpus.rejected["../../climbs.abc"]
    assert corpus.songs[:6] == load(song_folder / "one.abc").songs
    assert not (tmp_path.parent.parent / "climbs.abc").exists()
    assert len(load(song_folder).songs) == 12


def test_formats_agree(tmp_path):
    tokens = "60 _ _ _ 62 _ 64 _ 65 _ _ _ 67 _ _ _".split()
    score = GridEncoder().decode_song(tokens)
    score.write("midi", tmp_path / "song.mid")
    score.write("musicxml", tmp_path / "song.musicxml")
    (tmp_path / "song.xml").write_bytes((tmp_path / "song.musicxml").read_bytes())
    with zipfile.ZipFile(tmp_path / "song.mxl", "w") as compressed:
        compressed.write(tmp_path / "song.musicxml", "song.xml")
    corpus = load(tmp_path)
    assert sorted(corpus.names) == ["song.mid", "song.musicxml", "song.mxl", "song.xml"]
    for song in corpus.songs:  # no key is written: all find the same one
        assert song == corpus.songs[0]
        assert [token == "_" for token in song] == [token == "_" for token in tokens]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda p: p / "nowhere", "no such file"),
        (lambda p: p, "no scores found"),
        (lambda p: (p / "a.txt").write_text("x") and p / "a.txt", "not a kind of score"),
        (lambda p: (p / "a.zip").write_text("x") and p / "a.zip", "cannot be unpacked"),
    ],
)
def test_wrong_paths(tmp_path, make, message):
    with pytest.raises((CorpusError, FileNotFoundError), match=message):
        load(make(tmp_path))


def test_cache(tmp_path, song_folder, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    calls = []

    def count(done, total):
        calls.append(done)

    first = load_corpus(song_folder, progress=count)
    assert calls
    calls.clear()
    assert load_corpus(song_folder, progress=count) == first
    assert not calls
    assert load_corpus(song_folder, time_step=1 / 8, progress=count).songs != first.songs
    assert calls

    # Damaged in any way, it is made again.
    entry = next(file for file in cache.folder().iterdir() if first.songs[0] == _first_song(file))
    intact = entry.read_bytes()
    for damage in (
        b"",
        intact[:-20],
        intact[:100] + b"0" + intact[101:],
        intact.replace(b"_ _", b"_ 1", 1),
        b"\xff\xfe",
    ):
        entry.write_bytes(damage)
        assert load(song_folder) == first
        assert entry.read_bytes() == intact

    # Changed songs are other songs.
    with open(song_folder / "one.abc", "a") as file:
        file.write("\n" + abc_song(7, "C4 D4"))
    assert len(load(song_folder).songs) == 13


def _first_song(entry):
    import json

    tokens = json.loads(entry.read_text().split("\n", 1)[1])[0]["tokens"]
    return tokens.split() if tokens else None


def test_cache_that_cannot_be_written(tmp_path, song_folder, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert len(load(song_folder).songs) == 12


def test_a_kern_event_that_cannot_be_read_rejects_the_song(tmp_path, capfd):
    (tmp_path / "lost.krn").write_text("**kern\n*C:\n4R\n4c\n*-\n")
    (tmp_path / "fine.krn").write_text("**kern\n*?:\n*C:\n4c\n*-\n")  # an interpretation that means nothing
    corpus = load(tmp_path)
    assert corpus.names == ["fine.krn"]
    assert "4R" in corpus.rejected["lost.krn"]
    assert capfd.readouterr().err == ""  # music21's own warnings do not reach the screen


@pytest.mark.parametrize("time_step", [1 / 16, 1 / 12, 1 / 8, 1 / 24, 1 / 32])
def test_midi_on_any_grid(tmp_path, rng, time_step):
    tokens = []
    for _ in range(30):
        tokens += [str(rng.integers(55, 80)), *["_"] * rng.integers(5)]
    (tmp_path / "song.mid").write_bytes(render(tokens, "midi", time_step))
    corpus = load(tmp_path, time_step=time_step)
    assert corpus.rejected == {}
    read = corpus.songs[0]
    assert [token == "_" for token in read] == [token == "_" for token in tokens]  # the key is guessed


def test_a_broken_installation_is_not_cached(tmp_path, song_folder, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def broken(*_):
        raise ModuleNotFoundError("no module named music21")

    with monkeypatch.context() as patch:
        patch.setattr("encoding.reading.abc.score_of", broken)
        patch.setattr(sys, "executable", "/nowhere/python")  # no workers: it is parsed here
        with pytest.raises(ModuleNotFoundError):
            load(song_folder)
    assert len(load(song_folder).songs) == 12


def test_damaged_zip(tmp_path, song_folder):
    archive = tmp_path / "songs.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.write(song_folder / "one.abc", "one.abc")
    content = archive.read_bytes()
    for place in range(35, 200, 11):
        archive.write_bytes(content[:place] + bytes([content[place] ^ 255]) + content[place + 1 :])
        with pytest.raises(CorpusError, match="cannot be unpacked"):
            load(archive)


# -- the default corpus ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def default_corpus():
    return load_corpus()


def test_erk(default_corpus):
    assert len(default_corpus.songs) == len(set(default_corpus.names)) == 1754
    assert default_corpus.rejected == {}
    assert sum(map(len, default_corpus.songs)) == 263_031
    assert len({token for song in default_corpus.songs for token in song} | {"."}) == 36
    assert default_corpus.names[0] == "erk10.abc#1"
    assert " ".join(default_corpus.songs[0][:22]) == "55 _ 60 _ 60 _ 60 _ 62 _ 64 _ 62 _ 60 _ _ _ 64 _ 64 _"


def test_collections_by_name(default_corpus, tmp_path, monkeypatch):
    assert load_corpus("erk").songs == default_corpus.songs
    with corpus_module.score_files("essen") as (files, *_):
        songs = sum(len(corpus_module._sources(*item, True)) for item in files.items())
    assert len(files) == 27
    assert {"erk10.abc", "han1.abc", "folkHaydn.abc"} < set(files)
    assert songs == 8462
    # A folder of that name is one where it is given as a path.
    monkeypatch.chdir(tmp_path)
    (tmp_path / "essen").mkdir()
    (tmp_path / "essen" / "one.abc").write_text(abc_song(1, "C4 D4"))
    for path in (Path("essen"), "./essen"):
        assert load(path).names == ["one.abc#1"]


# -- workers -----------------------------------------------------------------------------------

SCRIPT = """
from encoding import load_corpus
corpus = load_corpus({path!r})
print(len(corpus.songs), len(corpus.rejected), corpus.names[:2])
"""


@pytest.fixture
def large_file(tmp_path):
    """More songs than go to a worker at a time; one of them is rejected."""
    path = tmp_path / "many.abc"
    songs = [abc_song(n, f"C{n % 8 + 1} D4 E4") for n in range(1, 80)] + [abc_song(80, "[CE]4")]
    path.write_text("\n".join(songs))
    return path


def run_python(arguments, path, cache_folder, **more):
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(cache_folder)}
    command = [sys.executable, *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, env=environment, timeout=120, cwd=path.parent, **more
    )


def test_workers_need_no_main_guard(large_file, tmp_path):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT.format(path=str(large_file)))
    from_file = run_python([str(script)], large_file, tmp_path / "cache 1")
    from_input = run_python(["-"], large_file, tmp_path / "cache 2", input=script.read_text())
    for done in (from_file, from_input):
        assert done.stdout.strip() == "79 1 ['many.abc#1', 'many.abc#2']", done.stderr
        assert "parsing scores: 80 of 80" in done.stderr


@pytest.mark.parametrize("interpreter", ["/nowhere/python", sys.executable + " -c 1", "true"])
def test_without_workers_all_is_parsed_here(large_file, tmp_path, monkeypatch, interpreter):
    """Workers that cannot start, or that end without an answer."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(sys, "executable", interpreter)
    corpus = load(large_file)
    assert len(corpus.songs) == 79
    assert list(corpus.rejected) == ["many.abc#80"]


def test_what_progress_raises_is_raised(tmp_path):
    (tmp_path / "songs.abc").write_text("\n".join(abc_song(n, "G4 A4 B4 c4") for n in range(1, 41)))

    def gone(done, total):
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        load_corpus(tmp_path / "songs.abc", progress=gone)


@pytest.mark.parametrize("name", [b"d\xff", b"\xff.abc"])
def test_names_that_are_no_utf8(tmp_path, name):
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name))
    try:
        if path.suffix != ".abc":
            path.mkdir()
        file = path if path.suffix else path / "song.abc"
        file.write_text(abc_song(1, "C4 D4 E4 F4"))
    except OSError:
        pytest.skip("such names cannot be on this system")
    corpus = load(path)
    assert len(corpus.songs) == 1
    assert r"\udcff" in corpus.report().encode().decode()
