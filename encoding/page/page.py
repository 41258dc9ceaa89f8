"""The file: sections under a title, with the style and the scripts that they need."""

import re
from html import escape, unescape
from pathlib import Path

from encoding.page.blocks import HERE, fill, prose
from encoding.reading import printable

SCRIPTS = ("roll.js", "player.js", "chart.js")


class Page:
    """Sections by their headings, in the order in which they are read."""

    def __init__(self, title: str, lead: str = ""):
        self.title, self.lead = title, lead
        self.sections: dict[str, str] = {}

    def put(self, heading: str, *blocks: str) -> None:
        """Add a section, or put it in the place of the one with this heading."""
        self.sections[heading] = "\n".join(blocks)

    def take_over(self, path: Path) -> None:
        """Take the sections of a page that was written before; none if there is no such file."""
        written = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
        found = re.findall(r"<section [^>]*><h2>(.*?)</h2>\n(.*?)\n</section>", written, re.DOTALL)
        self.sections = {unescape(heading): content for heading, content in found}

    def content(self) -> bytes:
        """The page as the content of an HTML file."""
        parts = list(enumerate(self.sections.items(), start=1))
        sections = (
            f'<section id="part-{n}"><h2>{escape(heading)}</h2>\n{content}\n</section>'
            for n, (heading, content) in parts
        )
        contents = (f'<a href="#part-{n}">{escape(heading)}</a>' for n, (heading, _) in parts)
        text = fill(
            "page.html", title=escape(self.title), lead=prose(self.lead), style=_read("page.css"),
            contents=" ".join(contents) if len(parts) > 1 else "", sections="\n".join(sections),
            script="\n".join(map(_read, SCRIPTS)),
        )  # fmt: skip
        return printable(text).encode()


def _read(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8").strip()
