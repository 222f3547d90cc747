"""The project's addresses, and a bare view that answers with the same bytes from memory."""

import os
from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.urls import path

from toastclub.urls import urlpatterns as project_urlpatterns

BODY = Path(os.environ["BENCH_BODY"]).read_bytes()


def bare(request: HttpRequest) -> HttpResponse:
    return HttpResponse(BODY, content_type="application/json")


# Last, and under the API: it passes all that a call of the API passes before its view.
urlpatterns = [*project_urlpatterns[:-1], path("api/v1/bare", bare)]
