"""Melodies beside songs: how like them, how new, and where a musician would look.

In the order to read: `statistics` (what a melody is like, in numbers), `novelty` (how much of it stands in a song),
`comparison` (sets of melodies in the same figures), `evaluation` with `report` and `dashboard` (of a model),
`learned` with `page` (the songs behind a model, and a few melodies), `landmarks` (labels for the steps of songs)
and `explanation` (what the units of a network follow).

Imports the ground floor, `encoding.reading`, `encoding.writing` and `encoding.page`.
"""

from encoding.comparing.evaluation import about, evaluation_page, judge_melodies, told_to_n_grams
from encoding.comparing.explanation import Explanation
from encoding.comparing.learned import Learned, report_on_melodies, songs_to_look_at
from encoding.comparing.report import main_table, to_json

__all__ = [
    "Explanation", "Learned", "about", "evaluation_page", "judge_melodies", "main_table", "report_on_melodies",
    "songs_to_look_at", "to_json", "told_to_n_grams",
]  # fmt: skip
