import re
import uuid
from posixpath import splitext
from typing import Any, ClassVar, Self

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.choices import AccessKind
from accounts.models import AccessRecord, User
from recordings.audio import AudioType
from recordings.choices import WITH_REASON, Aviso, Motivo, Revision, StorageFault
from recordings.models.review import (
    NOTE_MAX_LENGTH,
    RecordingReview,
    ReviewedMeanwhile,
    Verdict,
)
from recordings.quality import Measurement
from recordings.receiving import Checksums
from recordings.storages import AudioContent
from sessions_app.actors import Actor
from sessions_app.choices import Estado
from sessions_app.models import Session
from toastclub.connections import release_connection
from toastclub.errors import NotFound
from toastclub.fields import OrderedJSONField
from toastclub.querysets import NumberedQuerySet

KEY_MAX_LENGTH = 500
KEY_PREFIX = "recordings/"
# What is measured in the audio, in the order in which the API gives it.
FIGURES = (
    "contenedor",
    "codec",
    "duracion_segundos",
    "frecuencia_hz",
    "canales",
    "pico_dbfs",
    "rms_dbfs",
    "proporcion_saturada",
    "proporcion_silencio",
)
PLAYING_SECONDS = 900  # that an address for a player is good for, besides the sound's own length
REVIEW_FIELDS = ("review_state", "review_reason", "review_note", "reviewed_at")
_UNSAFE_IN_NAME = re.compile(r"[^A-Za-z0-9_-]")
_SANE_EXTENSION = re.compile(r"\.[A-Za-z0-9]{1,8}")


class RecordingGone(NotFound):
    message = _("La grabación ya no existe: alguien la eliminó.")


class NoSound(NotFound):
    message = _("El audio ya no está en el almacén: no se puede reproducir.")


def folder_of(session_id: int) -> str:
    """What the keys of a session's recordings begin with."""
    return f"{KEY_PREFIX}session_{session_id}/"


def extension_of(key: str) -> str:
    suffix = splitext(key)[1]
    return suffix[1:].lower() if _SANE_EXTENSION.fullmatch(suffix) else "bin"


def download_name_of(session_code: str, recording_id: int, key: str) -> str:
    """A recording's name as a file, on any system."""
    return f"{_UNSAFE_IN_NAME.sub('_', session_code)}__{recording_id}.{extension_of(key)}"


class RecordingQuerySet(NumberedQuerySet["Recording"]):
    def awaiting_review(self) -> Self:
        return self.filter(review_state=Revision.SIN_REVISAR)


