"""What every request passes before a view sees it."""

from collections.abc import Callable
from urllib.parse import unquote_to_bytes

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils import translation

from toastclub.responses import handler400, handler404, is_api

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class RequestGuardMiddleware:
    """Refuses addresses that no layer can hold, and serves both slash forms of the others.

    - A NUL in the path is 404; a NUL or invalid UTF-8 in the query is 400.
    - A trailing slash is dropped, so that both forms reach the view: a redirect would lose
      the body of a POST. The admin's own addresses end with one.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if "\x00" in request.path_info:
            return handler404(request)
        if not _is_clean_query(request.META.get("QUERY_STRING", "")):
            return handler400(request)
        if request.path_info.endswith("/") and not request.path_info.startswith("/admin/"):
            request.path_info = request.path_info.removesuffix("/") or "/"
            request.path = request.path.removesuffix("/") or "/"
        return self.get_response(request)


class ApiLocaleMiddleware(LocaleMiddleware):
    """The API follows Accept-Language; the pages are always Spanish."""

    def process_request(self, request: HttpRequest) -> None:
        if is_api(request):
            super().process_request(request)
        else:
            translation.activate(settings.LANGUAGE_CODE)

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if is_api(request):
            super().process_response(request, response)
        return response


def _is_clean_query(query: str) -> bool:
    try:
        # WSGI hands over each byte as the character of that number.
        return "\x00" not in unquote_to_bytes(query.encode("latin-1")).decode("utf-8")
    except UnicodeDecodeError:
        return False
