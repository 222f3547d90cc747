"""What an export writes before its first byte leaves: in nameless files, not in memory."""

import json
from collections.abc import Iterable, Iterator
from tempfile import TemporaryFile
from typing import IO, Any

from django.conf import settings

from recordings.receiving import Checksums

CHUNK_BYTES = 256 * 1024


class Spool:
    """Bytes that are written once, then read from the beginning as often as is needed."""

    def __init__(self) -> None:
        self._file: IO[bytes] = TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR)  # noqa: SIM115  # closed by `close`
        self.checksums = Checksums()

    def write(self, data: bytes) -> int:
        self.checksums.update(data)
        return self._file.write(data)

    def write_all(self, pieces: Iterable[bytes]) -> None:
        for piece in pieces:
            self.write(piece)

    def chunks(self) -> Iterator[bytes]:
        self._file.flush()
        position = 0
        while chunk := self._read(position):
            position += len(chunk)
            yield chunk

    def close(self) -> None:
        self._file.close()

    def _read(self, position: int) -> bytes:
        self._file.seek(position)
        return self._file.read(CHUNK_BYTES)


class RowSpool:
    """The same for rows of plain values."""

    def __init__(self) -> None:
        self._spool = Spool()
        self.count = 0

    def append(self, row: list[Any]) -> None:
        self._spool.write(json.dumps(row).encode() + b"\n")
        self.count += 1

    def __iter__(self) -> Iterator[list[Any]]:
        rest = b""
        for chunk in self._spool.chunks():
            *lines, rest = (rest + chunk).split(b"\n")
            yield from map(json.loads, lines)

    def close(self) -> None:
        self._spool.close()
