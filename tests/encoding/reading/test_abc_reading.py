"""ABC is read as the standard says: each line of it with the notes that it must give, or the reason why not."""

import numpy as np
import pytest
from random_abc import damage, random_tune

from encoding import GridEncoder, SongRejected, load_corpus
from encoding.reading.abc import decode, score_of, split_tunes
from encoding.reading.abc_reader import MeterSign, Sound, read_tune
from encoding.writing.names import note_names


def notes(music: str, key: str = "G", meter: str = "4/4", length: str = "1/8", more: str = "") -> str:
    """The notes of a tune, each with its length in steps: 'G4:4 A4:2'."""
    fields = [f"M:{meter}"] * (meter != "") + [f"L:{length}"] * (length != "") + [*more.split("\n")] * (more != "")
    tune = "\n".join(["X:1", "T:A bad egg", *fields, f"K:{key}", music, ""])
    return note_names(GridEncoder().encode_song(score_of(split_tunes(tune)[0])))


def reason(music: str, **more) -> str:
    with pytest.raises(SongRejected) as rejected:
        notes(music, **more)
    return str(rejected.value)


# -- lines that were misread -----------------------------------------------------------------------


def test_a_lone_exclamation_mark_is_a_line_break():
    two_bars = "G4:4 A4:2 B4:2 C5:4 D5:2 B4:2 A4:2 G4:2 F#4:2 E4:2 G4:8"
    whole = f"{two_bars} C5:4 D5:4 E5:4 F#5:4 G5:16"
    assert notes("G2AB c2dB|!AGFE G4|!c2d2 e2f2|g8|]") == whole
    assert notes("G2AB c2dB|AGFE G4|!\nc2d2 e2f2|!g8|]") == whole
    assert notes("!trill!G2AB !f!c2dB|AGFE !D.C.!G4!fine!|c2d2 !<(!e2f2|g8!>)!|]") == whole
    spans = """G2AB!c2dB!AGFE| AB!{g}cd!ef| !~cd! !Tcd!A A2B2!.c!d2 B!yc!d !8va(!A!8va)!B AB!"G"c!d A!x!B"""
    for music in spans.split():
        assert "between two line breaks" in reason(music)
    assert notes("A!cd|!ef|") == "A4:2 C5:2 D5:2 E5:2 F#5:2"
    for name in ("trill", "D.S.alcoda", "<(", ">)", ">", "5", "+", "sfz", "Segno", "^", "///", "invertedturnx", "f"):
        assert notes(f"A!{name}!B") == "A4:2 B4:2"


def test_a_note_before_a_repeat_at_the_beginning_of_a_line():
    expected = "G4:4 A4:2 B4:2 C5:4 D5:2 B4:2 A4:2 G4:2 F#4:2 E4:2 G4:6 A4:2 B4:4 C5:2 D5:2 E5:4 F#5:2 D5:2 G4:16"
    assert notes("|:G2AB c2dB|AGFE G3A::B2cd e2fd|G8:|") == expected
    assert notes("|:G2AB c2dB|AGFE G3\nA::B2cd e2fd|G8:|") == expected
    assert notes('|:G2AB c2dB|AGFE G3\n"G"A:|\n|:B2cd e2fd|G8:|') == expected
    assert notes("|:G2AB c2dB|AGFE G3\n  A:|\n: B2cd e2fd|G8:|") == expected
    for note, name in (("A", "A4"), ("d", "D5"), ("z", "r"), ("x", "r")):
        assert notes(f"G7\n{note}:|") == f"G4:14 {name}:2"


@pytest.mark.parametrize(
    "music",
    ["A>(B c2)", "(A)>B c2", "(A>)B c2", 'A>"G"B c2', "A>{cd}B c2", "A>!trill!B c2", "A > B c2", "A>\nB c2",
     "A>[r:x]B c2"],
)  # fmt: skip
def test_broken_rhythm_reaches_over_what_stands_between(music):
    assert notes(music + " G4|c8|]", key="C") == "A4:3 B4:1 C5:4 G4:8 C5:16"


