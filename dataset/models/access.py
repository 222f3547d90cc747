from django.conf import settings
from django.db import models
from django.utils import timezone

from dataset.choices import AccessKind


class DatasetAccess(models.Model):
    """The dataset given to somebody: who, what, when, from where. Never changed."""

    kind = models.CharField("qué", max_length=20, choices=AccessKind.choices)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="cuenta",
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    # Stays when the account goes; for a command, the system's user.
    who = models.CharField("quién", max_length=254)
    address = models.CharField("desde", max_length=45, blank=True, default="")
    filters = models.JSONField("filtros", default=dict)
    sessions = models.PositiveIntegerField("sesiones", null=True)
    recordings = models.PositiveIntegerField("grabaciones", null=True)
    release_number = models.PositiveIntegerField("versión", null=True)
    at = models.DateTimeField("cuándo", default=timezone.now)

    class Meta:
        db_table = "dataset_accesses"
        verbose_name = "acceso al dataset"
        verbose_name_plural = "accesos al dataset"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"
