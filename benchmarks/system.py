"""What the benchmarks share: the whole system, sessions in it, and voices to send."""

import array
import contextlib
import io
import math
import tempfile
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit

from toastclub.testing.server import Client, Server, production
from toastclub.testing.services import ObjectStore, seaweedfs

MB = 1024 * 1024
SAMPLE_RATE = 16_000  # Hz
WAV_HEADER_BYTES = 44
VOICE_SECONDS = 4  # after which it repeats: longer than any compressor of the store looks back
SYLLABLE_SAMPLES = SAMPLE_RATE // 5
BOUNDARY = "a0c5b7e1f2d94e6cb38d5f6a7b8c9d0e"  # as long as those that clients make


@dataclass(frozen=True)
class System:
    server: Server
    store: ObjectStore
    folder: Path

    @property
    def pid(self) -> int:
        """gunicorn's master."""
        return int((self.folder / "gunicorn.pid").read_text())


@contextlib.contextmanager
def running_system() -> Iterator[System]:
    """gunicorn as in production, on a PostgreSQL and a SeaweedFS of its own."""
    with roomy_store() as store, running_on(store) as system:
        yield system


def roomy_store() -> contextlib.AbstractContextManager[ObjectStore]:
    """A SeaweedFS behind TLS, as R2 is, that need not make room while it is measured."""
    return seaweedfs(volume_mb=4096, volumes_at_once=8, with_tls=True)


@contextlib.contextmanager
def running_on(store: ObjectStore) -> Iterator[System]:
    with tempfile.TemporaryDirectory(prefix="toastclub-bench-") as name:
        folder = Path(name)
        with production(store, folder, "--pid", str(folder / "gunicorn.pid")) as server:
            yield System(server, store, folder)


def new_session(client: Client) -> dict[str, Any]:
    text = client.get("/texts").json()["texts"][0]["Id"]
    body = {"datos_participante": {"nombre": "Ana"}, "texto_seleccionado_id": text}
    session: dict[str, Any] = checked(client.post("/sessions", json=body)).json()
    return session


def running_sessions(server: Server, count: int) -> list[dict[str, Any]]:
    """New sessions in which a headset is about to record."""
    staff = server.administrator()
    sessions = [new_session(staff) for _session in range(count)]
    for session in sessions:
        for state in ("ready_to_start", "running"):
            checked(staff.patch(f"/sessions/{session['id']}/state", json={"new_state": state}))
    return sessions


def checked(answer: Any) -> Any:
    if not answer.ok:
        raise RuntimeError(f"{answer.request.method} {answer.url}: {answer.status_code}")
    return answer


def voice(seed: int, size: int) -> bytes:
    """A WAV of exactly that many bytes (even): syllables of a hoarse tone, other for each seed."""
    syllables = Random(seed)
    samples = array.array("h")
    while len(samples) < SAMPLE_RATE * VOICE_SECONDS:
        samples.extend(_syllable(syllables))
    spoken = samples.tobytes()
    missing = size - WAV_HEADER_BYTES
    content = io.BytesIO()
    with wave.open(content, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes((spoken * (missing // len(spoken) + 1))[:missing])
    return content.getvalue()


def _syllable(random: Random) -> Iterator[int]:
    pitch = random.uniform(90, 250)  # Hz
    loudness = random.uniform(500, 12_000)
    for sample in range(SYLLABLE_SAMPLES):
        tone = math.sin(2 * math.pi * pitch * sample / SAMPLE_RATE)
        swell = math.sin(math.pi * sample / SYLLABLE_SAMPLES)
        yield int(loudness * swell * (tone + random.uniform(-0.4, 0.4)))


def upload_head(address: str, session: dict[str, Any], size: int) -> bytes:
    """What goes before a file of that many bytes in a headset's upload; `UPLOAD_TAIL` follows."""
    request = [
        f"POST /api/v1/sessions/{session['id']}/upload HTTP/1.1",
        f"Host: {urlsplit(address).netloc}",
        "X-Forwarded-Proto: https",
        f"X-Session-Code: {session['session_code']}",
        f"Content-Type: multipart/form-data; boundary={BOUNDARY}",
        f"Content-Length: {len(FORM_HEAD) + size + len(UPLOAD_TAIL)}",
    ]
    return "\r\n".join(request).encode() + b"\r\n\r\n" + FORM_HEAD


FORM_HEAD = (
    f"--{BOUNDARY}\r\n"
    'Content-Disposition: form-data; name="file"; filename="voz.wav"\r\n'
    "Content-Type: audio/wav\r\n\r\n"
).encode()
UPLOAD_TAIL = f"\r\n--{BOUNDARY}--\r\n".encode()
