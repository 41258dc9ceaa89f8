"""The file: sections under a title, with the style and the scripts that they need."""

import re
from html import escape, unescape
from pathlib import Path

from encoding.page.blocks import HERE, fill, markdown, prose
from encoding.reading import printable

SCRIPTS = ("roll.js", "player.js", "chart.js")


class Page:
    """Sections by their headings, in the order in which they are read."""

    def __init__(self, title: str, lead: str):
        self.title, self.lead = title, prose(lead)
        self.sections: dict[str, str] = {}

    def put(self, heading: str, *blocks: str) -> None:
        """Add a section, or put it in the place of the one with this heading."""
        self.sections[heading] = "\n".join(blocks)

    def put_text(self, text: str) -> None:
        """Add the sections of a text in which each heading stands behind ## (see `blocks.markdown`)."""
        for section in re.split("^## ", text, flags=re.MULTILINE)[1:]:
            heading, _, content = section.partition("\n")
            self.put(heading, markdown(content))

    def take_over(self, path: Path) -> None:
        """Take the sections of a page that was written before, if there is one, and what stands above them."""
        written = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
        found = re.findall(r"<section [^>]*><h2>(.*?)</h2>\n(.*?)\n</section>", written, re.DOTALL)
        self.sections = {unescape(heading): content for heading, content in found}
        if above := re.search(r"<h1>(.*?)</h1>\n(.*?)\n<nav", written, re.DOTALL):
            self.title, self.lead = unescape(above[1]), above[2]

    def added_to(self, folder: Path) -> dict[str, bytes]:
        """The page in a folder with these sections added, by its name; nothing if there is none."""
        path, other = folder / "index.html", Page(self.title, "")
        other.take_over(path)
        if not other.sections:
            return {}
        other.sections |= self.sections
        return {path.name: other.content()}

    def content(self) -> bytes:
        """The page as the content of an HTML file."""
        parts = list(enumerate(self.sections.items(), start=1))
        sections = (
            f'<section id="part-{n}"><h2>{escape(heading)}</h2>\n{content}\n</section>'
            for n, (heading, content) in parts
        )
        contents = (f'<a href="#part-{n}">{escape(heading)}</a>' for n, (heading, _) in parts)
        text = fill(
            "page.html", title=escape(self.title), lead=self.lead, style=_read("page.css"),
            contents=" ".join(contents) if len(parts) > 1 else "", sections="\n".join(sections),
            script="\n".join(map(_read, SCRIPTS)),
        )  # fmt: skip
        return printable(text).encode()


def _read(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8").strip()
