"""The WSGI application that gunicorn serves."""

import os
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "toastclub.settings")

WSGIApplication = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def reading_chunked_bodies(wsgi_application: WSGIApplication) -> WSGIApplication:
    """Gives a chunked body a length, without which Django reads none of it.

    The length is one byte over the largest upload: the body ends where the server says that
    it ends, and one that goes on beyond that is refused like any other that is too large.
    """

    def wrapped(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        chunked = environ.get("HTTP_TRANSFER_ENCODING", "").lower() == "chunked"
        if chunked and environ.get("wsgi.input_terminated"):
            longest = settings.MAX_AUDIO_SIZE + settings.MAX_MULTIPART_OVERHEAD
            environ["CONTENT_LENGTH"] = str(longest + 1)
        return wsgi_application(environ, start_response)

    return wrapped


application = reading_chunked_bodies(get_wsgi_application())