class RecordingManager(models.Manager.from_queryset(RecordingQuerySet)):  # type: ignore[misc]  # made as it runs
    """Recordings whose bytes are stored: the only ones that a reader may ever see.

    Without their peaks, which lists and exports don't show: they are fetched if they are asked for.
    """

    def get_queryset(self) -> RecordingQuerySet:
        stored: RecordingQuerySet = super().get_queryset().filter(uploaded_at__isnull=False)
        return stored.defer("peaks")


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
    crc32 = models.PositiveBigIntegerField("CRC-32", null=True, blank=True)
    contenedor = models.CharField("contenedor", max_length=20, null=True, blank=True)
    codec = models.CharField("códec", max_length=40, null=True, blank=True)
    frecuencia_hz = models.PositiveIntegerField("frecuencia (Hz)", null=True, blank=True)
    canales = models.PositiveIntegerField("canales", null=True, blank=True)
    pico_dbfs = models.FloatField("pico (dBFS)", null=True, blank=True)
    rms_dbfs = models.FloatField("nivel RMS (dBFS)", null=True, blank=True)
    proporcion_saturada = models.FloatField("muestras saturadas (0 a 1)", null=True, blank=True)
    proporcion_silencio = models.FloatField("silencio (0 a 1)", null=True, blank=True)
    # As `recordings.peaks` describes them; null where nothing could be decoded.
    peaks = models.BinaryField("picos", null=True, editable=False)
    avisos = models.JSONField("avisos", default=list, blank=True)
    metadata_carga = OrderedJSONField("metadatos de carga", default=dict, blank=True)
    is_processed = models.BooleanField("procesada", default=False)
    storage_fault = models.CharField(
        "fallo en el almacén", max_length=10, choices=StorageFault.choices, blank=True, default=""
    )
    review_state = models.CharField(
        "revisión",
        max_length=20,
        choices=Revision.choices,
        default=Revision.SIN_REVISAR,
        editable=False,
    )
    review_reason = models.CharField(
        "motivo", max_length=20, choices=Motivo.choices, blank=True, default="", editable=False
    )
    review_note = models.TextField(
        "nota", max_length=NOTE_MAX_LENGTH, blank=True, default="", editable=False
    )
    reviewed_at = models.DateTimeField("revisada", null=True, editable=False)
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
            ),
            # An object has one row; a mock may name any key.
            models.UniqueConstraint(
                fields=["audio"],
                condition=models.Q(sha256__isnull=False),
                name="recordings_key_unique",
            ),
            models.CheckConstraint(
                condition=models.Q(review_state__in=Revision.values),
                name="recordings_review_state_known",
            ),
            models.CheckConstraint(
                condition=models.Q(review_state__in=WITH_REASON, review_reason__in=Motivo.values)
                | ~models.Q(review_state__in=WITH_REASON) & models.Q(review_reason=""),
                name="recordings_review_reason_iff_needed",
            ),
            models.CheckConstraint(
                condition=~models.Q(review_reason=Motivo.OTRO, review_note=""),
                name="recordings_review_other_explained",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    review_state=Revision.SIN_REVISAR, review_note="", reviewed_at__isnull=True
                )
                | ~models.Q(review_state=Revision.SIN_REVISAR)
                & models.Q(reviewed_at__isnull=False),
                name="recordings_reviewed_at_iff_reviewed",
            ),
        ]
        indexes = [
            # The newest of a session, and all of them.
            models.Index(fields=["session", "created_at", "id"], name="recordings_session_newest"),
            # Lists by day.
            models.Index(fields=["created_at"], name="recordings_created"),
            # The back office's list, the last that came first.
            models.Index(fields=["uploaded_at", "id"], name="recordings_uploaded"),
            # What awaits review, or was decided so, in the same order.
            models.Index(
                fields=["review_state", "uploaded_at", "id"], name="recordings_review_uploaded"
            ),
            # The shortest or the longest first, and those of some length.
            models.Index(
                fields=["duracion_segundos", "-uploaded_at", "-id"], name="recordings_duration"
            ),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"

    @property
    def audio_url(self) -> str:
        """The object's key in the store, in the contract's word."""
        return str(self.audio.name)

    @property
    def download_name(self) -> str:
        """The file's name for whoever downloads it, alone or in an export."""
        return download_name_of(self.session.session_code, self.pk, self.audio_url)

    @property
    def content_disposition(self) -> str:
        return f'attachment; filename="{self.download_name}"'

    @property
    def owns_object(self) -> bool:
        """Whether its bytes came through us; a mock merely names a key that others may own."""
        return self.sha256 is not None

    @property
    def verdict(self) -> Verdict:
        """What was decided about it, and why."""
        return Verdict(self.review_state, self.review_reason, self.review_note)

    @property
    def calidad(self) -> dict[str, Any] | None:
        """The figures of what could be decoded; None where nothing could, or not yet."""
        if self.contenedor is None or not self.is_processed:
            return None
        return {figure: getattr(self, figure) for figure in FIGURES}

    @property
    def avisos_mensajes(self) -> list[str]:
        """What each warning means, in words for a person and in the order of `avisos`."""
        return [str(Aviso(code).label) for code in self.avisos]

    def note_checksums(self, checksums: Checksums) -> None:
        self.file_size, self.sha256, self.crc32 = (
            checksums.size,
            checksums.sha256,
            checksums.crc32,
        )

    def note_measurement(self, measurement: Measurement) -> list[str]:
        """Takes over what was measured, and returns the names of the fields."""
        for figure in FIGURES:
            setattr(self, figure, getattr(measurement, figure))
        self.peaks = measurement.peaks
        self.avisos = list(measurement.avisos)
        self.is_processed = measurement.is_complete
        return [*FIGURES, "peaks", "avisos", "is_processed"]

    def review(
        self, state: str, *, by: User, reason: str = "", note: str = "", seen: int | None = None
    ) -> RecordingReview | None:
        """Decides about it and logs it, or raises `InvalidReview`; None if it was decided so.

        The row is locked and read again. Whoever says which review was the last that they have
        seen (0 for none) gets `ReviewedMeanwhile` where it no longer is.
        """
        verdict = Verdict(state, reason, note.strip())
        verdict.check()
        with transaction.atomic():
            self._lock_review()
            if verdict == self.verdict:
                return None
            if seen is not None and seen != self.last_review:
                raise ReviewedMeanwhile.by_another(self.verdict)
            review = self.reviews.create(
                from_state=self.review_state,
                to_state=verdict.state,
                reason=verdict.reason,
                note=verdict.note,
                user=by,
                user_email=by.email,
            )
            self._decide(verdict)
        return review

    @property
    def last_review(self) -> int:
        """The number of the last decision about it; 0 if there is none."""
        return self.reviews.order_by("-id").values_list("id", flat=True).first() or 0

    def _lock_review(self) -> None:
        locked = Recording.objects.select_for_update().filter(pk=self.pk).first()
        if locked is None:
            raise RecordingGone
        for name in REVIEW_FIELDS:
            setattr(self, name, getattr(locked, name))

    def _decide(self, verdict: Verdict) -> None:
        self.review_state, self.review_reason, self.review_note = verdict
        is_reviewed = verdict.state != Revision.SIN_REVISAR
        self.reviewed_at = timezone.now() if is_reviewed else None
        self.save(update_fields=REVIEW_FIELDS)

    def put(self, file: Any) -> None:
        """Stores the bytes under the row's key, or raises `StoreUnavailable`."""
        content = AudioContent(
            file,
            content_type=self.formato,
            content_disposition=self.content_disposition,
            sha256=self.sha256,
        )
        self.audio.storage.save(self.audio_url, content)

    def copy_from(self, key: str) -> None:
        """Has the store copy another object's bytes to the row's key."""
        storage: Any = self.audio.storage
        storage.copy(
            key,
            self.audio_url,
            content_type=self.formato,
            disposition=self.content_disposition,
        )

    def settle(self, *, by: Actor) -> "Recording":
        """Makes a pending row visible and moves the session on, or finds its earlier twin.

        For whoever brought the bytes to the key, and so knows that they are there: the row is
        written again should somebody who cleans up have dropped it meanwhile, and the row that
        somebody has written for the same object is taken over. Of several uploads of the same
        bytes one is settled; it is returned to all.
        """
        with transaction.atomic():
            session = Session.objects.locked_to_add(self.session_id)
            same_bytes = self._rows_of_same_bytes()
            twin = next((row for row in same_bytes if row.uploaded_at is not None), None)
            if twin is None or twin.audio_url == self.audio_url:
                self._take_over(same_bytes)
                self.uploaded_at = self.uploaded_at or timezone.now()
                self.save()  # all of it: the row may have to be written again
                twin = None
            session.move_on_from(Estado.RUNNING, by=by)
        return twin or self

    def _rows_of_same_bytes(self) -> list["Recording"]:
        """The session's rows of the same bytes, the pending ones included."""
        if not self.owns_object:
            return []
        return list(Recording.with_pending.filter(session_id=self.session_id, sha256=self.sha256))

    def _take_over(self, rows: list["Recording"]) -> None:
        """Becomes the row that others have written for the same object, if there is one."""
        for row in rows:
            if row.audio_url == self.audio_url:
                self.pk, self.uploaded_at = row.pk, row.uploaded_at

    def settle_if_pending(self, *, by: Actor) -> "Recording | None":
        """The same for whoever only found the object: None if the row has gone or is settled."""
        with transaction.atomic():
            Session.objects.locked_to_add(self.session_id)
            if not self._pending_row().exists():
                return None
            return self.settle(by=by)

    def give_way_to(self, twin: "Recording") -> None:
        """Removes a second copy, once the first is sure to be there."""
        if twin.audio_url != self.audio_url:
            twin.heal_from(self.audio_url)
            self.delete_object()
        self.drop()

    def is_whole(self) -> bool:
        """Whether its object is there, and nothing is known to be wrong with it."""
        return not self.storage_fault and self.audio.storage.exists(self.audio_url)

    def heal_from(self, key: str) -> None:
        """Copies the same bytes from another key if the object is lost or damaged."""
        if not self.is_whole():
            self.copy_from(key)
            self.mark("")

    def withdraw(self) -> None:
        """Removes an upload that may not stay, unless reconciliation has settled it by now."""
        self.drop()
        if not Recording.with_pending.filter(pk=self.pk).exists():
            self.delete_object()

    def drop(self) -> bool:
        """Deletes the row if it is still pending, and says whether it was."""
        return bool(self._pending_row().delete()[0])

    def _pending_row(self) -> models.QuerySet["Recording"]:
        return Recording.with_pending.filter(pk=self.pk, uploaded_at__isnull=True)

    def mark(self, fault: str) -> bool:
        """Notes what is wrong with the object, or nothing; False if the row has gone."""
        self.storage_fault = fault
        return bool(Recording.objects.filter(pk=self.pk).update(storage_fault=fault))

    def remove(self) -> None:
        """Deletes object and row, in that order: a row without its object can be seen."""
        for upload in self.finished_uploads.all():
            upload.discard()
        self.delete_object()
        self.delete()

    def delete_object(self) -> None:
        if self.owns_object:
            release_connection()
            self.audio.storage.delete(self.audio_url)

    def hand_out_url(self, user: User, *, address: str, expires_in: int) -> str:
        """A URL that serves the audio for `expires_in` seconds; who got it is recorded."""
        download = AccessRecord.objects.note(
            AccessKind.URL,
            by=user,
            address=address,
            session_number=self.session_id,
            recording_number=self.pk,
            expires_in=expires_in,
        )
        storage: Any = self.audio.storage
        url: str = storage.address_of(
            self.audio_url, expires_in=expires_in, download_id=download.pk
        )
        return url

    def hand_out_sound(self, user: User, *, address: str) -> str:
        """A URL for a player, which may ask for it piece by piece: that is recorded once, here.

        Raises `NoSound` where there is nothing to play, and `StoreUnavailable`.
        """
        self.check_sound()
        AccessRecord.objects.note(
            AccessKind.PLAY,
            by=user,
            address=address,
            session_number=self.session_id,
            recording_number=self.pk,
        )
        storage: Any = self.audio.storage
        expires_in = PLAYING_SECONDS + round(self.duracion_segundos or 0)
        url: str = storage.address_of(self.audio_url, expires_in=expires_in, download_id=None)
        return url

    def check_sound(self) -> None:
        """Raises `NoSound` where there is nothing to hear, and `StoreUnavailable`."""
        if not self.owns_object:
            raise NoSound(_("Es una toma de prueba: se registró sin audio."))
        release_connection()
        if self.storage_fault == StorageFault.MISSING or not self.audio.storage.exists(
            self.audio_url
        ):
            raise NoSound


def new_recording(session: Session, audio_type: AudioType) -> Recording:
    """An unsaved recording of that session, with a key of its own."""
    key = f"{folder_of(session.pk)}{uuid.uuid4()}.{audio_type.extension}"
    return Recording(session=session, audio=key, formato=audio_type.content_type)
