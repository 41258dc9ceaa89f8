"""What `sample.py --explain` shows of a network is what the network does."""

import struct
from types import SimpleNamespace

import numpy as np
import pytest
from songs import abc_song

import sample
import train
from encoding import Meter, Told
from encoding.comparing import songs_to_look_at
from encoding.comparing.landmarks import BAR, BEAT, ONSET, PHRASE, commonest_time, readable_song
from encoding.writing import Composition
from lstm_numpy.training import Run, Settings, Training, checkpoint, export


def run_sample(*arguments) -> int:
    return sample.run_command(sample.main, [str(argument) for argument in arguments])


PLANTED = 3


def barred_abc(number: int, rng: np.random.Generator) -> str:
    """Four bars of 4/4 with an upbeat and a rest, on the scale."""
    bars = [" ".join(f"{rng.choice(list('CDEFGAB'))}{rng.choice([2, 4])}" for _ in range(2)) for _ in range(4)]
    lengths = [sum(int(note[1:]) for note in bar.split()) for bar in bars]
    filled = [
        f"{bar} {'z' if rng.random() < 0.3 else 'C'}{16 - length}" for bar, length in zip(bars, lengths, strict=True)
    ]
    return abc_song(number, "G4 | " + " | ".join(filled) + " |]")


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    """A run whose model has one unit that is +1 after the onset of a note and -1 after all else."""
    folder = tmp_path_factory.mktemp("planted")
    rng = np.random.default_rng(5)
    songs = folder / "songs.abc"
    songs.write_text("\n".join(barred_abc(n, rng) for n in range(1, 31)))
    sizes = {"hidden_dim": 12, "input_dim": 0, "sequence_len": 16, "batch_size": 4}
    config = {**train.DEFAULTS, **train.RECIPES["default"], **sizes}
    corpus = train.load_songs(config, str(songs), None)
    vocabulary, context, held_out, rngs = train.prepare(corpus, config, None)
    model = train.make_model(config, len(vocabulary), len(context), rngs.weights)
    about = {"vocabulary": vocabulary.symbols, "context": context.record, "time_step": config["time_step"],
             "config": config}  # fmt: skip
    run = Run(folder, Training(model, Settings.chosen_from(config), rngs.order, rngs.dropout), about, held_out.split)
    exported = folder / "exported.npz"
    run.save("best.npz")
    export(exported, run.best_model(), {**about, "config": {**config, "data": songs.name}})
    for path in (folder / "best.npz", exported):
        arrays, description = checkpoint.load(path)
        onset = np.array([symbol.isdecimal() for symbol in description["vocabulary"]])
        arrays["param/embedding.weight"][...] = np.eye(len(onset))
        arrays["param/context.weight"][...] = 0
        rows = [gate * 12 + PLANTED for gate in range(4)]  # i f g o
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
            arrays[f"param/lstm.{name}_l0"][rows] = 0
        arrays["param/lstm.bias_ih_l0"][rows] = [20, -20, 0, 20]
        arrays["param/lstm.weight_ih_l0"][rows[2]] = np.where(onset, 20, -20)
        description.pop("format_version")
        checkpoint.save(path, arrays, description)
    return songs, folder / "best.npz", exported


