"""The course in docs/ is true: its quotations, its examples, its links and its figures."""

import ast
import doctest
import importlib.util
import os
import re
import shlex
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import sample
import train

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.glob("[01][0-9]-*.md"))
NAMES = ("composing", "training", "inside", "evaluation", "gradients", "speed", "own-scores", "faults", "mutants")
GUIDES = [ROOT / "README.md", *(DOCS / f"{name}.md" for name in NAMES)]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# A line that ends with such a link and a colon announces a quotation.
HEADING = re.compile(r"^#.*$", re.MULTILINE)
QUOTED = re.compile(r"\[[^\]]+\]\(([^)]+\.py)\):\n\n```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#\s]+)(#[\w-]+)?\)")

pages = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
all_pages = pytest.mark.parametrize("page", [*PAGES, *GUIDES], ids=lambda page: page.stem)


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


def test_the_pages_are_numbered_and_stand_in_the_contents():
    contents = re.findall(r"^\| (\d+) \| \[[^\]]+\]\(([^)]+)\)", (DOCS / "README.md").read_text(), re.MULTILINE)
    assert contents == [(str(number), page.name) for number, page in enumerate(PAGES, 1)]


@all_pages
def test_quoted_code_is_the_code(page):
    found = quotations(page)
    assert found or page in GUIDES, "a page of the course shows the lines that carry it out"
    for path, code in found:
        assert stands_in(code, path.read_text()), f"{page.name}: no longer in {path.name}:\n{code}"


@all_pages
def test_all_code_is_quoted_or_runs(page):
    text = page.read_text()
    quoted = [code for _, code in QUOTED.findall(text)]
    for language, code in FENCE.findall(text.partition('<a id="pytorch"></a>')[0]):  # beyond it, see test_torch_parity
        assert language != "python" or ">>> " in code or code in quoted, f"neither quoted nor an example:\n{code}"


def test_a_stale_quotation_is_noticed():
    text = (ROOT / "lstm_numpy" / "cell.py").read_text()
    code = "df = dc * c_prev\ndi = dc * g\n"
    assert stands_in(code, text)
    assert not stands_in(code.replace("c_prev", "c"), text)
    assert not stands_in("df = dc * c_prev\ndg = dc * i\n", text), "lines in between may not be left out"


@all_pages
def test_examples_run(page, monkeypatch):
    monkeypatch.chdir(ROOT)
    examples = [body for language, body in FENCE.findall(page.read_text()) if language == "python" and ">>> " in body]
    assert examples or page in GUIDES, "a page of the course has an example that runs"
    test = doctest.DocTestParser().get_doctest("\n".join(examples), {}, page.stem, str(page), 0)
    said: list[str] = []
    result = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(test, out=said.append)
    assert result.failed == 0, "".join(said)


@pages
def test_every_page_has_a_figure_and_exercises(page):
    text = page.read_text()
    assert re.search(r"!\[[^\]]+\]\(images/[\w-]+\.png\)\n\n\*", text), "a picture with a caption"
    able, exercises = text.index("**You should now be able to**"), text.index("\n## Exercises\n")
    assert able < exercises < text.index("<summary>Check</summary>")
    for exercise in re.findall(r"^\d\. (.*)", text[exercises:], re.MULTILINE):
        assert re.match(r"\*(Warm-up|Derive|Code|Open), \d+ min\.\* ", exercise), exercise


@pages
def test_an_exercise_with_blanks_stands_above_its_solution(page):
    text = page.read_text()
    for name in re.findall(r"\(exercises/(\w+)\.py\)", text):
        module = {"lstm_cell": "cell", "lstm_through_time": "plain"}.get(name, name)
        assert text.index(f"(exercises/{name}.py)") < text.rindex(f"(../lstm_numpy/{module}.py):\n"), name


@pytest.mark.parametrize("page", [*DOCS.glob("*.md"), ROOT / "README.md"], ids=lambda page: page.stem)
def test_links_lead_somewhere(page):
    for target, anchor in LINK.findall(page.read_text()):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), target
            assert not anchor or f'<a id="{anchor[1:]}"></a>' in (page.parent / target).read_text(), anchor


