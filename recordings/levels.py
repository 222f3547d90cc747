"""How loud a sound is, summed up block by block."""

import re
from math import log10
from typing import Any

import numpy as np
from av.audio.fifo import AudioFifo
from av.audio.resampler import AudioResampler
from django.conf import settings
from numpy.typing import NDArray

from recordings.peaks import Peaks

Samples = NDArray[np.float32]

# JSON has no minus infinity. Digital zeros are under anything that 16 bits can say (-96 dB).
FLOOR_DBFS = -120.0
# What a value of ±1.0 is in each of FFmpeg's sample formats.
_UNIT = {"u8": 128.0, "s16": 2.0**15, "s32": 2.0**31}
# The highest value that a codec of few bits can say, where that is under the last step of 16.
_HIGHEST = {"pcm_u8": 127 / 128, "pcm_mulaw": 32124 / 32768, "pcm_alaw": 32256 / 32768}
_FULL_SCALE = 32767 / 32768
_LOSSLESS = re.compile("pcm_.*|flac|alac")
# What a lossy codec makes of a flat top lies within a tenth of it. Above this, MP3, AAC, Opus and
# Vorbis count about as many samples of a clipped voice as were clipped, and of one that just fits
# none (measured).
_LOSSY_FULL_SCALE = 0.9
# A file of floats can hold anything; beyond +60 dBFS it holds no sound.
_HIGHEST_FLOAT = 1000.0
_MOST_PLANES = 8
# Values in one block, half a MiB: smaller ones cost more calls, larger ones leave the cache.
_BLOCK_VALUES = 128 * 1024


class Levels:
    """Sums over all samples that were added: nothing is kept of the sound itself.

    0 dBFS is full scale, of peaks and of RMS alike: a sine that just fits has a peak of 0.00 and
    an RMS of -3.01. Both are over all channels together and include a constant offset, as the
    bytes do; whether it is silent is judged without the offset, which nobody hears.
    """

    def __init__(self, codec: str) -> None:
        self.samples = 0  # in each channel
        self.limit: int | None = None  # samples from here on are an encoder's padding
        self.seconds = 0.0
        self.peaks = Peaks()
        self._full_scale = _full_scale_of(codec)
        self._quiet_power = 10 ** (settings.SILENCE_LEVEL_DBFS / 10)
        self._values = self._clipped = self._quiet = 0
        self._peak = self._squares = 0.0
        self._shape: tuple[str, int, int] | None = None

    def add(self, frame: Any) -> None:
        """Adds what one frame of FFmpeg's holds; it is summed up once there is a block of it."""
        for readable in _readable(frame):
            shape = (readable.format.name, readable.layout.nb_channels, readable.sample_rate)
            if shape != self._shape:
                self.finish()
                self._begin(shape)
            readable.pts = None  # the queue refuses gaps
            self._queue.write(readable)
            while block := self._queue.read(self._block):
                self._sum_up(block)

    def finish(self) -> None:
        """Sums up what is left in the queue."""
        if self._shape and (rest := self._queue.read()):
            self._sum_up(rest)

    @property
    def peak_dbfs(self) -> float:
        return _decibels(20, self._peak)

    @property
    def rms_dbfs(self) -> float:
        return _decibels(10, self._squares / self._values)

    @property
    def clipped_share(self) -> float:
        return self._clipped / self._values

    @property
    def silent_share(self) -> float:
        return self._quiet / self.samples

    def _begin(self, shape: tuple[str, int, int]) -> None:
        self._shape = shape
        sample_format, channels, self._rate = shape
        self._unit = _UNIT.get(sample_format.removesuffix("p"), 1.0)
        in_block = max(1, _BLOCK_VALUES // channels)
        window = self._rate * settings.SILENCE_WINDOW_MS // 1000
        self._window = min(max(1, window), in_block)
        self._block = in_block - in_block % self._window
        self._queue = AudioFifo()

    def _sum_up(self, block: Any) -> None:
        values = self._as_floats(block)
        if self.limit is not None:
            values = values[:, : max(0, self.limit - self.samples)]
        whole = values.shape[1] - values.shape[1] % self._window
        self._sum_up_windows(values[:, :whole], self._window)
        self._sum_up_windows(values[:, whole:], values.shape[1] - whole)

    def _as_floats(self, block: Any) -> Samples:
        """The block's samples, a row a channel, within ±1.0."""
        values = block.to_ndarray()
        if not block.format.is_planar:
            values = values.reshape(-1, block.layout.nb_channels).T
        with np.errstate(over="ignore", invalid="ignore"):  # doubles that no float can hold
            floats: Samples = values.astype(np.float32, order="C")
        if values.dtype == np.uint8:
            floats -= self._unit
        if self._unit != 1.0:
            floats *= 1 / self._unit
        return floats

    def _sum_up_windows(self, values: Samples, width: int) -> None:
        if not values.size:
            return
        windows = values.reshape(len(values), -1, width)
        peaks = _peaks(windows)
        if not peaks.max() <= _HIGHEST_FLOAT:
            values = np.nan_to_num(values).clip(-_HIGHEST_FLOAT, _HIGHEST_FLOAT)
            windows = values.reshape(windows.shape)
            peaks = _peaks(windows)
        squares = np.vecdot(windows, windows)
        means = np.einsum("cwn->cw", windows) / width
        is_quiet = (squares / width - means**2 < self._quiet_power).all(axis=0)
        self._quiet += width * int(np.count_nonzero(is_quiet))
        self._squares += float(squares.sum(dtype=np.float64))
        self._peak = max(self._peak, float(peaks.max()))
        self.peaks.add(peaks, start=self.seconds, seconds=width / self._rate)
        if peaks.max() >= self._full_scale:
            self._clipped += _count_in_runs(np.abs(values) >= self._full_scale)
        self._values += values.size
        self.samples += values.shape[1]
        self.seconds += values.shape[1] / self._rate


def _readable(frame: Any) -> list[Any]:
    """The frame, its channels interleaved where they are so many that PyAV loses count of them.

    It looks for the end of a list of eight that has none when it is full, and the process dies.
    """
    if not frame.format.is_planar or frame.layout.nb_channels < _MOST_PLANES:
        return [frame]
    interleaver = AudioResampler(format=frame.format.packed, layout=frame.layout)
    frames: list[Any] = interleaver.resample(frame)
    return frames


def _full_scale_of(codec: str) -> float:
    if not _LOSSLESS.fullmatch(codec):
        return _LOSSY_FULL_SCALE
    return _HIGHEST.get(codec, _FULL_SCALE)


def _peaks(windows: Samples) -> Samples:
    """How far the sound swings in each window, whichever the channel."""
    highest: Samples = np.maximum(windows.max(axis=2), -windows.min(axis=2)).max(axis=0)
    return highest


def _count_in_runs(is_full: NDArray[np.bool_]) -> int:
    """How many of the samples at full scale have enough of the like beside them."""
    run = settings.CLIPPED_RUN_SAMPLES
    edges = np.pad(is_full, ((0, 0), (1, 1)))
    changes = np.flatnonzero(edges[:, 1:] != edges[:, :-1])
    lengths = changes[1::2] - changes[::2]
    return int(lengths[lengths >= run].sum())


def _decibels(factor: int, value: float) -> float:
    return max(FLOOR_DBFS, factor * log10(value)) if value > 0 else FLOOR_DBFS
