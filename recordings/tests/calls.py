"""The calls that the tests of recordings make, and a look at what they left behind."""

from pathlib import Path

from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile

API = "/api/v1"
SAMPLES = Path(__file__).parent / "samples"


def sample(name):
    return (SAMPLES / name).read_bytes()


def send(client, session, content, name="voz.wav", content_type="audio/wav"):
    return client.post(
        f"{API}/sessions/{session.pk}/upload",
        {"file": SimpleUploadedFile(name, content, content_type)},
        format="multipart",
    )


def send_part(client, session, content, *, filename="voz.wav", content_type="audio/wav"):
    """An upload written by hand, with header values that no well-behaved client sends."""
    head = f'Content-Disposition: form-data; name="file"; filename="{filename}"\r\n'
    if content_type is not None:
        head += f"Content-Type: {content_type}\r\n"
    body = b"--limit\r\n" + head.encode() + b"\r\n" + content + b"\r\n--limit--\r\n"
    return client.post(
        f"{API}/sessions/{session.pk}/upload",
        body,
        content_type="multipart/form-data; boundary=limit",
    )


def stored_keys():
    """The keys of all objects on this test's own disk."""
    folder = Path(default_storage.location)
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())


def state_of(session):
    session.refresh_from_db()
    return session.estado
