"""The course in docs/ is true: its quotations, its examples, its links and its figures."""

import ast
import doctest
import importlib.util
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.glob("[01][0-9]-*.md"))
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# A line that ends with such a link and a colon announces a quotation.
QUOTED = re.compile(r"\[[^\]]+\]\(([^)]+\.py)\):\n\n```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#]+)\)")

pages = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)


def quotations(page: Path) -> list[tuple[Path, str]]:
    return [((page.parent / path).resolve(), code) for path, code in QUOTED.findall(page.read_text())]


def lines_of(code: str) -> list[str]:
    return [line.rstrip() for line in textwrap.dedent(code).strip("\n").splitlines()]


def stands_in(code: str, text: str) -> bool:
    """Whether the lines stand in the text one below the other, indented as a block or not."""
    wanted, lines = lines_of(code), text.splitlines()
    return any(
        lines_of("\n".join(lines[start : start + len(wanted)])) == wanted
        for start in range(len(lines) - len(wanted) + 1)
        if lines[start].strip() == wanted[0].strip()
    )


def test_the_pages_are_numbered():
    assert [int(page.name[:2]) for page in PAGES] == list(range(1, len(PAGES) + 1))


@pages
def test_quoted_code_is_the_code(page):
    found = quotations(page)
    assert found, "a page shows the lines that carry it out"
    for path, code in found:
        assert stands_in(code, path.read_text()), f"{page.name}: no longer in {path.name}:\n{code}"


@pages
def test_all_code_is_quoted_or_runs(page):
    text = page.read_text()
    quoted = [code for _, code in QUOTED.findall(text)]
    for language, code in FENCE.findall(text):
        assert language != "python" or ">>> " in code or code in quoted, f"neither quoted nor an example:\n{code}"


def test_a_stale_quotation_is_noticed():
    text = (ROOT / "lstm_numpy" / "cell.py").read_text()
    code = "df = dc * c_prev\ndi = dc * g\n"
    assert stands_in(code, text)
    assert not stands_in(code.replace("c_prev", "c"), text)
    assert not stands_in("df = dc * c_prev\ndg = dc * i\n", text), "lines in between may not be left out"


@pages
def test_examples_run(page, monkeypatch):
    monkeypatch.chdir(ROOT)
    examples = [body for language, body in FENCE.findall(page.read_text()) if language == "python" and ">>> " in body]
    assert examples, "a page has an example that runs"
    test = doctest.DocTestParser().get_doctest("\n".join(examples), {}, page.stem, str(page), 0)
    said: list[str] = []
    result = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(test, out=said.append)
    assert result.failed == 0, "".join(said)


@pages
def test_every_page_has_a_figure_and_exercises(page):
    text = page.read_text()
    assert re.search(r"!\[[^\]]+\]\(images/[\w-]+\.png\)\n\n\*", text), "a picture with a caption"
    assert "## Exercises" in text


@pytest.mark.parametrize("page", [*PAGES, DOCS / "README.md", ROOT / "README.md"], ids=lambda page: page.stem)
def test_links_lead_somewhere(page):
    for target in LINK.findall(page.read_text()):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), target


def test_the_first_look_prints_what_the_page_shows():
    done = subprocess.run(
        [sys.executable, DOCS / "first_look.py"], capture_output=True, text=True, check=True, timeout=60
    )
    shown = [body for language, body in FENCE.findall(PAGES[0].read_text()) if language == "text"]
    assert len(shown) >= 3
    for block in shown:
        for part in block.split("...\n"):
            assert part.strip("\n") in done.stdout, part


def test_the_lines_of_python_in_the_readme_compose(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (code,) = [body for language, body in FENCE.findall(text) if language == "python" and "load_network" in body]
    exec(code, {})
    melody = ast.literal_eval(capsys.readouterr().out)
    assert 1 <= len(melody) <= 120
    assert all(token in ("_", "r") or token.isdecimal() for token in melody)


# -- the figures -------------------------------------------------------------------------------


def load_figures():
    spec = importlib.util.spec_from_file_location("course_figures", DOCS / "figures.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


FIGURES = load_figures()


@pytest.mark.parametrize("name", FIGURES.QUICK)
def test_a_figure_is_drawn(name):
    assert FIGURES.FIGURES[name]().startswith(b"\x89PNG")


def test_every_figure_is_on_a_page_and_made_by_a_command():
    text = "".join(page.read_text() for page in PAGES)
    for name in FIGURES.FIGURES:
        assert f"images/{name}.png" in text
        assert (DOCS / "images" / f"{name}.png").is_file()


def test_figures_by_the_command_line(tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, DOCS / "figures.py", "valves", "--folder", tmp_path]
    subprocess.run(command, check=True, env=environment, timeout=60, capture_output=True)
    assert [path.name for path in tmp_path.iterdir()] == ["valves.png"]
    wrong = subprocess.run([*command[:2], "nothing"], capture_output=True, text=True, env=environment, timeout=60)
    assert wrong.returncode == 2
    assert "nothing" in wrong.stderr