def test_broken_rhythm():
    assert notes("(A2>)B2 A<(B c2)") == "A4:6 B4:2 A4:1 B4:3 C5:4"
    assert notes("A2>>B2 A2<<B2 A4>>>B4") == "A4:7 B4:1 A4:1 B4:7 A4:15 B4:1"
    assert notes("A>z z<A A>-A") == "A4:3 r:1 r:1 A4:3 A4:4"
    assert notes("A->A") == "A4:4"
    for music in ("(3A3B3c3>d3", "A3>(3B3c3d3", "(3A3B3c3<(3d3e3f3"):
        assert "tuplet" in reason(music)
    for music in ("A>B>c>d d4", "A<B>c", "A2>B", "A>B2", "A>>>>B", ">A", "A>", "A><B"):
        assert "bar 1" in reason(music)


def test_two_ways_to_write_chords_and_decorations():
    assert "monophonic" in reason("G2AB +ge+4|G8|]")
    assert "monophonic" in reason("+GBd+4")
    assert "monophonic" in reason('G2 [GB]2 ["G"GB]')
    for chord in ("G2 +B2d2-+B2|", "+B2>d2+", "+(ce)+", '+"G"Bd+', "+~Bd+", "A +GB d+", "[C2z2]"):
        assert "monophonic" in reason(chord)
    for music in ("[A]2", "[A2]", '["Bb"A]', "[]", "+A+", "+foo+"):
        assert "fewer than two notes" in reason(music)
    assert notes("+fermata+G2 +f+A2 +ff+B2") == "G4:4 A4:4 B4:4"


def test_text_is_no_music():
    for block in ("text", "ps", "svg"):
        assert notes(f"AB\n%%begin{block}\na bad egg\n\nA2 | B2\n%%end{block}\nAB") == "A4:2 B4:2 A4:2 B4:2"
    assert notes("AB % a bad egg\nw:a bad egg | A\nN:A|B\n% A B\n%%text A B\nAB") == "A4:2 B4:2 A4:2 B4:2"
    assert "'begintext' is not understood, or lacks its end" in reason("AB\n%%begintext\na bad egg\n")
    with_fields = "AB\n%%begintext\nX:2\nT:b\nK:C\nc|\n%%endtext\nc"
    for tune in ("X:1\nL:1/16\nK:C\n", "T:a\nL:1/16\nK:C\n"):
        (text,) = split_tunes(tune + with_fields)
        assert GridEncoder().encode_song(score_of(text)) == ["69", "71", "72"]
    for field in ("w:bad egg", "T:x"):
        assert "is continued" in reason(f"AB|\n{field}\\\nbad egg|")
    for words in ("Fine", "D.C.", "D.C. al Coda", "the end", "Dance", "back", "repeat B", "Verse:", "AB;", "A B @ C"):
        assert "is not understood" in reason(f"AB|{words}")
    for words in ("la la la", "Na Na Na na|", "Ha Ha Ha|", "he|", "A B he|", "Na, na"):
        assert "may be words" in reason(words) or "is not understood" in reason(words)
    assert notes("Ha|") == "A5:2"
    assert notes("TA Ha2 Tb2|") == "A4:2 A5:4 B5:4"


def test_tunes_without_numbers():
    alone = "T:a\nM:4/4\nL:1/4\nK:C\nC D|"
    assert [note_names(GridEncoder().encode_song(score_of(tune))) for tune in split_tunes(alone)] == ["C4:4 D4:4"]
    (two,) = split_tunes(f"{alone}\n\nT:b\nL:1/16\nK:G\nF|")  # only X: begins another
    with pytest.raises(SongRejected, match="may be music, and stands behind an empty line"):
        score_of(two)
    numbered = "X:1\nT:a\nK:C\nC D|\nT:second part\nK:G\nF|"  # T: may stand within
    assert len(split_tunes(numbered)) == 1
    assert note_names(GridEncoder().encode_song(score_of(numbered))) == "C4:2 D4:2 F#4:2"
    first, second, third = split_tunes("T:a\nL:1/16\nK:C\nC|\n\nX:2\nK:C\nD|\nX:3\nK:C\nE|")
    songs = [note_names(GridEncoder().encode_song(score_of(tune))) for tune in (first, second, third)]
    assert songs == ["C4:1", "D4:2", "E4:2"]


