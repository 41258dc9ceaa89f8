"""Where the programs meet the machine that they run on. Nothing here knows what a network is.

In the order to read: `command_line` (one sentence for what is wrong), `kinds` (of values, and what is wrong with
them), `surroundings` (closed outputs, a backend that is not there), `signals` (to be asked to end), `rooms` (parts
of the project that may be missing), `whole_files` (written whole or not at all), `claim` (a folder that one
process at a time works in), `drawing` (colours, and a figure as a file).

Imports nothing of this project, and NumPy nowhere: a script sets the number of NumPy's threads before it starts.
"""

from lstm_numpy.system.claim import claimed
from lstm_numpy.system.command_line import (
    CommandLineError,
    Parser,
    check_company,
    in_one_sentence,
    in_words,
    option_of,
    refuse_others,
    run_command,
    use_threads,
)
from lstm_numpy.system.drawing import BLUE, GREEN, GREY, ORANGE, png
from lstm_numpy.system.kinds import fraction, number, some_path, some_text
from lstm_numpy.system.rooms import check_rooms, has_room
from lstm_numpy.system.signals import interruption, sigterm_like_ctrl_c
from lstm_numpy.system.whole_files import remove_leftovers, write_all, write_whole

__all__ = [
    "BLUE", "GREEN", "GREY", "ORANGE", "CommandLineError", "Parser", "check_company", "check_rooms", "claimed",
    "fraction", "has_room", "in_one_sentence", "in_words", "interruption", "number", "option_of", "png",
    "refuse_others", "remove_leftovers", "run_command", "sigterm_like_ctrl_c", "some_path", "some_text", "use_threads",
    "write_all", "write_whole",
]  # fmt: skip
