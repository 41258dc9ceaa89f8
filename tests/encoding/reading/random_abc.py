"""Random ABC tunes whose right tokens are known, because the notes were there before the text.

Nothing here is taken from the reader: scales, accidentals and lengths are worked out from the other side.
"""

from fractions import Fraction
from typing import NamedTuple

import numpy as np

SEMITONES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
SIGNS = {-2: "__", -1: "_", 0: "=", 1: "^", 2: "^^"}
FIFTHS = "Fb Cb Gb Db Ab Eb Bb F C G D A E B F# C# G# D# A# E# B#".split()
# How a mode is written, where its tonic with no sharps or flats stands on the line of fifths, and whether it is minor.
MODES = [
    (("", "maj", " major", "ion", " Ionian"), "C", False), (("m", "min", " minor", "Aeo"), "A", True),
    (("mix", " Mixolydian", "MIX"), "G", False), (("dor", " Dorian", "Dor"), "D", True),
    (("lyd", " lydian"), "F", False), (("phr", " Phrygian"), "E", True), (("loc", " locrian"), "B", True),
]  # fmt: skip
METERS = {
    "4/4": 16, "C": 16, "C|": 16, "2/4": 8, "3/4": 12, "6/8": 12, "9/8": 18, "3/8": 6, "2/2": 16, "5/4": 20,
    "2+3/8": 10, "(2+2+3)/8": 14, "none": 0,
}  # fmt: skip
SHORT = {"2/4", "3/8", "2+3/8"}  # meters below 3/4: without L:, the unit is 1/16
COMPOUND = {"6/8", "9/8"}
BARS = ["|"] * 12 + ["||", "|]", "|:", ":|", "::", ":|:", ":||:", "[|", "|1", ":|2", "|[1 ", ":|[2 ", '| ["1." ', ".|"]
DECORATIONS = [
    "!trill!", "!f!", "!<(!", "!5!", "!D.C.!", "+fermata+", ".", "~", "T", "H", "u", "v", "J",
    '"Gm7"', '"^bad | egg"', '"A"',
]  # fmt: skip
BETWEEN = [""] * 8 + [" "] * 8 + ["  ", "`", " y ", " y2 ", "\\\n", "\n", " \n", "$\n", " % A2 | B2\n"]
LINES = ["", "", "", "w: la la | A2 B\n", "N: A2 | B2\n", "% bad egg\n", "%%text bad egg\n", "s: !f! * |\n"]
INLINE = ["[r:a bad, egg]", "[P:A]", "[N:A2 B2]", "[Q:1/4=90]"]
# What a player plays out, or not every other reader knows: repeats and endings, ornaments, old signs.
LOOSE = {*BARS[14:], "!trill!", "!5!", "!D.C.!", "+fermata+", ".", "~", "T", "H", "J", "`", "$\n", "[N:A2 B2]"}


class RandomTune(NamedTuple):
    """A tune, its tokens in C major or A minor on a grid of time_step, and the key in which it is written."""

    text: str
    tokens: list[str]
    tonic: str
    minor: bool
    time_step: float


def random_tune(rng: np.random.Generator, strict: bool = False) -> RandomTune:
    """One tune of a few bars; strict leaves out what other programs play in their own way, or do not know."""
    return _Writer(rng, strict).tune()


def damage(text: str, rng: np.random.Generator) -> str:
    """Drop, double or swap one character of the music; but for comments and lines, which may hide notes rightly."""
    start = text.index("\nK:") + 3
    places = [n for n in range(start, len(text) - 1) if not set(text[n : n + 2]) & set("%\n")]
    place = rng.choice(places)
    one, two = text[place : place + 2]
    return text[:place] + [two, one + one + two, two + one][rng.integers(3)] + text[place + 2 :]


