"""The ZIP of an export, as unzip, 7-Zip and Python's zipfile find it."""

import os
import re
import struct
import zipfile
import zlib
from datetime import UTC, datetime
from typing import NamedTuple

import pytest

from dataset.tests.archives import EXPORT
from dataset.tests.readers import (
    HARMLESS,
    RUNNING,
    SEVEN_ZIP,
    manifest_of,
    run,
    sums_in,
    sums_of,
)
from dataset.zip_format import directory, local_header, zip_size
from recordings.tests.factories import RecordingFactory
from sessions_app.tests.factories import SessionFactory
from surveys.tests.factories import SurveyFactory
from training.tests.factories import TextFactory

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

LOCAL_HEADER = struct.Struct("<4s5H3L2H")
NEEDS_A_DESCRIPTOR = 0x8
MAX_32 = 0xFFFFFFFF
GIB = 1024**3


@pytest.fixture
def exported(as_analyst, spoken_wav, tmp_path):
    """The ZIP that an analyst gets of speech, of hostile texts, and without what is gone."""
    for text in (*RUNNING, *HARMLESS):
        SessionFactory(text=TextFactory(title=text, tags={text: text}))
    SurveyFactory(answers={text: text for text in (*RUNNING, *HARMLESS)})
    RecordingFactory(content=spoken_wav)
    RecordingFactory(content=b"otra voz", audio="recordings/otra.M4A", formato="audio/mp4")
    RecordingFactory(content=None)
    path = tmp_path / "dataset.zip"
    path.write_bytes(b"".join(as_analyst.get(EXPORT)))
    return path


def unpack_with_zipfile(archive, folder):
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(folder)


def unpack_with_unzip(archive, folder):
    run("unzip", "-q", str(archive), "-d", str(folder))


def unpack_with_7z(archive, folder):
    run(SEVEN_ZIP, "x", str(archive), f"-o{folder}")


@pytest.mark.parametrize("unpack", [unpack_with_zipfile, unpack_with_unzip, unpack_with_7z])
def test_who_unpacks_it_has_the_files_that_the_manifest_names_and_no_others(
    exported, tmp_path, unpack
):
    folder = tmp_path / "unpacked"

    unpack(exported, folder)

    found = sums_of(folder)
    assert found.pop("manifest.json")
    assert found == sums_in(manifest_of(folder))
    assert len([path for path in found if path.startswith("audios/")]) == 2


@pytest.mark.parametrize(
    "command, verdict",
    [(("unzip", "-t"), "No errors detected"), ((SEVEN_ZIP, "t"), "Everything is Ok")],
    ids=["unzip", "7z"],
)
def test_who_tests_it_finds_nothing_to_warn_of(exported, command, verdict):
    said = run(*command, str(exported))

    assert verdict in said
    assert "warning" not in said.lower()


def test_zipfile_finds_every_checksum_right(exported):
    with zipfile.ZipFile(exported) as archive:
        assert archive.testzip() is None


def said_by_the_directory(entry):
    """What the directory says of a file."""
    return {
        "name": entry.filename,
        "flags": entry.flag_bits,
        "method": entry.compress_type,
        "modified": entry.date_time,
        "crc32": entry.CRC,
        "packed": entry.compress_size,
        "size": entry.file_size,
    }


def said_by_the_header(file):
    """The same as the local header says it at which that open ZIP stands, which it then leaves."""
    mark, _version, flags, method, time, date, crc32, packed, size, *lengths = LOCAL_HEADER.unpack(
        file.read(LOCAL_HEADER.size)
    )
    name, extra = (file.read(length) for length in lengths)
    assert mark == b"PK\3\4"
    if MAX_32 in (packed, size):
        size, packed = struct.unpack("<4x2Q", extra)
    return {
        "name": name.decode(),
        "flags": flags,
        "method": method,
        "modified": moment_of(date, time),
        "crc32": crc32,
        "packed": packed,
        "size": size,
    }


def moment_of(date, time):
    """Of MS-DOS."""
    day = (1980 + (date >> 9), date >> 5 & 0xF, date & 0x1F)
    return (*day, time >> 11, time >> 5 & 0x3F, 2 * (time & 0x1F))


