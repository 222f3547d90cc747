from django.utils.safestring import SafeString

from sessions_app.choices import Estado
from toastclub.admin import badge

_KINDS = {
    Estado.RUNNING: "busy",
    Estado.AUDIO_UPLOADED: "warn",
    Estado.SURVEY_PENDING: "warn",
    Estado.COMPLETED: "good",
}


def estado_badge(estado: str) -> SafeString:
    """A state in words, in its colour."""
    known = Estado(estado)
    return badge(known.label, _KINDS.get(known, "plain"))