# -- what was refused and can be read --------------------------------------------------------------


def test_the_length_of_a_note_that_is_not_given():
    assert notes("A", meter="", length="") == notes("A", meter="none", length="") == "A4:2"
    assert notes("A", meter="3/4", length="") == notes("A", meter="C|", length="") == "A4:2"
    assert notes("A", meter="2/4", length="") == notes("A", meter="(2+3)/8", length="") == "A4:1"
    assert notes("A [L:1/4] A") == "A4:2 A4:4"
    assert notes("A2 A/ A3/2 A// ", length="1/4") == "A4:8 A4:2 A4:6 A4:1"
    assert "L:" in reason("A [M:2/4] A", length="")
    assert notes("A [M:2/4] A") == "A4:2 A4:2"


@pytest.mark.parametrize(
    "bars",
    ["|1 {} :|2 {} |]", "[1 {} :|[2 {} ||", '["1." {} :| ["2." {} |]', "[3 {} | [4 {} |",
     "|[1,3 {} :|[2-4 {} |", "| 1. {} :| 2. {} |",
     "|: {} :||: {} :|", "[| {} :: {} :|]", ".| {} |:: {} [|]", "|||: {} :|:{} :|[|]|]"],
)  # fmt: skip
def test_endings_and_bar_lines(bars):
    assert notes(bars.format("^A2", "A2"), key="C") == "Bb4:4 A4:4"


@pytest.mark.parametrize(
    ("key", "expected", "tonic"),
    [
        ("", "C F A B", None), ("none", "C F A B", None), ("HP", "C# F# A B", None), ("Hp", "C# F# A B", None),
        ("G", "C F# A B", "G major"), ("Gmaj", "C F# A B", "G major"), ("Em", "C F# A B", "E minor"),
        ("D Mixolydian", "C F# A B", "D major"), ("Ddor", "C F A B", "D minor"), ("F# loc", "C F# A B", "F# minor"),
        ("G LYDIAN", "C# F# A B", "G major"), ("Aphr", "C F A Bb", "A minor"), ("Bbion", "C F A Bb", "Bb major"),
        ("Cb", "Cb Fb Ab Bb", "Cb major"), ("C#", "C# F# A# B#", "C# major"), ("A Aeolian", "C F A B", "A minor"),
        ("D exp _b", "C F A Bb", "D minor"), ("D =c", "C F# A B", "D major"),
        ("D =c ^g clef=treble", "C F# A B", "D major"),
        ("Dm^c", "C# F A Bb", "D minor"), ("DPhr ^f", "C F# A Bb", "D major"), ("C ^F^A", "C F# A# B", "C major"),
        ("G clef=bass middle=d", "C F# A B", "G major"), ("G bass stafflines=3", "C F# A B", "G major"),
        ("clef=alto", "C F A B", None), ("G % Em", "C F# A B", "G major"),
    ],
)  # fmt: skip
def test_keys(key, expected, tonic):
    sharps = {"C": 60, "F": 65, "A": 69, "B": 71}
    numbers = [sharps[name[0]] + name.count("#") - name[1:].count("b") for name in expected.split()]
    tune = f"L:1/16\nK:{key}\nCFAB"
    assert GridEncoder().encode_song(score_of(tune)) == list(map(str, numbers))
    written = [str(event) for event in read_tune(tune) if hasattr(event, "tonic")]
    assert written == ([] if tonic is None else [tonic])


@pytest.mark.parametrize(
    "key", ["H", "Es", "g", "GM", "C m=B", "G foo=1", "G ^", "^f", "Hp ^f", "G major minor", "E#x"]
)
def test_keys_that_are_not_understood(key):
    assert f"the key {key!r} is not understood" in reason("AB", key=key)


def test_fields_that_are_not_known():
    for field in ("i:x", "Y:x", "[k:x]"):
        assert "is not read" in reason(f"A\n{field}\n")


