"""What is in the bytes of an upload, whatever the client called them."""

import mimetypes
import re
import time
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO, Any

import av
from django.utils.translation import gettext_lazy as _

from toastclub.errors import ToastClubError

HEAD_BYTES = 512
# A WAV of 100 MB is read in 2 s; one that ends in 100 MB of zeros, in a minute.
READING_SECONDS = 10
UNKNOWN_TYPE = "application/octet-stream"

# Signatures of audio: bytes at an offset → MIME type and extension.
_CONTAINERS: tuple[tuple[int, bytes, str, str], ...] = (
    (8, b"WAVE", "audio/wav", "wav"),
    (0, b"fLaC", "audio/flac", "flac"),
    (0, b"ID3", "audio/mpeg", "mp3"),
    (28, b"OpusHead", "audio/ogg", "opus"),
    (0, b"OggS", "audio/ogg", "ogg"),
    (0, b"\x1a\x45\xdf\xa3", "audio/webm", "webm"),
)
# Types without a signature of their own, by the name of the demuxer that can read them.
_DEMUXED = {
    "mp3": ("audio/mpeg", "mp3"),
    "mov,mp4,m4a,3gp,3g2,mj2": ("audio/mp4", "m4a"),
    "aac": ("audio/aac", "aac"),
    "aiff": ("audio/aiff", "aiff"),
    "amr": ("audio/amr", "amr"),
}
# Nothing else is read: a playlist or an SDP would have it open files and sockets of its own.
_DEMUXERS_ALLOWED = {"format_whitelist": "wav,flac,ogg,matroska,mp3,mov,aac,aiff,amr"}
# What is plainly something else. Only long or anchored signatures: a voice in a format that
# nobody knows must not be taken for an archive because of two bytes.
_FOREIGN = re.compile(
    rb"""
      %PDF-
    | \x89PNG\r\n\x1a\n | \xff\xd8\xff[\xc0-\xfe] | GIF8[79]a | II\*\x00 | MM\x00\*
    | BM.{4}\x00{4}.{3}\x00 | RIFF.{4}WEBP
    | \x00\x00\x01\x00[\x01-\x20]\x00.{3}\x00.{8}[\x06-\xf6][\x00-\x02]\x00\x00
    | .{4}ftyp(?:heic|heix|mif1|avif)
    | PK(?:\x03\x04|\x05\x06) | \x1f\x8b\x08 | BZh[1-9]1AY&SY | \xfd7zXZ\x00 | 7z\xbc\xaf\x27\x1c
    | Rar!\x1a\x07 | \x28\xb5\x2f\xfd | .{257}ustar
    | 8BPS | MSCF\x00{4} | \xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 | \{\\rtf | RIFF.{4}AVI\x20
    | \x7fELF | MZ.{60}\x00\x00 | [\xcf\xce]\xfa\xed\xfe | \xca\xfe\xba\xbe | \#!\s*/
    | (?:\xef\xbb\xbf)?\s*(?:<(?:!doctype|\?xml|!--|[a-z][a-z0-9]*[\s>/])|\{\s*")
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_TYPE_OF_EXTENSION = {
    extension: content_type
    for content_type, extension in (*(row[2:] for row in _CONTAINERS), *_DEMUXED.values())
}
_EXTENSION_OF_TYPE = {
    content_type: extension for extension, content_type in _TYPE_OF_EXTENSION.items()
}
_SANE_AUDIO_TYPE = re.compile(r"audio/[\w.+-]{1,60}", re.ASCII)


class NotAudio(ToastClubError):
    field = "file"
    message = _("El archivo no es audio. Envía la grabación, por ejemplo en WAV.")


@dataclass(frozen=True)
class AudioFacts:
    content_type: str
    extension: str  # without the dot
    duration: float | None  # seconds


def inspect_audio(file: IO[bytes], client_type: str = "") -> AudioFacts:
    """Type and duration, read from the bytes.

    Raises `NotAudio` for what is plainly something else. Bytes that nobody recognises are
    kept, under the client's type if that is one of audio.
    """
    file.seek(0)
    head = file.read(HEAD_BYTES)
    found = _by_signature(head)
    # Before it is demuxed: an archive may hold an MP3 as it is.
    if not found and _FOREIGN.match(head):
        raise NotAudio
    demuxer, duration = _demux(file)
    file.seek(0)
    found = found or _DEMUXED.get(demuxer)
    return AudioFacts(*found, duration) if found else _unrecognised(client_type)


def type_by_name(name: str) -> str:
    """The MIME type that a file's name promises: the one its bytes would be found to have."""
    extension = PurePosixPath(name).suffix[1:].lower()
    return _TYPE_OF_EXTENSION.get(extension) or mimetypes.guess_type(name)[0] or UNKNOWN_TYPE


def _by_signature(head: bytes) -> tuple[str, str] | None:
    return next(
        (
            (content_type, extension)
            for offset, magic, content_type, extension in _CONTAINERS
            if head.startswith(magic, offset)
        ),
        None,
    )


def _unrecognised(client_type: str) -> AudioFacts:
    content_type = client_type.split(";")[0].strip().lower()
    if not _SANE_AUDIO_TYPE.fullmatch(content_type):
        return AudioFacts(UNKNOWN_TYPE, "bin", None)
    guessed = (mimetypes.guess_extension(content_type) or ".bin").removeprefix(".")
    return AudioFacts(content_type, _EXTENSION_OF_TYPE.get(content_type, guessed), None)


def _demux(file: IO[bytes]) -> tuple[str, float | None]:
    """The demuxer's name and the duration; "" and None where there is no audio to read."""
    file.seek(0)
    try:
        patient = _PatientFile(file)
        with av.open(patient, options=_DEMUXERS_ALLOWED, metadata_errors="ignore") as container:
            if not container.streams.audio:
                return "", None
            duration = _duration(container)
            return container.format.name, None if patient.ran_out else duration
    except (av.FFmpegError, ValueError, OSError):
        return "", None


class _PatientFile:
    """A file that seems to end once it has been read for `READING_SECONDS`."""

    ran_out = False

    def __init__(self, file: IO[bytes]) -> None:
        self._deadline = time.monotonic() + READING_SECONDS
        self._file = file
        self.seek = file.seek
        self.tell = file.tell

    def read(self, size: int) -> bytes:
        self.ran_out = time.monotonic() > self._deadline
        return b"" if self.ran_out else self._file.read(size)


def _duration(container: Any) -> float | None:
    """Seconds of audio in the packets that are there: a header may promise more.

    Packets also hold the padding that encoders add, which some headers leave out: the shorter
    of the two is what there is to hear.
    """
    stream = container.streams.audio[0]
    end = max(
        (
            packet.pts + (packet.duration or 0)
            for packet in container.demux(stream)
            if packet.pts is not None
        ),
        default=0,
    )
    seconds = float(end * stream.time_base)
    if container.duration:
        seconds = min(seconds, container.duration / av.time_base)
    seconds = round(seconds, 3)
    return seconds if seconds > 0 else None
