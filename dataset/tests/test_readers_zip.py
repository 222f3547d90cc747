"""The ZIP of an export, as unzip, 7-Zip and Python's zipfile find it."""

import itertools
import json
import os
import struct
import zipfile
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dataset.tests.archives import EXPORT
from dataset.tests.readers import HARMLESS, RUNNING, SEVEN_ZIP, run, sums_in, sums_of
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
    """The ZIP that an analyst gets of speech, hostile texts, and what is not there."""
    for text in (*RUNNING, *HARMLESS):
        SessionFactory(text=TextFactory(title=text, tags={text: text}))
    SurveyFactory(answers={text: text for text in (*RUNNING, *HARMLESS)})
    RecordingFactory(content=spoken_wav)
    RecordingFactory(content=b"otra voz", audio="recordings/otra.M4A", formato="audio/mp4")
    RecordingFactory(content=b"", audio="recordings/vacia")
    RecordingFactory(content=None)
    path = tmp_path / "dataset.zip"
    path.write_bytes(b"".join(as_analyst.get(EXPORT)))
    return path


def unpack_with_zipfile(archive, folder):
    with zipfile.ZipFile(archive) as opened:
        assert opened.testzip() is None
        opened.extractall(folder)  # noqa: S202 - our own archive


def unpack_with_unzip(archive, folder):
    run("unzip", "-q", str(archive), "-d", str(folder))


def unpack_with_7z(archive, folder):
    run(SEVEN_ZIP, "x", str(archive), f"-o{folder}")


@pytest.mark.parametrize("unpack", [unpack_with_zipfile, unpack_with_unzip, unpack_with_7z])
def test_whoever_unpacks_it_gets_the_files_that_the_manifest_names_and_no_others(
    exported, tmp_path, unpack
):
    folder = tmp_path / "unpacked"

    unpack(exported, folder)

    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    found = sums_of(folder)
    assert len(manifest["missing"]) == 1
    assert len([path for path in found if path.startswith("audios/")]) == 3
    assert found.pop("manifest.json")
    assert found == sums_in(manifest)


@pytest.mark.parametrize(
    "command, praise",
    [(("unzip", "-t"), "No errors detected"), ((SEVEN_ZIP, "t"), "Everything is Ok")],
    ids=["unzip", "7z"],
)
def test_who_tests_it_finds_nothing_to_warn_of(exported, command, praise):
    said = run(*command, str(exported))

    assert praise in said
    assert "warning" not in said.lower()


@dataclass(frozen=True)
class Member:
    """A file of so many zeros, which take no room on the disk."""

    path: str
    size: int = 0
    crc32: int = 0
    modified: datetime = datetime(2026, 1, 8, 15, 30, tzinfo=UTC)


LAST = "última voz".encode()


def last_member():
    return Member("audios/última.wav", len(LAST), zlib.crc32(LAST))


def write_zip(path, members):
    with path.open("wb") as file:
        for member in members:
            file.write(local_header(member))
            file.seek(member.size, os.SEEK_CUR)
        file.seek(-len(LAST), os.SEEK_CUR)
        file.write(LAST)
        for entry in directory(members):
            file.write(entry)
    return path


def filling_up_to(offset):
    """A file after which the next begins at that offset."""
    return Member("largo.wav", offset - len(local_header(Member("largo.wav"))))


LARGE = {
    "65,534 files": [Member(f"{number}.wav") for number in range(65_533)],
    "65,535 files": [Member(f"{number}.wav") for number in range(65_534)],
    "65,536 files": [Member(f"{number}.wav") for number in range(65_535)],
    "a file of one byte less than 4 GiB and one": [Member("largo.wav", MAX_32 - 1)],
    "a file of one byte less than 4 GiB": [Member("largo.wav", MAX_32)],
    "a file of 5 GiB": [Member("largo.wav", 5 * GIB)],
    "a file at one byte before 4 GiB": [filling_up_to(MAX_32 - 1)],
    "a file at 4 GiB less a byte": [filling_up_to(MAX_32)],
    "two files of 5 GiB and 70,000 behind them": [
        Member("largo.wav", 5 * GIB),
        Member("más largo.wav", 5 * GIB),
        *(Member(f"{number}.wav") for number in range(70_000)),
    ],
}


@pytest.fixture(params=LARGE)
def large(request, tmp_path):
    """The members of a large ZIP, and its path."""
    members = [*LARGE[request.param], last_member()]
    path = write_zip(tmp_path / "large.zip", members)
    yield members, path
    path.unlink()


def test_a_large_zip_is_read_by_everybody(large):
    pass


def header_at(file, offset):
    """What the local header there says of its file: needed version, flags and so on, and name."""
    file.seek(offset)
    mark, *facts, name_length, extra_length = LOCAL_HEADER.unpack(file.read(LOCAL_HEADER.size))
    assert mark == b"PK\3\4"
    name = file.read(name_length).decode()
    extra = file.read(extra_length)
    return facts, name, extra


def test_x(large):
    import time
    members, path = large
    assert zip_size(members) == path.stat().st_size
    t=time.time()
    with zipfile.ZipFile(path) as z:
        assert [(i.filename,i.file_size) for i in z.infolist()] == [(m.path,m.size) for m in members]
        assert z.read(last_member().path) == LAST
    print("zf", time.time()-t); t=time.time()
    print(run("unzip", "-l", str(path))[-100:])
    print("unzip", time.time()-t); t=time.time()
    print(run("unzip", "-t", str(path), "*ltima.wav")[-300:])
    print("unzip", time.time()-t); t=time.time()
    print(run("zipinfo", "-h", "-t", str(path))[-300:])
    print("unzip", time.time()-t); t=time.time()
    print(run(SEVEN_ZIP, "l", str(path))[-200:])
    print("7z", time.time()-t); t=time.time()
    print(run(SEVEN_ZIP, "t", str(path), last_member().path)[-300:])
    print("7z", time.time()-t); t=time.time()
    assert 0
