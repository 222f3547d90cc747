"""The WSGI application that gunicorn serves."""

import contextlib
import mimetypes
import os
import re
from collections.abc import Callable, Iterable
from typing import Any, cast

from django.core.files.storage import default_storage
from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver
from gunicorn.http.errors import ParseException

from toastclub.limits import longest_body

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "toastclub.settings")

READ_BYTES = 64 * 1024
_BOUNDARY = re.compile(r';\s*boundary=("[^"]*"|[^;\s]*)', re.IGNORECASE)

WSGIApplication = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class _Body:
    """The body of a request, as Django reads it."""

    def __init__(self, body: Any) -> None:
        self._body = body

    def read(self, size: int = -1) -> bytes:
        return self._reading(self._body.read, size)

    def readline(self, size: int = -1) -> bytes:
        return self._reading(self._body.readline, size)

    def _reading(self, read: Callable[[int], bytes], size: int) -> bytes:
        return read(size)


class _ChunkedBody(_Body):
    """A body whose faults are those of a connection that broke: Django knows what to do then."""

    def _reading(self, read: Callable[[int], bytes], size: int) -> bytes:
        try:
            return read(size)
        except ParseException as error:
            raise OSError("The body is not chunked as it says") from error


class _BreakingBody(_Body):
    """A body that ends where reading it failed: a client that stalled is not waited for twice."""

    _is_broken = False

    def _reading(self, read: Callable[[int], bytes], size: int) -> bytes:
        if self._is_broken:
            return b""
        try:
            return read(size)
        except Exception:
            self._is_broken = True
            raise


def reading_chunked_bodies(wsgi_application: WSGIApplication) -> WSGIApplication:
    """Gives a chunked body a length, without which Django reads none of it.

    The length is one byte over the largest upload: the body ends where the server says that
    it ends, and one that goes on beyond that is refused like any other that is too large.
    """

    def wrapped(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        chunked = environ.get("HTTP_TRANSFER_ENCODING", "").lower() == "chunked"
        if chunked and environ.get("wsgi.input_terminated"):
            environ["CONTENT_LENGTH"] = str(longest_body() + 1)
            environ["wsgi.input"] = _ChunkedBody(environ["wsgi.input"])
        return wsgi_application(environ, start_response)

    return wrapped


def in_utf8(wsgi_application: WSGIApplication) -> WSGIApplication:
    """Drops all that a Content-Type says, save the type (in lower case) and a form's boundary.

    Django would decode even the query in the charset named there. Python knows some that make
    NUL of letters, and others, as well as unknown ones, that are an error before any handler.
    """

    def wrapped(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        content_type = environ.get("CONTENT_TYPE", "")
        media_type = content_type.partition(";")[0].lower()
        boundary = _BOUNDARY.search(content_type)
        environ["CONTENT_TYPE"] = media_type + (boundary[0] if boundary else "")
        return wsgi_application(environ, start_response)

    return wrapped


def hearing_clients_out(wsgi_application: WSGIApplication) -> WSGIApplication:
    """Reads the rest of a body that was refused before its end.

    The server would drop the connection in the middle of it, and the client might see that
    instead of the answer. A body that is longer than any upload is not waited for.
    """

    def wrapped(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        body = environ["wsgi.input"] = _BreakingBody(environ["wsgi.input"])
        answer = wsgi_application(environ, start_response)
        if 0 < int(environ.get("CONTENT_LENGTH") or 0) <= longest_body():
            with contextlib.suppress(OSError):  # the client is gone
                while body.read(READ_BYTES):
                    pass
        return answer

    return wrapped


def without_body_on_head(wsgi_application: WSGIApplication) -> WSGIApplication:
    """Answers HEAD without the body that Django makes for it, which gunicorn warns about."""

    def wrapped(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        body = wsgi_application(environ, start_response)
        if environ["REQUEST_METHOD"] != "HEAD":
            return body
        if hasattr(body, "close"):
            body.close()
        return []

    return wrapped


application = without_body_on_head(
    hearing_clients_out(in_utf8(reading_chunked_bodies(get_wsgi_application())))
)
# What would be made for the first requests: the addresses, with all that answers there, the kinds
# of files, the store's client. In the middle of a lesson it would hold up everybody.
mimetypes.init()
get_resolver().url_patterns  # noqa: B018 - for what reading it does
cast(Any, default_storage).address_of("recordings/none", expires_in=1, download_id=0)
