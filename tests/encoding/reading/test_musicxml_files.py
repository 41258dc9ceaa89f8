"""MusicXML files: rests of a bar, cue notes, ties, transposing parts, damage."""

import io
import re
import zipfile

import pytest

from encoding import GridEncoder, SongRejected, load_corpus
from encoding.key import key_of
from encoding.reading import musicxml
from encoding.reading.meter import Meter, meter_of
from encoding.writing.names import note_names

BB_CLARINET = "<transpose><diatonic>-1</diatonic><chromatic>-2</chromatic></transpose>"
OCTAVE_LOWER = "<transpose><diatonic>0</diatonic><chromatic>0</chromatic><octave-change>-1</octave-change></transpose>"
TENOR_CLEF = "<clef><sign>G</sign><line>2</line><clef-octave-change>-1</clef-octave-change></clef>"


def document(*bars: str, time: str = "3/4", fifths: int = 0, more: str = "") -> str:
    """A score of one part; a quarter is 4 divisions."""
    beats, beat_type = time.split("/")
    attributes = (
        f"<attributes><divisions>4</divisions><key><fifths>{fifths}</fifths><mode>major</mode></key>"
        f"<time><beats>{beats}</beats><beat-type>{beat_type}</beat-type></time>{more}</attributes>"
    )
    measures = [f'<measure number="{n}">{attributes * (n == 1)}{bar}</measure>' for n, bar in enumerate(bars, start=1)]
    parts = '<part-list><score-part id="P1"><part-name/></score-part></part-list>'
    return f'<score-partwise>{parts}<part id="P1">{"".join(measures)}</part></score-partwise>'


def note(name: str, duration: int, before: str = "", behind: str = "") -> str:
    """A note such as F#4."""
    step, sharp, octave = re.fullmatch(r"([A-G])(#?)(\d)", name).groups()
    pitch = f"<pitch><step>{step}</step><alter>{len(sharp)}</alter><octave>{octave}</octave></pitch>"
    return f"<note>{before}{pitch}<duration>{duration}</duration>{behind}</note>"


def rest(duration: int, behind: str = "", measure: str = ' measure="yes"') -> str:
    return f"<note><rest{measure}/><duration>{duration}</duration>{behind}</note>"


def tied(*types: str) -> str:
    return "<notations>" + "".join(f'<tied type="{type}"/>' for type in types) + "</notations>"


def score(content: str):
    return musicxml.score_of(content.encode())


def read(content: str) -> str:
    return note_names(GridEncoder().encode_song(score(content)))


def refusal(content: str | bytes) -> str:
    with pytest.raises(SongRejected) as rejection:
        musicxml.score_of(content if isinstance(content, bytes) else content.encode())
    assert not re.search(r"0x|Error|Exception|<|object", str(rejection.value))
    return str(rejection.value)


BAR = note("C4", 4) + note("D4", 4) + note("E4", 4)
IN_STEPS = "C4:4 D4:4 E4:4"


@pytest.mark.parametrize("behind", ["", "<voice>1</voice>", "<voice>1</voice><type>whole</type>", "<staff>1</staff>"])
def test_a_rest_of_a_bar_lasts_as_long_as_its_duration(behind):
    for duration in (4, 6, 8, 12, 16):
        assert read(document(BAR, rest(duration, behind), BAR)) == f"{IN_STEPS} r:{duration} {IN_STEPS}"
    upbeat = document(rest(4, behind), BAR, BAR)
    assert read(upbeat) == f"r:4 {IN_STEPS} {IN_STEPS}"
    assert meter_of(score(upbeat), GridEncoder().quarters_per_step) == Meter(4, 12, 4)
    assert read(document(rest(12, behind), rest(12, behind), BAR)) == f"r:12 r:12 {IN_STEPS}"


def test_cue_notes_are_no_melody():
    cue = note("E5", 4, "<cue/>", "<voice>2</voice>")
    behind_a_rest = rest(12, "<voice>1</voice>", "") + "<backup><duration>12</duration></backup>" + cue * 3
    assert read(document(BAR, behind_a_rest, BAR)) == f"{IN_STEPS} r:12 {IN_STEPS}"
    assert read(document(note("E5", 4, "<cue/>") + note("C4", 8), BAR)) == f"r:4 C4:8 {IN_STEPS}"
    chord = note("E5", 4, "<cue/>") + note("G5", 4, "<cue/><chord/>")
    assert read(document(chord + note("C4", 8), BAR)) == f"r:4 C4:8 {IN_STEPS}"
    grace = "<note><grace/><cue/><pitch><step>E</step><octave>5</octave></pitch></note>"
    assert read(document(grace + BAR, BAR)) == f"{IN_STEPS} {IN_STEPS}"


