"""Parts of a page as HTML. What they are given is text: each of them escapes it."""

import base64
import json
import re
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from string import Template

HERE = Path(__file__).parent


def fill(template: str, **values: str) -> str:
    """A template of this folder with its places filled; the values are HTML."""
    return Template((HERE / template).read_text(encoding="utf-8")).substitute(values)


def prose(text: str) -> str:
    """A paragraph; *words* are set in italics, `words` as code."""
    text = re.sub("`(.+?)`", r"<code>\1</code>", escape(text))
    text = re.sub(r"\*(.+?)\*", r"<em>\1</em>", text)
    return f"<p>{text}</p>"


def listing(text: str, summary: str = "") -> str:
    """Text that stays as it is; with a summary, it is folded behind that."""
    text = f"<pre>{escape(text)}</pre>"
    return f"<details><summary>{escape(summary)}</summary>{text}</details>" if summary else text


def table(rows: Sequence[Sequence[str]], caption: str = "") -> str:
    """Rows of cells, the first of which are the heads of the columns."""
    head, *body = ["".join(f"<{tag}>{escape(str(cell))}</{tag}>" for cell in row)
                   for row, tag in zip(rows, ["th", *["td"] * len(rows)], strict=False)]  # fmt: skip
    body = "".join(f"<tr>{row}</tr>" for row in body)
    title = f"<caption>{escape(caption)}</caption>" if caption else ""
    return f'<div class="wide" tabindex="0"><table>{title}<tr>{head}</tr>{body}</table></div>'


def data(content: bytes, kind: str) -> str:
    """A file inside the page."""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def picture(content: bytes, caption: str) -> str:
    """A PNG in its own size."""
    caption = escape(caption)
    image = f'<img src="{data(content, "image/png")}" alt="{caption}">'
    return f'<figure><div class="wide" tabindex="0">{image}</div><figcaption>{caption}</figcaption></figure>'


def series(name: str, points: Sequence[Sequence], color: int, dash: int = 0, **look: bool) -> dict:
    """A curve of a chart.

    Args:
        name: of the curve.
        points: (x, y), or (x, y, what to say of x) each.
        color, dash: numbers of the seven colours and four dashes of the page.
        look: a 'thin' line; 'dots' on it at every point.
    """
    return {"name": name, "points": points, "color": color % 7, "dash": dash % 4, **look}


def chart(
    title: str, x: str, curves: Sequence[Mapping], log: bool = False, marks: Sequence[tuple[float, str]] = ()
) -> str:
    """Curves with their values under the pointer: `series` over x, above which some places may be marked with a text.

    y is logarithmic if `log` says so.
    """
    drawn = json.dumps({"x": x, "series": curves, "log": log, "marks": marks})
    return (
        f'<figure class="chart" data-chart="{escape(drawn)}"><figcaption>{escape(title)}</figcaption>'
        f'<ul class="legend"></ul><div class="plot" tabindex="0" role="img" aria-label="{escape(title)}"></div>'
        '<output class="values">Move the pointer over the curves, or use the arrow keys, to read their values.</output>'
        "</figure>"
    )
