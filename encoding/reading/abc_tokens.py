"""The words of ABC music: what may stand in a line of notes, and nothing else.

This is the melody subset of ABC 2.1, and what ABC 1.6 and common programs write. Each kind of word is a named
group of one regular expression; what fits none of them is `other`, for which a tune is left out.
"""

import re

FIELD = re.compile(r"(?![a-gxyz]:|[A-GXZ]:[|:\]])([A-Za-z+]):(.*)")  # A:| and A:: at the beginning of a line are notes

LENGTH = r"\d{0,4}(?:/[1-9]\d{0,3}|/*)(?![\d/])"
NEXT = r"""[A-Ga-gxyz^_=(\[{"!+.~H-Zh-w]"""  # behind an ornament, no blank or the end of a word
NUMBERS = r"\d+(?:[,-]\d+)*[.,]?"  # of endings
TOKEN = re.compile(
    rf"""
    (?P<note> (?P<accidental>\^\^?|__?|=)? (?P<letter>[A-Ga-g]) (?P<octave>[,']*) (?P<length>{LENGTH}) )
  | (?P<chord> \[(?!\s*\d|[A-Za-z]:)[^\[\]|]*\] | \+(?!f+\+)[\^_=A-Ga-g,'\d/]+\+ )  # +ce+ in ABC 1.6
  | (?P<skip> [\s`$]+ | %.* | \\(?=\s*(?:%|$)) | \*+(?=\s*(?:%|$))      # blanks, comment, the end of a line
      | "[^"]*" | \[\s*(?:{NUMBERS}|"[^"]*") | y{LENGTH}                # chord symbol, ending, spacer
      | \.?[()](?!\d) | \.(?={NEXT}) | [~HJKLMOPRSTkuv](?:(?=\S)|(?<![A-Za-z].)) )  # slur, ornaments that are known
  | (?P<bar> \.?(?:(?P<single>\|(?![|:\]]|\[\|))|\[?\||:[|:\]]|:\[\||^:)[|:\]]*(?:\[\|[|:\]]*)* \s*(?:{NUMBERS})? )
  | (?P<rest> [zx](?P<pause>{LENGTH}) )
  | (?P<bars> [ZX](?P<count>\d{{0,3}})(?!\d) )
  | (?P<tie> \.?- )
  | (?P<broken> >{{1,3}}(?!>) | <{{1,3}}(?!<) )
  | (?P<tuplet> \((?P<p>\d)(?!\d)(?::(?P<q>\d?)(?::(?P<r>\d?))?)? )
  | (?P<grace> \{{[^}}]*\}} )
  | (?P<inline> \[(?P<field>[A-Za-z]):(?P<content>[^\]]*)\] )
  | (?P<decoration> ![^!|\[:\]\s]*! | \+[^+|\[:\]\s]+\+ )               # +trill+ in ABC 2.0
  | (?P<line_break> ! )                                                 # of older programs
  | (?P<ornament> [H-Wh-w] )
  | (?P<other> . )
    """,
    re.VERBOSE,
)
# Two line breaks with notes between them, not a decoration; those that are written with such signs are !f! and !<(!.
NOTES = re.compile(r"!(?!f+!)(?=.*[A-Ga-gz])[\^_=A-Ga-gz,'\d/<>()-]+!")


def in_no_word(ornament: re.Match) -> bool:
    """Whether a letter without a definition stands behind no note and directly before one."""
    before, after = ornament.string[: ornament.start()][-1:], ornament.string[ornament.end() :][:1]
    return not before.isalpha() and after != "" and after in "ABCDEFGabcdefgxz^_=(uv"


def may_be_music(line: str) -> bool:
    """Whether a line that stands where no music is read has a bar line in it, or nothing but notes."""
    kinds = {match.lastgroup for match in TOKEN.finditer(line)}
    return "bar" in kinds or ("note" in kinds and not kinds & {"other", "ornament"})
