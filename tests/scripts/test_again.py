"""sample.py --again makes a melody again."""

import json

from running import one_sentence, record, run_sample, status_of

import sample
from encoding.writing.render import FORMATS


def test_again(trained, tmp_path, capsys):
    """Every file of a melody comes out byte for byte, whatever the options and the primer were."""
    song = tmp_path / "song.abc"
    song.write_text("X:1\nL:1/16\nM:3/4\nK:D\nA4 | D4 E4 F2 G2 | A12 |]\n")
    _, run = trained
    all_formats = ["--formats", ",".join(FORMATS)]
    for n, options in enumerate([
        ["--seed", 5, "--temperature", 0, "--top-k", 3],
        ["--key", "bb minor", "--meter", "6/8", "--upbeat", 2, "--tempo", 97.3, "--range", "C3-C5", "--top-p", 0.8],
        ["--primer-file", song, "--primer-notes", 3, "--no-primer-in-output", "--min-len", 20, "--temperature", "inf"],
        ["--primer", "60 _ 64 _", "--max-len", 60, "--formats", "abc,tokens"],
    ]):  # fmt: skip
        first, second = tmp_path / f"{n}-first", tmp_path / f"{n}-second"
        assert run_sample("--model", run, "-n", 2, *all_formats, *options, "--out", first) == 0
        song.write_text(song.read_text().replace("D4", "F4"))  # the record holds the primer itself
        assert run_sample("--again", first / "melody-2.json", "--out", second) == 0
        made = {path.name: path.read_bytes() for path in second.iterdir()}
        assert made == {path.name: path.read_bytes() for path in first.glob("melody-2*")}
        assert len(made) == (3 if n == 3 else len(FORMATS) + 1)
    assert run_sample("--again", first / "melody-2.json", "--formats", "midi", "--out", tmp_path / "midi") == 0
    assert {path.name for path in (tmp_path / "midi").iterdir()} == {"melody-2.mid", "melody-2.json"}


def test_what_again_refuses(trained, tmp_path, capsys):
    _, run = trained
    model = tmp_path / "model.npz"
    model.write_bytes((run / "best.npz").read_bytes())
    assert run_sample("--model", model, "-n", 1, "--seed", 2, "--out", tmp_path, "--formats", "tokens") == 0
    file, out = tmp_path / "melody-1.json", ["--out", tmp_path / "out"]
    capsys.readouterr()
    one_sentence(capsys, run_sample("--again", file, "--seed", 2, *out), "leave out --seed")
    one_sentence(capsys, run_sample("--again", file, "-n", 2, *out), "leave out -n")
    one_sentence(capsys, run_sample("--again", tmp_path / "none.json", *out), "none.json")
    one_sentence(capsys, run_sample("--again", model, *out), "not the record of a melody")
    one_sentence(capsys, run_sample("--again", file, "--model", sample.SHIPPED, *out), "checksum")
    wrong = tmp_path / "wrong.json"
    wrong.write_text(file.read_text().replace('"0.8"', '"-1"'))
    one_sentence(capsys, status_of(run_sample, "--again", wrong, *out), "--temperature")
    assert not (tmp_path / "out").exists()
    changed = {**record(tmp_path), "tokens": "60"}  # as if another version of NumPy had drawn otherwise
    wrong.write_text(json.dumps(changed))
    status = run_sample("--again", wrong, *out)
    one_sentence(capsys, status, "came out otherwise", "numpy")
    model.unlink()
    one_sentence(capsys, run_sample("--again", file, *out), "say with --model where it is")
    assert run_sample("--again", file, "--model", run / "best.npz", *out) == 0
    assert (tmp_path / "out" / "melody-1.json").read_bytes() == file.read_bytes()
