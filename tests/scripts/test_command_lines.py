"""What users get wrong, and what --help waits for."""

import subprocess
import sys

import numpy as np
import pytest
from running import ROOT, SMALL, one_sentence, run_sample, run_train, status_of

import sample


def test_wrong_data(tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "readme.txt").write_text("no score")
    (tmp_path / "text.krn").write_text("Dear diary,\nthis is no music.\n")
    for path, text in [
        ("nowhere", "no such file"),
        ("empty", "no scores found"),
        ("other", "no scores found"),
        ("text.krn", "none of its songs"),
        ("other/readme.txt", "not a kind of score"),
    ]:
        status = status_of(run_train, "--data", tmp_path / path, "--out", tmp_path / "run")
        one_sentence(capsys, status, text, str(tmp_path / path))
        assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--epochs", "-1"], "--epochs"), (["--epochs", "two"], "--epochs"), (["--dropout", "1"], "--dropout"),
        (["--dropout", "nan"], "--dropout"), (["--batch-size", "0"], "--batch-size"), (["--seed", "-1"], "--seed"),
        (["--learning-rate", "inf"], "--learning-rate"), (["--outputs", "first"], "--outputs"),
        (["--recipe", "cake"], "--recipe"), (["--time-step", "0"], "--time-step"),
        (["--limit-songs", "2"], "--limit-songs"),
        (["--sequence-len", "0"], "--sequence-len"), (["--resume", "nowhere"], "nowhere"), (["--what"], "--what"),
    ],
)  # fmt: skip
def test_wrong_training_options(arguments, text, capsys):
    one_sentence(capsys, status_of(run_train, *arguments), text)


def test_wrong_sampling_options(trained, tmp_path, capsys):
    _, run = trained
    (tmp_path / "text.npz").write_text("hello")
    np.savez(tmp_path / "other.npz", a=np.zeros(3))
    (tmp_path / "text.krn").write_text("Dear diary\n")
    for arguments, text in [
        (["--model", tmp_path / "nowhere.npz"], "no such file"),
        (["--model", tmp_path / "text.npz"], "not a checkpoint"),
        (["--model", tmp_path / "other.npz"], "not a checkpoint"),
        (["--primer", "60 _ 61"], "nearest known"),
        (["--primer", "_ 60"], "position 0"),
        (["--primer", "60 ."], "position 1"),
        (["--primer", "60 _ _", "--max-len", "2"], "--max-len"),
        (["--primer-file", tmp_path / "nowhere.mid"], "no such file"),
        (["--primer-file", tmp_path / "text.krn"], "cannot be used"),
        (["--temperature", "-1"], "--temperature"),
        (["--temperature", "nan"], "--temperature"),
        (["--top-k", "0"], "--top-k"),
        (["--formats", "mp3"], "mp3"),
        (["--top-p", "0"], "--top-p"),
        (["--top-p", "1.5"], "--top-p"),
        (["--min-len", "2 bars", "--max-len", "1 bar"], "--min-len"),
        (["--max-len", "one bar"], "--max-len"),
        (["--key", "H"], "--key"),
        (["--key", "G#"], "Ab major"),
        (["--meter", "3/5"], "--meter"),
        (["--upbeat", "16"], "--upbeat"),
        (["--upbeat", "1 bar", "--meter", "3/4"], "--upbeat"),
        (["--primer", ""], "--primer"),
        (["--primer-notes", "3"], "--primer-notes"),
        (["--primer-file", tmp_path], "is a folder"),
        (["--upbeat", "-1"], "--upbeat"),
        (["--tempo", "0"], "--tempo"),
        (["--range", "C4-D4"], "--range"),
        (["--no-primer-in-output"], "for a primer"),
        (["--soundfont", tmp_path / "none.sf2"], "no such file"),
        (["--primer", "60", "--primer-file", "x.mid"], "--primer"),
    ]:
        model = [] if "--model" in arguments else ["--model", run]
        one_sentence(capsys, status_of(run_sample, *model, "--out", tmp_path / "out", *arguments), text)


def test_a_run_is_not_overwritten(trained, capsys):
    songs, run = trained
    one_sentence(capsys, run_train("--data", songs, "--out", run, *SMALL), "already holds a run", "--resume")


def test_folder_that_cannot_be_made(trained, tmp_path, capsys):
    songs, run = trained
    (tmp_path / "file").write_text("in the way")
    capsys.readouterr()
    one_sentence(capsys, run_train("--data", songs, "--out", tmp_path / "file" / "run", *SMALL), "file")
    one_sentence(capsys, run_sample("--model", run, "--out", tmp_path / "file"), "file")


def test_too_few_songs(tmp_path, capsys):
    (tmp_path / "a.abc").write_text("X:1\nL:1/16\nM:4/4\nK:C\nC4 D4\n")
    one_sentence(capsys, run_train("--data", tmp_path / "a.abc", "--out", tmp_path / "run", *SMALL), "three groups")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("script", ["train.py", "sample.py"])
def test_help_waits_for_nothing_heavy(script):
    code = (
        f"import sys; sys.argv = ['{script}', '--help']\n"
        "import runpy\n"
        f"try: runpy.run_path({str(ROOT / script)!r}, run_name='__main__')\n"
        "except SystemExit: pass\n"
        "print(sorted({'numpy', 'music21', 'matplotlib'} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.stderr.strip() == "[]"
    assert "default:" in done.stdout


def test_tokens_alone_need_neither_music21_nor_matplotlib(tmp_path):
    code = (
        "import sys, sample\n"
        f"sample.main({['-n', '1', '--model', str(sample.SHIPPED), '--formats', 'tokens', '--out', str(tmp_path)]})\n"
        "print(sorted({'music21', 'matplotlib'} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.stderr.strip() == "[]"
    assert (tmp_path / "melody-1.txt").is_file()
