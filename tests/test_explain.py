"""What `sample.py --explain` shows of a network is what the network does."""

import re
import struct
from pathlib import Path

import numpy as np
import pytest
from conftest import abc_song

import sample
import train
from encoding.landmarks import BAR, BEAT, ONSET, PHRASE, Landmark, commonest_time, readable_song
from lstm_numpy import LSTMModel, checkpoint, figures_inside
from lstm_numpy.inspection import input_gradients, looks_back, read
from lstm_numpy.portrait import Notation, Portrait
from lstm_numpy.sampling import next_probabilities
from lstm_numpy.units import correlation, correlation_ratio, cost_of_silence, read_sequences, silenced

V, D, H, L = 6, 4, 5, 2


def run_sample(*arguments) -> int:
    return sample.run_command(sample.main, [str(argument) for argument in arguments])


# -- the numbers -------------------------------------------------------------------------------


def model_of(start_len=3):
    return LSTMModel(V, D, H, L, 0.3, np.random.default_rng(0), np.float64, start_len=start_len)


def test_a_reading_is_aligned_with_its_symbols(rng):
    model, symbols = model_of(), rng.integers(V, size=9)
    reading = read(model, symbols, end=0)
    np.testing.assert_allclose(reading.p.sum(axis=1), 1)
    assert reading.p.shape == (9, V)
    for t in range(9):
        before = np.concatenate([[0, 0, 0], symbols[:t]])[None]
        logits, _, _ = model.forward(before, outputs="last")
        np.testing.assert_allclose(reading.p[t], np.exp(logits[0]) / np.exp(logits[0]).sum())
        assert reading.surprisal[t] == pytest.approx(-np.log2(reading.p[t, symbols[t]]))
        after = np.concatenate([before[0], symbols[t : t + 1]])[None]
        _, (h, c), _ = model.forward(after)
        for k, layer in enumerate(reading.layers):
            assert layer.c.shape == (9, H, 1)
            np.testing.assert_allclose(layer.c[t, :, 0], c[k, 0])
            np.testing.assert_allclose(layer.h[t, :, 0], h[k, 0])


@pytest.mark.parametrize("step", [0, 1, 6])
def test_looking_back_leaves_out_the_symbols_in_front(rng, step):
    model, symbols = model_of(), rng.integers(V, size=9)
    norms = looks_back(model, symbols, 0, step)
    assert norms.shape == (step,)
    tokens = np.concatenate([[0, 0, 0], symbols[:step]])[None]
    whole = np.linalg.norm(input_gradients(model, tokens, symbols[step : step + 1])[0], axis=-1)
    np.testing.assert_array_equal(norms, whole[3:])


def test_many_sequences_are_read_as_each_alone(rng):
    model = model_of()
    sequences = [rng.integers(V, size=length) for length in (7, 2, 9, 4, 1)]
    together = read_sequences(model, sequences, 0, batch_size=2)
    alone = [read(model, sequence, 0).layers[-1] for sequence in sequences]
    for name in together._fields:
        parts = np.concatenate([getattr(layer, name) for layer in alone])
        np.testing.assert_allclose(getattr(together, name), parts, atol=1e-14)


def test_correlation(rng):
    values, label = rng.standard_normal((200, 4)), rng.random(200) < 0.3
    values[:, 1] = 2 - 3 * label
    values[:, 2] = 0.5
    found = correlation(values, label)
    for unit in (0, 1, 3):
        assert found[unit] == pytest.approx(np.corrcoef(values[:, unit], label)[0, 1])
    assert found[1] == pytest.approx(-1)
    assert found[2] == 0
    assert (correlation(values, np.ones(200)) == 0).all()


def test_correlation_ratio(rng):
    groups = np.arange(240) % 6
    noise = rng.standard_normal(240)
    cycle = np.array([0, 3, 1, 0, 3, 1])[groups]  # repeats within the six groups
    values = np.stack([cycle, cycle + noise, groups == 4, noise, 0 * noise], axis=1)
    found = correlation_ratio(values, groups)
    assert found[0] == pytest.approx(1)
    assert found[2] == pytest.approx(1)
    assert found[3] < 0.3
    assert found[4] == 0
    means = np.array([values[groups == group, 1].mean() for group in range(6)])
    assert found[1] == pytest.approx(np.sqrt(means.var() / values[:, 1].var()))
    beyond = correlation_ratio(values, groups, coarser=groups % 3)
    assert beyond[0] == 0  # all is told by the larger groups
    assert beyond[2] == pytest.approx(1)
    assert beyond[1] < 0.3


