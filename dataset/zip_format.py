"""A ZIP whose length is known before its first byte, written at constant memory.

Sizes and checksums of all files are known beforehand, so that each is written before its bytes,
where every program looks for it. Ready-made streaming writers put them behind the bytes, in data
descriptors that some programs trip over, or hold the directory of all files in memory. After
PKWARE's APPNOTE 6.3.10; files are stored as they are, and what exceeds 32 bits gets ZIP64 fields.
"""

import struct
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Protocol

from django.utils.timezone import get_default_timezone

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR_64 = struct.Struct("<4sLQL")
_END = struct.Struct("<4s4H2LH")

_VERSION = 20
_VERSION_64 = 45
_MADE_ON_UNIX = 3 << 8
_PLAIN_FILE = 0o100644 << 16  # Unix mode
_UTF8_NAME = 0x800
_STORED = 0
_MAX_16 = 0xFFFF
_MAX_32 = 0xFFFFFFFF
_EXTRA_64 = 1


class Member(Protocol):
    """A file in the ZIP; its path is relative, with slashes."""

    @property
    def path(self) -> str: ...
    @property
    def size(self) -> int: ...
    @property
    def crc32(self) -> int: ...
    @property
    def modified(self) -> datetime: ...


def local_header(member: Member) -> bytes:
    """What comes before a file's bytes."""
    extra = _extra_64(member.size, member.size) if member.size >= _MAX_32 else b""
    size = min(member.size, _MAX_32)
    header = _LOCAL.pack(
        b"PK\3\4", *_facts(member, extra), member.crc32, size, size, len(_name(member)), len(extra)
    )
    return header + _name(member) + extra


def directory(members: Iterable[Member]) -> Iterator[bytes]:
    """What comes after the bytes of the last file: an entry for each, and the end."""
    count = offset = length = 0
    for member in members:
        entry = _directory_entry(member, offset)
        yield entry
        count += 1
        length += len(entry)
        offset += len(local_header(member)) + member.size
    yield _end(count, length, offset)


def zip_size(members: Iterable[Member]) -> int:
    """Bytes of the whole."""
    count = offset = length = 0
    for member in members:
        count += 1
        length += len(_directory_entry(member, offset))
        offset += len(local_header(member)) + member.size
    return offset + length + len(_end(count, length, offset))


def _directory_entry(member: Member, offset: int) -> bytes:
    large = [value for value in (member.size, member.size, offset) if value >= _MAX_32]
    extra = _extra_64(*large) if large else b""
    size = min(member.size, _MAX_32)
    entry = _CENTRAL.pack(
        b"PK\1\2",
        _MADE_ON_UNIX | _VERSION_64,
        *_facts(member, extra),
        member.crc32,
        size,
        size,
        len(_name(member)),
        len(extra),
        0,  # no comment
        0,  # on the first disk
        0,  # not known to be text
        _PLAIN_FILE,
        min(offset, _MAX_32),
    )
    return entry + _name(member) + extra


def _end(count: int, length: int, offset: int) -> bytes:
    """`length` and `offset` are the directory's."""
    end = _END.pack(
        b"PK\5\6",
        0,
        0,
        min(count, _MAX_16),
        min(count, _MAX_16),
        min(length, _MAX_32),
        min(offset, _MAX_32),
        0,
    )
    if count < _MAX_16 and length < _MAX_32 and offset < _MAX_32:
        return end
    size = _END_64.size - 12  # of what follows this very field
    versions = (_MADE_ON_UNIX | _VERSION_64, _VERSION_64)
    end_64 = _END_64.pack(b"PK\6\6", size, *versions, 0, 0, count, count, length, offset)
    return end_64 + _LOCATOR_64.pack(b"PK\6\7", 0, offset + length, 1) + end


def _facts(member: Member, extra: bytes) -> tuple[int, int, int, int, int]:
    """Version needed, flags, method, time and date."""
    flags = 0 if member.path.isascii() else _UTF8_NAME
    moment = member.modified.astimezone(get_default_timezone())
    time = moment.hour << 11 | moment.minute << 5 | moment.second // 2
    date = (max(moment.year, 1980) - 1980) << 9 | moment.month << 5 | moment.day
    return (_VERSION_64 if extra else _VERSION, flags, _STORED, time, date)


def _name(member: Member) -> bytes:
    return member.path.encode()


def _extra_64(*values: int) -> bytes:
    return struct.pack(f"<2H{len(values)}Q", _EXTRA_64, 8 * len(values), *values)
