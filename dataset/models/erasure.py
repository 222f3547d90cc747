import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone

from recordings.storages import StoredObject


class ErasureQuerySet(models.QuerySet["Erasure"]):
    def unfinished(self) -> "ErasureQuerySet":
        return self.filter(finished_at__isnull=True)


class Erasure(models.Model):
    """The erasing of a person: what it removed and what it could not reach. It never says who.

    Until it is finished it may be carried on however often; from then on it never changes.
    """

    requested_at = models.DateTimeField("pedido", default=timezone.now, editable=False)
    # An e-mail, which stays when the account goes.
    requested_by = models.CharField("pedido por", max_length=254)
    session_numbers = models.JSONField("sesiones")
    data_since = models.DateTimeField("datos desde", editable=False)  # of the first session
    # How many rows of each model, by its label.
    removed_rows = models.JSONField("filas borradas", default=dict)
    # Of each object in the store the SHA-256 of its key, and its bytes.
    removed_objects = models.JSONField("objetos borrados", default=dict)
    # From here on: what is said of the rest, once it is finished.
    held_by_releases = models.JSONField(
        "en versiones publicadas", default=list, encoder=DjangoJSONEncoder
    )
    handed_out = models.JSONField("entregado antes", default=list, encoder=DjangoJSONEncoder)
    finished_at = models.DateTimeField("terminado", null=True, editable=False)

    objects: ClassVar[models.Manager["Erasure"]] = ErasureQuerySet.as_manager()

    class Meta:
        db_table = "erasures"
        verbose_name = "borrado"
        verbose_name_plural = "borrados"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"Borrado {self.pk}"

    @property
    def is_finished(self) -> bool:
        return self.finished_at is not None

    @property
    def removed_bytes(self) -> int:
        return sum(self.removed_objects.values())

    def note_rows(self, removed: Mapping[str, int]) -> None:
        """Adds to the rows that were removed, by the label of their model."""
        for label, count in removed.items():
            if count:
                self.removed_rows[label] = self.removed_rows.get(label, 0) + count
        self.save(update_fields=["removed_rows"])

    def note_objects(self, found: Iterable[StoredObject]) -> None:
        """Adds objects that are about to be removed, once each."""
        for key, size in found:
            self.removed_objects[hashlib.sha256(key.encode()).hexdigest()] = size
        self.save(update_fields=["removed_objects"])

    def finish(self, *, held_by_releases: list[Any], handed_out: list[Any]) -> None:
        self.held_by_releases = held_by_releases
        self.handed_out = handed_out
        self.finished_at = timezone.now()
        self.save(update_fields=["held_by_releases", "handed_out", "finished_at"])
