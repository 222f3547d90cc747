"""What is in the bytes of an upload, whatever the client called them."""

import mimetypes
import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO

from django.utils.translation import gettext_lazy as _

from recordings.containers import UNREADABLE, PatientFile, opened
from recordings.headers import is_monstrous_mp4
from toastclub.errors import ToastClubError

HEAD_BYTES = 512
OPENING_SECONDS = 2
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
# An MP4 that was cut is known by its first box alone: what would describe it is at its end.
_MP4 = "mov,mp4,m4a,3gp,3g2,mj2"
_MP4_SIGNATURE = re.compile(rb".{4}ftyp(?:M4[AB]\x20|mp4[12]|iso[m2-9]|3g[p2].|dash)", re.DOTALL)
# Types without a signature of their own, by the name of the demuxer that can read them.
_DEMUXED = {
    "mp3": ("audio/mpeg", "mp3"),
    _MP4: ("audio/mp4", "m4a"),
    "aac": ("audio/aac", "aac"),
    "aiff": ("audio/aiff", "aiff"),
    "amr": ("audio/amr", "amr"),
}
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
KNOWN_TYPES = (*sorted(_EXTENSION_OF_TYPE), UNKNOWN_TYPE)
_OTHER_TYPES = frozenset({"audio/x-wav", "audio/wave", "audio/mp3", "audio/opus", "audio/x-m4a"})
_SANE_AUDIO_TYPE = re.compile(r"audio/[\w.+-]{1,60}", re.ASCII)


class NotAudio(ToastClubError):
    field = "file"
    message = _("El archivo no es audio. Envía la grabación, por ejemplo en WAV.")


@dataclass(frozen=True)
class AudioType:
    content_type: str
    extension: str  # without the dot


def find_type(file: IO[bytes], client_type: str = "") -> AudioType:
    """The type that the bytes show.

    Raises `NotAudio` for what is plainly something else. Bytes that nobody recognises are
    kept, under the client's type if that is one of audio.
    """
    file.seek(0)
    head = file.read(HEAD_BYTES)
    found = _by_signature(head)
    # Before it is demuxed: an archive may hold an MP3 as it is.
    if not found and _FOREIGN.match(head):
        raise NotAudio
    found = found or _DEMUXED.get(_demuxer(file, head))
    file.seek(0)
    return AudioType(*found) if found else _unrecognised(client_type)


def type_by_name(name: str) -> str:
    """The MIME type that a file's name promises: the one its bytes would be found to have."""
    extension = PurePosixPath(name).suffix[1:].lower()
    return _TYPE_OF_EXTENSION.get(extension) or mimetypes.guess_type(name)[0] or UNKNOWN_TYPE


def known_type(content_type: str) -> str:
    """The type, unless it is a word of the client's own, which may say anything."""
    is_known = content_type in _EXTENSION_OF_TYPE or content_type in _OTHER_TYPES
    return content_type if is_known else UNKNOWN_TYPE


def _by_signature(head: bytes) -> tuple[str, str] | None:
    return next(
        (
            (content_type, extension)
            for offset, magic, content_type, extension in _CONTAINERS
            if head.startswith(magic, offset)
        ),
        None,
    )


def _demuxer(file: IO[bytes], head: bytes) -> str:
    """The name of the demuxer that finds audio; "" where none does."""
    if is_monstrous_mp4(file):
        return _MP4
    try:
        with opened(PatientFile(file, OPENING_SECONDS)) as container:
            return container.format.name if container.streams.audio else ""
    except UNREADABLE:
        return _MP4 if _MP4_SIGNATURE.match(head) else ""


def _unrecognised(client_type: str) -> AudioType:
    content_type = client_type.split(";")[0].strip().lower()
    if not _SANE_AUDIO_TYPE.fullmatch(content_type):
        return AudioType(UNKNOWN_TYPE, "bin")
    guessed = (mimetypes.guess_extension(content_type) or ".bin").removeprefix(".")
    return AudioType(content_type, _EXTENSION_OF_TYPE.get(content_type, guessed))
