"""Pages of the back office that show somebody's data."""

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from accounts.choices import AccessKind
from accounts.models import AccessRecord, User
from toastclub.addresses import client_address
from toastclub.admin import BackOfficeAdmin, ReadOnlyAdmin


def user_in(request: HttpRequest) -> User:
    """The account behind a request that the admin let in."""
    user: Any = request.user
    return user


def note_access(
    request: HttpRequest, kind: AccessKind, *, session_number: int | None = None, **facts: Any
) -> None:
    """Puts into the log of accesses who did that, and from where."""
    AccessRecord.objects.note(
        kind,
        by=user_in(request),
        address=client_address(request),
        session_number=session_number,
        **facts,
    )


class ViewsNoted(BackOfficeAdmin):
    """Who opened a list or a page of somebody's data is put into the log of accesses."""

    def session_number_of(self, row: Any) -> int | None:
        """The session that a row belongs to."""
        raise NotImplementedError

    def numbers_of(self, row: Any) -> dict[str, int | None]:
        """By which the log names a row."""
        return {"session_number": self.session_number_of(row)}

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponseBase:
        response: Any = super().changelist_view(request, extra_context)
        changelist = getattr(response, "context_data", {}).get("cl")
        if changelist is not None:
            shown = [self.session_number_of(row) for row in changelist.result_list]
            page = str(self.opts.verbose_name_plural)
            note_access(request, AccessKind.VIEW, page=page, shown=shown)
        return response

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponseBase:
        response: Any = super().change_view(request, object_id, form_url, extra_context)
        original = (getattr(response, "context_data", None) or {}).get("original")
        if original is not None:
            page = str(self.opts.verbose_name)
            note_access(request, AccessKind.VIEW, page=page, **self.numbers_of(original))
        return response


class PersonalDataAdmin(ViewsNoted, ReadOnlyAdmin):
    """Somebody's data, looked at and not written; every look is noted."""
