"""Processes that are killed, a store and a database that go away: in the middle of uploads.

Whatever happens, after a restart and a reconciliation there is one whole recording or none, and
the headset that sends it again is heard.
"""

import contextlib
import hashlib
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
import requests

from toastclub.testing.proxy import FaultyProxy
from toastclub.testing.server import Client, Server, production, run, serving
from toastclub.testing.services import ObjectStore, wait_until_answers

pytestmark = pytest.mark.one_database

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
        prefix = f"recordings/session_{session['id']}/"
        found = self.store.client().list_objects_v2(Bucket=self.store.bucket, Prefix=prefix)
        return [entry["Key"] for entry in found.get("Contents", [])]

    def files(self) -> list[Path]:
        return list((self.folder / "var" / "uploads").iterdir())

    def reconcile(self) -> str:
        return run(self.server.environment, "reconcile_recordings")


def until(condition: Any) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "It did not come to that"
        time.sleep(0.01)


@pytest.fixture(scope="module")
def scene(seaweed, tmp_path_factory):
    folder = tmp_path_factory.mktemp("crashes")
    address = urlsplit(seaweed.endpoint_url)
    store = replace(seaweed, bucket="crashes")
    store.client().create_bucket(Bucket=store.bucket)
    with FaultyProxy(address.hostname, address.port) as proxy:
        behind = replace(store, endpoint_url=proxy.address)
        with production(behind, folder, "--pid", str(folder / "pid")) as server:
            yield Scene(server, proxy, store, folder)


@pytest.fixture(autouse=True)
def _passing_proxy(scene):
    yield
    scene.proxy.pass_on()


@pytest.fixture(scope="module")
def facilitator(scene):
    return scene.server.new_account("IMPULSADOR")


@pytest.fixture
def session(facilitator):
    body = {"datos_participante": {"nombre": "Ana"}, "texto_seleccionado_id": TEXT_ID}
    created = facilitator.post("/sessions", json=body).json()
    for estado in ("ready_to_start", "running"):
        facilitator.patch(f"/sessions/{created['id']}/state", json={"new_state": estado})
    return created


@pytest.fixture
def headset(scene, session):
    return scene.server.client(**{"X-Session-Code": session["session_code"]})


@pytest.fixture
def voice(spoken_wav):
    """Larger than what is read of an upload at once."""
    return spoken_wav + bytes(1024 * 1024)


def send(headset: Client, session: dict[str, Any], voice: bytes, **options: Any) -> Any:
    return headset.post(
        f"/sessions/{session['id']}/upload", files={"file": ("voz.wav", voice)}, **options
    )


def send_in_background(headset, session, voice):
    """Sends it, whatever becomes of the answer."""

    def attempt():
        with contextlib.suppress(requests.RequestException):
            send(headset, session, voice)

    pool = ThreadPoolExecutor(1)
    pool.submit(attempt)
    return pool


