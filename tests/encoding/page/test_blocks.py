"""Parts of a page, as HTML."""

import html
import json
import re
from html.parser import HTMLParser

import pytest

from encoding.page import Melody, Page, listing, markdown, picture, prose
from encoding.page.blocks import chart, table

WICKED = "<script>alert('1')</script> & \"quoted\" `code` *stars* $title ${x}"


class Elements(HTMLParser):
    """The elements of a text, and that each is closed where it was opened."""

    VOID = ("meta", "link", "input", "img", "br", "source")

    def __init__(self, text: str):
        super().__init__()
        self.open, self.found, self.text = [], [], []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def wicked_page() -> Page:
    page = Page(WICKED, WICKED)
    melody = Melody(WICKED, WICKED, "60 _ r 62".split(), 1 / 16, facts={WICKED: WICKED}, command=WICKED)
    chart_of_it = chart(WICKED, WICKED, [{"name": WICKED, "points": [(1, 2.0, WICKED)]}], marks=[(1, WICKED)])
    blocks = prose(WICKED), listing(WICKED, WICKED), table([[WICKED], [WICKED]], WICKED), picture(b"", WICKED)
    page.put(WICKED, *blocks, chart_of_it, melody.html(), markdown(f"| {WICKED} |\n|---|\n| x |\n\n- {WICKED}"))
    return page


def test_what_users_bring_is_text():
    content = wicked_page().content().decode()
    elements = Elements(content)
    names = [name for name, _ in elements.found]
    assert names.count("script") == 1  # our own
    assert not any(key.startswith("on") for _, attributes in elements.found for key in attributes)
    assert WICKED in elements.text
    chart_told = next(attributes["data-chart"] for _, attributes in elements.found if "data-chart" in attributes)
    assert json.loads(chart_told)["series"][0]["name"] == WICKED
    downloads = [attributes["download"] for _, attributes in elements.found if "download" in attributes]
    assert downloads == [f"{WICKED}{suffix}" for suffix in (".mid", ".musicxml", ".abc")]


def test_nothing_is_loaded():
    elements = Elements(wicked_page().content().decode())
    for _, attributes in elements.found:
        for name in ("src", "href", "srcset"):
            assert attributes.get(name, "data:").startswith(("data:", "#"))


def test_a_page_is_taken_over_as_it_was(tmp_path):
    page = wicked_page()
    page.put("Two", prose("text"))
    (tmp_path / "index.html").write_bytes(page.content())
    again = Page("", "")
    again.take_over(tmp_path / "index.html")
    assert again.content() == page.content()
    page.put("Two", prose("another"))
    assert list(page.sections) == [WICKED, "Two"]
    other = Page("", "")
    other.put("Three", prose("more"))
    (tmp_path / "index.html").write_bytes(other.added_to(tmp_path)["index.html"])
    again.take_over(tmp_path / "index.html")
    assert list(again.sections) == [WICKED, "Two", "Three"]
    assert other.added_to(tmp_path / "nowhere") == {}  # where there is none, none is made
    assert not (tmp_path / "nowhere").exists()


def test_a_text_with_sections():
    page = Page("", "")
    page.put_text(
        "# Title\n\n## One\n\nSome *words*\nand `code`.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n## Two\n\n- x\n- y\n"
    )
    assert list(page.sections) == ["One", "Two"]
    assert "<p>Some <em>words</em> and <code>code</code>.</p>" in page.sections["One"]
    assert re.findall("<t[hd]>(.*?)</t[hd]>", page.sections["One"]) == ["a", "b", "1", "2"]
    assert page.sections["Two"].count("<li>") == 2


def told(melody: Melody) -> dict:
    return json.loads(html.unescape(re.search('data-melody="(.*?)"', melody.html())[1]))


def test_what_the_scripts_are_told_of_a_melody():
    from encoding.key import Key
    from encoding.writing import Layout, TimeSignature

    layout = Layout(Key.parse("G"), TimeSignature.parse("6/8"), 4, 90)
    melody = Melody("One", "one", "66 _ r _ 67 _ _ _".split(), 1 / 16, layout, given=4)
    found = told(melody)
    assert [(one["pitch"], one["name"], one["onset"], one["quarters"], one["given"]) for one in found["events"]] == [
        (66, "F#4", 0, 0.5, True), (None, "r", 0.5, 0.5, True), (67, "G4", 1, 1, False),
    ]  # fmt: skip
    assert (found["upbeat"], found["bar"], found["beat"], found["length"]) == (1, 3, 1.5, 2)
    assert found["names"] == [[66, "F#4"], [67, "G4"]]
    text = melody.html()
    assert re.findall('<span class="(.*?)"><b>(.*?)</b>(.*?)</span>', text) == [
        ("given", "66", " _"), ("rest given", "r", " _"), ("", "67", " _ _ _"),
    ]  # fmt: skip
    assert 'value="90"' in text


@pytest.mark.parametrize("tokens", [[], ["r"], ["60"], ["127"], ["0", "_"]])
def test_smallest_melodies(tokens):
    assert told(Melody("One", "one", tokens, 1 / 16))["length"] == len(tokens) / 4


def test_files_that_are_written_already_are_carried():
    text = Melody("One", "one", ["60"], 1 / 16, files={".mid": b"this one"}).html()
    assert "data:audio/midi;base64,dGhpcyBvbmU=" in text
    assert "data:application/vnd.recordare.musicxml+xml;base64,PD94bWw" in text  # <?xml
    assert "data:text/vnd.abc;base64,WDox" in text  # X:1


def test_curves_without_what_is_no_number():
    drawn = chart("One", "x", [{"name": "a", "points": [(1, float("nan")), (2, 3.0)]}])
    assert json.loads(html.unescape(re.search('data-chart="(.*?)"', drawn)[1]))["series"][0]["points"] == [[2, 3.0]]
