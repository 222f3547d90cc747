import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, ClassVar, Self

from django.core.files.storage import default_storage
from django.db import models, transaction
from django.utils import timezone

from accounts.choices import AccessKind
from accounts.models import AccessRecord, User
from dataset.choices import Change, ReleaseState
from toastclub import __version__
from toastclub.errors import NotFound
from toastclub.identifiers import parse_id

KEY_PREFIX = "releases/"
WAIT_FOR_WORKER = timedelta(minutes=1)


class ReleaseQuerySet(models.QuerySet["Release"]):
    def ready(self) -> Self:
        """Those that exist for whoever asks: they are whole, and never change."""
        return self.filter(state=ReleaseState.READY)

    def unfinished(self) -> Self:
        return self.filter(state__in=(ReleaseState.WAITING, ReleaseState.BUILDING))

    def by_number(self, shown: Any) -> "Release":
        """The ready one of that number, or `NotFound` that repeats it as the client wrote it."""
        number = parse_id(shown)
        release = self.ready().filter(number=number).first() if number is not None else None
        if release is None:
            raise NotFound.by_id("Release", shown)
        return release

    def wanted(self, *, who: str) -> "Release":
        """The next one, which waits to be built unless that has begun; of two, both get the same.

        As long as one is not ready there is no other: what failed is tried again.
        """
        number = self.next_number()
        release, _is_new = self.get_or_create(number=number, defaults={"requested_by": who})
        failed = self.filter(pk=release.pk, state=ReleaseState.FAILED)
        failed.update(
            state=ReleaseState.WAITING, error="", requested_by=who, requested_at=timezone.now()
        )
        release.refresh_from_db()
        return release

    def next_number(self) -> int:
        """That of the one that is not ready, or else one more than the newest's."""
        newest = self.order_by("-number").first()
        if newest is None:
            return 1
        return newest.number + 1 if newest.state == ReleaseState.READY else newest.number