class _Writer:
    def __init__(self, rng: np.random.Generator, strict: bool):
        self.rng, self.strict = rng, strict
        self.words: list[str] = []
        self.sounds: list[tuple[int | None, int]] = []  # MIDI number or None, steps
        self.tied = self.tie_next = False
        self.slurs = 0
        self.pitch = ("G", 4, 0)  # the note before

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def pick(self, choices):
        choices = [choice for choice in choices if not (self.strict and choice in LOOSE)]
        return choices[self.rng.integers(len(choices))]

    def tune(self) -> RandomTune:
        per_sixteenth = self.pick([1, 3])  # on a grid of 1/48, common triplets have a place, too
        self.s = per_sixteenth
        meter = self.pick(list(METERS))
        header = ["X:1", "T:A bad egg", f"M:{meter}"]
        self.meter, self.unit = meter, (1 if meter in SHORT else 2) * self.s
        if self.chance(0.7):
            header.append(self.length_field())
        key, tonic, minor = self.key()
        header.append(f"K:{key}{self.pick(['', ' ', ' clef=treble', ' bass', ' % A minor'])}")
        n_bars = int(self.rng.integers(3, 9))
        if self.chance(0.4):
            self.bar(2 * self.s)  # an upbeat
        for number in range(n_bars):
            self.bar(METERS[self.meter] * self.s or int(self.rng.integers(2, 20)) * self.s, last=number == n_bars - 1)
        text = "\n".join(header) + "\n" + "".join(self.words) + ")" * self.slurs + "|]\n"
        number = 60 + SEMITONES[tonic[0]] + tonic.count("#") - tonic.count("b")
        shift = (69 if minor else 60) - number
        tokens = []
        for pitch, steps in self.sounds:
            tokens += ["r" if pitch is None else str(pitch + shift), *["_"] * (steps - 1)]
        return RandomTune(text, tokens, tonic, minor, 1 / (16 * self.s))

    # -- fields --------------------------------------------------------------------------

    def key(self) -> tuple[str, str, bool]:
        """A key as text, its tonic, and whether it is minor; from here on, its signature holds."""
        names, home, minor = self.pick(MODES)
        signature = int(self.rng.integers(-7, 8))
        tonic = FIFTHS[FIFTHS.index(home) + signature]
        self.signature = dict.fromkeys("CDEFGAB", 0)
        for letter in "FCGDAEB"[: max(signature, 0)]:
            self.signature[letter] = 1
        for letter in "BEADGCF"[: max(-signature, 0)]:
            self.signature[letter] = -1
        own = ""
        if self.chance(0.15):
            letter = self.pick([letter for letter in "CDEFGAB" if letter not in _third(tonic)])
            self.signature[letter] = int(self.rng.integers(-1, 2))
            own = f" {SIGNS[self.signature[letter]]}{self.pick([letter, letter.lower()])}"
        return tonic + self.pick(names) + own, tonic, minor

    def length_field(self) -> str:
        denominator = self.pick([4, 8, 16])
        self.unit = 16 * self.s // denominator
        return f"L:1/{denominator}"

    def length(self, steps: int) -> str:
        """A length in one of the ways to write it."""
        share = Fraction(steps, self.unit)
        over, under = share.numerator, share.denominator
        above = "" if over == 1 else str(over)
        ways = [f"{above}/{under}"] if under > 1 else [above, str(over)]
        if under in (2, 4):
            ways.append(above + "/" * (under // 2))
        return self.pick(ways)

    # -- music ---------------------------------------------------------------------------

    def bar(self, steps: int, last: bool = False) -> None:
        self.accidentals = dict(self.signature)
        self.doubtful: set[str] = set()  # letters with an accidental at a grace note
        if not self.tied and self.chance(0.1):
            self.words.append(f"[{self.length_field()}]")
        if self.sounds and not self.tied and self.chance(0.1):
            self.words.append(f"[K:{self.key()[0]}]")
            self.accidentals = dict(self.signature)
        if not self.tied and METERS[self.meter] and self.chance(0.05):
            count = int(self.rng.integers(1, 3))
            self.words.append(self.pick(["Z", "Z1"]) if count == 1 else f"Z{count}")
            self.sounds.append((None, count * METERS[self.meter] * self.s))
            steps = 0
        while steps:
            steps -= self.pick([self.plain, self.plain, self.plain, self.broken, self.tuplet])(steps)
        if not last and self.chance(0.15) and self.sounds[-1][0] is not None and not self.words[-1].endswith("-"):
            self.words.append("-")
            self.tied = True
        if not last:
            self.words += [self.pick(["", " "]), self.pick(BARS), self.between()]

    def between(self) -> str:
        """Something that changes no note, and after a line perhaps a line of another kind."""
        text = self.pick(BETWEEN)
        if self.chance(0.03):
            text += self.pick(INLINE)
        if not self.strict and self.chance(0.03):
            text += " ! "
        return text + self.pick(LINES) if text.endswith("\n") else text

    def plain(self, left: int) -> int:
        steps = self.pick([n * self.s for n in (1, 2, 2, 2, 3, 4, 4, 6, 8, 12, 16) if n * self.s <= left])
        if not self.tied and self.chance(0.1):
            self.rest(steps, steps)
        else:
            self.note(steps, steps)
            if steps < left and self.chance(0.1):  # within the bar
                self.words.append("-")
                self.tied = True
        self.words.append(self.between())
        return steps

    def broken(self, left: int) -> int:
        """Two equal notes, one a half, three or seven quarters longer; anything may stand between them."""
        marks = int(self.rng.integers(1, 4))
        fitting = [n * self.s for n in (2, 4, 8) if 2 * n * self.s <= left and n * self.s % 2**marks == 0]
        if not fitting:
            return 0
        steps = self.pick(fitting)
        short = steps // 2**marks
        first, second = (2 * steps - short, short) if self.chance(0.5) else (short, 2 * steps - short)
        self.note(steps, first)
        if self.chance(0.1):
            self.words.append("-")
            self.tied = True
        self.words += [self.between(), (">" if first > second else "<") * marks, self.between()]
        if not self.tied and self.chance(0.1):
            self.rest(steps, second)
        else:
            self.note(steps, second)
        self.words.append(self.between())
        return 2 * steps

    def tuplet(self, left: int) -> int:
        """p notes in the time of q, for the next r notes."""
        p = int(self.rng.integers(2, 10))
        usual = {2: 3, 3: 2, 4: 3, 6: 2, 8: 3}.get(p, 3 if self.meter in COMPOUND else 2)
        if p in (5, 7, 9) and self.meter in ("3/4", "3/8"):
            usual = 0  # none: ABC 1.6 and 2.1 differ
        q, r = (
            (usual, p) if usual and self.chance(0.6) else (int(self.rng.integers(1, 6)), int(self.rng.integers(2, 6)))
        )
        lengths = [
            n for n in range(1, 4 * self.unit) if n * q % p == 0 and Fraction(n, self.unit).denominator in (1, 2, 4, 8)
        ]
        fitting = [n for n in lengths if r * n * q // p <= left and r * n * q // p % self.s == 0]
        if not fitting:
            return 0
        ways = [f"({p}:{q}:{r}"]
        ways += [f"({p}::{r}"] * (q == usual) + [f"({p}:{q}", f"({p}:{q}:"] * (r == p)
        ways += [f"({p}", f"({p}:", f"({p}::"] * (q == usual and r == p)
        self.words.append(self.pick(ways))
        steps = self.pick(fitting)
        for _ in range(r):
            if not self.tied and self.chance(0.1):
                self.rest(steps, steps * q // p)
            else:
                self.note(steps, steps * q // p)
            self.words.append(self.between())
        return r * steps * q // p

    def rest(self, written: int, steps: int) -> None:
        self.words.append(self.pick("zzx") + self.length(written))
        self.sounds.append((None, steps))

    def note(self, written: int, steps: int) -> None:
        letter, octave, alter = self.pitch
        if not self.tied:
            letter, octave = self.pick("CDEFGAB"), int(self.rng.integers(3, 7))
            alter = self.accidentals[letter] if self.chance(0.8) else int(self.rng.integers(-2, 3))
        before, sign = self.before_note(), ""
        if not self.tied and (alter != self.accidentals[letter] or letter in self.doubtful or self.chance(0.05)):
            sign, self.accidentals[letter] = SIGNS[alter], alter
            self.doubtful.discard(letter)
        mark = letter + "," * (4 - octave) if octave < 5 else letter.lower() + "'" * (octave - 5)
        self.words.append(before + sign + mark + self.length(written))
        if self.slurs and self.chance(0.4):
            self.words.append(")")
            self.slurs -= 1
        number = 12 * (octave + 1) + SEMITONES[letter] + alter
        if self.tied:
            self.sounds[-1] = (number, self.sounds[-1][1] + steps)
        else:
            self.sounds.append((number, steps))
        self.tied, self.pitch = False, (letter, octave, alter)

    def before_note(self) -> str:
        """Slurs, grace notes, chord symbols and ornaments."""
        text = ""
        if self.chance(0.1):
            text += self.pick(["(", "(", ".("])
            self.slurs += 1
        if self.chance(0.08):
            letter, sign = self.pick("CDEFGAB"), self.pick(["", "^", "_"])
            text += "{" + self.pick(["", "/"]) + f"{sign}{letter.lower()}{self.pick(['', 'e', '2', 'fg'])}" + "}"
            if sign:
                self.doubtful.add(letter)
        while self.chance(0.1):
            text += self.pick(DECORATIONS)
        return text


def _third(tonic: str) -> str:
    """The letters that decide between major and minor."""
    return tonic[0] + "CDEFGABCD"["CDEFGAB".index(tonic[0]) + 2]
