"""Takes that look and sound like somebody reading: phrases of a real speech, in other orders."""

import io
import wave
from random import Random

import numpy as np

from toastclub.environment import BASE_DIR

SPEECH = BASE_DIR / "recordings" / "tests" / "samples" / "discurso.wav"
RATE = 16_000  # Hz
LOUDEST = 32_767
EDGE = RATE // 50  # samples in which a phrase swells and fades

Samples = np.ndarray


def reading(random: Random, *, seconds: float, loudness: float = 1.0) -> Samples:
    """Phrases and pauses of about that length altogether."""
    speech = _speech()
    pieces: list[Samples] = [_pause(random, 0.6)]
    missing = int(seconds * RATE)
    while missing > 0:
        phrase = _phrase(random, speech) * loudness * random.uniform(0.45, 1.0)
        pieces += [phrase, _pause(random, random.choice([0.25, 0.4, 0.5, 1.1]))]
        missing -= len(pieces[-1]) + len(phrase)
    return np.concatenate(pieces)


def silence(random: Random, *, seconds: float) -> Samples:
    """A microphone that was off."""
    return _pause(random, seconds, noise=2)


def overdriven(samples: Samples) -> Samples:
    """The same, spoken into the microphone from too near."""
    return samples * 9


def wav(samples: Samples) -> bytes:
    content = io.BytesIO()
    with wave.open(content, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        clipped = np.clip(samples, -LOUDEST, LOUDEST)
        file.writeframes(clipped.astype("<i2").tobytes())
    return content.getvalue()


def _speech() -> Samples:
    with wave.open(str(SPEECH)) as file:
        frames = file.readframes(file.getnframes())
    return np.frombuffer(frames, dtype="<i2").astype(np.float32)


def _phrase(random: Random, speech: Samples) -> Samples:
    length = int(random.uniform(1.2, 4.5) * RATE)
    start = random.randrange(len(speech) - length)
    phrase = speech[start : start + length].copy()
    swell = np.linspace(0, 1, EDGE, dtype=np.float32)
    phrase[:EDGE] *= swell
    phrase[-EDGE:] *= swell[::-1]
    return phrase


def _pause(random: Random, seconds: float, *, noise: float = 25) -> Samples:
    hiss = np.random.default_rng(random.randrange(2**32))
    return hiss.normal(0, noise, int(seconds * RATE)).astype(np.float32)
