"""A server in production mode that can be killed, and whose store and database can go away."""

import contextlib
import hashlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import requests

from toastclub.testing.proxy import FaultyProxy
from toastclub.testing.server import Client, Server, production, run
from toastclub.testing.services import ObjectStore, wait_until_answers

TEXT_ID = "20251225202648_0001"
WAIT_SECONDS = 30
ANSWER_SECONDS = 10  # in which a client hears that the store does not answer


@dataclass
class Scene:
    """A server in production mode, and a proxy between it and its store."""

    server: Server
    proxy: FaultyProxy
    store: ObjectStore  # as seen from beside
    folder: Path

    def workers(self) -> list[int]:
        master = (self.folder / "pid").read_text().strip()
        children = Path(f"/proc/{master}/task/{master}/children").read_text()
        return [int(child) for child in children.split()]

    def kill(self) -> None:
        """Kills the processes that serve, and waits until others do."""
        killed = self.workers()
        for worker in killed:
            os.kill(worker, signal.SIGKILL)
        until(lambda: len(self.workers()) == len(killed) and not set(killed) & set(self.workers()))
        wait_until_answers(f"{self.server.address}/health")

    def query(self, statement: str, *values: Any) -> list[Any]:
        with psycopg.connect(self.server.environment["DATABASE_URL"], autocommit=True) as database:
            return database.execute(statement, values).fetchall()

    @contextlib.contextmanager
    def locking(self, session: dict[str, Any]) -> Any:
        """While it is open, nobody else can lock the session's row."""
        with psycopg.connect(self.server.environment["DATABASE_URL"]) as database:
            database.execute("SELECT 1 FROM sessions WHERE id = %s FOR UPDATE", [session["id"]])
            yield

    def somebody_waits_for_a_lock(self) -> bool:
        waiting = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        return bool(self.query(f"{waiting} AND datname = current_database()"))

    def rows(self, session: dict[str, Any]) -> list[Any]:
        """Key and SHA-256 of its recordings, the pending ones included."""
        columns = "SELECT audio_url, sha256, uploaded_at FROM recordings WHERE session_id = %s"
        return self.query(columns, session["id"])

    def is_pending(self, session: dict[str, Any]) -> bool:
        return any(uploaded_at is None for _key, _sha256, uploaded_at in self.rows(session))

    def is_settled(self, session: dict[str, Any]) -> bool:
        return any(uploaded_at is not None for _key, _sha256, uploaded_at in self.rows(session))

    def keys(self, session: dict[str, Any]) -> list[str]:
        return self._keys(f"recordings/session_{session['id']}/")

    def joined_parts(self, session: dict[str, Any]) -> list[str]:
        return self._keys(f"uploads/session_{session['id']}/")

    def _keys(self, prefix: str) -> list[str]:
        found = self.store.client().list_objects_v2(Bucket=self.store.bucket, Prefix=prefix)
        return [entry["Key"] for entry in found.get("Contents", [])]

    def files(self) -> list[Path]:
        return list((self.folder / "var" / "uploads").iterdir())

    def reconcile(self) -> str:
        return run(self.server.environment, "reconcile_recordings")


@contextlib.contextmanager
def new_scene(store: ObjectStore, folder: Path) -> Iterator[Scene]:
    """A scene of its own, in that bucket, which is made."""
    address = urlsplit(store.endpoint_url)
    store.make_bucket()
    with FaultyProxy(address.hostname, address.port) as proxy:
        behind = replace(store, endpoint_url=proxy.address)
        with production(behind, folder, "--pid", str(folder / "pid")) as server:
            yield Scene(server, proxy, store, folder)


def until(condition: Any) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "It did not come to that"
        time.sleep(0.01)


def send(headset: Client, session: dict[str, Any], voice: bytes, **options: Any) -> Any:
    return headset.post(
        f"/sessions/{session['id']}/upload", files={"file": ("voz.wav", voice)}, **options
    )


def sent_in_parts(headset: Client, session: dict[str, Any], voice: bytes) -> str:
    """The path of an upload all parts of which are in the store."""
    uploads = f"/sessions/{session['id']}/uploads"
    facts = {"size": len(voice), "sha256": hashlib.sha256(voice).hexdigest()}
    upload = headset.post(uploads, json=facts).json()
    for part in upload["parts"]:
        start = (part["number"] - 1) * upload["part_size"]
        sent = requests.put(part["url"], voice[start : start + part["size"]], timeout=WAIT_SECONDS)
        assert sent.status_code == 200
    return f"{uploads}/{upload['upload_id']}"


def in_background(call: Callable[..., Any], *arguments: Any) -> ThreadPoolExecutor:
    """Makes the call, whatever becomes of the answer."""

    def attempt() -> None:
        with contextlib.suppress(requests.RequestException):
            call(*arguments)

    pool = ThreadPoolExecutor(1)
    pool.submit(attempt)
    return pool


def assert_whole_or_none(scene, session, voice):
    rows = scene.rows(session)
    assert scene.keys(session) == [key for key, _sha256, _uploaded_at in rows]
    assert not scene.is_pending(session)
    assert len(rows) <= 1
    for key, sha256, _uploaded_at in rows:
        stored = scene.store.client().get_object(Bucket=scene.store.bucket, Key=key)
        assert stored["Body"].read() == voice
        assert sha256 == hashlib.sha256(voice).hexdigest()


def assert_heard_when_sent_again(scene, headset, session, voice):
    assert send(headset, session, voice).status_code in (200, 201)
    assert_whole_or_none(scene, session, voice)
    assert scene.is_settled(session)
    assert headset.get(f"/sessions/{session['id']}").json()["estado"] == "audio_uploaded"
    moves = "SELECT count(*) FROM session_events WHERE session_id = %s AND to_estado = %s"
    assert scene.query(moves, session["id"], "audio_uploaded") == [(1,)]
