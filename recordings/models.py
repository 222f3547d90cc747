import re
import uuid
from pathlib import PurePosixPath
from typing import Any, ClassVar

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from recordings.audio import AudioFacts
from recordings.storages import AudioContent
from sessions_app.actors import Actor
from sessions_app.choices import Estado
from sessions_app.models import Session
from toastclub.errors import Conflict
from toastclub.fields import OrderedJSONField
from toastclub.querysets import NumberedQuerySet

KEY_MAX_LENGTH = 500
_SANE_EXTENSION = re.compile(r"\.[A-Za-z0-9]{1,8}")


class TooManyRecordings(Conflict):
    message = _("La sesión ya tiene el máximo de grabaciones.")


class RecordingManager(models.Manager.from_queryset(NumberedQuerySet)):  # type: ignore[misc]  # made as it runs
    """Recordings whose bytes are stored: the only ones that a reader may ever see."""

    def get_queryset(self) -> NumberedQuerySet["Recording"]:
        stored: NumberedQuerySet[Recording] = (
            super().get_queryset().filter(uploaded_at__isnull=False)
        )
        return stored


class Recording(models.Model):
    """A speech. Its row is pending (`uploaded_at` is null) until its object is stored."""

    session = models.ForeignKey(
        Session,
        verbose_name="sesión",
        on_delete=models.CASCADE,
        related_name="recordings",
        db_index=False,  # the index of the newest begins with it
    )
    audio = models.FileField("audio", db_column="audio_url", max_length=KEY_MAX_LENGTH)
    duracion_segundos = models.FloatField("duración (s)", null=True, blank=True)
    formato = models.CharField("formato", max_length=100)
    file_size = models.PositiveBigIntegerField("tamaño (bytes)", null=True, blank=True)
    sha256 = models.CharField("SHA-256", max_length=64, null=True, blank=True)
    metadata_carga = OrderedJSONField("metadatos de carga", default=dict, blank=True)
    is_processed = models.BooleanField("procesada", default=False)
    created_at = models.DateTimeField("creada", default=timezone.now, editable=False)
    uploaded_at = models.DateTimeField("subida", null=True, editable=False)

    objects: ClassVar[RecordingManager] = RecordingManager()
    with_pending = NumberedQuerySet.as_manager()

    class Meta:
        db_table = "recordings"
        verbose_name = "grabación"
        verbose_name_plural = "grabaciones"
        ordering = ["id"]
        constraints = [
            # The same bytes for the same session are the same recording.
            models.UniqueConstraint(
                fields=["session", "sha256"],
                condition=models.Q(uploaded_at__isnull=False, sha256__isnull=False),
                name="recordings_session_sha256_unique",
            )
        ]
        indexes = [
            # The newest of a session, and all of them.
            models.Index(fields=["session", "created_at", "id"], name="recordings_session_newest"),
            # Lists by day.
            models.Index(fields=["created_at"], name="recordings_created"),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"

    @property
    def audio_url(self) -> str:
        """The object's key in the store, in the contract's word."""
        return str(self.audio.name)

    @property
    def extension(self) -> str:
        suffix = PurePosixPath(self.audio_url).suffix
        return suffix[1:].lower() if _SANE_EXTENSION.fullmatch(suffix) else "bin"

    @property
    def download_name(self) -> str:
        """The file's name for whoever downloads it, alone or in an export."""
        return f"{self.session.session_code}__{self.pk}.{self.extension}"

    @property
    def content_disposition(self) -> str:
        return f'attachment; filename="{self.download_name}"'

    @property
    def owns_object(self) -> bool:
        """Whether its bytes came through us; a mock merely names a key that others may own."""
        return self.sha256 is not None

    def put(self, file: Any) -> None:
        """Stores the bytes under the row's key, or raises `StoreUnavailable`."""
        content = AudioContent(
            file, content_type=self.formato, content_disposition=self.content_disposition
        )
        self.audio.storage.save(self.audio_url, content)

    def settle(self, *, by: Actor) -> "Recording":
        """Makes a pending row visible and moves the session on, or finds its earlier twin.

        Of several uploads of the same bytes one is settled; it is returned to all.
        """
        with transaction.atomic():
            session = Session.objects.locked(self.session_id)
            twin = session.recordings.filter(sha256=self.sha256).first() if self.sha256 else None
            if twin is None:
                refuse_if_full(session)
                self.uploaded_at = timezone.now()
                self.save(update_fields=["uploaded_at"])
            session.move_on_from(Estado.RUNNING, by=by)
        return twin or self

    def remove(self) -> None:
        """Deletes object and row, in that order: a row without its object can be seen."""
        self.delete_object()
        self.delete()

    def delete_object(self) -> None:
        if self.owns_object:
            self.audio.storage.delete(self.audio_url)

    def hand_out_url(self, user: User, *, expires_in: int) -> str:
        """An address that serves the audio for `expires_in` seconds; who got it is recorded."""
        RecordingDownload.objects.create(
            recording_number=self.pk, user=user, user_email=user.email, expires_in=expires_in
        )
        storage: Any = self.audio.storage
        return str(storage.url(self.audio_url, expire=expires_in))


def new_recording(session: Session, facts: AudioFacts) -> Recording:
    """An unsaved recording of that session, with a key of its own."""
    key = f"recordings/session_{session.pk}/{uuid.uuid4()}.{facts.extension}"
    return Recording(
        session=session,
        audio=key,
        formato=facts.content_type,
        duracion_segundos=facts.duration,
    )


def refuse_if_full(session: Session) -> None:
    if session.recordings.count() >= settings.MAX_RECORDINGS_PER_SESSION:
        raise TooManyRecordings


class RecordingDownload(models.Model):
    """One address handed out: who got it, for which recording, when. Never changed."""

    # A number and not a key: it stays when the recording is deleted.
    recording_number = models.PositiveBigIntegerField("grabación", db_index=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="cuenta",
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    user_email = models.EmailField("correo electrónico")
    expires_in = models.PositiveIntegerField("vigencia (s)")
    at = models.DateTimeField("cuándo", default=timezone.now)

    class Meta:
        db_table = "recording_downloads"
        verbose_name = "descarga"
        verbose_name_plural = "descargas"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"
