"""A long recording sent in parts over a connection that breaks again and again."""

import contextlib
import dataclasses
import hashlib
import http.client
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any
from urllib.parse import urlsplit

from benchmarks.figures import Figure, reported
from benchmarks.system import (
    MB,
    System,
    checked,
    roomy_store,
    running_on,
    running_sessions,
    voice,
)
from toastclub.testing.proxy import FaultyProxy
from toastclub.testing.server import Client

SIZE = 50 * MB
CUT_AFTER = (1 * MB, 12 * MB)
SEED = 50
TIMEOUT = 60  # seconds


@dataclass(frozen=True)
class Lines:
    """The three ways on which bytes travel, each through a proxy of its own."""

    to_server: FaultyProxy
    server_to_store: FaultyProxy
    client_to_store: FaultyProxy

    @property
    def server_traffic(self) -> int:
        """Bytes that the server has sent and received so far."""
        return sum(
            line.bytes_up + line.bytes_down for line in (self.to_server, self.server_to_store)
        )


def measure() -> list[Figure]:
    print(f"\nResumable: {SIZE // MB} MB over a connection that is cut at random", flush=True)
    with _system_behind_proxies() as (system, lines):
        (session,) = running_sessions(system.server, 1)
        lines.client_to_store.cut_at_random(Random(SEED), between=CUT_AFTER)
        recording = voice(SEED, SIZE)
        headset = Headset(lines, session, recording, system.store.authority)
        before = lines.server_traffic
        parts, sendings = headset.send_all_parts()
        traffic = lines.server_traffic - before
        _check(headset.complete(), recording)
    cuts, again = lines.client_to_store.cuts, sendings - parts
    print(f"{parts} parts, {cuts} cuts, {again} parts sent again; the server moved {traffic} bytes")
    return reported(
        Figure("resumable: parts sent again, for that many cuts", again, cuts),
        Figure("resumable: the server's own traffic", 100 * traffic / SIZE, 1, "%"),
    )


@contextlib.contextmanager
def _system_behind_proxies() -> Iterator[tuple[System, Lines]]:
    with roomy_store() as store, _proxy_to(store.endpoint_url) as server_to_store:
        address = f"https://127.0.0.1:{server_to_store.port}"
        known = dataclasses.replace(store, endpoint_url=address)
        with (
            running_on(known) as system,
            _proxy_to(system.server.address) as to_server,
            _proxy_to(store.endpoint_url) as client_to_store,
        ):
            yield system, Lines(to_server, server_to_store, client_to_store)


def _proxy_to(address: str) -> FaultyProxy:
    parts = urlsplit(address)
    return FaultyProxy(str(parts.hostname), int(parts.port or 80))


class Headset:
    def __init__(
        self, lines: Lines, session: dict[str, Any], recording: bytes, authority: str
    ) -> None:
        self._trust = ssl.create_default_context(cafile=authority)
        self._store_port = lines.client_to_store.port
        code = session["session_code"]
        self._api = Client(lines.to_server.address, **{"X-Session-Code": code})
        self._uploads = f"/sessions/{session['id']}/uploads"
        self._recording = recording

    def send_all_parts(self) -> tuple[int, int]:
        """How many parts there are, and how many times one was sent, whole or not."""
        upload = self._begin()
        self._upload = f"{self._uploads}/{upload['upload_id']}"
        count, sendings = len(upload["parts"]), 0
        while missing := upload["parts"]:
            sendings += self._send_until_cut(missing, upload["part_size"])
            upload = checked(self._api.get(self._upload)).json()
        return count, sendings

    def complete(self) -> dict[str, Any]:
        answer: dict[str, Any] = checked(self._api.post(f"{self._upload}/complete", json={})).json()
        self._api.close()
        return answer

    def _begin(self) -> Any:
        facts: dict[str, Any] = {
            "size": len(self._recording),
            "sha256": hashlib.sha256(self._recording).hexdigest(),
            "content_type": "audio/wav",
        }
        return checked(self._api.post(self._uploads, json=facts)).json()

    def _send_until_cut(self, parts: list[dict[str, Any]], part_size: int) -> int:
        """How many parts were begun before the connection broke, or before all were sent."""
        for sent, part in enumerate(parts):
            start = (part["number"] - 1) * part_size
            content = memoryview(self._recording)[start : start + part["size"]]
            try:
                self._put(part["url"], content)
            except (OSError, http.client.HTTPException):
                return sent + 1
        return len(parts)

    def _put(self, url: str, content: memoryview) -> None:
        """Sends a part through the breaking proxy, under the address that was signed."""
        parts = urlsplit(url)
        connection = http.client.HTTPSConnection(
            "127.0.0.1", self._store_port, timeout=TIMEOUT, context=self._trust
        )
        with contextlib.closing(connection):
            path = f"{parts.path}?{parts.query}"
            connection.request("PUT", path, content, {"Host": parts.netloc})
            answer = connection.getresponse()
            if answer.status != 200:
                raise RuntimeError(f"{answer.status} {answer.read().decode()}")
            answer.read()


def _check(recording: dict[str, Any], sent: bytes) -> None:
    expected = (len(sent), hashlib.sha256(sent).hexdigest())
    if (recording["file_size"], recording["sha256"]) != expected:
        raise RuntimeError(f"what was stored is not what was sent: {recording}")
