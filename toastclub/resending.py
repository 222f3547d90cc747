"""A form that came after its login had ended: it is given back whole, to be sent again."""

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render

from toastclub.responses import accepts_html, handler403

ENDED = (
    "Tu sesión terminó antes de que llegara el formulario, y no se ha guardado nada. Inicia sesión "
    "en otra pestaña, vuelve a esta y envíalo otra vez: lo que escribiste sigue aquí."
)
STALE = (
    "Iniciaste sesión de nuevo después de abrir este formulario, y no se ha guardado nada. "
    "Envíalo otra vez: lo que escribiste sigue aquí."
)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django asks for it where a form's token is wrong; another site's form gets nothing back."""
    if _is_own(request) and can_be_given_back(request):
        return given_back(request, STALE if request.user.is_authenticated else ENDED)
    response: HttpResponse = handler403(request)
    return response


def can_be_given_back(request: HttpRequest) -> bool:
    """Whether it is a page's form whose fields may be written into a page: no file, no password."""
    is_form = request.method == "POST" and accepts_html(request) and bool(_fields(request))
    return is_form and not request.FILES and not any("password" in name for name in request.POST)


def given_back(request: HttpRequest, message: str = ENDED) -> HttpResponse:
    context: dict[str, Any] = {
        "message": message,
        "fields": _fields(request),
        "token": get_token(request),
        "address": request.get_full_path(),
    }
    return render(request, "error.html", context, status=HTTPStatus.FORBIDDEN)


def _fields(request: HttpRequest) -> list[tuple[str, list[str]]]:
    return [item for item in request.POST.lists() if item[0] != "csrfmiddlewaretoken"]


def _is_own(request: HttpRequest) -> bool:
    return request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"
