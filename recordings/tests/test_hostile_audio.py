"""Files made to take much memory or time of whoever measures them."""

import os
import struct
import subprocess
import sys

import numpy as np
import pytest

from recordings.tests.sounds import encode, tone

pytestmark = pytest.mark.one_database

MEGABYTES_MAX = 64
MEASURING = """
import io, sys
import django
from django.conf import settings

django.setup()
from recordings.quality import measure
from recordings.tests.sounds import encode, tone

def peak_kilobytes():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))

measure(io.BytesIO(encode(tone(1), "m4a")), seconds=5)
for name in sys.argv[1:]:
    before = peak_kilobytes()
    with open(name, "rb") as file:
        measure(file, seconds=1)
    print((peak_kilobytes() - before) // 1024)
"""


def box(name, content):
    return struct.pack(">I4s", len(content) + 8, name) + content


def mp4_of(samples, sizes=b"", *, sample_size=4, fragment=b""):
    """An MP4 that says it has that many samples."""
    entry = bytes(6) + b"\0\1" + bytes(8) + struct.pack(">HHHHI", 1, 16, 0, 0, 48_000 << 16)
    tables = (
        box(b"stsd", struct.pack(">II", 0, 1) + box(b"mp4a", entry))
        + box(b"stts", struct.pack(">IIII", 0, 1, samples, 1024))
        + box(b"stsc", struct.pack(">IIIII", 0, 1, 1, samples, 1))
        + box(b"stco", struct.pack(">III", 0, 1, 64))
        + box(b"stsz", struct.pack(">III", 0, sample_size, samples) + sizes)
    )
    header = box(b"mdhd", bytes(12) + struct.pack(">II", 48_000, 48_000) + bytes(4))
    handler = box(b"hdlr", bytes(8) + b"soun" + bytes(13))
    track = box(b"tkhd", b"\0\0\0\3" + bytes(8) + struct.pack(">II", 1, 0) + bytes(64))
    media = box(b"mdia", header + handler + box(b"minf", box(b"stbl", tables)))
    movie = box(b"mvhd", bytes(12) + struct.pack(">II", 48_000, 48_000) + bytes(80))
    extends = box(b"mvex", box(b"trex", struct.pack(">6I", 0, 1, 1, 1024, 4, 0)))
    moov = box(b"moov", movie + box(b"trak", track + media) + (extends if fragment else b""))
    return box(b"ftyp", b"M4A \0\0\0\0M4A ") + moov + fragment


def mp4_fragment_of(samples):
    run = box(b"trun", struct.pack(">II", 0, samples))
    return box(b"moof", box(b"traf", box(b"tfhd", struct.pack(">II", 0, 1)) + run))


def element(name, content):
    return name + struct.pack(">Q", len(content) | 1 << 56) + content


def webm_of(content):
    track = b"\xd7\x81\1\x83\x81\2\x86\x86A_OPUS" + element(b"\x63\xa2", b"OpusHead\1\1" + bytes(9))
    tracks = element(b"\x16\x54\xae\x6b", element(b"\xae", track))
    head = element(b"\x1a\x45\xdf\xa3", element(b"\x42\x82", b"webm"))
    return head + element(b"\x18\x53\x80\x67", tracks + content)


def webm_with_tags(count):
    tag = b"\x67\xc8\x88\x45\xa3\x81a\x44\x87\x81b"
    return webm_of(element(b"\x12\x54\xc3\x67", element(b"\x73\x73", tag * count)))


def webm_with_a_block_of(size):
    block = element(b"\xa3", b"\x81\0\0\x80" + bytes(size))
    return webm_of(element(b"\x1f\x43\xb6\x75", b"\xe7\x81\0" + block))


def flac_with_comments(count):
    comments = struct.pack("<II", 0, count) + struct.pack("<I3s", 3, b"a=b") * count
    plain = encode(tone(1), "flac")
    return plain[:4] + b"\0" + plain[5:42] + b"\x84" + len(comments).to_bytes(3, "big") + comments


def flac_of_zeros():
    return encode(np.zeros((48_000 * 300, 1), np.float32), "flac")


HOSTILE = {
    "mp4 of one size": lambda: mp4_of(100_000_000),
    "mp4 of many sizes": lambda: mp4_of(10_000_000, bytes(40_000_000), sample_size=0),
    "mp4 of a fragment": lambda: mp4_of(0, fragment=mp4_fragment_of(100_000_000)),
    "mp4 of nested boxes": lambda: mp4_of(1) + struct.pack(">I4s", 80_000_000, b"moov") * 100_000,
    "mp4 of tiny boxes": lambda: mp4_of(1) + box(b"free", b"") * 2_000_000,
    "webm of tags": lambda: webm_with_tags(2_000_000),
    "webm of one block": lambda: webm_with_a_block_of(90_000_000),
    "flac of comments": lambda: flac_with_comments(2_000_000),
    "flac of zeros": flac_of_zeros,
    "wav of tiny chunks": lambda: b"RIFF\0\0\0\0WAVE" + b"JUNK\0\0\0\0" * 2_000_000,
    "wav and tiny chunks": lambda: encode(tone(3), "wav 16") + b"JUNK\0\0\0\0" * 2_000_000,
    "wav and zeros": lambda: encode(tone(3), "wav 16") + bytes(30_000_000),
    "id3 of frames": lambda: b"ID3\4\0\0\x2f\x7f\x7f\x7f" + b"TXXX\0\0\0\5\0\0\0a\0b\0" * 2_000_000,
}


def test_hostile_files_take_little_memory_and_not_for_ever(tmp_path):
    files = [tmp_path / name for name in HOSTILE]
    for file in files:
        file.write_bytes(HOSTILE[file.name]())

    answer = subprocess.run(  # noqa: S603 - nothing in the command comes from outside
        [sys.executable, "-c", MEASURING, *files],
        env=os.environ | {"TOASTCLUB_DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=100,
        check=True,
    )

    taken = dict(zip(HOSTILE, map(int, answer.stdout.split()), strict=True))
    assert {name: size for name, size in taken.items() if size > MEGABYTES_MAX} == {}