def size_of(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG")
    return struct.unpack(">II", png[16:24])


def look_inside(path, data=None, units=None):
    """What --explain finds out about a model before it draws."""
    return sample.look_inside(SimpleNamespace(data=data, units=units), sample.load_network(path))


def test_the_planted_unit_is_found_on_the_songs_that_were_held_out(planted, capsys):
    source, run, exported = planted
    inside = look_inside(run)
    songs, portrait = inside.songs, inside.portrait
    arrays, _ = checkpoint.load(run)
    assert songs.names == [f"songs.abc#{n + 1}" for n in arrays[f"split/{train.TEST}"]]
    assert songs.kind == ("held-out song", "held-out songs")
    assert commonest_time(songs.meters) == (16, 4)
    assert portrait.best[ONSET] == PLANTED
    assert portrait.figures[ONSET][PLANTED] == pytest.approx(1)
    assert set(portrait.figures) == {BEAT, BAR, PHRASE, ONSET}
    assert all(figure.shape == (12,) and (abs(figure) <= 1).all() for figure in portrait.figures.values())
    assert portrait.shares["forget gate f"][0][PLANTED] == 1
    assert portrait.shares["input gate i"][1][PLANTED] == 1
    printed = capsys.readouterr().out
    assert f"unit 3 follows onsets (correlation +1.00 over {len(songs.names)} held-out songs)" in printed
    # An exported model does not hold its split; drawn again, it is the same.
    assert look_inside(exported, str(source)).songs == songs


def test_other_songs_are_not_called_held_out(planted, tmp_path, capsys):
    _, run, _ = planted
    other = tmp_path / "other.abc"
    other.write_text(abc_song(1, "C4 D4 E4 C4") + "\n" + abc_song(2, "^C4 D4 E4 C4"))
    inside = look_inside(run, str(other))
    songs, portrait = inside.songs, inside.portrait
    assert songs.names == ["other.abc#1"]  # the other has a tone that the model does not know
    assert songs.kind == ("song of other.abc", "songs of other.abc")
    assert set(portrait.figures) == {PHRASE, ONSET}
    printed = capsys.readouterr().out
    assert "no song has a meter" in printed
    assert "the songs are not those of the training; units are judged on the songs of other.abc" in printed
    assert "over 1 song of other.abc)" in printed
    assert readable_song(songs) == ("other.abc#1, one of the songs of other.abc", songs.tokens[0], Told(None, False))


def test_windows_were_held_out_instead(planted, tmp_path, capsys):
    songs, run, _ = planted
    arrays, description = checkpoint.load(run)
    description["config"]["split"] = "window"
    description.pop("format_version")
    checkpoint.save(tmp_path / "windows.npz", arrays, description)
    assert len(look_inside(tmp_path / "windows.npz").songs.names) == 30
    assert f"no song is unheard; units are judged on the songs of {songs.name}" in capsys.readouterr().out


def test_few_of_many_songs_are_spread_evenly(planted, capsys):
    songs, run, _ = planted
    network = sample.load_network(run)
    config, _, rng = network.origin
    found = songs_to_look_at(None, config, ([], [], range(30)), rng, network.vocabulary.symbols, most=4)
    assert found.names == [f"{songs.name}#{n + 1}" for n in (0, 7, 15, 22)]
    assert "4 of 30 held-out songs, spread evenly over them, are read" in capsys.readouterr().out


def test_pictures(planted, tmp_path, capsys):
    _, run, _ = planted
    common = ["--model", run, "--seed", 1, "--formats", "tokens", "-n", 1, "--max-len", 24, "--primer", "60 _ _ _"]
    assert run_sample(*common, "--explain", "--units", "2,3,2", "--out", tmp_path / "a") == 0
    assert {path.name for path in (tmp_path / "a").iterdir()} == {
        "melody-1.txt", "melody-1.json", "melody-1-explained.png", "units.png",
    }  # fmt: skip
    for path in (tmp_path / "a").glob("*.png"):
        width, height = size_of(path.read_bytes())
        assert 1000 <= width <= 2000
        assert 600 <= height <= 3000
    printed = capsys.readouterr().out
    assert printed.count("unit 2: the place in the beat, correlation ratio 0.") == 1
    assert "unit 3: the place in the beat" in printed
    assert "forget gate f 100% and 0%" in printed
    assert "mean of input gate i at a note 1.00, a hold 1.00" in printed
    assert "mean of tanh c after a note +0.76, a hold -0.76" in printed  # tanh 1
    assert run_sample(*common, "--out", tmp_path / "b") == 0
    assert {path.name for path in (tmp_path / "b").iterdir()} == {"melody-1.txt", "melody-1.json"}
    assert (tmp_path / "a" / "melody-1.txt").read_bytes() == (tmp_path / "b" / "melody-1.txt").read_bytes()


def test_a_score_alone(planted, tmp_path):
    """It may be longer than --max-len, which is for what is composed."""
    _, run, _ = planted
    score = tmp_path / "one.abc"
    score.write_text(abc_song(1, "G4 | C4 D4 E4 F4 | C4 D4 E4 F4 |"))
    arguments = ["--explain", "--units", 2, "--model", run, "-n", 0, "--primer-file", score, "--max-len", 10]
    assert run_sample(*arguments, "--out", tmp_path / "a") == 0
    assert {path.name for path in (tmp_path / "a").iterdir()} == {"primer-explained.png", "units.png", "index.html"}


def test_melodies_of_any_length_can_be_explained(planted):
    inside = look_inside(planted[1], units=[])

    def melody(tokens, ended):
        return Composition(tokens, Told(Meter(0, 16, 4), True), ended, {}, [])

    size_of(inside.of_melody(melody(["60"], False), 0, "One"))
    size_of(inside.of_melody(melody(["60"], True), 1, "One, given, and the end"))
    width, _ = size_of(inside.of_melody(melody("60 _ _ _".split() * 41, True), 0, "Many"))
    assert width > 1400  # 164 steps and the end


def test_wrong_options(planted, tmp_path, capsys):
    _, run, exported = planted
    for arguments, texts in [
        (["-n", 0], ["-n 0"]),
        (["-n", 0, "--explain"], ["-n 0", "primer"]),
        (["-n", 0, "--explain", "--primer", " "], ["--primer", "nothing in it"]),
        (["--units", "3"], ["--units", "--explain"]),
        (["--data", "erk"], ["--data", "--explain"]),
        (["--explain", "--units", "12"], ["--units 12", "0 to 11"]),
        (["--explain", "--units", "x"], ["--units"]),
        (["--explain", "--model", exported], ["--data songs.abc"]),  # it does not tell where they lie
    ]:
        model = [] if "--model" in arguments else ["--model", run]
        try:
            status = run_sample(*model, "--out", tmp_path / "out", *arguments)
        except SystemExit as stop:  # from argparse
            status = stop.code
        lines = capsys.readouterr().err.strip().splitlines()
        assert status == 2
        assert len(lines) == 1
        assert all(text in lines[0] for text in texts), lines
        assert not (tmp_path / "out").exists()
