"""What docs/teaching.md tells a teacher to expect is what comes out."""

import re
import shlex
from pathlib import Path

import pytest
from mutants.solutions import own

import sample
import train
from lstm_numpy.gradcheck.exercises import EXERCISES
from lstm_numpy.gradcheck.exercises.attempt import load
from lstm_numpy.gradcheck.exercises.judge import judge, report

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "teaching.md").read_text()
MISTAKES = re.findall(r"^\| (\w+) \| `(.+?)` \| `(.+?)` \| (.+?) \|$", TEXT, re.MULTILINE)


@pytest.mark.parametrize(("name", "right", "wrong", "said"), MISTAKES)
def test_the_judge_says_it_of_this_mistake(name, right, wrong, said, tmp_path):
    text = own(name)
    path = tmp_path / f"{name}.py"
    for line, expected in ((right, False), (wrong, True)):
        assert right in text
        path.write_text(text.replace(right, line))
        attempt = load(EXERCISES[name], path)
        words = " ".join(report(path, EXERCISES[name], *judge(EXERCISES[name], attempt)).split())
        assert (said in words) is expected
        if not expected and name == "lstm_cell":
            assert words.endswith("All is right.")
            assert "`All is right.`" in TEXT


def test_there_are_mistakes_of_three_exercises():
    assert {name for name, *_ in MISTAKES} == {"lstm_cell", "embedding", "adam"}
    assert len(MISTAKES) == 8


def test_the_commands_are_understood():
    commands = [shlex.split(command) for command in re.findall(r"`(?:python )?((?:train|sample)\.py[^`]*)`", TEXT)]
    assert len(commands) >= 4
    for script, *options in commands:
        parser = {"train.py": train, "sample.py": sample}[script].make_parser()
        parser.parse_args(options)
