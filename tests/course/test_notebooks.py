"""The pages as notebooks say the same as the pages, and run."""

import doctest
import importlib.util
import json
import re
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = sorted(DOCS.glob("[01][0-9]-*.md"))


@pytest.fixture(scope="module")
def notebooks():
    spec = importlib.util.spec_from_file_location("course_notebooks", DOCS / "notebooks.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def source(notebook: dict, kind: str) -> list[str]:
    return [cell["source"] for cell in notebook["cells"] if cell["cell_type"] == kind]


def wanted(page: Path) -> list[str]:
    """The answers that a page shows, in their order."""
    blocks = re.findall(r"^```python\n(>>> .*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL)
    return [one.want for block in blocks for one in doctest.DocTestParser().get_examples(block) if one.want]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_formulas_and_answers(notebooks, page, tmp_path):
    folder = DOCS.parent / "notebooks"
    text = "\n".join(source(notebooks.notebook(page, folder), "markdown"))
    assert "```math" not in text
    assert "details>" not in text
    assert text.count("$$") == 2 * page.read_text().count("```math")
    for target in re.findall(r"\]\((?!http)([^)#\s]+)", text):
        if target.endswith(".ipynb"):
            assert (DOCS / target).with_suffix(".md") in PAGES
        else:
            assert (folder / target).resolve().exists(), target
    for hidden in re.findall(r"</summary>(.*?)</details>", page.read_text(), re.DOTALL):
        lines = [line for line in hidden.splitlines() if re.match(r"\w[^`$(\[]{40}", line)]
        without = "\n".join(source(notebooks.notebook(page, folder, answers=False), "markdown"))
        assert all(line in text and line not in without for line in lines)


def test_the_command_writes_them(notebooks, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["notebooks.py", "02", "03", "--folder", str(tmp_path / "new"), "--no-answers"])
    notebooks.main()
    names = sorted(path.name for path in (tmp_path / "new").iterdir())
    assert names == ["02-melodies.ipynb", "03-cell-forward.ipynb"]
    content = json.loads((tmp_path / "new" / names[1]).read_text())
    assert "artanh" not in json.dumps(content)
    monkeypatch.setattr(sys, "argv", ["notebooks.py", "77"])
    with pytest.raises(SystemExit):
        notebooks.main()
    assert "no page '77'" in capsys.readouterr().err


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_notebook_runs_and_answers_as_the_page_does(notebooks, page, tmp_path):
    nbformat = pytest.importorskip("nbformat", reason="a notebook needs nbformat")
    nbclient = pytest.importorskip("nbclient", reason="running a notebook needs nbclient")
    pytest.importorskip("ipykernel", reason="running a notebook needs ipykernel")
    node = nbformat.from_dict(notebooks.notebook(page, DOCS))
    nbformat.validate(node)
    resources = {"metadata": {"path": str(DOCS)}}
    nbclient.NotebookClient(node, timeout=300, kernel_name="python3", resources=resources).execute()
    said = []
    for cell in node.cells:
        outputs = cell.get("outputs", [])
        text = "".join(one.get("text", "") or one.get("data", {}).get("text/plain", "") for one in outputs)
        if text:
            said.append(text.split())
    assert said == [want.split() for want in wanted(page)]
