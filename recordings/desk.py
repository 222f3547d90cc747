"""The review desk: one recording at a time is heard, read along, decided about; then the next."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from accounts.back_office import PersonalDataAdmin, note_access, user_in
from accounts.choices import AccessKind
from recordings.models import InvalidReview, Recording, RecordingGone
from recordings.models.review import Verdict
from recordings.naming import address_of, list_address, name_of
from recordings.neighbours import neighbours_of
from recordings.reviews import review_recording
from recordings.take import may_review, take_context
from toastclub.addresses import client_address
from toastclub.errors import ToastClubError
from toastclub.identifiers import parse_id

DOWNLOAD_SECONDS = 600  # that an address for a download is good for

View = Callable[["ReviewDesk", HttpRequest, str], HttpResponseBase]


class ReviewForm(forms.Form):
    """A decision as it was sent; whether it makes sense is for the recording to say."""

    state = forms.CharField()
    reason = forms.CharField(required=False)
    note = forms.CharField(required=False)
    seen = forms.IntegerField(required=False)

    def decision(self) -> dict[str, str]:
        """Raises `InvalidReview`."""
        if not self.is_valid():
            raise InvalidReview
        return {name: self.cleaned_data[name] for name in Verdict._fields}


def posted(view: View) -> View:
    """Takes POST alone, and says what is wrong to the page's script, or to who has none."""

    @wraps(view)
    def answered(desk: "ReviewDesk", request: HttpRequest, object_id: str) -> HttpResponseBase:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        try:
            return view(desk, request, object_id)
        except ToastClubError as error:
            if is_script(request):
                return JsonResponse({"detail": error.detail}, status=error.status_code)
            messages.error(request, error.detail)
            is_gone = isinstance(error, RecordingGone)
            return redirect(
                list_address(request) if is_gone else address_of("change", object_id, request)
            )

    return answered


def is_script(request: HttpRequest) -> bool:
    return request.headers.get("Accept") == "application/json"


class ReviewDesk(PersonalDataAdmin):
    """The pages of one recording, and what can be asked for there."""

    change_form_template = "admin/recordings/recording/change_form.html"
    fields = ("session",)

    def get_urls(self) -> list[URLPattern]:
        views = {
            "take": self.take_view,
            "play": self.play_view,
            "review": self.review_view,
            "download": self.download_view,
        }
        own = [
            path(
                f"<path:object_id>/{page}/",
                self.admin_site.admin_view(view),
                name=f"recordings_recording_{page}",
            )
            for page, view in views.items()
        ]
        return [*own, *super().get_urls()]

    def session_number_of(self, row: Recording) -> int:
        return row.session_id

    def numbers_of(self, row: Recording) -> dict[str, int | None]:
        return {**super().numbers_of(row), "recording_number": row.pk}

    def has_review_permission(self, request: HttpRequest) -> bool:
        return may_review(request)

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Recording | None:
        """With all that its page shows of it, in one query."""
        shown = ("session__participant", "session__user")
        whole = Recording.objects.defer(None).select_related(*shown)
        return whole.filter(pk=parse_id(object_id)).first()

    def render_change_form(
        self, request: HttpRequest, context: Any, *_args: Any, obj: Any = None, **_kwargs: Any
    ) -> HttpResponse:
        shown = {**context, "opts": self.opts, **self._context_of(request, obj)}
        return TemplateResponse(request, self.change_form_template, shown)

    def take_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The part of the page that is one recording's, to replace another's without a reload."""
        try:
            return HttpResponse(self._take(request, self._recording(request, object_id)))
        except RecordingGone as error:
            return HttpResponse(
                error.detail,
                status=HTTPStatus.NOT_FOUND,
                content_type="text/plain; charset=utf-8",
            )

    @posted
    def play_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        recording = self._recording(request, object_id)
        url = recording.hand_out_sound(user_in(request), address=client_address(request))
        return JsonResponse({"url": url})

    @posted
    def download_view(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        recording = self._recording(request, object_id)
        recording.check_sound()
        url = recording.hand_out_url(
            user_in(request), address=client_address(request), expires_in=DOWNLOAD_SECONDS
        )
        return redirect(url)

    @posted
    def review_view(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        recording = self._recording(request, object_id)
        if not self.has_review_permission(request):
            raise PermissionDenied
        shown = self._shown_next(request, recording)
        previous = recording.verdict
        form = ReviewForm(request.POST)
        review = review_recording(
            recording,
            by=user_in(request),
            address=client_address(request),
            **form.decision(),
            seen=form.cleaned_data["seen"],
        )
        said = f"{name_of(recording)}: {recording.verdict.label.lower()}."
        if not is_script(request):
            messages.success(request, said)
            return redirect(address_of("change", shown.pk, request))
        answer: dict[str, Any] = {"said": said, "undo": None, "html": self._take(request, shown)}
        if review is not None:
            address = address_of("review", recording.pk, request)
            answer["undo"] = {"address": address, **previous._asdict(), "seen": review.pk}
        return JsonResponse(answer)

    def _recording(self, request: HttpRequest, object_id: str) -> Recording:
        if not self.has_view_permission(request):
            raise PermissionDenied
        recording = self.get_object(request, object_id)
        if recording is None:
            raise RecordingGone
        return recording

    def _shown_next(self, request: HttpRequest, recording: Recording) -> Recording:
        """The next of the list, or the same one if it is the last or the reviewer stays with it.

        Found before the review, which may take the recording to another place in the list.
        """
        if request.POST.get("then") == "stay":
            return recording
        after = neighbours_of(recording, self, request).after
        return (after and self.get_object(request, str(after))) or recording

    def _take(self, request: HttpRequest, recording: Recording) -> str:
        """The recording's part of the page; that it is seen is noted."""
        note_access(
            request,
            AccessKind.VIEW,
            page=str(self.opts.verbose_name),
            **self.numbers_of(recording),
        )
        context = self._context_of(request, recording)
        return render_to_string("admin/recordings/recording/take.html", context, request)

    def _context_of(self, request: HttpRequest, recording: Recording) -> dict[str, Any]:
        return take_context(request, recording, neighbours_of(recording, self, request))
