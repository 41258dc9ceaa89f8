"""Run by Python when a worker starts: music21 is made to fail on files with certain names."""

import os
import signal
import sys
import time
from pathlib import Path

import encoding.reading.parse

read = encoding.reading.parse._scores


def recurse(n: int) -> int:
    return recurse(n + 1) + 1


def take_memory() -> list:
    taken = []
    while True:
        taken.append(bytearray(2**28))


def fail() -> None:
    raise AttributeError("a reason\nof two lines")


HOW = {
    "hangs": lambda: time.sleep(1000),
    "dies": lambda: os._exit(0),
    "crashes": lambda: os.kill(os.getpid(), signal.SIGSEGV),
    "leaves": lambda: sys.exit(0),
    "recurses": lambda: recurse(0),
    "takes all memory": take_memory,
    "prints": lambda: print('["no answer"]'),
    "raises": fail,
}


def scores(source, encoder):
    HOW.get(Path(source.name).stem, lambda: None)()
    yield from read(source, encoder)


encoding.reading.parse._scores = scores
