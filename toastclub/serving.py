"""Answers of the server itself, to what never becomes a request."""

import json
import socket

from gunicorn.util import write_nonblock


def write_json_error(sock: socket.socket, status_int: int, reason: str, mesg: str) -> None:
    """Stands in for `gunicorn.util.write_error`, which answers in HTML."""
    body = json.dumps({"detail": mesg or reason}, ensure_ascii=False).encode()
    head = (
        f"HTTP/1.1 {status_int} {reason}\r\n"
        "Connection: close\r\n"
        "Content-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    write_nonblock(sock, head.encode("latin1") + body)