def test_silence_keeps_its_time():
    """At the end of a bar, alone in it, or written as another value than it lasts."""
    forward = "<forward><duration>{}</duration></forward>".format
    cue = "<note><cue/><pitch><step>E</step><octave>5</octave></pitch><duration>{}</duration></note>".format
    for silence in (forward, cue, lambda length: rest(length, "<type>whole</type>", ""), rest):
        assert read(document(note("C4", 4) + silence(12), note("D4", 16), time="4/4")) == "C4:4 r:12 D4:16"
        assert read(document(note("C4", 16), silence(8), note("D4", 16), time="4/4")) == "C4:16 r:8 D4:16"
        assert read(document(silence(4), note("D4", 16), time="4/4")) == "r:4 D4:16"
    assert read(document(BAR, note("C4", 4) + forward(8))) == f"{IN_STEPS} C4:4"  # nothing follows
    back = "<backup><duration>4</duration></backup>" + forward(4)
    assert read(document(note("C4", 16) + back, note("D4", 16), time="4/4")) == "C4:16 D4:16"
    assert read(document(forward(4) + note("C4", 8), BAR)) == f"r:4 C4:8 {IN_STEPS}"


def test_a_piano_part_whose_notes_name_no_staff():
    assert read(document(BAR, BAR, more="<staves>2</staves>")) == f"{IN_STEPS} {IN_STEPS}"
    both = document(BAR, BAR.replace("<duration>", "<staff>2</staff><duration>"), more="<staves>2</staves>")
    with pytest.raises(SongRejected, match="several parts have notes"):
        read(both)
    second = "<backup><duration>12</duration></backup>" + rest(12, "<staff>2</staff>")
    assert read(document(BAR + second, BAR, more="<staves>2</staves>")) == f"{IN_STEPS} {IN_STEPS}"


def test_a_namespace():
    spaced = document(BAR, BAR).replace("<score-partwise>", '<score-partwise xmlns="http://www.musicxml.org/ns">')
    assert read(spaced) == f"{IN_STEPS} {IN_STEPS}"


def test_a_curve_alone_is_a_tie():
    assert read(document(note("C4", 12, "", tied("start")), note("C4", 12, "", tied("stop")))) == "C4:24"
    both = note("C4", 12, "", tied("stop", "start"))
    through = document(note("C4", 12, "", tied("start")), both, note("C4", 4, "", tied("stop")) + note("C4", 8))
    assert read(through) == read(through.replace(tied("stop", "start"), tied("continue"))) == "C4:28 C4:8"
    assert read(document(note("C4", 12, "", tied("start")), note("D4", 12, "", tied("stop")))) == "C4:12 D4:12"
    assert read(document(note("C4", 12, "", tied("let-ring")), note("C4", 12))) == "C4:12 C4:12"
    sounding = note("C4", 12, "", '<tie type="start"/>' + tied("start")), note("C4", 12, "", '<tie type="stop"/>')
    assert read(document(*sounding)) == "C4:24"


def test_a_transposing_part_sounds_where_it_sounds():
    bar = note("D5", 4) + note("F#5", 4, "", "<accidental>sharp</accidental>") + note("B4", 4)
    clarinet = score(document(bar, fifths=2, more=BB_CLARINET))
    assert note_names(GridEncoder().encode_song(clarinet)) == "C5:4 E5:4 A4:4"
    assert key_of(clarinet).tonic == "C"
    horn = "<transpose><chromatic>-7</chromatic></transpose>"
    assert [key_of(score(document(bar, fifths=n, more=horn))).tonic for n in (-1, 0, 1, 2)] == ["Bb", "F", "C", "G"]
    assert read(document(BAR, more=OCTAVE_LOWER)) == "C3:4 D3:4 E3:4"
    ninth = "<transpose><diatonic>1</diatonic><chromatic>2</chromatic><octave-change>1</octave-change></transpose>"
    assert read(document(note("B4", 12), more=ninth)) == "C#6:12"