class Release(models.Model):
    """A version of the dataset. Once it is ready it never changes, nor does its object."""

    number = models.PositiveIntegerField("versión", unique=True)
    state = models.CharField(
        "estado",
        max_length=10,
        choices=ReleaseState.choices,
        default=ReleaseState.WAITING,
        editable=False,
    )
    requested_at = models.DateTimeField("pedida", default=timezone.now, editable=False)
    # An e-mail, which stays when the account goes, or the system's user.
    requested_by = models.CharField("pedida por", max_length=254)
    build = models.UUIDField(null=True, editable=False)
    # Its object's, in the store; each build has one of its own.
    key = models.CharField(max_length=200, blank=True, default="", editable=False)
    error = models.TextField("por qué no se pudo crear", blank=True, default="")
    stored_bytes = models.PositiveBigIntegerField("bytes guardados", default=0)
    total_bytes = models.PositiveBigIntegerField("bytes que guardar", null=True)
    # From here on: what it is, once it is ready.
    released_at = models.DateTimeField("publicada", null=True, editable=False)
    snapshot_at = models.DateTimeField("momento de los datos", null=True, editable=False)
    software_version = models.CharField("versión del software", max_length=50, default=__version__)
    file_size = models.PositiveBigIntegerField("tamaño (bytes)", null=True)
    sha256 = models.CharField("SHA-256", max_length=64, null=True)
    counts = models.JSONField("recuento", default=dict)
    splits = models.JSONField("partes", default=dict)
    changes = models.JSONField("cambios", default=dict)

    objects: ClassVar[models.Manager["Release"]] = ReleaseQuerySet.as_manager()

    class Meta:
        db_table = "releases"
        verbose_name = "versión del dataset"
        verbose_name_plural = "versiones del dataset"
        ordering = ["-number"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state=ReleaseState.READY)
                | models.Q(
                    sha256__isnull=False, file_size__isnull=False, snapshot_at__isnull=False
                ),
                name="releases_ready_is_whole",
            )
        ]

    def __str__(self) -> str:
        return f"Versión {self.number}"

    @property
    def is_unfinished(self) -> bool:
        return self.state in (ReleaseState.WAITING, ReleaseState.BUILDING)

    @property
    def is_overdue(self) -> bool:
        """Whether it waits for longer than a worker that runs would let it."""
        waited = timezone.now() - self.requested_at
        return self.state == ReleaseState.WAITING and waited > WAIT_FOR_WORKER

    @property
    def file_name(self) -> str:
        return f"toastclub_dataset_v{self.number}.zip"

    def hand_out_url(self, user: User, *, address: str, expires_in: int) -> str:
        """A URL that serves its file for `expires_in` seconds; who got it is recorded."""
        AccessRecord.objects.note(
            AccessKind.RELEASE,
            by=user,
            address=address,
            release_number=self.number,
            expires_in=expires_in,
        )
        storage: Any = default_storage
        url: str = storage.address_of(self.key, expires_in=expires_in, download_id=None)
        return url

    @transaction.atomic
    def begin(self) -> bool:
        """Starts building it from nothing, whatever an earlier attempt has left.

        False if there is nothing to build: another build has made it ready.
        """
        build = uuid.uuid4()
        has_begun = (
            Release.objects.unfinished()
            .filter(pk=self.pk)
            .update(
                build=build,
                key=f"{KEY_PREFIX}{build.hex}/{self.file_name}",
                state=ReleaseState.BUILDING,
                stored_bytes=0,
                total_bytes=None,
                software_version=__version__,
            )
        )
        if has_begun:
            self.items.all().delete()
            self.refresh_from_db()
        return bool(has_begun)

    @contextmanager
    def building(self) -> Iterator[bool]:
        """Whether it still is this build that makes it; no other one begins while this is open."""
        with transaction.atomic():
            yield self._own_build().select_for_update().first() is not None

    def note_progress(self, stored_bytes: int, *, of: int) -> bool:
        """False if another build of it has begun meanwhile."""
        return bool(self._own_build().update(stored_bytes=stored_bytes, total_bytes=of))

    def fail(self, error: str) -> None:
        self._own_build().update(state=ReleaseState.FAILED, error=error)

    def finish(self, **facts: Any) -> bool:
        """Makes it ready, unless another build of it has begun meanwhile."""
        return bool(
            self._own_build().update(
                state=ReleaseState.READY, released_at=timezone.now(), error="", **facts
            )
        )

    def items_with(self, change: Change) -> "models.QuerySet[ReleaseItem]":
        """The items that were added, removed or changed since the release before."""
        earlier = ReleaseItem.objects.filter(release__number=self.number - 1)
        present = ReleaseItem.objects.filter(release=self)
        of, other = (earlier, present) if change == Change.REMOVED else (present, earlier)
        same = other.filter(table=models.OuterRef("table"), key=models.OuterRef("key"))
        if change == Change.CHANGED:
            found = of.filter(
                models.Exists(same.exclude(digest=models.OuterRef("digest")).order_by())
            )
        else:
            found = of.filter(~models.Exists(same.order_by()))
        return found.order_by("table", "session_number", "key")

    def _own_build(self) -> Any:
        return Release.objects.filter(pk=self.pk, build=self.build, state=ReleaseState.BUILDING)


class ReleaseItem(models.Model):
    """A row that a release holds, by its key there: what became of it is compared by digest.

    `session_number` is whose it was, so that it can be said what past releases hold of a session
    that has been deleted.
    """

    release = models.ForeignKey(
        Release, on_delete=models.CASCADE, related_name="items", db_index=False
    )
    table = models.CharField("tabla", max_length=20)
    key = models.CharField("clave", max_length=40)
    session_number = models.PositiveBigIntegerField("sesión", db_index=True)
    digest = models.CharField("huella", max_length=64)

    class Meta:
        db_table = "release_items"
        constraints = [
            models.UniqueConstraint(
                fields=["release", "table", "key"], name="release_items_key_unique"
            )
        ]
