"""Pages in a real browser: what is drawn, heard and pressed."""

import json
import struct

import numpy as np
import pytest
from browser import Browser, find_browser

from encoding.key import Key
from encoding.page import Melody, Page, prose
from encoding.page.blocks import chart
from encoding.tokens import events
from encoding.writing import Layout, TimeSignature

pytestmark = pytest.mark.skipif(find_browser() is None, reason="no Chromium is installed (apt-get install chromium)")
WALTZ = Layout(Key.parse("e minor"), TimeSignature.parse("3/4"), 4, 90)


@pytest.fixture(scope="module")
def browser():
    browser = Browser()
    yield browser
    browser.close()


def random_melody(rng, length: int) -> list[str]:
    symbols = [*map(str, range(53, 80)), "r"] + ["_"] * 70
    return ["64", *map(str, rng.choice(symbols, size=length - 1))]


def melodies(count: int, length: int) -> list[Melody]:
    rng = np.random.default_rng(1)
    wicked = '<script>throw 1</script> & "it\'s"'
    return [Melody(f"{wicked} {n}", f"melody-{n}{wicked}", random_melody(rng, length), 1 / 16, WALTZ, 8,
                   {"Shares": wicked}, f"python sample.py --again '{wicked}'") for n in range(count)]  # fmt: skip


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """A page with two melodies and a chart, its file's name with quotes."""
    page = Page("Title <script>throw 1</script>", "Lead")
    page.put("Melodies", *(melody.html() for melody in melodies(2, 100)))
    curve = {"name": "loss", "points": [(step, 1 / step, f"step {step}") for step in range(1, 50)], "dots": True}
    page.put("Curves", chart("Loss", "step", [curve], marks=[(10, "1")]), chart("Log", "step", [curve], log=True))
    path = tmp_path_factory.mktemp("page") / 'a "page" <b>\'s.html'
    path.write_bytes(page.content())
    return path


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [400, 1400])
def test_it_opens(browser, page, width, dark):
    """No error in the console, nothing loaded, nothing wider than the window, no text that is too small to be read."""
    browser.open(page, width, dark)
    assert browser.errors == []
    assert [url for url in browser.requests if not url.startswith("data:")] == [page.as_uri()]
    assert browser.run("document.documentElement.scrollWidth") == width
    assert browser.run("players.length") == 2
    small = """[...document.querySelectorAll("body *")].filter((one) => one.childNodes.length
        && [...one.childNodes].some((child) => child.nodeType === 3 && child.data.trim())
        && parseFloat(getComputedStyle(one).fontSize) < 12).map((one) => one.outerHTML)"""
    assert browser.run(small) == []
    assert browser.run("document.querySelectorAll('script').length") == 1
    background = browser.run("getComputedStyle(document.body).backgroundColor")
    assert (background == "rgb(255, 255, 255)") is not dark
    assert struct.unpack(">II", browser.screenshot()[16:24])[0] == width


