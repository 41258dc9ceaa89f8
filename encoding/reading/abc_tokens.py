"""The words of ABC music: what may stand in a line of notes, and nothing else.

This is the melody subset of ABC 2.1, and what ABC 1.6 and common programs write. Each kind of word is a named
group of one regular expression; what fits none of them is `other`, for which a tune is left out.
"""

import re
from fractions import Fraction
from functools import cache

FIELD = re.compile(r"(?![a-gxyz]:|[A-GXZ]:[|:\]])([A-Za-z+]):(.*)")  # A:| and A:: at the beginning of a line are notes

LENGTH = r"\d{0,4}(?:/[1-9]\d{0,3}|/*)(?![\d/])"
NEXT = r"""[A-Ga-gxyz^_=(\[{"!+.~H-Zh-w]"""  # behind an ornament, no blank or the end of a word
NUMBERS = r"\d+(?:[,-]\d+)*[.,]?"  # of endings
# The decorations of ABC 2.1 and of common programs. Any other might be notes between two line breaks, or a chord.
NAMES = r"""(?:
    \^|>|/{1,4}|[0-5]|\+|plus|f{1,4}|p{1,4}|m[fp]|sfz?|(?:trill|cresc|crescendo|dim|diminuendo)[()]?|[<>~-][()]
  | (?:lower|upper|inverted)?mordent|pralltriller|roll|(?:inverted)?turnx?|slide|arpeggio|snap|wedge|(?:up|down)bow
  | breath|accent|emphasis|marcato|tenuto|staccato|(?:inverted)?fermata|open|thumb|(?:short|medium|long)phrase
  | editorial|courtesy|[Ss]egno|[Cc]oda|[Ff]ine|da(?:coda|capo)|D\.[CS]\.(?:al(?:coda|fine))?)"""
TOKEN = re.compile(
    rf"""
    (?P<note> (?P<accidental>\^\^?|__?|=)? (?P<letter>[A-Ga-g]) (?P<octave>[,']*) (?P<length>{LENGTH}) )
  | (?P<chord> \[(?!\s*\d|[A-Za-z]:)[^\[\]|]*\] | \+(?!{NAMES}\+)[^+|]*\+ )          # +ce+ in ABC 1.6
  | (?P<skip> [\s`$]+ | %.* | \\(?=\s*(?:%|$)) | \*+(?=\s*(?:%|$))      # blanks, comment, the end of a line
      | !{NAMES}! | \+{NAMES}\+                                           # +trill+ in ABC 2.0
      | "[^"]*" | \[\s*(?:{NUMBERS}|"[^"]*") | y{LENGTH}                # chord symbol, ending, spacer
      | \.?[()](?!\d) | \.(?={NEXT}) | [~HJKLMOPRSTkuv](?:(?=\S)|(?<![A-Za-z].)) )  # slur, ornaments that are known
  | (?P<bar> \.?(?:(?P<single>\|(?![|:\]]|\[\|))|\[?\||:[|:\]]|:\[\||^:)[|:\]]*(?:\[\|[|:\]]*)* \s*(?:{NUMBERS})? )
  | (?P<rest> [zx](?P<pause>{LENGTH}) )
  | (?P<bars> [ZX](?P<count>\d{{0,3}})(?!\d) )
  | (?P<tie> \.?- )
  | (?P<broken> >{{1,3}}(?!>) | <{{1,3}}(?!<) )
  | (?P<tuplet> \((?P<p>\d)(?!\d)(?::(?P<q>\d?)(?::(?P<r>\d?))?)? )
  | (?P<grace> \{{[/\^_=A-Ga-gx-zHTMPRuv,'\d()<>.~\s\[\]-]*\}} )
  | (?P<inline> \[(?P<field>[A-Za-z]):(?P<content>[^\[\]]*)\] )
  | (?P<decoration> ![^!|\s]*! )                                       # of unknown name
  | (?P<line_break> ! )                                                 # of older programs
  | (?P<ornament> [H-Wh-w] )
  | (?P<other> . )
    """,
    re.VERBOSE,
)
WORDS = re.compile(r"(?:[H-Wh-w][A-Ga-g]*[a-g](?:[\s.,;:!?|]+|$)){3,}")  # more likely than ornaments: Ha ha ha


@cache
def units(text: str) -> Fraction:
    """The length behind a note: 3, /2, 3/2; // is a quarter."""
    over, _, under = text.partition("/")
    return Fraction(int(over or 1), int(under) if under.strip("/") else 2 ** text.count("/"))


def may_be_music(line: str) -> bool:
    """Whether a line that stands where no music is read has a bar line in it, or notes and no other letters."""
    kinds = {match.lastgroup for match in TOKEN.finditer(line)}
    return "bar" in kinds or ("note" in kinds and "ornament" not in kinds)
