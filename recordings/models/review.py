from typing import NamedTuple

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recordings.choices import WITH_REASON, Motivo, Revision
from toastclub.errors import Conflict, ToastClubError

NOTE_MAX_LENGTH = 1000


class InvalidReview(ToastClubError):
    message = _("La revisión no es válida.")


class Verdict(NamedTuple):
    """What is decided about a recording, and why."""

    state: str
    reason: str = ""
    note: str = ""

    @property
    def label(self) -> str:
        return str(Revision(self.state).label)

    def check(self) -> None:
        """Raises `InvalidReview` that says what is wrong with it."""
        for is_wrong, message in self._faults():
            if is_wrong:
                raise InvalidReview(message)

    def _faults(self) -> list[tuple[bool, object]]:
        needs_reason = self.state in WITH_REASON
        return [
            (self.state not in Revision, _("Elige «aceptada», «con problemas» o «rechazada».")),
            (needs_reason and self.reason not in Motivo, _("Elige el motivo de la lista.")),
            (
                bool(self.reason) and not needs_reason,
                _("Solo llevan motivo las grabaciones con problemas y las rechazadas."),
            ),
            (
                self.reason == Motivo.OTRO and not self.note,
                _("Explica en la nota cuál es el otro motivo."),
            ),
            (
                bool(self.note) and self.state == Revision.SIN_REVISAR,
                _("Una grabación sin revisar no lleva nota."),
            ),
            (
                len(self.note) > NOTE_MAX_LENGTH,
                _("La nota es demasiado larga: caben %(limit)s caracteres.")
                % {"limit": NOTE_MAX_LENGTH},
            ),
        ]


class ReviewedMeanwhile(Conflict):
    message = _("Otra persona la revisó mientras tanto: ahora está «%(state)s». Decide de nuevo.")

    @classmethod
    def by_another(cls, verdict: Verdict) -> "ReviewedMeanwhile":
        return cls(cls.message % {"state": verdict.label.lower()})


class RecordingReview(models.Model):
    """One decision about a recording; written as it is made, never changed."""

    recording = models.ForeignKey(
        "recordings.Recording",
        verbose_name="grabación",
        on_delete=models.CASCADE,
        related_name="reviews",
    )
    from_state = models.CharField("de", max_length=20, choices=Revision.choices)
    to_state = models.CharField("a", max_length=20, choices=Revision.choices)
    reason = models.CharField(
        "motivo", max_length=20, choices=Motivo.choices, blank=True, default=""
    )
    note = models.TextField("nota", max_length=NOTE_MAX_LENGTH, blank=True, default="")
    at = models.DateTimeField("cuándo", default=timezone.now)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="cuenta",
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    # Stays when the account goes.
    user_email = models.EmailField("quién")

    class Meta:
        db_table = "recording_reviews"
        verbose_name = "revisión"
        verbose_name_plural = "revisiones"
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.get_from_state_display()} → {self.get_to_state_display()}"