def test_another_instrument_from_a_bar_on():
    change = f"<attributes>{BB_CLARINET}</attributes>"
    back = "<attributes><transpose><chromatic>0</chromatic></transpose></attributes>"
    assert read(document(BAR, change + BAR, back + BAR)) == f"{IN_STEPS} Bb3:4 C4:4 D4:4 {IN_STEPS}"


def test_octave_clefs():
    assert read(document(BAR, more=TENOR_CLEF)) == IN_STEPS
    assert read(document(BAR, more=TENOR_CLEF + OCTAVE_LOWER)) == IN_STEPS  # the same octave, said twice


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("<score-timewise/>", "score-timewise"),
        ("<html/>", "no MusicXML"),
        ("<score-partwise><part>", "line 1, column 23"),
        ("", "no XML"),
        (b"PK\x03\x04 and so on", "cannot be unpacked"),
        (b'<?xml version="1.0" encoding="nonsense"?><score-partwise/>', "encoding"),
        (document(BAR, BAR.replace("<step>D", "<step>H")), "the letter of a note is 'H', in bar 2"),
        (document(BAR, BAR, BAR.replace("<duration>4", "<duration>long")), "a length is 'long', in bar 3"),
        (document(BAR, BAR, BAR.replace("<duration>4", "<duration>-4")), "a length is '-4', in bar 3"),
        (document(BAR, BAR.replace("<octave>4</octave>", "")), "a note has no letter or no octave, in bar 2"),
        (document(BAR, BAR.replace("<step>D</step>", "")), "a note has no letter or no octave, in bar 2"),
        (document(BAR, BAR.replace("<octave>4", "<octave>")), "the octave of a note is '', in bar 2"),
        (document(BAR, BAR.replace("<alter>0", "<alter>flat")), "the accidental of a note is 'flat', in bar 2"),
        (document(BAR, BAR.replace("<duration>4</duration>", "")), "a note or rest has no length, in bar 2"),
        (document(BAR, "<note><rest/></note>" + BAR), "a note or rest has no length, in bar 2"),
        (document(BAR, "<note><duration>4</duration></note>" + BAR), "a note has no pitch, or several, in bar 2"),
        (document(BAR, BAR.replace("<note>", "<note><rest/>")), "a note has no pitch, or several, in bar 2"),
        (document(BAR, note("C4", 4) + "<forward/>" + note("D4", 8)), "a note or rest has no length, in bar 2"),
        (document(BAR, BAR + "<nte/>"), "something unknown, 'nte', in bar 2"),
        (document(BAR).replace('<part id="P1"', '<part id="P9"'), "the part 'P9' is not in its list of parts"),
        (document(BAR, fifths="two"), "the number of sharps or flats of a key is 'two', in bar 1"),
        (document(BAR).replace("<divisions>4", "<divisions>0"), "the unit of lengths (divisions) is '0', in bar 1"),
        (document(BAR, more="<transpose><chromatic>up</chromatic></transpose>"), "a transposition is 'up', in bar 1"),
        (document(BAR).replace("<beats>3", "<beats>x"), "it holds no music that can be read"),
    ],
)
def test_reasons_are_in_words(content, reason):
    assert reason in refusal(content)


def test_where_it_is_no_melody(tmp_path):
    chord = note("C4", 4) + note("E4", 4, "<chord/>") + note("D4", 8)
    (tmp_path / "chord.musicxml").write_text(document(BAR, BAR, chord))
    (tmp_path / "short.xml").write_text(document(BAR, note("C4", 4) + note("D4", 3) + note("E4", "1.5")))
    rejected = load_corpus(tmp_path, progress=lambda done, total: None).rejected
    assert re.search("a chord 6 quarters into the song, in bar 3", rejected["chord.musicxml"])
    assert re.search("ends beside the grid of 1/16, 5 1/8 quarters into the song, in bar 2", rejected["short.xml"])


def test_archives_and_encodings():
    content = document(BAR)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("META-INF/container.xml", "<container/>")
        archive.writestr("song.xml", content)
    utf16 = f'<?xml version="1.0" encoding="UTF-16"?>{content}'.encode("utf-16")
    for given in (file.getvalue(), utf16, b"\xef\xbb\xbf" + content.encode()):
        assert note_names(GridEncoder().encode_song(musicxml.score_of(given))) == IN_STEPS
    empty = io.BytesIO()
    with zipfile.ZipFile(empty, "w") as archive:
        archive.writestr("readme.txt", "no score")
    assert "no score" in refusal(empty.getvalue())
