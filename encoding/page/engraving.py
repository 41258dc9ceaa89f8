"""Notes on staves, by the package verovio where it is installed."""

import importlib.util
import re

INSTALL = "pip install verovio"
WIDTH = 1300  # in verovio's units, a staff is 72 high


def can_engrave() -> bool:
    """Whether verovio is installed."""
    return importlib.util.find_spec("verovio") is not None


def engrave(musicxml: bytes) -> bytes:
    """A MusicXML score as SVG, to be shown at any width; the same score always gives the same."""
    import verovio

    verovio.enableLog(verovio.LOG_OFF)
    toolkit = verovio.toolkit()
    toolkit.setOptions({
        "pageWidth": WIDTH, "pageHeight": 60_000, "adjustPageHeight": True, "header": "none", "footer": "none",
        "pageMarginLeft": 20, "pageMarginRight": 20, "spacingSystem": 3, "svgViewBox": True,
        "xmlIdSeed": 1,
    })  # fmt: skip
    # The tempo stands on the page already; its note would take a font of 58 kB. The part's name takes room.
    unwanted = rb"<direction\b.*?</direction>|<part-(name|abbreviation)>.*?</part-(name|abbreviation)>"
    toolkit.loadData(re.sub(unwanted, b"", musicxml, flags=re.DOTALL).decode())
    svg = toolkit.renderToSVG(1)
    # Left out are marks that are not shown, bar numbers, which are too small on a phone, and names that nobody uses.
    svg = re.sub(r"<g [^>]*placeholder.*?</g>|<text[^>]*/>|<text.*?</text>", "", svg, flags=re.DOTALL)
    used = set(re.findall(r"#([\w-]+)", svg))
    svg = re.sub(r' (id|class)="([^"]*)"', lambda found: found[0] if found[2] in used else "", svg)
    svg = re.sub(r">\s+<", "><", svg)
    while "<g></g>" in svg:
        svg = svg.replace("<g></g>", "").replace("<g/>", "")
    return svg.encode()
