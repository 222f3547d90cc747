"""The pages for when a person calls. What is typed travels in bodies, never in addresses."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.db.models import Count, Sum
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from accounts.back_office import note_access, user_in
from accounts.choices import AccessKind
from accounts.models import AccessRecord
from accounts.rights import ERASE
from dataset.export import Recipient
from dataset.identities import person_of
from dataset.models import Erasure
from dataset.people import erasure as erasing
from dataset.people.finding import email_of, find, names_in
from dataset.people.forms import ConfirmationForm, SearchForm, numbers_in
from dataset.people.handover import hand_over
from dataset.people.holdings import Holdings, holdings_of
from dataset.responses import zip_response
from toastclub.addresses import client_address
from toastclub.admin import telling_errors
from toastclub.clients import Waiting
from toastclub.errors import ToastClubError

CHOSEN = "sesion"  # the parameter of an address that names a session
ACCESSES_SHOWN = 50
NONE_CHOSEN = "Marca al menos una sesión de la persona."


def find_view(request: HttpRequest) -> HttpResponseBase:
    """The search is a POST, so that no name is in an address, nor in whatever keeps addresses."""
    form = SearchForm(request.POST if request.method == "POST" else None)
    found = None
    if form.is_bound and form.is_valid():
        found = find(form.cleaned_data["q"])
        shown = sorted(
            {
                session.pk
                for person in found.people
                for session in (*person.sessions, *person.offered)
            }
        )
        note_access(request, AccessKind.VIEW, page="una persona llama", shown=shown)
    return _page(request, "find", "Una persona llama", form=form, found=found)


@telling_errors
def person_view(request: HttpRequest) -> HttpResponseBase:
    """What is held of the chosen sessions; a POST hands it over."""
    holdings = holdings_of(numbers_in(request.GET.getlist(CHOSEN)))
    if not holdings.sessions:
        return _nothing_chosen(request)
    if request.method == "POST":
        recipient = Recipient(user_in(request), client_address(request))
        return zip_response(hand_over(holdings.numbers, recipient, Waiting(request)))
    _note_view(request, holdings)
    return _page(
        request,
        "person",
        "Lo que se guarda de esta persona",
        accesses=list(holdings.accesses[: ACCESSES_SHOWN + 1]),
        accesses_shown=ACCESSES_SHOWN,
        may_erase=user_in(request).has_perm(ERASE),
        **_chosen(holdings),
    )


@telling_errors
def erase_view(request: HttpRequest) -> HttpResponseBase:
    """Asks for a confirmation that has to be typed; a POST with it erases."""
    holdings = holdings_of(numbers_in(request.GET.getlist(CHOSEN)))
    if not holdings.sessions:
        return _nothing_chosen(request)
    form = ConfirmationForm(holdings.sessions, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        erasure = erasing.begin(
            holdings.numbers, by=user_in(request), address=client_address(request)
        )
        return carried_on(request, erasure)
    _note_view(request, holdings)
    return _page(
        request,
        "erase",
        "Borrar a esta persona para siempre",
        form=form,
        counts=_counts(holdings),
        **_chosen(holdings),
    )


def carried_on(request: HttpRequest, erasure: Erasure) -> HttpResponseBase:
    """Goes on with an erasure as far as that is possible now, and leads to what it says of it."""
    try:
        erasing.carry_on(erasure)
    except ToastClubError as error:
        messages.error(request, f"{error.detail} El borrado queda sin terminar: continúalo luego.")
    else:
        messages.success(request, f"{erasure}: terminado.")
    return redirect("admin:dataset_erasure_change", erasure.pk)


def _page(request: HttpRequest, name: str, title: str, **context: Any) -> HttpResponseBase:
    shared = {**admin.site.each_context(request), "title": title}
    template = f"admin/dataset/people/{name}.html"
    return TemplateResponse(request, template, {**shared, **context})


def _nothing_chosen(request: HttpRequest) -> HttpResponseBase:
    messages.error(request, NONE_CHOSEN)
    return redirect("admin:dataset_people")


def _note_view(request: HttpRequest, holdings: Holdings) -> None:
    AccessRecord.objects.note_sessions(
        AccessKind.VIEW,
        holdings.numbers,
        by=user_in(request),
        address=client_address(request),
        page="lo que se guarda de una persona",
    )


def _chosen(holdings: Holdings) -> dict[str, Any]:
    """What both pages say of the chosen sessions, and the query that names them."""
    emails = {person_of(email) for session in holdings.sessions if (email := email_of(session))}
    return {
        "holdings": holdings,
        "names": names_in(holdings.sessions),
        "has_several_people": len(emails) > 1,
        "chosen": urlencode([(CHOSEN, number) for number in holdings.numbers]),
    }


def _counts(holdings: Holdings) -> dict[str, int]:
    recordings = holdings.recordings.aggregate(count=Count("pk"), bytes=Sum("file_size"))
    return {
        "recordings": recordings["count"],
        "bytes": recordings["bytes"] or 0,
        "surveys": holdings.surveys.count(),
    }
