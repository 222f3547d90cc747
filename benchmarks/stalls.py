"""Clients that fall silent, and whether the server still has an ear for others."""

import contextlib
import http.client
import socket
import time
from urllib.parse import urlsplit

from benchmarks.figures import Figure, reported
from benchmarks.system import MB, running_sessions, running_system, upload_head

SOCKETS = 50
PROBES = 20
PAUSE = 0.1  # seconds between probes
PATIENCE = 5  # seconds; a probe that takes so long counts as that
ROUNDS = 3  # which worker gets which socket is chance
LIMIT = 1  # second


def measure() -> list[Figure]:
    print(f"\nStalls: {SOCKETS} silent sockets", flush=True)
    with running_system() as system:
        address = system.server.address
        (session,) = running_sessions(system.server, 1)
        headers = upload_head(address, session, 8 * MB).partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
        beginnings = {
            "after their headers": headers,
            "amid their headers": headers[: len(headers) // 2],
            "from the first": b"",
        }
        return [
            figure
            for name, sent in beginnings.items()
            for figure in reported(
                Figure(
                    f"stalls: /health, others silent {name}", _slowest(address, sent), LIMIT, "s"
                )
            )
        ]


def _slowest(address: str, sent: bytes) -> float:
    return max(_slowest_probe(address, sent) for _round in range(ROUNDS))


def _slowest_probe(address: str, sent: bytes) -> float:
    """Seconds that the slowest probe takes while the sockets have sent that and no more."""
    with contextlib.ExitStack() as silent:
        for _socket in range(SOCKETS):
            silent.enter_context(_connection(address)).sendall(sent)
        slowest = 0.0
        for _probe_number in range(PROBES):
            slowest = max(slowest, _probe(address))
            if slowest >= PATIENCE:
                break
        return slowest


def _probe(address: str) -> float:
    time.sleep(PAUSE)
    start = time.perf_counter()
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=PATIENCE)
    with contextlib.closing(connection), contextlib.suppress(TimeoutError):
        connection.request("GET", "/health")
        connection.getresponse().read()
    return time.perf_counter() - start


def _connection(address: str) -> socket.socket:
    parts = urlsplit(address)
    return socket.create_connection((parts.hostname, parts.port))
