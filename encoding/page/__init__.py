"""One page that a browser opens: what is heard and seen of melodies and of a training, in a single file.

In the order to read: `blocks` (text, tables, pictures and curves as HTML; what comes from outside is escaped there),
`engraving` (notes on staves, where verovio is installed), `melody` (one melody), `page` (sections, in the file),
`sampling` and `training` (the pages of some melodies and of a run). Beside them lie page.html and melody.html with
their places for text, page.css, and three scripts: roll.js (the piano roll), player.js (sound), chart.js (curves).

Imports the ground floor, `encoding.reading` and `encoding.writing`.
"""

from encoding.page.blocks import chart, listing, markdown, picture, prose
from encoding.page.melody import Melody
from encoding.page.page import Page
from encoding.page.sampling import page_of_melodies
from encoding.page.training import RunPage

__all__ = ["Melody", "Page", "RunPage", "chart", "listing", "markdown", "page_of_melodies", "picture", "prose"]