def test_what_moves_the_notes_is_refused():
    for key in ("C octave=-1", "C treble-8", "C clef=bass-8", "C octave=-2 treble+8", "C transpose=-2"):
        assert f"the key {key!r} is not understood" in reason("C2", key=key)
    assert "is not understood" in reason("C2 [K:octave=1] C2", key="C")
    drawn = 'V:1 name="A treble-8 B" clef="treble" snm=x stem=up midi program 1 74'
    assert notes("C2", key="C", more=drawn) == "C4:4"
    for voice in (
        "1 t=-12",
        "1 treble-8",
        '1 clef="treble-8"',
        "1 transpose=-2",
        '1 name="a',
        "1 octave=1",
        "* treble",
    ):
        assert f"the voice {voice!r} is not understood" in reason("C2", more=f"V:{voice}")


def test_ornaments_of_one_letter():
    plain = notes("A B c2")
    for music in ("TA HB ~.c2", "JA RB kuc2", "uAvB .(c2)", "A B Sc2 H|", "A B c2 H |]", "kA kvB ukc2"):
        assert notes(music) == plain
    for music in ("IA NB Q(c2)", "A oB", "AoB", "WA"):
        assert "is not understood" in reason(music)
    assert "the field U: is not read" in reason("A B", more="U:W=!wedge!")


def test_rests_and_spacers():
    assert notes("A2 x2 y z/x/ y3 A") == "A4:4 r:4 r:1 r:1 A4:2"
    assert notes("A8|Z2|A8", meter="3/4") == "A4:16 r:24 A4:16"
    assert notes("X|A", meter="C|") == "r:16 A4:2"
    assert "no meter" in reason("Z2", meter="none")


def test_the_end_of_a_line_and_other_signs_without_notes():
    assert notes("A\\\nB $c`d** % x\n[P:A][Q:1/4=90] (e) |$\n") == "A4:2 B4:2 C5:2 D5:2 E5:2"


def test_encodings(tmp_path):
    names = ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "utf-8", "latin-1"]
    for name in names:
        (tmp_path / f"{name}.abc").write_bytes("X:1\nT:Schön\nL:1/16\nK:C\nCDE\n".encode(name))
        assert "Schön" in decode((tmp_path / f"{name}.abc").read_bytes())
    (tmp_path / "dos.abc").write_bytes(b"X:1\r\nL:1/16\r\nK:C\r\nCDE\r\n\x1a")
    (tmp_path / "dos2.abc").write_bytes(b"X:1\r\nL:1/16\r\nK:C\r\nCDE\x1a\r\n")
    assert load_corpus(tmp_path).songs == [["60", "62", "64"]] * (len(names) + 2)


def test_blanks_and_empty_lines_before_a_tune(tmp_path):
    (tmp_path / "a.abc").write_text("\n \n\n  X:1\n  L:1/16\n K:C\n CDE\n\n\n\tX:2\n\nL:1/16\n\nK:C\n\tE\n")
    assert load_corpus(tmp_path / "a.abc").songs == [["60", "62", "64"], ["64"]]


# -- as the standard says --------------------------------------------------------------------------


def test_accidentals():
    assert notes("^c c C|c", key="C") == "C#5:2 C#5:2 C#4:2 C5:2"  # of a letter, in every octave
    assert notes("^F- F F- | F F", key="C") == "F#4:4 F#4:4 F4:2"
    assert notes("^F- | f F", key="C") == "F#4:2 F5:2 F4:2"
    assert notes("__B =B ^^F _B [K:F] B") == "A4:2 B4:2 G4:2 Bb4:2 Bb4:2"
    for line in ("||", ":|", "::", "|1", "[|]"):
        assert notes(f"^F {line} F", key="C") == "F#4:2 F4:2"
    assert "grace" in reason("{^f}g f", key="C")
    assert notes("{^f}g =f f {^f}g | f", key="C") == "G5:2 F5:2 F5:2 G5:2 F5:2"
    for directive in ("%%propagate-accidentals octave", "I:propagate-accidentals not"):
        assert "propagate-accidentals" in reason("A", more=directive)
    assert notes("A", more="%%propagate-accidentals  pitch") == "A4:2"


