"""The lines that the documents show are those that are printed."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest

import sample

ROOT = Path(__file__).resolve().parents[2]
FIGURE = re.compile(r"[+-]?\d+\.\d+")  # its last digit may be another on another machine


@pytest.fixture(scope="module")
def printed():
    options = SimpleNamespace(data=None, units=[17, 247, 239])
    return str(sample.look_inside(options, sample.load_network(ROOT / "models" / "erk-tokens.npz"))).splitlines()


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


@pytest.mark.parametrize("page", ["docs/inside.md", "docs/11-what-it-learned.md"])
def test_the_lines_in_the_documents_are_printed(page, printed):
    blocks = re.findall(r"^```\n(unit .*?)^```$", (ROOT / page).read_text(), re.MULTILINE | re.DOTALL)
    assert len(blocks) == (2 if "11" in page else 1)
    rest = iter(printed)
    for shown in "".join(blocks).splitlines():  # in their order, and lines in between may be left out
        assert any(is_like(shown, printed) for printed in rest), shown


def test_another_figure_would_be_noticed():
    line = "unit 128 follows phrase ends (correlation +0.23 over 175 held-out songs)"
    assert is_like(line, line.replace("0.23", "0.24"))
    assert is_like("unit 128 follows ...", line)
    for right, wrong in (("0.23", "0.25"), ("+0.23", "-0.23"), ("128", "129"), ("175", "176")):
        assert not is_like(line, line.replace(right, wrong))
