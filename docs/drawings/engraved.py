"""A melody on staves, composed by the shipped model."""

import tempfile
from pathlib import Path

import sample
from encoding.page.engraving import INSTALL, can_engrave, engrave


def engraved() -> bytes:
    """The third melody of the seed 2, as SVG; on white, as notes are black also where a page is dark."""
    if not can_engrave():
        raise SystemExit(f"staves are drawn by verovio; {INSTALL}")
    with tempfile.TemporaryDirectory() as folder:
        wanted = ["-n", "3", "--seed", "2", "--formats", "musicxml", "--out", folder]
        sample.main(["--model", str(sample.SHIPPED), *wanted])
        svg = engrave((Path(folder) / "melody-3.musicxml").read_bytes())
    return svg.replace(b"<svg ", b'<svg style="background: white" ', 1)