def test_ties():
    assert notes("A2-A2 A-|\nA A -A (A-)A") == "A4:8 A4:4 A4:4 A4:4"
    assert notes("A2- B2 A- z A- :|2 A") == "A4:4 B4:4 A4:2 r:2 A4:4"
    assert "tie" in reason("A2|-A2")


@pytest.mark.parametrize(
    ("music", "meter", "expected"),
    [
        ("(3A3B3c3 d", "4/4", "A4:4 B4:4 C5:4 D5:2"), ("(2A2B2 c", "6/8", "A4:6 B4:6 C5:2"),
        ("(4A2B2c2d2 e", "3/8", "A4:3 B4:3 C5:3 D5:3 E5:2"),
        ("(6A3B3c3A3B3c3 d", "2/4", "A4:2 B4:2 C5:2 A4:2 B4:2 C5:2 D5:2"),
        ("(3:2:2A6B3 c", "4/4", "A4:8 B4:4 C5:2"), ("(3::4A3B3c3d3 e", "4/4", "A4:4 B4:4 C5:4 D5:4 E5:2"),
        ("(3:4A3/B3/c3/ d", "4/4", "A4:4 B4:4 C5:4 D5:2"), ("(3::A3z3{g}c3 d", "4/4", "A4:4 r:4 C5:4 D5:2"),
        ("(5:5A2B2c2d2e2 f", "4/4", "A4:4 B4:4 C5:4 D5:4 E5:4 F#5:2"), ("(3A3>B3A3", "4/4", "A4:6 B4:2 A4:4"),
        ("(9A3A3A3A3A3A3A3A3A3", "9/8", "A4:2 A4:2 A4:2 A4:2 A4:2 A4:2 A4:2 A4:2 A4:2"),
        ("(3 A3 (B3|c3) d", "4/4", "A4:4 B4:4 C5:4 D5:2"),
    ],
)  # fmt: skip
def test_tuplets(music, meter, expected):
    assert notes(music, meter=meter) == expected


@pytest.mark.parametrize("music", ["(3AB", "(3A(3ABCD", "(1AB", "(3:0:3ABC", "(32ABC", "(5:ABCDE"])
def test_tuplets_that_are_not_understood(music):
    assert reason(music, meter="3/4")


def test_pitches():
    assert notes("C,, C, C c c' c'' c', C',") == "C2:2 C3:2 C4:2 C5:2 C6:2 C7:2 C5:2 C4:2"
    assert notes("C,,,,, B,,,,,", key="C") == "C-1:2 B-1:2"
    assert "outside C-1 to G9" in reason("C,,,,,,")
    assert "between two semitones" in reason("^/C")
    assert "between two semitones" in reason("_3/2C")


def test_voices():
    two = "V:1\nV:2 bass"
    assert notes("V:1\nC2", key="C", more=two) == "C4:4"
    assert notes("[V:2] C2\nV:2\nD2", key="C", more=two) == "C4:4 D4:4"
    for music in ("C2", "V:1\nC2\nV:2\nD2", "C2\nV:1\nD2"):
        assert "several voices" in reason(music, more=two)


def test_what_is_not_closed_swallows_no_notes():
    for music in ("AB{c BA|GABc {d}e4|", "AB{c BA {d}e4|", "AB{c|d}e", "[K:G AB|cd [M:3/4]e", "[P:A G2AB|c2dB|]"):
        assert reason(music)
    assert notes("{/c'2^d,}A {Tc.d}B [M:C|]") == "A4:2 B4:2"


def test_fields_that_may_be_music_or_change_it():
    for field in ("E:cde|", "A: B c|", "D:A B c", "H: so | so"):
        assert "may be music" in reason(f"A|\n{field}\nB|")
    assert "continues another" in reason("+: octave=-1\nA")
    assert notes("w: la\n+: la\nA") == "A4:2"
    for directive in ("I:propagate-accidentals=not", "I:transpose -2", "%%shift CD"):
        assert "is not understood" in reason("A", more=directive)


