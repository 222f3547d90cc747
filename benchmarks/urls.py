"""The project's addresses, and a bare view that answers with the same bytes from memory."""

import os
from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.urls import path

from toastclub.urls import urlpatterns as project_urlpatterns

BODY = Path(os.environ["BENCH_BODY"]).read_bytes()


def bare(request: HttpRequest) -> HttpResponse:
    return HttpResponse(BODY, content_type="application/json")


urlpatterns = [path("bare", bare), *project_urlpatterns]
