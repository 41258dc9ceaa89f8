"""A training that kills itself in one step of one write: python child.py NUMBER STAGE [train.py's arguments]."""

import os
import signal
import sys

from runs import quick
from writes import at_write

import train


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    number, stage, *arguments = sys.argv[1:]
    with quick(), at_write(int(number), stage, die):
        sys.exit(train.run_command(train.main, arguments))