# -- reasons ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("music", "words"),
    [
        ("AB|A #B|", ["'#B|'", "bar 2"]), ('AB|"G A|B', ["'\"G A|B'", "bar 2"]), ("AB|A{cB|", ["'{cB|'", "bar 2"]),
        ("AB|AB|A0|", ["no length", "bar 3"]), ("A|C99999|", ["C99999", "bar 2"]), ("A|B : c|", ["': c|'", "bar 2"]),
        ("A|B & c|", ["monophonic", "bar 2"]), ("V:1\nA|\nV:2\nB|", ["monophonic", "voices"]), ("A] B", ["'] B'"]),
        ("A|[M:4 2+2/4]", ["the meter '4 2+2/4'", "bar 2"]), ("A\nM:99/1\n", ["the meter '99/1'"]),
        ("A\nL:1/99999\n", ["the unit length '1/99999'"]), ("A\nL:0\n", ["the unit length '0'"]),
        ("A/0", ["'A/0'"]), ("A|>B", ["'>'"]),
        ("A|B\n\nc|d", ["'c|d'", "empty line", "bar 2"]),
        ("A\n\nc2 d", ["'c2 d'"]),
        ("A\n\ncdef g4 #", ["'cdef g4 #'", "empty line"]),
        ("A\nm: ~n2 = n/o/n\n", ["the field m:"]), ("=^A", ["'=^A'"]),
        ("A\n%%abc-include b.abc\n", ["abc-include"]), ("A\\B", ["'\\\\B'"]),
    ],
)  # fmt: skip
def test_reasons_say_what_and_where(music, words):
    found = reason(music)
    for word in words:
        assert word in found


def test_the_grid_and_the_reader_count_bars_alike(tmp_path):
    for number, wrong in enumerate(("d///d7", "#d7")):
        (tmp_path / f"{number}.abc").write_text(f"X:1\nM:4/4\nL:1/8\nK:C\n|:A8:|\n|:B8||Z2|c8|{wrong}|\n")
    assert ["bar 6" in why for why in load_corpus(tmp_path).rejected.values()] == [True, True]


def test_headers():
    for line in ("A2 B2|", "A2 B2"):
        assert "before K:" in reason("A", more=line)
    assert notes("A", more="H:A history\nthat goes on, a bad egg\nR:reel\n3/8=120") == "A4:2"
    assert "the meter '2/2]'" in reason("A", meter="2/2]")
    assert notes("A8|", meter="FREI4/4") == "A4:16"
    signs = [event for event in read_tune("M:4/4\nM:3/4\nL:1/8\nK:C\nM:2/4\nC|[M:3/8]") if isinstance(event, MeterSign)]
    assert signs == [MeterSign(2, 4)]  # the file's meter, the tune's, and what holds when the first note comes
    assert notes("A\n\nThis is a bad egg.\n\nand so on") == "A4:2"


def test_files_without_a_tune(tmp_path):
    for number, text in enumerate(["%%pagewidth 21cm\n%%scale 0.7\n", "", "Nothing but words.\n", "X:1\nT:a\nABc|\n"]):
        (tmp_path / f"{number}.abc").write_text(text)
    corpus = load_corpus(tmp_path)
    assert corpus.songs == []
    assert len(corpus.rejected) == 4
    assert all("it holds no tune" in why for why in corpus.rejected.values())


# -- at random -------------------------------------------------------------------------------------


@pytest.mark.parametrize("first", range(0, 200, 50))
def test_random_tunes(first):
    for seed in range(first, first + 50):
        tune = random_tune(np.random.default_rng(seed))
        (text,) = split_tunes(tune.text)
        tokens, key = GridEncoder(tune.time_step).encode_with_key(score_of(text))
        assert (tokens, tuple(key)) == (tune.tokens, (tune.tonic, tune.minor)), tune.text


def test_a_damaged_tune_loses_no_notes_without_a_word():
    """One character is missing, doubled or swapped with the next: what is still read is a note or two apart."""
    kept = 0
    for seed in range(1000):
        rng = np.random.default_rng([seed, 1])
        whole = random_tune(rng).text
        damaged = damage(whole, rng)
        try:
            found = [sum(isinstance(event, Sound) for event in read_tune(text)) for text in (whole, damaged)]
        except SongRejected:
            continue
        kept += 1
        assert abs(found[0] - found[1]) <= 2, damaged
    assert 200 < kept < 900
