"""The files that an export holds."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from dataset.spool import Spool


@dataclass(frozen=True)
class WrittenFile:
    """A file that we have written."""

    path: str
    spool: Spool
    modified: datetime

    @property
    def size(self) -> int:
        return self.spool.checksums.size

    @property
    def crc32(self) -> int:
        return self.spool.checksums.crc32

    @property
    def sha256(self) -> str:
        return self.spool.checksums.sha256


class AudioFile(NamedTuple):
    """A file whose bytes are in the store."""

    path: str
    size: int
    crc32: int
    sha256: str
    modified: datetime
    key: str
    session_id: int
    recording_id: int


ExportedFile = WrittenFile | AudioFile
