"""Reviewing several recordings of a list together, as actions of the admin."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse

from accounts.back_office import user_in
from recordings.choices import Motivo, Revision
from recordings.desk import ReviewDesk, ReviewForm
from recordings.models import Recording
from recordings.models.review import NOTE_MAX_LENGTH, Verdict
from recordings.reviews import Reviewed, review_each
from toastclub.addresses import client_address
from toastclub.errors import ToastClubError

REVIEWED_AT_ONCE = 500  # each is a decision of its own, and takes its time

Recordings = QuerySet[Recording]


class ReviewActions(ReviewDesk):
    actions = ("accept", "mark_with_problems", "reject", "reopen")

    @admin.action(description="Aceptar", permissions=["review"])
    def accept(self, request: HttpRequest, queryset: Recordings) -> None:
        self._review(request, queryset, Verdict(Revision.ACEPTADA))

    @admin.action(description="Marcar con problemas…", permissions=["review"])
    def mark_with_problems(
        self, request: HttpRequest, queryset: Recordings
    ) -> HttpResponseBase | None:
        return self._ask_why(request, queryset, Revision.CON_PROBLEMAS)

    @admin.action(description="Rechazar…", permissions=["review"])
    def reject(self, request: HttpRequest, queryset: Recordings) -> HttpResponseBase | None:
        return self._ask_why(request, queryset, Revision.RECHAZADA)

    @admin.action(description="Dejar sin revisar", permissions=["review"])
    def reopen(self, request: HttpRequest, queryset: Recordings) -> None:
        self._review(request, queryset, Verdict(Revision.SIN_REVISAR))

    def _ask_why(
        self, request: HttpRequest, queryset: Recordings, state: Revision
    ) -> HttpResponseBase | None:
        """A page that asks for the reason; once it is given there, the recordings are reviewed."""
        if "reason" in request.POST:
            try:
                verdict = Verdict(**ReviewForm({**request.POST.dict(), "state": state}).decision())
                verdict.check()
            except ToastClubError as error:
                messages.error(request, error.detail)
            else:
                self._review(request, queryset, verdict)
                return None
        return self._reason_page(request, queryset, state)

    def _reason_page(
        self, request: HttpRequest, queryset: Recordings, state: Revision
    ) -> HttpResponseBase | None:
        recordings = self._few(request, queryset)
        if not recordings:
            return None
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"{state.label}: ¿por qué?",
            "recordings": recordings,
            "action": request.POST.get("action"),
            "checkbox": ACTION_CHECKBOX_NAME,
            "state": state,
            "reasons": Motivo.choices,
            "reason": request.POST.get("reason", ""),
            "note": request.POST.get("note", ""),
            "note_max_length": NOTE_MAX_LENGTH,
        }
        return TemplateResponse(request, "admin/recordings/recording/reason.html", context)

    def _review(self, request: HttpRequest, queryset: Recordings, verdict: Verdict) -> None:
        done = review_each(
            self._few(request, queryset),
            by=user_in(request),
            address=client_address(request),
            **verdict._asdict(),
        )
        _tell(request, done, verdict.label.lower())

    def _few(self, request: HttpRequest, queryset: Recordings) -> list[Recording]:
        """The recordings; none, and why, if they are too many to be decided about together."""
        recordings = list(queryset[: REVIEWED_AT_ONCE + 1])
        if len(recordings) <= REVIEWED_AT_ONCE:
            return recordings
        messages.error(
            request,
            f"Son más de {REVIEWED_AT_ONCE} grabaciones y no se revisó ninguna: elige menos, "
            "por ejemplo con los filtros.",
        )
        return []


def _tell(request: HttpRequest, done: Reviewed, decided: str) -> None:
    if done.changed:
        messages.success(request, f"Ahora «{decided}»: {_counted(done.changed)}.")
    if done.unchanged:
        messages.info(request, f"Sin cambios, ya «{decided}»: {_counted(done.unchanged)}.")
    for number, why in done.refused.items():
        messages.warning(request, f"Grabación {number}, sin revisar: {why}")


def _counted(number: int) -> str:
    return f"{number} grabación" if number == 1 else f"{number} grabaciones"
