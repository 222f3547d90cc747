"""What headers say of the length of the sound, where FFmpeg does not tell or would not refuse."""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import IO

# A WAV has a handful of chunks; a hostile one is not walked to its end.
_CHUNKS_MAX = 1000
# Sizes from here on are what recorders write before they know: 0x7FFFFFFF, 0x80000000 or
# 0xFFFFFFFF, less a header's length. No upload comes near.
_PLACEHOLDER_FROM = 0x7FFF0000
# Some recorders count their own header into the size of the data; some programs put an ID3 tag of
# 128 bytes behind it.
_SLACK_BYTES = 128
_CHUNK_NAME = re.compile(rb"[A-Za-z0-9_ ]{4}")
_OGG_PAGE_MAX = 65_307  # bytes: RFC 3533, section 6
_OGG_LAST = 0x04  # a page's flag: end of stream
_XING_FRAME_MAX = 4096  # bytes before the first frame of sound in an MP3
_XING = re.compile(rb"Xing|Info|VBRI")
# 3 hours of AAC at 48 kHz. FFmpeg makes 24 bytes or more of every one, however few bytes say so.
_MP4_SAMPLES_MAX = 500_000
_MP4_BOXES_MAX = 100_000
_MP4_DEPTH_MAX = 10
_MP4_PARENTS = re.compile(rb"moov|trak|mdia|minf|stbl|moof|traf|mvex|edts|udta|dinf|tref|wave")
# Where a box says how many samples there are, counted from the end of its own header.
_MP4_COUNTS = {b"stsz": 8, b"stz2": 8, b"trun": 4}


@dataclass(frozen=True)
class WavSize:
    is_unfinished: bool = False  # the size is a placeholder, or smaller than what is there
    is_cut: bool = False  # the size is larger than what is there
    sound: int = 0  # bytes of sound that are there; 0: not known


def wav_size(file: IO[bytes]) -> WavSize | None:
    """How the size that a WAV declares for its data compares with the file; None: it is no WAV."""
    if _at(file, 8, 4) != b"WAVE":
        return None
    length = _length(file)
    data = next((chunk for chunk in _chunks(file, 12, length) if chunk[0] == b"data"), None)
    if data is None or _at(file, 0, 4) != b"RIFF":
        return WavSize()
    _name, start, size = data
    there = max(0, length - start)
    if size == 0 or size >= _PLACEHOLDER_FROM:
        return WavSize(is_unfinished=True, sound=there)
    if size > there:
        return WavSize(is_cut=size > there + _SLACK_BYTES, sound=there)
    if there > size + _SLACK_BYTES and not _holds_only_chunks(file, start + size, length):
        return WavSize(is_unfinished=True, sound=there)
    return WavSize(sound=size)


def ogg_is_cut(file: IO[bytes]) -> bool:
    """Whether the last page is not whole, or is not marked as the last."""
    length = _length(file)
    tail = _at(file, max(0, length - 2 * _OGG_PAGE_MAX), length)
    page = tail[tail.rfind(b"OggS") :]
    if len(page) < 27 or not page[5] & _OGG_LAST:
        return True
    segments = page[27 : 27 + page[26]]
    return len(page) < 27 + page[26] + sum(segments)


def mp3_says_its_length(file: IO[bytes], first_frame: int) -> bool:
    """Whether there is a Xing or VBRI frame: without, FFmpeg's duration is a guess."""
    start = max(0, first_frame - _XING_FRAME_MAX)
    return bool(_XING.search(_at(file, start, first_frame - start)))


def is_monstrous_mp4(file: IO[bytes]) -> bool:
    """Whether its tables would take FFmpeg more memory than any recording is worth.

    Files of other kinds have no boxes: their first bytes, read as a size, lead past their end.
    """
    boxes = _boxes(file, 0, _length(file))
    samples = sum(_sample_count(file, *box) for box in islice(boxes, _MP4_BOXES_MAX))
    return samples > _MP4_SAMPLES_MAX or next(boxes, None) is not None


def _chunks(file: IO[bytes], position: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Name, start and size of the RIFF chunks from a position on."""
    for _count in range(_CHUNKS_MAX):
        head = _at(file, position, 8)
        if len(head) < 8 or position >= end:
            return
        name, size = struct.unpack("<4sI", head)
        yield name, position + 8, size
        position += 8 + size + size % 2


def _holds_only_chunks(file: IO[bytes], position: int, end: int) -> bool:
    """Whether RIFF chunks, and nothing else, fill the rest of the file."""
    position += position % 2
    for name, start, size in _chunks(file, position, end):
        if not _CHUNK_NAME.fullmatch(name):
            return False
        position = start + size + size % 2
    return abs(position - end) <= 8  # the pad byte of the last chunk is often forgotten


def _boxes(file: IO[bytes], position: int, end: int, depth: int = 0) -> Iterator[tuple[bytes, int]]:
    """Name and start of content of the boxes that lead to the tables of an MP4."""
    while position < end and (head := _box_head(file, position)):
        name, start, size = head
        yield name, start
        if _MP4_PARENTS.fullmatch(name) and depth < _MP4_DEPTH_MAX:
            yield from _boxes(file, start, min(end, position + size), depth + 1)
        position += size


def _box_head(file: IO[bytes], position: int) -> tuple[bytes, int, int] | None:
    head = _at(file, position, 16).ljust(16, b"\0")
    size, name, long_size = struct.unpack(">I4sQ", head)
    if size == 1:
        return (name, position + 16, long_size) if long_size >= 16 else None
    if size == 0:  # up to the end
        return name, position + 8, _length(file) - position
    return (name, position + 8, size) if size >= 8 else None


def _sample_count(file: IO[bytes], name: bytes, start: int) -> int:
    if name == b"cmov":  # tables that are compressed: nobody has written them for long
        return _MP4_SAMPLES_MAX + 1
    if name not in _MP4_COUNTS:
        return 0
    return int.from_bytes(_at(file, start + _MP4_COUNTS[name], 4), "big")


def _at(file: IO[bytes], position: int, size: int) -> bytes:
    file.seek(position)
    return file.read(size)


def _length(file: IO[bytes]) -> int:
    return file.seek(0, 2)
