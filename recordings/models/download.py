from collections.abc import Iterable
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models import User
from recordings.choices import DownloadKind


class RecordingDownloadManager(models.Manager["RecordingDownload"]):
    def note_stream(self, *, download_id: int, address: str) -> None:
        """Notes that the file behind a URL that was handed out is sent, to whoever got the URL."""
        handed_out = self.get(pk=download_id)
        self.create(
            recording_number=handed_out.recording_number,
            kind=DownloadKind.FILE,
            user_id=handed_out.user_id,
            user_email=handed_out.user_email,
            address=address,
        )

    def note_export(self, recording_ids: Iterable[int], *, by: User | None, address: str) -> None:
        """Notes that recordings are sent in an export; `by` is None for the command."""
        self.bulk_create(
            RecordingDownload(
                recording_number=number,
                kind=DownloadKind.EXPORT,
                user=by,
                user_email=by.email if by else "",
                address=address,
            )
            for number in recording_ids
        )


class RecordingDownload(models.Model):
    """One URL handed out, or one stream sent: who, which recording, when, from where.

    Never changed.
    """

    # A number and not a key: it stays when the recording is deleted.
    recording_number = models.PositiveBigIntegerField("grabación", db_index=True)
    kind = models.CharField("qué", max_length=10, choices=DownloadKind.choices)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="cuenta",
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    # Stays when the account goes; empty for a command on the server.
    user_email = models.EmailField("correo electrónico", blank=True, default="")
    address = models.CharField("desde", max_length=45, blank=True, default="")
    expires_in = models.PositiveIntegerField("vigencia (s)", null=True)
    at = models.DateTimeField("cuándo", default=timezone.now)

    objects: ClassVar[RecordingDownloadManager] = RecordingDownloadManager()

    class Meta:
        db_table = "recording_downloads"
        verbose_name = "descarga"
        verbose_name_plural = "descargas"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"
