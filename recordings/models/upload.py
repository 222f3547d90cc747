"""Uploads that are known before their recording is."""

import contextlib
import uuid
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from recordings.models.recording import Recording
from recordings.outages import StoreUnavailable
from recordings.storages import StoredPart
from sessions_app.models import Session
from toastclub.connections import release_connection
from toastclub.errors import NotFound

PARTS_PREFIX = "uploads/"
UPLOAD_LIFETIME = timedelta(days=1)  # of an upload that nobody finishes


class UploadKey(models.Model):
    """The `Idempotency-Key` of an upload, and the bytes that it stands for from then on."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="upload_keys")
    key = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)

    class Meta:
        db_table = "recording_upload_keys"
        verbose_name = "clave de subida"
        verbose_name_plural = "claves de subida"
        constraints = [
            models.UniqueConstraint(fields=["session", "key"], name="recording_upload_keys_unique")
        ]


class ResumableUploadQuerySet(models.QuerySet["ResumableUpload"]):
    def open(self) -> Self:
        """Those that are not finished yet."""
        return self.filter(recording__isnull=True)

    def by_id(self, shown: str) -> "ResumableUpload":
        """The upload of that id, or `NotFound` that repeats the id as the client wrote it."""
        try:
            return self.get(pk=uuid.UUID(shown))
        except (ValueError, ResumableUpload.DoesNotExist) as error:
            raise NotFound.by_id("Upload", shown) from error


class ResumableUpload(models.Model):
    """A recording that its client sends to the store in parts, as long as it takes."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    session = models.ForeignKey(
        Session, verbose_name="sesión", on_delete=models.CASCADE, related_name="uploads"
    )
    size = models.PositiveBigIntegerField("tamaño (bytes)")
    sha256 = models.CharField("SHA-256", max_length=64)
    content_type = models.CharField("formato", max_length=100)
    # The store's own name of the parts; S3 stores give ones of some hundred characters.
    parts_id = models.TextField(editable=False)
    recording = models.ForeignKey(
        Recording,
        verbose_name="grabación",
        null=True,
        on_delete=models.CASCADE,
        related_name="finished_uploads",
        related_query_name="finished_upload",
    )
    created_at = models.DateTimeField("empezada", default=timezone.now, editable=False)

    objects = ResumableUploadQuerySet.as_manager()

    class Meta:
        db_table = "recording_uploads"
        verbose_name = "subida por partes"
        verbose_name_plural = "subidas por partes"
        ordering = ["created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["session", "sha256", "size"],
                condition=models.Q(recording__isnull=True),
                name="recording_uploads_open_unique",
            )
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"

    @property
    def key(self) -> str:
        """Where the store keeps the parts, and what it makes of them."""
        return f"{PARTS_PREFIX}session_{self.session_id}/{self.pk}"

    @property
    def part_sizes(self) -> dict[int, int]:
        """The size of each part by its number: all equal, the last excepted."""
        whole, rest = divmod(self.size, settings.UPLOAD_PART_SIZE)
        sizes = [settings.UPLOAD_PART_SIZE] * whole + ([rest] if rest else [])
        return dict(enumerate(sizes, start=1))

    @property
    def is_expired(self) -> bool:
        return timezone.now() - self.created_at > UPLOAD_LIFETIME

    def begin(self) -> None:
        """Makes room for the parts in the store."""
        self.parts_id = _store().begin_parts(self.key)

    def part_address(self, number: int, *, expires_in: int) -> str:
        url: str = _store().part_address(self.key, self.parts_id, number, expires_in=expires_in)
        return url

    def missing(self) -> dict[int, int]:
        """The size of each part that has not arrived; `NotFound` if the store knows of none."""
        if self.is_joined():
            return {}
        try:
            return self.missing_among(self.stored_parts())
        except FileNotFoundError as error:
            raise NotFound.by_id("Upload", self.pk) from error

    def stored_parts(self) -> dict[int, StoredPart]:
        """The parts that arrived; `FileNotFoundError` if the store knows nothing of them."""
        parts: dict[int, StoredPart] = _store().stored_parts(self.key, self.parts_id)
        return parts

    def missing_among(self, parts: Mapping[int, StoredPart]) -> dict[int, int]:
        """The size of each part that is not among them, or not as it should be."""
        return {
            number: size
            for number, size in self.part_sizes.items()
            if number not in parts or parts[number].size != size
        }

    def is_in_store(self) -> bool:
        """Whether the store still knows of it: some forget parts that lie there too long."""
        try:
            self.missing()
        except NotFound:
            return False
        return True

    def has_arrived(self) -> bool:
        """Whether all parts are in the store."""
        try:
            return not self.missing()
        except NotFound:
            return False

    def is_joined(self) -> bool:
        return bool(_store().exists(self.key))

    def join(self, parts: Mapping[int, StoredPart]) -> None:
        """Has the store make one object of the parts."""
        _store().join_parts(
            self.key, self.parts_id, {number: parts[number] for number in self.part_sizes}
        )

    def chunks(self) -> Iterator[bytes]:
        """The bytes of the joined parts; `FileNotFoundError` if they are gone."""
        chunks: Iterator[bytes] = _store().chunks_of(self.key)
        return chunks

    def start_over(self) -> None:
        """Discards all that arrived, unless that was done before; the upload stays open."""
        same = ResumableUpload.objects.open().filter(pk=self.pk, parts_id=self.parts_id)
        if same.exists():
            self.discard()
            self.begin()
            same.update(parts_id=self.parts_id)

    def renew(self) -> None:
        """Gives an open upload another day."""
        self.created_at = timezone.now()
        self.save(update_fields=["created_at"])

    def forget(self) -> bool:
        """Deletes it, which the store knows nothing of; False if that is because it is finished."""
        ResumableUpload.objects.open().filter(pk=self.pk).delete()
        return not ResumableUpload.objects.filter(pk=self.pk).exists()

    def abort(self) -> bool:
        """Deletes it with all that arrived, unless it is finished; says whether it did."""
        if not ResumableUpload.objects.open().filter(pk=self.pk).delete()[0]:
            return False
        self.discard_if_possible()
        return True

    def discard(self) -> None:
        """Removes from the store what arrived and what was made of it."""
        _store().discard_parts(self.key, self.parts_id)

    def finish(self, recording: Recording) -> None:
        """Notes the recording that came of it, and removes the copy that it was made from."""
        ResumableUpload.objects.filter(pk=self.pk).update(recording=recording)
        self.discard_if_possible()

    def discard_if_possible(self) -> None:
        with contextlib.suppress(StoreUnavailable):  # then reconciliation removes it
            self.discard()


def _store() -> Any:
    """The store; no connection to the database is held while it is asked."""
    release_connection()
    return Recording._meta.get_field("audio").storage
