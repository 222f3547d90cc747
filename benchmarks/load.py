"""A load of identical requests over connections that stay open.

The client only writes bytes that are ready and reads as many as the answer says, so that it
takes little of the processor that it shares with the server.
"""

import multiprocessing
import socket
import time
from urllib.parse import urlsplit


def throughput(url: str, headers: dict[str, str], *, connections: int, seconds: float) -> float:
    """Answers a second, all of them 200, over that many connections at once."""
    arguments = [(url, headers, seconds)] * connections
    with multiprocessing.get_context("fork").Pool(connections) as pool:
        return sum(pool.starmap(_requests_a_second, arguments))


def _requests_a_second(url: str, headers: dict[str, str], seconds: float) -> float:
    parts = urlsplit(url)
    lines = [f"GET {parts.path} HTTP/1.1", f"Host: {parts.netloc}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    request = ("\r\n".join(lines) + "\r\n\r\n").encode()
    count = 0
    with socket.create_connection((parts.hostname, parts.port)) as connection:
        start = time.perf_counter()
        while (elapsed := time.perf_counter() - start) < seconds:
            connection.sendall(request)
            _read_answer(connection)
            count += 1
    return count / elapsed


def _read_answer(connection: socket.socket) -> None:
    head, _end, body = _read_until_blank_line(connection)
    if not head.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(head.split(b"\r\n")[0].decode())
    length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
    missing = length - len(body)
    while missing > 0:
        missing -= len(connection.recv(65536))


def _read_until_blank_line(connection: socket.socket) -> tuple[bytes, bytes, bytes]:
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(65536)
    return received.partition(b"\r\n\r\n")
