"""Taking in the bytes of a recording: counted and hashed as they come."""

import errno
import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from zlib_ng import zlib_ng

from recordings.temporary import claimed_file
from toastclub.errors import ServiceUnavailable


class DiskFull(ServiceUnavailable):
    message = _("El servidor se ha quedado sin espacio. Vuelve a intentarlo más tarde.")


class Checksums:
    """Size, SHA-256 and CRC-32 of bytes that come piece by piece."""

    def __init__(self) -> None:
        self.size = 0
        self.crc32 = 0
        self._sha256 = hashlib.sha256()

    def update(self, chunk: bytes) -> None:
        self.size += len(chunk)
        self.crc32 = zlib_ng.crc32(chunk, self.crc32)
        self._sha256.update(chunk)

    @property
    def sha256(self) -> str:
        """In hexadecimal."""
        return self._sha256.hexdigest()


def checksums_of(chunks: Iterable[bytes]) -> Checksums:
    checksums = Checksums()
    for chunk in chunks:
        checksums.update(chunk)
    return checksums


@contextmanager
def reporting_full_disk() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull from error
        raise


@contextmanager
def local_copy(chunks: Iterable[bytes]) -> Iterator[tuple[Path, Checksums]]:
    """The bytes in a private file, as long as they are needed, and their checksums."""
    checksums = Checksums()
    with claimed_file(settings.UPLOAD_DIR) as file:
        with reporting_full_disk():
            for chunk in chunks:
                checksums.update(chunk)
                file.write(chunk)
            file.flush()
        yield Path(file.name), checksums