def test_the_strips_are_those_of_the_shown_units(rng, monkeypatch):
    model, symbols = model_of(start_len=1), rng.integers(1, V, size=20)
    notation = Notation(list("eabcde"), range(V), 0, {"few": [1]}, ("many", [2, 3]), 1, "seconds", 2)
    mark = Landmark("ones", "correlation", "ones r", [symbols == 1], "everywhere")
    monkeypatch.setattr(figures_inside, "units", lambda *drawn: drawn)
    for chosen in (None, [4, 0]):
        portrait = Portrait(model, notation, [symbols], [mark], chosen)
        strips, *_, marked, _ = portrait.units(symbols, list(symbols), 0, 4, "title")
        shown, figures = chosen or [portrait.best["ones"]], portrait.figures["ones"]
        assert marked == portrait.shown == shown
        for strip, unit in zip(strips, shown, strict=True):
            np.testing.assert_allclose(strip.values, np.tanh(read(model, symbols, 0).layers[-1].c[:, unit, 0]))
            first, second = f"unit {unit} follows ones: correlation", f"unit {unit}: ones r"
            assert strip.title.startswith(f"{second if chosen else first} {figures[unit]:+.2f}")


def test_a_portrait_of_a_network_that_reads_anything(rng):
    """Symbols and labels have no meaning to it; a sequence without labels is left out."""
    model = model_of(start_len=1)
    sequences = [rng.integers(1, V, size=length) for length in (30, 11, 25)]
    notation = Notation(list("eabcde"), range(V), 0, {"few": [1], "many": [2, 3, 4, 5]}, ("many", [2, 3]), 1, "t", 2)
    is_one = [sequence == 1 for sequence in sequences]
    thirds = [None if len(sequence) == 11 else np.arange(len(sequence)) % 3 for sequence in sequences]
    sixths = [None if len(sequence) == 11 else np.arange(len(sequence)) % 6 for sequence in sequences]
    marks = [
        Landmark("ones", "correlation", "r", is_one, "everywhere"),
        Landmark("sixths", "ratio", "η", sixths, "in two", coarser=thirds),
    ]
    portrait = Portrait(model, notation, sequences, marks, chosen=[4])
    values = np.tanh(read_sequences(model, sequences, 0).c[:, :, 0])
    np.testing.assert_allclose(portrait.figures["ones"], correlation(values, np.concatenate(is_one)))
    two = np.r_[0:30, 41:66]
    parts = (np.concatenate([part for part in labels if part is not None]) for labels in (sixths, thirds))
    np.testing.assert_allclose(portrait.figures["sixths"], correlation_ratio(values[two], *parts))
    assert portrait.shown == [4]
    first, second, third, *_ = portrait.report().splitlines()
    best = portrait.best["ones"]
    assert first == f"unit {best} follows ones (correlation {portrait.figures['ones'][best]:+.2f} everywhere)"
    assert second.startswith(f"unit {portrait.best['sixths']} follows sixths (ratio 0.")
    assert third.startswith("unit 4: ones, correlation ")
    few = values[np.concatenate(is_one), 4].mean()
    assert f"mean of tanh c after few {few:+.2f}, many" in portrait.report()
    few = abs(values[np.concatenate(is_one), 4]).mean()
    assert f"mean of |tanh c| after few {few:.2f}, many" in portrait.report()
    gate = read_sequences(model, sequences, 0).f[~np.concatenate(is_one), 4].mean()
    assert f", many {gate:.2f}\n" in portrait.report().split("mean of forget gate f at few")[1]
    assert f"silenced, it costs {portrait.costs[4]:+.4f} nats per step" in portrait.report()