def middle_of_the_body(scene, headset, session, voice):
    def half():
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="voz.wav"\r\n\r\n'
        yield voice[: len(voice) // 2]
        until(lambda: scene.files() != [])
        scene.kill()

    with contextlib.suppress(requests.RequestException):
        headset.post(
            f"/sessions/{session['id']}/upload",
            data=half(),
            headers={"Content-Type": "multipart/form-data; boundary=b"},
        )


def before_the_row_is_written(scene, headset, session, voice):
    with scene.locking(session), send_in_background(headset, session, voice):
        until(scene.somebody_waits_for_a_lock)
        scene.kill()


def on_the_way_to_the_store(scene, headset, session, voice):
    scene.proxy.hang()
    with send_in_background(headset, session, voice):
        until(lambda: scene.is_pending(session))
        scene.kill()
        scene.proxy.pass_on()


def when_the_store_has_it_and_has_not_said_so(scene, headset, session, voice):
    scene.proxy.withhold_answers()
    with send_in_background(headset, session, voice):
        until(lambda: scene.keys(session))
        scene.kill()
        scene.proxy.pass_on()


def before_the_row_is_settled(scene, headset, session, voice):
    scene.proxy.withhold_answers()
    with send_in_background(headset, session, voice):
        until(lambda: scene.keys(session))
        with scene.locking(session):
            scene.proxy.pass_on()
            until(scene.somebody_waits_for_a_lock)
            scene.kill()


def as_soon_as_the_row_is_settled(scene, headset, session, voice):
    with send_in_background(headset, session, voice):
        until(lambda: scene.is_settled(session))
        scene.kill()


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


@pytest.mark.parametrize(
    "kill",
    [
        middle_of_the_body,
        before_the_row_is_written,
        on_the_way_to_the_store,
        when_the_store_has_it_and_has_not_said_so,
        before_the_row_is_settled,
        as_soon_as_the_row_is_settled,
    ],
    ids=lambda kill: kill.__name__.replace("_", " "),
)
def test_a_killed_upload_leaves_one_whole_recording_or_none(scene, headset, session, voice, kill):
    kill(scene, headset, session, voice)

    scene.reconcile()

    assert_whole_or_none(scene, session, voice)
    assert scene.files() == []
    assert_heard_when_sent_again(scene, headset, session, voice)
    assert "Nada que conciliar" in scene.reconcile()


def refuses(proxy):
    proxy.refuse()


def hangs(proxy):
    proxy.hang()


def withholds_its_answer(proxy):
    proxy.withhold_answers()


def is_slow(proxy):
    proxy.slow_down(bytes_a_second=20_000)


def says_403(proxy):
    proxy.answer(status=403)


def says_500(proxy):
    proxy.answer(status=500)


store_faults = pytest.mark.parametrize(
    "fault",
    [refuses, hangs, withholds_its_answer, is_slow, says_403, says_500],
    ids=lambda fault: fault.__name__.replace("_", " "),
)


@store_faults
def test_a_store_out_of_order_is_told_in_time_and_the_next_attempt_is_stored(
    scene, headset, session, voice, fault
):
    fault(scene.proxy)

    answer = send(headset, session, voice, timeout=ANSWER_SECONDS)

    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert scene.rows(session) == []
    assert headset.get(f"/sessions/{session['id']}").json()["estado"] == "running"
    scene.proxy.pass_on()
    scene.reconcile()  # the store may have taken what it said nothing of
    assert_heard_when_sent_again(scene, headset, session, voice)


def test_a_voice_that_the_store_took_without_saying_so_is_adopted(scene, headset, session, voice):
    scene.proxy.withhold_answers()
    assert send(headset, session, voice).status_code == 503
    scene.proxy.pass_on()

    scene.reconcile()

    assert scene.is_settled(session)
    assert_heard_when_sent_again(scene, headset, session, voice)


def test_a_store_that_hangs_hinders_nobody_else(scene, headset, session, voice):
    scene.proxy.hang()

    with ThreadPoolExecutor(30) as headsets:
        sent = [
            headsets.submit(send, scene.server.client(**headset.headers), session, voice)
            for _number in range(30)
        ]
        for _question in range(20):
            by_code = f"/sessions/by-code/{session['session_code']}"
            assert scene.server.client().get(by_code, timeout=2).status_code == 200
        assert not all(upload.done() for upload in sent)
        assert {upload.result().status_code for upload in sent} == {503}


@contextlib.contextmanager
def database_gone(scene):
    """While it is open, the database drops and refuses every connection."""
    url = urlsplit(scene.server.environment["DATABASE_URL"])
    name = url.path[1:]
    with psycopg.connect(url._replace(path="/postgres").geturl(), autocommit=True) as maintenance:
        maintenance.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        maintenance.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
        )
        yield
        maintenance.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')


def test_a_database_that_is_gone_from_the_start_is_told(scene, headset, session, voice):
    with database_gone(scene):
        answer = send(headset, session, voice, timeout=ANSWER_SECONDS)

    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert scene.keys(session) == []
    assert_heard_when_sent_again(scene, headset, session, voice)


def test_a_database_that_goes_before_the_end_loses_nothing(scene, headset, session, voice):
    scene.proxy.withhold_answers()
    with ThreadPoolExecutor(1) as sending:
        sent = sending.submit(send, headset, session, voice)
        until(lambda: scene.keys(session))
        with database_gone(scene):
            scene.proxy.pass_on()
            assert sent.result().status_code == 503

    scene.reconcile()

    assert scene.is_settled(session)
    assert_heard_when_sent_again(scene, headset, session, voice)


def test_twenty_identical_uploads_at_once_are_one_recording(scene, headset, session, voice):
    with ThreadPoolExecutor(20) as headsets:
        answers = list(
            headsets.map(
                lambda client: send(client, session, voice),
                [scene.server.client(**headset.headers) for _number in range(20)],
            )
        )

    assert sorted(answer.status_code for answer in answers) == [200] * 19 + [201]
    assert len({answer.text for answer in answers}) == 1
    assert_heard_when_sent_again(scene, headset, session, voice)


def test_an_upload_finishes_although_the_server_is_told_to_stop(scene, session, voice, tmp_path):
    pid = tmp_path / "pid"
    options = ("--pid", str(pid))
    with serving(scene.server.environment, tmp_path / "log", *options) as server:

        def form():
            yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="voz.wav"\r\n\r\n'
            yield voice[:600_000]
            until(lambda: scene.files() != [])
            os.kill(int(pid.read_text()), signal.SIGTERM)
            until(lambda: is_refused(server))
            yield voice[600_000:]
            yield b"\r\n--b--\r\n"

        answer = server.client(**{"X-Session-Code": session["session_code"]}).post(
            f"/sessions/{session['id']}/upload",
            data=form(),
            headers={"Content-Type": "multipart/form-data; boundary=b"},
        )

    assert answer.status_code == 201
    assert answer.json()["sha256"] == hashlib.sha256(voice).hexdigest()


def is_refused(server):
    """Whether the server takes no new connection any more."""
    try:
        requests.get(f"{server.address}/health", timeout=WAIT_SECONDS)
    except requests.ConnectionError:
        return True
    return False
