"""Sounds whose truth is known, and the encoders that make recordings of them."""

import io
from dataclasses import dataclass

import av
import numpy as np

RATE = 48_000


@dataclass(frozen=True)
class Format:
    """How a sound becomes a file: FFmpeg's muxer, encoder and sample format."""

    muxer: str
    codec: str
    sample: str = "s16"
    rate: int = RATE
    bit_rate: int = 256_000  # at which a codec keeps the amplitude of a sine
    named: tuple[str, str] | None = None  # container and codec as they are reported
    tolerance: float = 0.01  # wider where the codec itself changes the amplitude of a sine
    can_be_live: bool = True

    @property
    def contenedor(self):
        return self.named[0] if self.named else self.muxer

    @property
    def codec_found(self):
        return self.named[1] if self.named else self.codec


FORMATS = {
    "wav 8": Format("wav", "pcm_u8", "u8"),
    "wav 16": Format("wav", "pcm_s16le"),
    "wav 24": Format("wav", "pcm_s24le", "s32"),
    "wav 32": Format("wav", "pcm_s32le", "s32"),
    "wav float": Format("wav", "pcm_f32le", "flt"),
    "wav double": Format("wav", "pcm_f64le", "dbl"),
    # Its steps are 4 % apart at the peaks.
    "wav mu-law": Format("wav", "pcm_mulaw", tolerance=0.025),
    "flac": Format("flac", "flac"),
    "flac 24": Format("flac", "flac", "s32"),
    "aiff": Format("aiff", "pcm_s16be", can_be_live=False),
    "mp3": Format("mp3", "libmp3lame", "fltp", named=("mp3", "mp3")),
    "vorbis": Format("ogg", "vorbis", "fltp"),
    "opus": Format("ogg", "libopus", named=("ogg", "opus")),
    "aac": Format("adts", "aac", "fltp", named=("aac", "aac")),
    "m4a": Format("ipod", "aac", "fltp", named=("mp4", "aac"), can_be_live=False),
    "alac": Format("ipod", "alac", "s16p", named=("mp4", "alac"), can_be_live=False),
    "webm": Format("webm", "libopus", named=("webm", "opus")),
    # It models a voice, and keeps no waveform.
    "amr": Format(
        "amr",
        "libopencore_amrnb",
        rate=8000,
        bit_rate=12_200,
        named=("amr", "amr_nb"),
        tolerance=0.2,
    ),
}
# What FFmpeg's sample formats hold for 1.0 and 0.0.
_SAMPLES = {
    "u8": (np.uint8, 127, 128),
    "s16": (np.int16, 2**15 - 1, 0),
    "s32": (np.int32, 2**31 - 1, 0),
    "flt": (np.float32, 1, 0),
    "dbl": (np.float64, 1, 0),
}
LAYOUTS = {1: "mono", 2: "stereo", 8: "7.1"}
# An encoder that refuses less than two channels.
STEREO_ONLY = {"vorbis"}


class _LiveStream(io.RawIOBase):
    """A file that cannot go back to finish its header, like a browser's recorder."""

    def __init__(self):
        self.content = bytearray()

    def writable(self):
        return True

    def write(self, data):
        self.content += data
        return len(data)


def tone(seconds, *, level=-6.0, hertz=440, rate=RATE, channels=1, fade=0.0):
    """A sine whose peaks are at `level` dBFS, with `fade` seconds to swell and to die away."""
    moments = np.arange(round(seconds * rate)) / rate
    wave = 10 ** (level / 20) * np.sin(2 * np.pi * hertz * moments)
    if fade:
        wave *= np.minimum(1, np.minimum(moments, moments[::-1]) / fade)
    return np.tile(wave[:, None], (1, channels))


def silence(seconds, *, rate=RATE, channels=1):
    return np.zeros((round(seconds * rate), channels))


def encode(sound, name, *, live=False, **changes):
    """The bytes of a file; `sound` is (samples, channels) within -1…1."""
    kind = FORMATS[name]
    output = _LiveStream() if live else io.BytesIO()
    rate = changes.get("rate", kind.rate)
    with av.open(output, "w", format=kind.muxer) as container:
        channels = sound.shape[1]
        layout = LAYOUTS.get(channels, f"{channels} channels")
        stream = container.add_stream(kind.codec, rate=rate, layout=layout, format=kind.sample)
        stream.bit_rate = kind.bit_rate
        options = {"strict": "experimental"}  # FFmpeg's own Vorbis
        if layout not in LAYOUTS.values():
            options["mapping_family"] = "255"  # Opus: channels without a place in a room
        stream.codec_context.options = options
        for start in range(0, len(sound), rate):
            _send(container, stream, _frame(sound[start : start + rate], kind, rate, layout, start))
        container.mux(stream.encode(None))
    return bytes(output.content) if live else output.getvalue()


def _frame(piece, kind, rate, layout, start):
    # PyAV loses count of more than seven planes.
    sample = kind.sample if piece.shape[1] < 8 else kind.sample.removesuffix("p")
    frame = av.AudioFrame.from_ndarray(_as_samples(piece, sample), sample, layout)
    frame.sample_rate, frame.pts = rate, start
    return frame


def _as_samples(piece, sample):
    dtype, scale, middle = _SAMPLES[sample.removesuffix("p")]
    if scale != 1:
        piece = np.rint(np.clip(piece, -1, 1) * scale) + middle
    values = piece.astype(dtype)
    return np.ascontiguousarray(values.T) if sample.endswith("p") else values.reshape(1, -1)


def _send(container, stream, frame):
    container.mux(stream.encode(frame))
