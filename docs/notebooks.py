"""Each page of the course as a Jupyter notebook, made from the page itself.

python docs/notebooks.py                      all pages, into notebooks/
python docs/notebooks.py 03 --no-answers      some of them, without what is folded away below the exercises
"""

import argparse
import doctest
import json
import os
import re
import sys
from pathlib import Path

DOCS = Path(__file__).resolve().parent
sys.path.insert(0, str(DOCS.parent))  # where the package lies

from lstm_numpy.system import write_whole

PAGES = sorted(DOCS.glob("[0-9][0-9]-*.md"))
EXAMPLES = re.compile(r"^```python\n(>>> .*?)^```$", re.MULTILINE | re.DOTALL)
START = """import os, sys
while not os.path.isdir("lstm_numpy"):  # to the project's folder
    os.chdir("..")
sys.path.insert(0, os.getcwd())"""


def code_cells(examples: str) -> list[str]:
    """The lines of a doctest, a cell for each answer that it shows."""
    cells, lines = [], ""
    for example in doctest.DocTestParser().get_examples(examples):
        lines += example.source
        if example.want:
            cells.append(lines.strip("\n"))
            lines = ""
    return [*cells, lines.strip("\n")] if lines else cells


def prose(text: str, folder: Path) -> str:
    """Markdown as a notebook wants it: formulas between $$, links from where the notebook lies."""

    def link(match: re.Match) -> str:
        page = DOCS / match[1]
        target = folder / f"{page.stem}.ipynb" if page in PAGES else page
        return f"]({Path(os.path.relpath(target, folder)).as_posix()}{match[2] or ''})"

    text = re.sub(r"^```math\n(.*?)^```$", r"$$\n\1$$", text, flags=re.MULTILINE | re.DOTALL)
    text = re.sub(r"<details><summary>(.*?)</summary>", r"**\1**", text).replace("</details>", "")
    return re.sub(r"\]\((?!https?:)([^)#\s]+)(#[\w-]+)?\)", link, text).strip("\n")


def notebook(page: Path, folder: Path, answers: bool = True) -> dict:
    """The page as a notebook that lies in the folder (nbformat 4.4).

    Args:
        page: a page of the course.
        folder: where the notebook will lie; links are relative to it.
        answers: whether what is folded away on the page is in it.
    """
    text = page.read_text(encoding="utf-8")
    if not answers:
        text = re.sub(r"<details>.*?</details>", "", text, flags=re.DOTALL)
    cells = [("code", START)]
    for number, part in enumerate(EXAMPLES.split(text)):
        if number % 2:
            cells += [("code", cell) for cell in code_cells(part)]
        elif prose(part, folder):
            cells.append(("markdown", prose(part, folder)))
    of_code = {"execution_count": None, "outputs": []}
    return {
        "cells": [
            {"cell_type": kind, "metadata": {}, "source": source, **(of_code if kind == "code" else {})}
            for kind, source in cells
        ],
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        "nbformat": 4,
        "nbformat_minor": 4,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Write the pages of the course as notebooks.")
    parser.add_argument("pages", nargs="*", metavar="NUMBER", help="such as 03 (default: all)")
    parser.add_argument("--folder", type=Path, default=DOCS.parent / "notebooks", help="(default: notebooks)")
    parser.add_argument("--no-answers", action="store_true", help="leave out what is folded away on the pages")
    options = parser.parse_args()
    pages = [page for page in PAGES if not options.pages or page.name[:2] in options.pages]
    for number in options.pages:
        if number not in [page.name[:2] for page in pages]:
            parser.error(
                f"there is no page {number!r}; the first is {PAGES[0].name[:2]}, the last {PAGES[-1].name[:2]}"
            )
    options.folder.mkdir(parents=True, exist_ok=True)
    for page in pages:
        path = options.folder.resolve() / f"{page.stem}.ipynb"
        content = notebook(page, path.parent, not options.no_answers)
        write_whole(path, json.dumps(content, indent=1, ensure_ascii=False).encode())
        print(f"written {path}")


if __name__ == "__main__":
    main()
