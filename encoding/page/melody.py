"""One melody on a page: heard, seen, in words, and as files to take away."""

import json
from collections.abc import Mapping, Sequence
from html import escape
from typing import NamedTuple

from encoding.grid import GridEncoder
from encoding.page.blocks import data, fill, listing, picture
from encoding.page.engraving import INSTALL, can_engrave, engrave
from encoding.tokens import HOLD_SYMBOL, PITCHES, REST_SYMBOL, events
from encoding.writing import FORMATS, Layout, note_names, render_all, scale_names

CARRIED = {"midi": "audio/midi", "musicxml": "application/vnd.recordare.musicxml+xml", "abc": "text/vnd.abc"}


class Melody(NamedTuple):
    """What a page shows of a melody."""

    title: str
    name: str  # of its files
    tokens: Sequence[str]
    time_step: float  # the length of a step as a share of a whole note
    layout: Layout = Layout()
    given: int = 0  # steps at its beginning that were not composed
    facts: Mapping[str, str] = {}
    command: str = ""  # that makes it again
    files: Mapping[str, bytes] = {}
    pictures: Mapping[str, bytes] = {}

    def html(self) -> str:
        """The melody as a part of a page."""
        layout, tokens = self.layout, self.tokens
        files = {format: self._file(format) for format in CARRIED}
        names = note_names(tokens, layout.key).split()
        notes = sum(token in PITCHES for token in tokens)
        heading = f"{layout.key} · {layout.time} · {layout.tempo:g} quarter notes a minute · {notes} notes"
        links = (
            f'<a download="{escape(self.name)}{FORMATS[format]}" href="{data(content, CARRIED[format])}">{label}</a>'
            for (format, content), label in zip(files.items(), ("MIDI", "MusicXML", "ABC"), strict=True)
        )
        return fill(
            "melody.html", title=escape(self.title), heading=escape(heading), tempo=f"{layout.tempo:.0f}",
            data=escape(json.dumps(self._drawn(names))), tokens=self._coloured(), names=escape(" ".join(names)),
            described=escape(f"Piano roll of {notes} notes, which are listed below in words"),
            engraved=_engraved(files["musicxml"]), files=" ".join(links),
            facts="".join(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in self.facts.items()),
            command=listing(self.command, "The command that makes it again") if self.command else "",
            pictures="".join(picture(content, caption) for caption, content in self.pictures.items()),
        )  # fmt: skip

    def _file(self, format: str) -> bytes:
        suffix = FORMATS[format]
        how = self.tokens, [format], self.time_step, self.title, None, self.layout
        return self.files[suffix] if suffix in self.files else render_all(*how)[suffix]

    def _drawn(self, names: Sequence[str]) -> dict:
        """What the scripts draw and play, with times in quarter notes."""
        step, layout = GridEncoder(self.time_step).quarters_per_step, self.layout
        notes = [
            {"pitch": None if symbol == REST_SYMBOL else int(symbol), "name": name.split(":")[0], "steps": steps,
             "onset": float(onset * step), "quarters": float(steps * step), "given": onset < self.given}
            for (onset, symbol, steps), name in zip(events(self.tokens), names, strict=True)
        ]  # fmt: skip
        return {
            "events": notes, "length": float(len(self.tokens) * step), "step": float(step),
            "upbeat": float(layout.upbeat * step % layout.time.bar), "bar": float(layout.time.bar),
            "beat": float(layout.time.beat), "names": list(scale_names(self.tokens, layout.key).items()),
        }  # fmt: skip

    def _coloured(self) -> str:
        """The tokens, each note or rest in one span; the script finds them by their order."""
        spans = []
        for onset, symbol, steps in events(self.tokens):
            kind = ("rest " if symbol == REST_SYMBOL else "") + ("given" if onset < self.given else "")
            held = f" {HOLD_SYMBOL}" * (steps - 1)
            spans.append(f'<span class="{kind.strip()}"><b>{symbol}</b>{held}</span>')
        return " ".join(spans)


def _engraved(musicxml: bytes) -> str:
    if not can_engrave():
        return f"<p>For the melody on staves, too: <code>{INSTALL}</code>, and compose again.</p>"
    image = data(engrave(musicxml), "image/svg+xml")
    return f'<img class="engraved" src="{image}" alt="The melody on staves" decoding="async">'
