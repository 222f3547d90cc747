"""Uploads that are plainly not audio."""

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zipfile
import zlib

import pytest

from recordings.models import Recording
from recordings.tests.calls import sample, send, stored_keys
from sessions_app.choices import Estado
from sessions_app.tests.factories import SessionFactory

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

VOICE = sample("voz.mp3")


def zip_of(name, content, compression=zipfile.ZIP_DEFLATED):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        archive.writestr(name, content)
    return buffer.getvalue()


def tar_of(name, content):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        member = tarfile.TarInfo(name)
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def png():
    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(b"\x00\x00"))
    return b"\x89PNG\r\n\x1a\n" + header + pixels + chunk(b"IEND", b"")


def windows_program():
    """The beginning of a PE file: a DOS stub that points at the PE header."""
    stub = b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00".ljust(60, b"\x00")
    return stub + struct.pack("<I", 0x80) + bytes(64) + b"PE\x00\x00\x64\x86" + bytes(200)


def bitmap():
    pixels = bytes(range(4)) * 10
    header = struct.pack("<IiiHHIIiiII", 40, 1, 10, 1, 32, 0, len(pixels), 0, 0, 0, 0)
    return struct.pack("<2sIHHI", b"BM", 54 + len(pixels), 0, 0, 54) + header + pixels


def icon():
    image = png()
    entry = struct.pack("<BBBBHHII", 16, 16, 0, 0, 1, 32, len(image), 22)
    return struct.pack("<HHH", 0, 1, 1) + entry + image


NOT_AUDIO = {
    "html of a proxy": b"<div class='error'>Error 502</div>",
    "json": b'{"detail": "No encontrado."}',
    "photoshop": b"8BPS\x00\x01" + bytes(20),
    "cabinet": b"MSCF" + bytes(20),
    "old word": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(20),
    "rtf": rb"{\rtf1\ansi Hola}",
    "avi": b"RIFF\x10\x00\x00\x00AVI LIST" + bytes(20),
    "html": b"<!DOCTYPE html><html><body>502 Bad Gateway</body></html>",
    "html after space": b"\r\n  <HTML><head></head></HTML>",
    "html after a byte-order mark": b"\xef\xbb\xbf<html></html>",
    "html comment": b"<!-- error --><html></html>",
    "xml": b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>',
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "script": b"<script>alert(1)</script>",
    "pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n",
    "png": png(),
    "jpeg": b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00" + bytes(99),
    "jpeg of a camera": b"\xff\xd8\xff\xe1\x00\x18Exif\x00\x00" + bytes(99),
    "gif": b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff;",
    "webp": b"RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00/\x00\x00\x00" + bytes(20),
    "tiff": b"II*\x00\x08\x00\x00\x00" + bytes(40),
    "bitmap": bitmap(),
    "icon": icon(),
    "heic": b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(40),
    "zip": zip_of("notas.txt", b"hola"),
    "empty zip": b"PK\x05\x06" + bytes(18),
    "zip that holds an mp3 as it is": zip_of("voz.mp3", VOICE, zipfile.ZIP_STORED),
    "docx": zip_of("[Content_Types].xml", b"<Types/>"),
    "gzip": gzip.compress(VOICE),
    "bzip2": bz2.compress(VOICE),
    "xz": lzma.compress(VOICE),
    "tar": tar_of("notas.txt", b"hola"),
    "tar that holds an mp3": tar_of("voz.mp3", VOICE),
    "7z": b"7z\xbc\xaf\x27\x1c\x00\x04" + bytes(40),
    "rar": b"Rar!\x1a\x07\x01\x00" + bytes(40),
    "linux program": b"\x7fELF\x02\x01\x01\x00" + bytes(56),
    "windows program": windows_program(),
    "mac program": b"\xcf\xfa\xed\xfe\x07\x00\x00\x01" + bytes(40),
    "shell script": b"#!/bin/sh\nrm -rf /\n",
    "python script": b"#! /usr/bin/env python3\nprint(1)\n",
}


@pytest.mark.parametrize("content", NOT_AUDIO.values(), ids=NOT_AUDIO.keys())
def test_what_is_plainly_not_audio_is_refused_and_leaves_nothing(headset_of, content):
    session = SessionFactory(estado=Estado.RUNNING)

    answer = send(headset_of(session), session, content, "voz.wav", "audio/wav")

    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("file: El archivo no es audio.")
    assert answer.json()["errors"]["file"][0].startswith("El archivo no es audio.")
    assert (Recording.with_pending.count(), stored_keys()) == (0, [])
    session.refresh_from_db()
    assert session.estado == Estado.RUNNING


def test_the_refusal_speaks_english_to_those_who_ask(headset_of):
    session = SessionFactory()
    headset = headset_of(session)
    headset.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"

    answer = send(headset, session, NOT_AUDIO["pdf"])

    assert answer.json()["detail"].startswith("file: The file is not audio.")


def test_a_recording_sent_after_a_refusal_is_stored(headset_of):
    session = SessionFactory(estado=Estado.RUNNING)
    headset = headset_of(session)
    send(headset, session, NOT_AUDIO["html"])

    assert send(headset, session, VOICE).status_code == 201
