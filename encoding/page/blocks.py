"""Parts of a page as HTML. What they are given is text: each of them escapes it."""

import base64
import json
import math
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


def chart(title: str, x: str, curves: Sequence[Mapping], log: bool = False, marks: Sequence = ()) -> str:
    """Curves with their values under the pointer.

    Args:
        title: says what they are, and in which unit.
        x: what is to the right.
        curves: each with its 'name'; its 'points', (x, y) or (x, y, what to say of x); and if need be its 'color' and
            'dash', numbers of the seven colours and four dashes of a page, a 'thin' line, and 'dots' at its points.
        log: whether the scale of y is logarithmic.
        marks: places on x with a text to stand above them, (x, text).
    """
    curves = [{**one, "points": [point for point in one["points"] if math.isfinite(point[1])]} for one in curves]
    drawn = escape(json.dumps({"x": x, "series": curves, "log": log, "marks": marks}))
    return (
        f'<figure class="chart" data-chart="{drawn}"><figcaption>{escape(title)}</figcaption>'
        f'<ul class="legend"></ul><div class="plot" tabindex="0" role="img" aria-label="{escape(title)}"></div>'
        '<output class="values">Move the pointer over the curves, or use the arrow keys, to read their values.</output>'
        "</figure>"
    )


def network(parts: Sequence) -> str:
    """A network from above to below: its boxes with their parameters, and the shapes of what flows between them."""
    items = []
    for part in parts:
        if hasattr(part, "letters"):
            items.append(f'<li class="flow">↓ {escape(part.name)} {escape(part.letters)} <b>{part.shape}</b></li>')
            continue
        rows = [["", "shape", "numbers"], *([name, str(of), f"{math.prod(of):,}"] for name, of in part.params.items())]
        notes = escape("; ".join([*part.notes, *filter(None, [" ".join(part.state.split())])]))
        parameters = table(rows) if part.params else ""
        items.append(f'<li class="part"><b>{escape(part.title)}</b><small>{notes}</small>{parameters}</li>')
    return f'<ol class="network">{"".join(items)}</ol>'


def markdown(text: str) -> str:
    """Text with tables, lists, *italics* and `code` as HTML: of Markdown, what the reports here are written in."""
    blocks = []
    for block in re.split(r"\n{2,}", text.strip()):
        lines = block.splitlines()
        if block.startswith("|"):
            cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
            blocks.append(table([row for n, row in enumerate(cells) if n != 1]))
        elif block.startswith("- "):
            blocks.append("".join(f"<li>{escape(line[2:])}</li>" for line in lines))
        elif block:
            blocks.append(prose(" ".join(lines)))
    return "\n".join(blocks)
