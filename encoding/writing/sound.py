"""A small additive synthesiser: tokens to a WAV file with NumPy and the standard library.

Each note is a sum of sines at whole multiples of its frequency, the higher the softer, and
swells and fades smoothly, so that nothing clicks where notes meet.
"""

import io
import math
import wave
from collections.abc import Sequence

import numpy as np

from encoding.tokens import REST_SYMBOL, events

SAMPLE_RATE = 44_100  # samples per second
PEAK = 0.8  # of full scale, reached by no note
ATTACK, RELEASE, DECAY = 0.012, 0.04, 0.9  # seconds: swelling, fading, and falling to 1/e between
TAIL = 0.3  # seconds of silence at the end
PARTIALS = (1.0, 0.45, 0.22, 0.12, 0.07, 0.04)  # amplitudes of the multiples 1, 2, 3, ...


def frequency(number: float) -> float:
    """Of a MIDI number in hertz: equal temperament, A4 = 69 = 440 Hz."""
    return 440.0 * 2 ** ((number - 69) / 12)


def synthesise(tokens: Sequence[str], seconds_per_step: float) -> np.ndarray:
    """The melody as samples in -1..1, (n,), at SAMPLE_RATE."""
    melody = list(events(tokens))
    samples = np.zeros(math.ceil((len(tokens) * seconds_per_step + TAIL) * SAMPLE_RATE))
    for onset, symbol, steps in melody:
        if symbol != REST_SYMBOL:
            # Rounded borders, not rounded lengths: errors must not add up over a melody.
            start, stop = (round(step * seconds_per_step * SAMPLE_RATE) for step in (onset, onset + steps))
            samples[start:stop] = _note(int(symbol), stop - start)
    return samples


def _note(number: int, length: int) -> np.ndarray:
    t = np.arange(length) / SAMPLE_RATE
    tone = np.zeros(length)
    for multiple, amplitude in enumerate(PARTIALS, start=1):
        if multiple * frequency(number) < SAMPLE_RATE / 2:
            tone += amplitude * np.sin(2 * np.pi * multiple * frequency(number) * t)
    # Half a cosine up and another down, from and to silence; a short note shares its length.
    attack, release = min(ATTACK, t[-1] / 2 if length else 0), min(RELEASE, t[-1] / 2 if length else 0)
    up = np.clip(t / max(attack, 1e-9), 0, 1)
    down = np.clip((t[-1] - t) / max(release, 1e-9), 0, 1)
    envelope = (1 - np.cos(np.pi * up)) * (1 - np.cos(np.pi * down)) / 4 * np.exp(-t / DECAY)
    return PEAK / sum(PARTIALS) * envelope * tone


def wav(tokens: Sequence[str], seconds_per_step: float) -> bytes:
    """The melody as the content of a WAV file: one channel, 16 bits.

    Raises:
        ValueError: if the tokens are not a valid melody.
    """
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(SAMPLE_RATE)
        out.writeframes((synthesise(tokens, seconds_per_step) * 32767).round().astype("<i2").tobytes())
    return file.getvalue()


def as_loud(wav_file: bytes, other: bytes) -> bytes:
    """A WAV file of 16 bits made as loud as another: of the same energy, as far as nothing is cut off."""
    with wave.open(io.BytesIO(wav_file)) as file, wave.open(io.BytesIO(other)) as reference:
        parameters, samples = file.getparams(), np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(float)
        wanted = np.frombuffer(reference.readframes(reference.getnframes()), "<i2").astype(float)
    energy = (samples**2).sum() / parameters.nchannels
    if energy > 0:
        most = 32767 / np.abs(samples).max()
        samples *= min(most, math.sqrt((wanted**2).sum() / energy))
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setparams(parameters)
        out.writeframes(samples.round().astype("<i2").tobytes())
    return file.getvalue()
