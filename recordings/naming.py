"""What a recording is called in the back office, and where its pages are."""

from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from recordings.models import Recording

FILTERS_VAR = "_changelist_filters"  # where Django keeps the list that a page was opened from


def name_of(recording: Recording) -> str:
    return f"Grabación {recording.pk} de {participant_of(recording)}"


def participant_of(recording: Recording) -> str:
    name: str = recording.session.datos_participante["nombre"]
    return name or "una persona cuyos datos se borraron"


def address_of(page: str, number: int | str, request: HttpRequest | None = None) -> str:
    """A page of a recording, which remembers the list that it was opened from."""
    address = reverse(f"admin:recordings_recording_{page}", args=[number])
    filters = request.GET.get(FILTERS_VAR) if request else None
    return f"{address}?{urlencode({FILTERS_VAR: filters})}" if filters else address


def list_address(request: HttpRequest) -> str:
    filters = request.GET.get(FILTERS_VAR, "")
    return f"{reverse('admin:recordings_recording_changelist')}?{filters}".removesuffix("?")