def assert_agrees_with_itself(path):
    """Each file follows the one before, its header says what the directory says, before it."""
    with zipfile.ZipFile(path) as archive, path.open("rb") as file:
        for entry in archive.infolist():
            assert file.tell() == entry.header_offset
            assert said_by_the_header(file) == said_by_the_directory(entry)
            assert not entry.flag_bits & NEEDS_A_DESCRIPTOR
            file.seek(entry.compress_size, os.SEEK_CUR)
        assert file.tell() == archive.start_dir


def test_headers_and_directory_agree_and_nothing_follows_a_file_s_bytes(exported):
    assert_agrees_with_itself(exported)


class Member(NamedTuple):
    """A file of so many zeros, which take no room on the disk."""

    path: str
    size: int = 0
    crc32: int = 0
    modified: datetime = datetime(2026, 1, 8, 15, 30, tzinfo=UTC)


VOICE = b"the last voice"
LAST = Member("audios/last.wav", len(VOICE), zlib.crc32(VOICE))


def write_zip(path, members):
    """A ZIP of those members and the last one, the only one that is written."""
    with path.open("wb") as file:
        for member in members:
            file.write(local_header(member))
            file.seek(member.size, os.SEEK_CUR)
        file.write(local_header(LAST) + VOICE)
        file.writelines(directory([*members, LAST]))


def up_to(offset):
    """A file after which the next begins there."""
    return Member("long.wav", offset - len(local_header(Member("long.wav"))))


LARGE = {
    "70,000 files": [Member(f"{number}.wav") for number in range(70_000)],
    "a file of the most that needs no ZIP64": [Member("long.wav", MAX_32 - 1)],
    "a file of 4 GiB": [Member("long.wav", 4 * GIB)],
    "a file as far behind as needs no ZIP64": [up_to(MAX_32 - 1)],
    "a file a byte further behind": [up_to(MAX_32)],
    "two files behind 10 GiB": [Member("long.wav", 10 * GIB), Member("empty.wav")],
}


@pytest.fixture(scope="module", params=LARGE)
def large(request, tmp_path_factory):
    """The members of a large ZIP, and its path."""
    path = tmp_path_factory.mktemp("large") / "large.zip"
    write_zip(path, LARGE[request.param])
    yield [*LARGE[request.param], LAST], path
    path.unlink()


def test_the_length_of_a_large_zip_is_known_beforehand(large):
    members, path = large

    assert zip_size(members) == path.stat().st_size


def test_headers_and_directory_of_a_large_zip_agree(large):
    _members, path = large

    assert_agrees_with_itself(path)


def test_zipfile_lists_all_of_a_large_zip_and_reads_its_last_file(large):
    members, path = large

    with zipfile.ZipFile(path) as archive:
        listed = [(entry.filename, entry.file_size) for entry in archive.infolist()]
        assert listed == [(member.path, member.size) for member in members]
        assert archive.read(LAST.path) == VOICE


@pytest.mark.parametrize(
    "listing, reading",
    [(("unzip", "-l"), ("unzip", "-p")), ((SEVEN_ZIP, "l"), (SEVEN_ZIP, "e", "-so"))],
    ids=["unzip", "7z"],
)
def test_others_list_all_of_a_large_zip_and_read_its_last_file(large, listing, reading):
    members, path = large
    size = sum(member.size for member in members)

    *_lines, totals = run(*listing, str(path)).splitlines()

    assert re.search(rf"\b{size} .*\b{len(members)} files$", totals)
    assert run(*reading, str(path), LAST.path) == VOICE.decode()


def test_a_file_whose_size_is_the_mark_of_zip64_is_listed_with_it(tmp_path):
    path = tmp_path / "edge.zip"
    write_zip(path, [Member("ñandú.wav", MAX_32)])

    with zipfile.ZipFile(path) as archive:
        assert archive.getinfo("ñandú.wav").file_size == MAX_32
        assert archive.read(LAST.path) == VOICE
    assert_agrees_with_itself(path)