@pytest.mark.parametrize("layers", [1, 2])
def test_nobody_hears_a_silenced_unit(rng, layers):
    model = LSTMModel(V, D, H, layers, 0.3, np.random.default_rng(0), np.float64, start_len=2)
    before, sequences = model.state_dict(), [rng.integers(1, V, size=length) for length in (7, 12)]
    silent = silenced(model, 3)
    losses = []
    for one in (model, silent):
        nats = [-np.log(next_probabilities(one.forward(np.array([[0, 0, *s]]))[0][0, 1:])) for s in sequences]
        losses.append(sum(n[range(len(n)), [*s, 0]].sum() for n, s in zip(nats, sequences, strict=True)) / (19 + 2))
    assert cost_of_silence(model, [1, 3], sequences, 0)[3] == pytest.approx(losses[1] - losses[0], rel=1e-9)
    assert abs(losses[1] - losses[0]) > 1e-4
    for name, array in model.params.items():
        np.testing.assert_array_equal(array, before[name])
    logits = silent.forward(sequences[0][None])[0]
    bias = f"lstm.bias_ih_l{layers - 1}"
    silent.params[bias] = before[bias] + 9 * (np.arange(4 * H) % H == 3)
    np.testing.assert_array_equal(silent.forward(sequences[0][None])[0], logits)


# -- the command -------------------------------------------------------------------------------

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
    config = {**train.DEFAULTS, **train.RECIPES["default"], **sizes, "data": str(songs)}
    corpus = train.load_songs(config)
    run = train.Run(folder, {**config, "songs_digest": train.digest(corpus)}, corpus)
    exported = folder / "exported.npz"
    run.save("best.npz")
    run.export(run.best_model(), exported)
    for path in (folder / "best.npz", exported):
        arrays, description = checkpoint.load(path)
        onset = np.array([symbol.isdecimal() for symbol in description["vocabulary"]])
        arrays["param/embedding.weight"][...] = np.eye(len(onset))
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


def read_by(path, data=None):
    """What is read of a checkpoint: its songs, model, vocabulary and time step."""
    model, vocabulary, time_step = sample.load_model(path)
    return sample.songs_to_read(path, vocabulary, data), model, vocabulary, time_step


def test_the_planted_unit_is_found_on_the_songs_that_were_held_out(planted, capsys):
    source, run, exported = planted
    songs, *read_model = read_by(run)
    arrays, _ = checkpoint.load(run)
    assert songs.names == [f"songs.abc#{n + 1}" for n in arrays[f"split/{train.TEST}"]]
    assert songs.kind == ("held-out song", "held-out songs")
    assert commonest_time(songs.meters) == (16, 4)
    portrait = sample.portrait_of(songs, *read_model)
    assert portrait.best[ONSET] == PLANTED
    assert portrait.figures[ONSET][PLANTED] == pytest.approx(1)
    assert set(portrait.figures) == {BEAT, BAR, PHRASE, ONSET}
    assert all(figure.shape == (12,) and (abs(figure) <= 1).all() for figure in portrait.figures.values())
    assert portrait.shares["forget gate f"][0][PLANTED] == 1
    assert portrait.shares["input gate i"][1][PLANTED] == 1
    printed = capsys.readouterr().out
    assert f"unit 3 follows onsets (correlation +1.00 over {len(songs.names)} held-out songs)" in printed
    # An exported model does not hold its split; drawn again, it is the same.
    assert read_by(exported, str(source))[0] == songs


def test_other_songs_are_not_called_held_out(planted, tmp_path, capsys):
    _, run, _ = planted
    other = tmp_path / "other.abc"
    other.write_text(abc_song(1, "C4 D4 E4 C4") + "\n" + abc_song(2, "^C4 D4 E4 C4"))
    songs, *read_model = read_by(run, str(other))
    assert songs.names == ["other.abc#1"]  # the other has a tone that the model does not know
    assert songs.kind == ("song of other.abc", "songs of other.abc")
    portrait = sample.portrait_of(songs, *read_model)
    assert set(portrait.figures) == {PHRASE, ONSET}
    printed = capsys.readouterr().out
    assert "no song has a meter" in printed
    assert "the songs are not those of the training; units are judged on the songs of other.abc" in printed
    assert "over 1 song of other.abc)" in printed
    assert readable_song(songs) == ("other.abc#1, one of the songs of other.abc", songs.tokens[0], None)


