"""What all figures have in common. As in all figure code here, matplotlib is imported only where a figure is drawn."""

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Colours that stay apart for the colour-blind (Okabe & Ito 2008).
BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#888888"


def png(figure: "Figure") -> bytes:
    """A figure as the content of a PNG file; no screen is needed."""
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=120)
    return file.getvalue()
