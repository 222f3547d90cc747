"""FFmpeg's demuxers, kept to files of sound, to a time and to a memory."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

import av

# Nothing else is read: a playlist or an SDP would have it open files and sockets of its own.
_DEMUXERS = "wav,flac,ogg,matroska,mp3,mov,aac,aiff,amr"
_READING_OPTIONS = {
    "format_whitelist": _DEMUXERS,
    # 128 KiB of a WAV at a time, and no guess whether there are DTS or S/PDIF frames in it: that
    # would take ten times as long as all the rest.
    "max_size": str(128 * 1024),
    "max_probe_packets": "1",
    "probesize": str(1024 * 1024),
}
# Bytes that a demuxer may read to find its first or next packet. What it makes of hostile ones in
# memory is up to 20 times as much (the tags of a WebM), in time up to 2 s (the comments of a FLAC,
# which are compared each with each). Three hours of AAC have an index of 2 MB.
READING_ALLOWANCE = 2 * 1024 * 1024
UNREADABLE = (av.FFmpegError, ValueError, OSError)


class PatientFile:
    """A file that seems to end once it is read for too long, or too much of it for one packet.

    One that is not `seekable` is read from the beginning to the end.
    """

    def __init__(self, file: IO[bytes], seconds: float, *, seekable: bool = True) -> None:
        self._file = file
        self._is_seekable = seekable
        self._deadline = time.monotonic() + seconds
        self._allowance = READING_ALLOWANCE
        self.seek = file.seek
        self.tell = file.tell

    def seekable(self) -> bool:
        return self._is_seekable

    @property
    def ran_out(self) -> bool:
        return time.monotonic() > self._deadline

    def replenish(self) -> None:
        self._allowance = READING_ALLOWANCE

    def read(self, size: int) -> bytes:
        self._allowance -= size
        return b"" if self.ran_out or self._allowance < 0 else self._file.read(size)


@contextmanager
def opened(file: PatientFile, **options: str) -> Iterator[Any]:
    """FFmpeg's view of the file. Raises one of `UNREADABLE` where it has none."""
    file.seek(0)
    with av.open(file, options=_READING_OPTIONS | options, metadata_errors="ignore") as container:
        file.replenish()
        yield container
