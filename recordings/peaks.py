"""A sound's outline, as a player draws it: how far it swings in each of up to 1,000 windows.

The format: one byte for each of equal windows of time, from the first sample to the last (the last
window may be shorter). It is the highest absolute amplitude there, whichever the channel, from 0
(nothing) to 255 (full scale, or more).
"""

import numpy as np
from numpy.typing import NDArray

PEAKS_AT_MOST = 1000
FULL_BYTE = 255
_FIRST_SECONDS = 0.02  # of a window, until there are too many or the sound comes in longer ones


class Peaks:
    """Takes as much memory for hours as for a second: of too many windows, two become one."""

    def __init__(self) -> None:
        self._seconds = _FIRST_SECONDS
        self._highest = np.zeros(PEAKS_AT_MOST, np.float32)
        self._count = 0

    def add(self, highest: NDArray[np.float32], *, start: float, seconds: float) -> None:
        """Amplitudes of moments that follow each other, from `start`, each of so many seconds."""
        # By their middles: where one ends and the next begins, roundings would decide.
        moments = start + seconds * (np.arange(len(highest)) + 0.5)
        while self._seconds < seconds or moments[-1] // self._seconds >= PEAKS_AT_MOST:
            self._halve()
        windows = (moments // self._seconds).astype(np.intp)
        np.maximum.at(self._highest, windows, highest)
        self._count = int(windows[-1]) + 1

    def as_bytes(self) -> bytes:
        steps = np.rint(self._highest[: self._count] * FULL_BYTE)
        return steps.clip(0, FULL_BYTE).astype(np.uint8).tobytes()

    def _halve(self) -> None:
        self._seconds *= 2
        pairs = self._highest.reshape(-1, 2).max(axis=1)
        self._highest[:] = 0
        self._highest[: len(pairs)] = pairs
