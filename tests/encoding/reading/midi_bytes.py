"""Standard MIDI files, written byte by byte, so that a test can say what a program would do to a melody."""

import struct
from collections.abc import Callable, Sequence

from encoding.tokens import REST_SYMBOL, events

Message = tuple[int, bytes]  # tick, bytes
END = b"\xff\x2f\x00"


def file(*tracks: Sequence[Message], kind: int = 1, ticks: int = 480, count: int | None = None) -> bytes:
    """A MIDI file; count is what its header says of its tracks."""
    header = struct.pack(">4sIHHH", b"MThd", 6, kind, len(tracks) if count is None else count, ticks)
    return header + b"".join(chunk(track_bytes(track)) for track in tracks)


def chunk(content: bytes) -> bytes:
    return struct.pack(">4sI", b"MTrk", len(content)) + content


def track_bytes(messages: Sequence[Message]) -> bytes:
    """Messages in the order of their ticks; at the same tick, in the order in which they are given."""
    before, content = 0, b""
    for tick, message in [*sorted(messages, key=lambda message: message[0])]:
        content += varying(tick - before) + message
        before = tick
    return content + b"\x00" + END


def varying(number: int) -> bytes:
    """Seven bits a byte."""
    content = [number & 127]
    while number := number >> 7:
        content.insert(0, number & 127 | 128)
    return bytes(content)


def note(pitch: int, onset: int, end: int, channel: int = 0) -> list[Message]:
    return [(onset, bytes([0x90 | channel, pitch, 80])), (end, bytes([0x80 | channel, pitch, 0]))]


def melody(tokens: Sequence[str], held: Callable[[int], float] = lambda ticks: ticks, ticks: int = 480) -> bytes:
    """A file of one track, each note as long as `held` makes of its length in ticks; a step is a sixteenth."""
    step, messages = ticks // 4, []
    for onset, symbol, steps in events(tokens):
        if symbol != REST_SYMBOL:
            messages += note(int(symbol), onset * step, onset * step + round(held(steps * step)))
    messages.sort(key=lambda message: (message[0], message[1][0]))  # at the same tick, keys come up first
    return file(messages, kind=0, ticks=ticks)
