"""What is told of a melody, which melodies are drawn again, and what is kept of that."""

import numpy as np
import pytest

from encoding import ContextEncoder, Meter, StringToIntEncoder, Told
from encoding.writing.arrangement import Span, arrange_as_asked
from encoding.writing.bars import TimeSignature
from encoding.writing.composing import RULES, Composition, as_drawn, compose, most_repeated, tally
from encoding.writing.primer import Primer

GOOD, SILENT, HAMMERED = "60 _ 62 _ 64 _".split(), "r _ _ _".split(), ["60"] * 7
VOCABULARY = StringToIntEncoder([GOOD, SILENT])
WALTZ, SONG = Told(Meter(4, 12, 4), False), Told(Meter(0, 16, 4), True)
CONTEXT = ContextEncoder(VOCABULARY, ("place", "mode"), [WALTZ] * 3 + [SONG] + [Told()] * 9)
NOTHING = ContextEncoder(VOCABULARY, (), ())


def generators(count, seed=0):
    return [np.random.default_rng([seed, n]) for n in range(count)]


class Network:
    """Draws what it is told to, one list after the other for each generator, and keeps what it was asked."""

    def __init__(self, *rounds):
        self.rounds, self.asked = list(rounds), []

    context, time_step = CONTEXT, 1 / 16

    def drawing(self, seq, temperature):
        return self

    def __call__(self, rngs, contexts, longest, shortest):
        self.asked.append((len(rngs), contexts, longest, shortest))
        return [list(tokens) for tokens in self.rounds.pop(0)]


def composed(network, count, arrangement=None, given=0, **more):
    arrangement = arrangement or arrange_as_asked(1 / 16, Primer([]), longest="64")
    return compose(network, CONTEXT, arrangement, generators(count), given, **more)


def test_a_melody_is_drawn_again_until_no_rule_strikes():
    network = Network([GOOD, HAMMERED, ["60"] * 65], [GOOD, SILENT], [GOOD])
    melodies = composed(network, 3)
    assert [melody.tokens for melody in melodies] == [GOOD] * 3
    assert [melody.redrawn for melody in melodies] == [{}, {"hammered": 1}, {"cut": 1, "silent": 1}]
    assert [asked[0] for asked in network.asked] == [3, 2, 1]
    assert all(melody.ended and not melody.faults for melody in melodies)
    assert tally(melodies) == {"hammered": 1, "cut": 1, "silent": 1}
    assert "1 x not ended by itself" in melodies[2].in_words()
    assert melodies[0].in_words() == ""


def test_rules_can_be_switched_off_but_not_silence():
    network = Network([HAMMERED, SILENT], [["60"] * 65])
    melodies = composed(network, 2, rules=())
    assert [melody.tokens for melody in melodies] == [HAMMERED, ["60"] * 64]
    assert [melody.ended for melody in melodies] == [True, False]
    assert [melody.redrawn for melody in melodies] == [{}, {"silent": 1}]


def test_what_is_copied_is_drawn_again_where_songs_are_known():
    other = "60 _ 65".split()
    network = Network([GOOD], [other])
    (melody,) = composed(network, 1, copied=lambda tokens: tokens == GOOD)
    assert melody.tokens == other
    assert melody.redrawn == {"copied": 1}
    (melody,) = composed(Network(["60 62".split() + GOOD]), 1, given=2, copied=lambda tokens: tokens != GOOD)
    assert melody.redrawn == {}  # what was given is no copy


def test_at_last_one_is_kept_with_its_fault():
    others = [["62"] * n + HAMMERED for n in range(20)]
    (melody,) = composed(Network(*[[other] for other in others]), 1)
    assert melody.tokens == others[-1]
    assert melody.redrawn == {"hammered": 19}
    assert melody.faults == ["hammered"]
    assert "kept all the same: one pitch" in melody.in_words()
    (melody,) = composed(Network([HAMMERED], [HAMMERED]), 1)  # as at temperature 0
    assert melody.redrawn == {"hammered": 1}
    with pytest.raises(ValueError, match="no note follows"):
        composed(Network([SILENT], [SILENT]), 1)


def test_made_again_without_judging():
    """The third that is drawn, though no rule would strike the first, and songs are not known any more."""
    network = Network([GOOD], [GOOD], [HAMMERED])
    (melody,) = composed(network, 1, attempts=3)
    assert melody.tokens == HAMMERED
    assert sum(melody.redrawn.values()) == 0


def test_what_is_told_is_drawn_as_the_songs_have_it():
    melodies = composed(Network([GOOD] * 400), 400)
    assert {melody.told for melody in melodies} == {WALTZ, SONG}
    assert [melody.told for melody in melodies].count(WALTZ) == pytest.approx(300, abs=40)
    again = composed(Network([GOOD] * 400), 400)
    assert [melody.told for melody in again] == [melody.told for melody in melodies]


def test_what_is_asked_for_is_told():
    def told(**asked):
        arrangement = arrange_as_asked(1 / 16, asked.pop("primer", Primer([])), longest="64", **asked)
        return {melody.told for melody in composed(Network([GOOD] * 30), 30, arrangement)}

    assert told(key="e minor") == {SONG}
    assert told(key="G") == {WALTZ}
    assert told(meter="3/4") == {WALTZ}
    assert told(upbeat="1 beat") == {WALTZ}
    # As no song has it: the mode is then drawn as often as the songs have it, if they say.
    as_no_song = told(meter="3/4", upbeat="0")
    assert as_no_song <= {Told(Meter(0, 12, 4), minor) for minor in (False, True, None)}
    assert Told(Meter(0, 12, 4), False) in as_no_song
    assert told(meter="6/8", key="a") == {Told(Meter(0, 12, 6), True)}
    assert told(primer=Primer(GOOD, Meter(4, 12, 4))) == {WALTZ}
    (unknown,) = {
        melody.told
        for melody in compose(
            Network([GOOD]), NOTHING, arrange_as_asked(1 / 16, Primer([]), longest="64"), generators(1), 0
        )
    }
    assert unknown == Told(Meter(0, 16, 4), None)