def contrast(browser, selector: str) -> float:
    """Of a text with what is behind it, by https://www.w3.org/TR/WCAG21/#dfn-contrast-ratio."""
    text, ground = browser.run(f"""(() => {{
        let one = document.querySelector({json.dumps(selector)}), text = getComputedStyle(one).color;
        while (getComputedStyle(one).backgroundColor === "rgba(0, 0, 0, 0)") one = one.parentElement;
        return [text, getComputedStyle(one).backgroundColor].map((color) => color.match(/[\\d.]+/g).map(Number));
    }})()""")

    def luminance(color):
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in np.array(color[:3]) / 255]
        return np.dot(linear, [0.2126, 0.7152, 0.0722])

    light, dark = sorted((luminance(text), luminance(ground)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("dark", [False, True])
def test_texts_stand_out(browser, page, dark):
    browser.open(page, 1000, dark)
    for selector in ("p", ".facts", "button", ".tokens b", ".tokens span", ".tokens .given", ".tokens .given b", "a"):
        assert contrast(browser, selector) >= 4.5, selector


def test_the_roll_shows_the_notes(browser, page):
    """In each bar the notes that sound in it, where and as long as they do."""
    browser.open(page)
    tokens = melodies(2, 100)[0].tokens
    bars = browser.run("""players[0].bars.map((bar) => ({number: bar.number, start: bar.start, stop: bar.stop,
        text: bar.picture.querySelector("text")?.textContent ?? "",
        beats: [...bar.picture.querySelector(".beat").getAttribute("d").matchAll(/M([\\d.]+) [\\d.]+V/g)]
            .map((found) => found[1] / QUARTER),
        notes: [...bar.picture.querySelectorAll(".held")].map((box) => [box.x.baseVal.value / QUARTER,
            (box.x.baseVal.value + box.width.baseVal.value) / QUARTER, box.textContent])}))""")
    assert [(bar["start"], bar["stop"]) for bar in bars] == [(0, 1), *((n, n + 3) for n in range(1, 25, 3))]
    assert [bar["text"] for bar in bars] == ["", *map(str, range(1, 9))]
    assert [bar["beats"] for bar in bars] == [[], *[[1, 2]] * 8]
    for bar in bars:
        expected = []
        for onset, symbol, steps in events(tokens):
            start, stop = max(onset / 4, bar["start"]), min((onset + steps) / 4, bar["stop"])
            if symbol != "r" and start < stop:
                expected.append((start - bar["start"], stop - bar["start"], steps))
        assert len(bar["notes"]) == len(expected)
        for (left, right, text), (start, stop, steps) in zip(bar["notes"], expected, strict=True):
            assert left == pytest.approx(start)
            assert stop - 0.051 <= right <= stop + 1e-6  # the gap that parts repeated notes
            assert text.endswith(f", {steps} steps")


def test_scheduled_notes_are_those_of_the_melody(browser, page):
    browser.open(page)
    expected = [(int(symbol), onset / 6, steps / 6) for onset, symbol, steps in events(melodies(2, 100)[0].tokens)
                if symbol != "r"]  # fmt: skip
    for tempo, share in ((90, 1), (180, 0.5)):
        notes = browser.run(f"notesOf(players[0].melody, {tempo})")
        for note, (pitch, onset, duration) in zip(notes, expected, strict=True):
            assert note["pitch"] == pitch
            assert (note["onset"], note["duration"]) == (pytest.approx(share * onset), pytest.approx(share * duration))
    late = browser.run("notesOf(players[0].melody, 90, 4)")
    after = [one for one in expected if one[1] >= 4 * 60 / 90 - 1e-9]
    assert [note["pitch"] for note in late] == [pitch for pitch, _, _ in after]
    assert late[0]["onset"] == pytest.approx(after[0][1] - 4 * 60 / 90)


RENDER = """(async () => {
    const notes = notesOf(players[0].melody, 90), seconds = notes.at(-1).onset + notes.at(-1).duration;
    const context = new OfflineAudioContext(1, Math.ceil(16000 * (seconds + 0.2)), 16000);
    schedule(context, notes, 0, 1);
    const sound = (await context.startRendering()).getChannelData(0);
    return {notes, sound: Array.from(sound, (value) => Math.round(1e5 * value))};
})()"""


def test_what_is_heard(browser, page):
    """Each note sounds at its pitch, from its onset to its end; it neither clips nor clicks."""
    browser.open(page)
    answer = browser.run(RENDER)
    sound = np.array(answer["sound"]) / 1e5
    assert 0.1 < np.abs(sound).max() < 1
    for note in answer["notes"]:
        start, stop = (round(16000 * t) for t in (note["onset"], note["onset"] + note["duration"]))
        piece = sound[start:stop]
        assert np.abs(piece[:3]).max() < 0.01
        assert np.abs(piece[-3:]).max() < 0.01
        spectrum = np.abs(np.fft.rfft(piece * np.hanning(len(piece)), 1 << 17))
        fundamental = 440 * 2 ** ((note["pitch"] - 69) / 12)
        near = slice(*(round(fundamental * factor * (1 << 17) / 16000) for factor in (0.9, 1.1)))
        peak = (near.start + spectrum[near].argmax()) * 16000 / (1 << 17)
        assert abs(1200 * np.log2(peak / fundamental)) < 25  # cents; a note of one step lasts a sixth of a second
        assert spectrum[near].max() > 0.9 * spectrum.max()  # no other is stronger


PLAY = """(async () => {
    players[0].button.click();
    while (!players[0].place) await new Promise(requestAnimationFrame);
    const first = players[0].place, left = players[0].cursor.style.left;
    while (players[0].place < first + 0.5) await new Promise(requestAnimationFrame);
    const moved = players[0].cursor.style.left !== left, now = document.querySelectorAll(".tokens .now").length;
    players[0].button.click();
    return {moved, now, shown: !players[0].cursor.hidden, stopped: players[0].master === null};
})()"""


def test_play_moves_the_cursor(browser, page):
    browser.open(page)
    assert browser.run(PLAY) == {"moved": True, "now": 1, "shown": True, "stopped": True}
    both = browser.run("players[0].play(); players[1].play(); [players[0].master === null, players[1].master !== null]")
    assert both == [True, True]  # one at a time
    browser.run("players[1].pause()")


def test_by_keyboard(browser, page):
    browser.open(page)
    focus = "document.activeElement.className || document.activeElement.textContent"
    seen = []
    while "roll" not in seen and len(seen) < 12:
        browser.press("Tab")
        seen.append(browser.run(focus))
    assert seen[-4:] == ["play", "tempo", "loudness", "roll"]
    browser.press("ArrowRight")
    browser.press("ArrowRight")
    assert browser.run("players[0].place") == 4  # an upbeat and a bar of three quarters
    browser.press("ArrowLeft")
    assert browser.run("players[0].place") == 1
    browser.press(" ")
    assert browser.run("players[0].master !== null")
    browser.press(" ")
    assert browser.run("players[0].master === null")
    browser.press("Home")
    assert browser.run("players[0].place") == 0


def test_values_under_the_pointer(browser, page):
    browser.open(page)
    assert browser.run("document.querySelectorAll('.plot path[d]').length") > 4
    box = browser.run("""(() => { const plot = document.querySelector(".plot"); plot.scrollIntoView();
        const {x, y, width, height} = plot.getBoundingClientRect(); return [x, y, width, height]; })()""")
    place = {"x": box[0] + box[2] * 24 / 48, "y": box[1] + 50}
    browser.call("Input.dispatchMouseEvent", type="mouseMoved", **place)
    assert browser.run("document.querySelector('.values').value") == "step 25. loss: 0.04 (step 25)"
    browser.run("document.querySelector('.plot').focus()")
    browser.press("ArrowRight")
    assert browser.run("document.querySelector('.values').value") == "step 26. loss: 0.03846 (step 26)"


def test_forty_melodies_open_at_once(browser, tmp_path):
    """Of thirty bars each; what is counted is the browser's own work, whatever else the machine does."""
    page = Page("Many", "")
    page.put("Melodies", *(melody.html() for melody in melodies(40, 360)))
    path = tmp_path / "many.html"
    path.write_bytes(page.content())
    browser.open(path)
    browser.call("Performance.enable", timeDomain="threadTicks")
    browser.open(path)
    metrics = {one["name"]: one["value"] for one in browser.call("Performance.getMetrics")["metrics"]}
    assert metrics["TaskDuration"] < 2
    assert browser.run("players.length") == 40
    assert browser.run("players[39].bars.length") == 31
    assert browser.errors == []


def test_it_can_be_printed(browser, page):
    browser.open(page)
    content = browser.call("Page.printToPDF", printBackground=True)["data"]
    assert content.startswith("JVBERi")  # %PDF
    browser.call("Emulation.setEmulatedMedia", media="print")
    shown = browser.run(
        "[...document.querySelectorAll('.controls, .roll')].map((one) => getComputedStyle(one).display)"
    )
    assert shown == ["none", "block"] * 2


def test_without_scripts(browser, tmp_path):
    """What was composed can be read all the same."""
    page = Page("No script", "")
    page.put("Melodies", Melody("One", "one", "60 _ 62 _".split(), 1 / 16).html(), prose("The end."))
    path = tmp_path / "page.html"
    path.write_bytes(page.content())
    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        browser.call("Page.navigate", url=path.as_uri())
        browser.loaded = False
        while not browser.loaded:
            browser._next()
        text = browser.run("document.body.innerText")
    finally:
        browser.call("Emulation.setScriptExecutionDisabled", value=False)
    assert "60 _ 62 _" in text
    assert "JavaScript" in text