def test_each_word_of_the_glossary_is_linked_where_it_first_stands():
    words = re.findall(r'<a id="([\w-]+)"></a>\*\*(.+?)\*\*:', (DOCS / "words.md").read_text())
    assert len(words) == 25
    text = "\n".join(HEADING.sub("", FENCE.sub("", page.read_text())) for page in PAGES)
    text = re.sub(r"\]\((?!words\.md)[^)]*\)|`[^`]*`", "]", text)
    for name, word in words:
        first = re.search(rf"(?<![#/])\b{word}", text, re.IGNORECASE)
        assert first, f"{word} stands on no page"
        after = text[first.start() - 1 : first.end() + 40]
        assert re.match(rf"\[{word}s?\]\(words\.md#{name}\)", after, re.IGNORECASE), (word, after)


def test_the_first_look_prints_what_the_page_shows():
    done = subprocess.run(
        [sys.executable, DOCS / "first_look.py"], capture_output=True, text=True, check=True, timeout=60
    )
    shown = [body for language, body in FENCE.findall(PAGES[0].read_text()) if language == "text"]
    assert len(shown) >= 3
    for block in shown:
        for part in block.split("...\n"):
            assert part.strip("\n") in done.stdout, part


def test_the_readme_is_short_and_one_click_leads_to_every_page():
    text = (ROOT / "README.md").read_text()
    assert len(text.splitlines()) <= 200
    linked = {target for target, _ in LINK.findall(text)}
    assert {f"docs/{page.name}" for page in DOCS.glob("*.md") if page not in PAGES} <= linked


@pytest.mark.parametrize("page", [*GUIDES, DOCS / "README.md"], ids=lambda page: f"{page.parent.name}-{page.stem}")
def test_the_commands_are_understood(page):
    parsers = {"train.py": train.make_parser(), "sample.py": sample.make_parser()}
    for command in re.findall(r"python ((?:train|sample)\.py[^`\n]*)", page.read_text()):
        script, *options = shlex.split(command, comments=True)
        if options != ["--help"]:
            parsers[script].parse_args(options)


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


def test_a_melody_is_engraved():
    pytest.importorskip("verovio", reason="notes on staves need verovio")
    drawn = FIGURES.FIGURES["engraved"]()
    assert drawn.startswith(b"<svg ")
    assert drawn.count(b"<use") > 30, "a clef, a meter and a note head for each note"


def test_every_figure_is_on_a_page_and_made_by_a_command():
    text = "".join(page.read_text() for page in [*PAGES, *GUIDES])
    for name in FIGURES.FIGURES:
        file = f"{name}.svg" if name == "engraved" else f"{name}.png"
        assert f"images/{file}" in text
        assert (DOCS / "images" / file).is_file()
    for path in (DOCS / "images").iterdir():
        assert f"images/{path.name}" in text, "a picture that no page shows"


def test_the_gradients_in_the_picture_are_numbered_in_the_order_of_the_code():
    source = ast.parse((ROOT / "lstm_numpy" / "cell.py").read_text())
    (function,) = [part for part in source.body if getattr(part, "name", "") == "cell_backward"]
    computed = [part.targets[0].id for part in function.body[2:] if isinstance(part, ast.Assign)]
    drawn = [re.match(r"\$(d\w)(_\{?\w+)?", line)[0] for line in FIGURES.dataflow.BACK]
    assert [name.strip("$").replace("{", "").replace("_t", "_prev") for name in drawn] == computed


def test_figures_by_the_command_line(tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, DOCS / "figures.py", "valves", "--folder", tmp_path]
    subprocess.run(command, check=True, env=environment, timeout=60, capture_output=True)
    assert [path.name for path in tmp_path.iterdir()] == ["valves.png"]
    wrong = subprocess.run([*command[:2], "nothing"], capture_output=True, text=True, env=environment, timeout=60)
    assert wrong.returncode == 2
    assert "nothing" in wrong.stderr