def test_windows_were_held_out_instead(planted, tmp_path, capsys):
    songs, run, _ = planted
    arrays, description = checkpoint.load(run)
    description["config"]["split"] = "window"
    description.pop("format_version")
    checkpoint.save(tmp_path / "windows.npz", arrays, description)
    assert len(read_by(tmp_path / "windows.npz")[0].names) == 30
    assert f"no song is unheard; units are judged on the songs of {songs.name}" in capsys.readouterr().out


def test_few_of_many_songs_are_spread_evenly(planted, monkeypatch, capsys):
    songs, run, _ = planted
    monkeypatch.setattr(train, "split_of", lambda *_: ([], [], range(30)))
    monkeypatch.setattr(sample, "MOST_SONGS", 4)
    assert read_by(run)[0].names == [f"{songs.name}#{n + 1}" for n in (0, 7, 15, 22)]
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
    assert {path.name for path in (tmp_path / "a").iterdir()} == {"primer-explained.png", "units.png"}


def test_melodies_of_any_length_can_be_explained(planted):
    songs, model, vocabulary, time_step = read_by(planted[1])
    portrait = sample.portrait_of(songs, model, vocabulary, time_step, chosen=[])
    size_of(sample.draw_explained(portrait, vocabulary, time_step, ["60"], 0, False, "One"))
    size_of(sample.draw_explained(portrait, vocabulary, time_step, ["60"], 1, True, "One, given, and the end"))
    width, _ = size_of(sample.draw_explained(portrait, vocabulary, time_step, "60 _ _ _".split() * 41, 0, True, "Many"))
    assert width > 1400  # 164 steps and the end


def test_wrong_options(planted, tmp_path, capsys):
    _, run, exported = planted
    for arguments, texts in [
        (["-n", 0], ["-n 0"]),
        (["-n", 0, "--explain"], ["-n 0", "primer"]),
        (["-n", 0, "--explain", "--primer", " "], ["-n 0", "primer"]),
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


# -- what is printed in the documents ------------------------------------------------------------

ROOT = Path(__file__).resolve().parent.parent
FIGURE = re.compile(r"[+-]?\d+\.\d+")  # its last digit may be another on another machine


@pytest.fixture(scope="module")
def printed_of_the_shipped_model():
    songs, *read_model = read_by(ROOT / "models" / "erk.npz")
    return sample.portrait_of(songs, *read_model, chosen=[17, 247, 239]).report().splitlines()


def is_like(shown: str, printed: str) -> bool:
    """Whether two lines are equal but for the last digits; one that is shown may end with `...`."""
    if shown.endswith(" ..."):
        return printed.startswith(shown.removesuffix("..."))
    if FIGURE.sub("#", shown) != FIGURE.sub("#", printed):
        return False
    for one, two in zip(FIGURE.findall(shown), FIGURE.findall(printed), strict=True):
        if abs(float(one) - float(two)) > 1.01 * 10.0 ** -len(one.partition(".")[2]):
            return False
    return True


@pytest.mark.parametrize("page", ["README.md", "docs/11-what-it-learned.md"])
def test_the_lines_in_the_documents_are_printed(page, printed_of_the_shipped_model):
    blocks = re.findall(r"^```\n(unit .*?)^```$", (ROOT / page).read_text(), re.MULTILINE | re.DOTALL)
    assert len(blocks) == (2 if "docs" in page else 1)
    rest = iter(printed_of_the_shipped_model)
    for shown in "".join(blocks).splitlines():  # in their order, and lines in between may be left out
        assert any(is_like(shown, printed) for printed in rest), shown


def test_another_figure_would_be_noticed():
    line = "unit 128 follows phrase ends (correlation +0.23 over 175 held-out songs)"
    assert is_like(line, line.replace("0.23", "0.24"))
    assert is_like("unit 128 follows ...", line)
    for right, wrong in (("0.23", "0.25"), ("+0.23", "-0.23"), ("128", "129"), ("175", "176")):
        assert not is_like(line, line.replace(right, wrong))
