"""Serving a file in parts, so that a player can seek in it (RFC 9110, section 14)."""

import re
from collections.abc import Iterator
from typing import IO

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

CHUNK_BYTES = 64 * 1024
_BYTE_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def ranged_response(
    request: HttpRequest, file: IO[bytes], *, size: int, content_type: str
) -> HttpResponseBase:
    """The whole file (200), the one part asked for (206), or 416 where there is none."""
    wanted = _wanted(request)
    first, last = 0, size - 1
    if wanted:
        first, last = _bounds(wanted[1], wanted[2], size)
        if first > last:
            return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    response = StreamingHttpResponse(
        _slice(file, first, last - first + 1), content_type=content_type
    )
    response["Accept-Ranges"] = "bytes"
    response["Content-Length"] = str(last - first + 1)
    if wanted:
        response.status_code = 206
        response["Content-Range"] = f"bytes {first}-{last}/{size}"
    return response


def _wanted(request: HttpRequest) -> re.Match[str] | None:
    """The range asked for; None where there is none, or one that makes no sense."""
    wanted = _BYTE_RANGE.fullmatch(request.headers.get("Range", "").strip())
    if wanted is None or not any(wanted.groups()):
        return None
    ends_before_it_begins = all(wanted.groups()) and int(wanted[2]) < int(wanted[1])
    return None if ends_before_it_begins else wanted


def _bounds(first: str, last: str, size: int) -> tuple[int, int]:
    """First and last position of `first-last`, of `first-` or of `-how_many_at_the_end`."""
    if not first:
        return max(size - int(last), 0), size - 1
    return int(first), min(int(last), size - 1) if last else size - 1


def _slice(file: IO[bytes], start: int, length: int) -> Iterator[bytes]:
    with file:
        file.seek(start)
        while length > 0 and (chunk := file.read(min(CHUNK_BYTES, length))):
            length -= len(chunk)
            yield chunk
