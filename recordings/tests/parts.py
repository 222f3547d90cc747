"""The calls of an upload in parts, and what they leave in the store."""

import hashlib
import io
import itertools
import wave

import requests
from django.core.files.storage import default_storage
from rest_framework.test import APIClient

from recordings.tests.calls import API

PART_SIZE = 5 * 1024 * 1024
_counter = itertools.count()


def long_voice(size=PART_SIZE + 300_000):
    """A WAV of about that many bytes, unlike all others."""
    number = next(_counter)
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(16_000)
        cycle = b"".join((step * 37 + number).to_bytes(2, "little") for step in range(800))
        sound.writeframes(cycle * (size // len(cycle)))
    return file.getvalue()


VOICE = long_voice()


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def uploads_of(session):
    return f"{API}/sessions/{session.pk}/uploads"


def begin(client, session, content=VOICE, **fields):
    body = {"size": len(content), "sha256": sha256(content), "content_type": "audio/wav", **fields}
    return client.post(uploads_of(session), body)


def put(url, content):
    """The status of what the store answers to a part; on local disk the application answers."""
    if url.startswith("http://testserver/"):
        sent = APIClient().put(url, content, content_type="application/octet-stream")
    else:
        sent = requests.put(url, content, timeout=20)
    return sent.status_code


def content_of(part, content):
    start = (part["number"] - 1) * PART_SIZE
    return content[start : start + part["size"]]


def put_parts(upload, content=VOICE):
    for part in upload["parts"]:
        assert put(part["url"], content_of(part, content)) == 200


def join(upload):
    """What a completion does first, and leaves if it is killed then."""
    upload.join(upload.stored_parts())


def call(client, session, upload, method="get", action=""):
    return getattr(client, method)(f"{uploads_of(session)}/{upload['upload_id']}{action}")


def complete(client, session, upload):
    return call(client, session, upload, "post", "/complete")


def sent_whole(client, session, content=VOICE):
    upload = begin(client, session, content).json()
    put_parts(upload, content)
    return complete(client, session, upload)


def parts_of(session):
    return list(default_storage.unfinished_parts(f"uploads/session_{session.pk}/"))


def object_of(key):
    return b"".join(default_storage.chunks_of(key))
