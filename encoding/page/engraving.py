"""Notes on staves, by the package verovio where it is installed."""

import importlib.util
import re

INSTALL = "pip install verovio"
SCALE = 40  # per cent of verovio's own size


def can_engrave() -> bool:
    """Whether verovio is installed."""
    return importlib.util.find_spec("verovio") is not None


def engrave(musicxml: bytes, width: int) -> bytes:
    """A MusicXML score as SVG, `width` pixels wide; the same score always gives the same."""
    import verovio

    verovio.enableLog(verovio.LOG_OFF)
    toolkit = verovio.toolkit()
    toolkit.setOptions({
        "scale": SCALE, "pageWidth": round(width * 100 / SCALE), "pageHeight": 60_000, "adjustPageHeight": True,
        "header": "none", "footer": "none", "pageMarginLeft": 20, "pageMarginRight": 20, "xmlIdSeed": 1,
    })  # fmt: skip
    # The tempo stands on the page already; its note would take a font of 58 kB.
    toolkit.loadData(re.sub(rb"<direction\b.*?</direction>", b"", musicxml, flags=re.DOTALL).decode())
    svg = toolkit.renderToSVG(1)
    used = set(re.findall(r"#([\w-]+)", svg))
    svg = re.sub(r' id="([^"]*)"', lambda found: found[0] if found[1] in used else "", svg)
    return re.sub(r">\s+<", "><", svg).encode()