def test_lengths_in_bars_are_those_of_each_melody():
    network = Network([GOOD] * 20)
    arrangement = arrange_as_asked(1 / 16, Primer([]), longest="4 bars", shortest="3 beats")
    melodies = composed(network, 20, arrangement)
    assert network.asked[0][2] == [4 * melody.told.meter.bar + 1 for melody in melodies]  # to see whether it ends there
    assert network.asked[0][3] == [12] * 20
    free = Network([GOOD] * 20)
    compose(free, CONTEXT, arrange_as_asked(1 / 16, Primer([])), generators(20), 0)
    assert free.asked[0][2] == [64 * melody.told.meter.bar + 1 for melody in melodies]
    long = Network([GOOD] * 20)
    compose(long, CONTEXT, arrange_as_asked(1 / 16, Primer([]), shortest="2000"), generators(20), 0)
    assert all(most > 2000 for most in long.asked[0][2])


def test_contexts_are_told_to_the_network():
    network = Network([GOOD] * 2)
    melodies = composed(network, 2)
    for follow, melody in zip(network.asked[0][1], melodies, strict=True):
        rows = CONTEXT.of_song(np.array([2, 1, 3]), melody.told)
        np.testing.assert_array_equal(follow([2, 1, 3]), rows[3])
    silent = Network([GOOD])
    silent.context = NOTHING
    as_drawn(silent, generators(1), 1.0)
    assert silent.asked[0][1] is None


def test_as_drawn():
    melodies, arrangement = as_drawn(Network([HAMMERED, SILENT]), generators(2), 1.0, "6")
    assert [melody.tokens for melody in melodies] == [HAMMERED[:6], SILENT]
    assert [melody.ended for melody in melodies] == [False, True]
    tokens, layout, shift = arrangement.of(*melodies[1][:3])
    assert (tokens, shift) == (SILENT, 0)
    assert (layout.time, layout.upbeat) == (
        TimeSignature.of(melodies[1].told.meter, arrangement.step), melodies[1].told.meter.upbeat,
    )  # fmt: skip
    assert str(arrangement.of(*melodies[0][:3])[1]).endswith("; cut off")


def test_the_mode_that_was_told_is_the_key():
    arrangement = arrange_as_asked(1 / 16, Primer([]))
    for told, key in ((WALTZ, "C major"), (SONG, "A minor")):
        for last in ("60", "69", "67"):
            assert str(arrangement.of(["64", last], told)[1].key) == key


@pytest.mark.parametrize(
    ("text", "meter", "steps"),
    [("12", WALTZ.meter, 12), ("2 bars", WALTZ.meter, 24), ("1 beat", Meter(0, 12, 6), 6), ("1.5 bars", SONG.meter, 24),
     ("1 step", SONG.meter, 1), (" 3beats ", SONG.meter, 12)],
)  # fmt: skip
def test_lengths(text, meter, steps):
    assert Span.parse(text).steps(meter) == steps


def test_the_longest_run_of_one_pitch():
    assert most_repeated("60 _ 60 60 62 60 60 r 60".split()) == 3
    assert most_repeated("_ _ 60 60".split()) == 2
    assert most_repeated([]) == most_repeated(["r", "_"]) == most_repeated(["_"]) == 0


def test_every_rule_has_words():
    assert all(RULES[rule] in Composition(GOOD, WALTZ, True, {rule: 2}, []).in_words() for rule in RULES)


def test_a_melody_of_just_the_longest_length_has_ended():
    melodies, _ = as_drawn(Network([["60"] * 7, ["60"] * 8]), generators(2), 1.0, "7")
    assert [(len(melody.tokens), melody.ended) for melody in melodies] == [(7, True), (7, False)]


def test_behind_a_whole_song_the_next_attempt_must_have_a_bar():
    network = Network([["60", "_"]], [["60", "_", *GOOD]])
    arrangement = arrange_as_asked(1 / 16, Primer(["60", "_"], Meter(0, 12, 4)))
    (melody,) = compose(network, CONTEXT, arrangement, generators(1), 2)
    assert [asked[3] for asked in network.asked] == [[0], [14]]
    assert melody.redrawn == {"silent": 1}


def test_what_the_network_is_not_told_is_said():
    def untold(context, **asked):
        (melody,) = compose(Network([GOOD]), context, arrange_as_asked(1 / 16, Primer([]), **asked), generators(1), 0)
        return list(melody.untold), melody.in_words()

    assert untold(CONTEXT, meter="3/4", key="e minor")[0] == []
    assert untold(CONTEXT, meter="5/4")[0] == ["meter"]
    assert "no song in this meter" in untold(CONTEXT, meter="5/4")[1]
    assert untold(ContextEncoder(VOCABULARY, ("place",), [WALTZ]), key="e minor", meter="3/4")[0] == ["mode"]
    assert untold(NOTHING, key="e minor", meter="3/4")[0] == ["meter", "mode"]
    assert untold(NOTHING) == ([], "")
