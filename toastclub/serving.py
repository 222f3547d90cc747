"""What gunicorn does for us in another way than of itself; `gunicorn.conf.py` puts it in place."""

import json
import socket

from gunicorn.http.body import LengthReader
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


def read_piece(reader: LengthReader, size: int) -> bytes:
    """Stands in for `LengthReader.read`: up to `size` bytes, as many as are there.

    gunicorn's own reads ahead of what is asked for, and copies the surplus at every call.
    """
    wanted = min(size, reader.length)
    if wanted == 0:
        return b""
    piece: bytes = reader.unreader.read(read_ahead=wanted)
    if len(piece) > wanted:  # it came along with the head of the request
        reader.unreader.unread(piece[wanted:])
        piece = piece[:wanted]
    reader.length -= len(piece)
    return piece
