"""What a recording's bytes say of its sound: its length, its levels, and what is wrong with it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any

import av
from django.conf import settings

from recordings import headers
from recordings.choices import Aviso
from recordings.containers import UNREADABLE, PatientFile, opened
from recordings.headers import WavSize
from recordings.levels import Levels

_CONTAINERS = {
    "wav": "wav",
    "flac": "flac",
    "mp3": "mp3",
    "ogg": "ogg",
    "matroska,webm": "webm",
    "mov,mp4,m4a,3gp,3g2,mj2": "mp4",
    "aac": "aac",
    "aiff": "aiff",
    "amr": "amr",
}
# The headers of these say how long the sound is; for the rest FFmpeg guesses by the bit rate.
_SAY_THEIR_LENGTH = {"flac", "aiff", "mp4", "webm"}
# A header counts the padding that encoders add: seconds by which it may exceed the sound.
_PADDING_SECONDS = 0.05
# The clock is looked at with every read; some bytes hold much more sound than others.
_PACKETS_BETWEEN_LOOKS = 50


@dataclass(frozen=True)
class Measurement:
    """Durations in seconds, levels in dBFS as `Levels` has them, shares from 0 to 1.

    None is what cannot be known. When the time ran out, `is_complete` is False, there are no
    levels, and the duration is what the header promises.
    """

    is_complete: bool = True
    duracion_segundos: float | None = None
    contenedor: str | None = None
    codec: str | None = None  # as FFmpeg names it
    frecuencia_hz: int | None = None
    canales: int | None = None
    pico_dbfs: float | None = None
    rms_dbfs: float | None = None
    proporcion_saturada: float | None = None
    proporcion_silencio: float | None = None
    peaks: bytes | None = None  # as `recordings.peaks` describes them
    avisos: tuple[str, ...] = ()


def measure(file: IO[bytes], *, seconds: float) -> Measurement:
    """Reads the sound for that long at most. Raises nothing, whatever the bytes are."""
    wav = headers.wav_size(file)
    # FFmpeg would look behind the sound for further chunks, among hostile ones for a minute.
    patient = PatientFile(file, seconds, seekable=wav is None)
    if headers.is_monstrous_mp4(file):
        return _without_levels(patient)
    try:
        return _measure(file, patient, wav)
    except UNREADABLE:
        return _without_levels(patient)


def _measure(file: IO[bytes], patient: PatientFile, wav: WavSize | None) -> Measurement:
    options = {"ignore_length": "1"} if wav and wav.is_unfinished else {}
    with opened(patient, **options) as container:
        if not container.streams.audio or not container.streams.audio[0].codec_context:
            return _without_levels(patient)
        sound = _Sound(container, wav)
        sound.listen(patient)
        if patient.ran_out:
            return _without_levels(patient, duracion_segundos=sound.promised, **sound.facts())
        if sound.is_noise:
            return _without_levels(patient, **sound.facts())
        return _with_levels(sound, is_cut=sound.is_cut(file))


class _Sound:
    """The first stream of audio of an open container, and what was heard of it."""

    def __init__(self, container: Any, wav: WavSize | None) -> None:
        self._container = container
        self._wav = wav
        self._stream = container.streams.audio[0]
        self._stream.codec_context.thread_count = 1
        self._kind = _CONTAINERS[container.format.name]
        self._first_frame = 0  # its place in the file
        self._whole = self._broken = 0  # packets
        self._is_last_broken = False
        self.levels = Levels(self._codec)

    def listen(self, patient: PatientFile) -> None:
        try:
            for packet in self._packets(patient):
                self._hear(packet)
        except UNREADABLE:  # what was heard until then stays
            self._is_last_broken = True
        self.levels.finish()

    def _packets(self, patient: PatientFile) -> Iterator[Any]:
        """The packets that are there, until the time runs out."""
        for number, packet in enumerate(self._container.demux(self._stream)):
            patient.replenish()
            if number == 0:
                self._first_frame = packet.pos or 0
            if number % _PACKETS_BETWEEN_LOOKS == 0 and patient.ran_out:
                return
            yield packet

    @property
    def is_noise(self) -> bool:
        """Whether the bytes are no sound: of anything at all, some can be taken for packets."""
        return not self.levels.samples or self._broken > self._whole

    @property
    def promised(self) -> float | None:
        """Seconds that the header says there are."""
        bit_rate = self._stream.codec_context.bit_rate
        if self._wav:
            return round(8 * self._wav.sound / bit_rate, 3) if bit_rate else None
        if self._kind not in _SAY_THEIR_LENGTH or not self._container.duration:
            return None
        return round(self._container.duration / av.time_base, 3)

    def is_cut(self, file: IO[bytes]) -> bool:
        """Whether the end is missing."""
        if self._wav:
            return self._wav.is_cut
        if self._kind == "ogg" and headers.ogg_is_cut(file):
            return True
        promised = self.promised
        if self._kind == "mp3" and headers.mp3_says_its_length(file, self._first_frame):
            promised = self._container.duration / av.time_base
        is_short = promised is not None and promised - self.levels.seconds > _PADDING_SECONDS
        return is_short or self._is_last_broken

    def facts(self) -> dict[str, Any]:
        context = self._stream.codec_context
        return {
            "contenedor": self._kind,
            "codec": self._codec,
            "frecuencia_hz": context.sample_rate or None,
            "canales": context.layout.nb_channels or None,
        }

    @property
    def _codec(self) -> str:
        return str(self._stream.codec_context.codec.canonical_name)

    def _hear(self, packet: Any) -> None:
        if self._kind == "mp4" and packet.pts is not None:
            end = (packet.pts + (packet.duration or 0)) * self._stream.time_base
            self.levels.limit = round(end * self._stream.codec_context.sample_rate)
        try:
            if self._kind == "amr" and _is_no_amr(packet):
                raise av.InvalidDataError(0, "reserved bits are set")
            frames = packet.decode()
        except av.FFmpegError:
            self._broken += 1
            self._is_last_broken = True
            return
        for frame in frames:
            self._whole += 1
            self._is_last_broken = packet.is_corrupt
            # Nothing says how much of raw AAC is the encoder's start; the first frame always is.
            if self._kind != "aac" or self._whole > 1:
                self.levels.add(frame)


def _is_no_amr(packet: Any) -> bool:
    """Whether bits are set that RFC 4867, section 5.3, wants to be zero in a file."""
    return bool(packet.size and bytes(packet)[0] & 0x83)


def _with_levels(sound: _Sound, *, is_cut: bool) -> Measurement:
    levels = sound.levels
    seconds = round(levels.seconds, 3)
    avisos = {
        Aviso.SILENCIO: levels.silent_share >= settings.SILENT_SHARE_WARNED,
        Aviso.SATURADO: levels.clipped_share >= settings.CLIPPED_SHARE_WARNED,
        Aviso.MUY_CORTO: seconds < settings.RECORDING_SECONDS_MIN,
        Aviso.TRUNCADO: is_cut,
    }
    return Measurement(
        duracion_segundos=seconds,
        pico_dbfs=_rounded(levels.peak_dbfs),
        rms_dbfs=_rounded(levels.rms_dbfs),
        proporcion_saturada=round(levels.clipped_share, 4),
        proporcion_silencio=round(levels.silent_share, 4),
        peaks=levels.peaks.as_bytes(),
        avisos=tuple(aviso.value for aviso, is_given in avisos.items() if is_given),
        **sound.facts(),
    )


def _without_levels(patient: PatientFile, **facts: Any) -> Measurement:
    """Nothing was decoded: because the time ran out, or because there is nothing to decode."""
    if patient.ran_out:
        return Measurement(is_complete=False, **facts)
    return Measurement(avisos=(Aviso.NO_DECODIFICABLE.value,), **facts)


def _rounded(decibels: float) -> float:
    return round(decibels, 2) + 0.0  # no -0.0
