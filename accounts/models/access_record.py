import getpass
import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.db import models
from django.utils import timezone

from accounts.choices import AccessKind
from toastclub.append_only import AppendOnlyModel, AppendOnlyQuerySet

if TYPE_CHECKING:
    from accounts.models.user import User

_SHOWN_BY_SQLITE = "EXISTS (SELECT * FROM json_each({}, '$.shown') WHERE value = %s)"
SHOWN = "shown"  # in a list's details: the numbers of the sessions that it has shown


@models.JSONField.register_lookup
class Shows(models.Lookup[Any]):
    """Whether a session is among those that a list has shown, by its number."""

    lookup_name = "shows"
    prepare_rhs = False

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        column, parameters = self.process_lhs(compiler, connection)
        return f"{column} @> %s::jsonb", [*parameters, json.dumps({SHOWN: [self.rhs]})]

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        column, parameters = self.process_lhs(compiler, connection)
        return _SHOWN_BY_SQLITE.format(column), [*parameters, self.rhs]


class AccessRecordQuerySet(AppendOnlyQuerySet["AccessRecord"]):
    def about_sessions(self, numbers: Iterable[int]) -> Self:
        """Those of these sessions, and of the lists that have shown one of them."""
        numbers = list(numbers)
        conditions = [models.Q(details__shows=number) for number in numbers]
        return self.filter(
            models.Q(models.Q(session_number__in=numbers), *conditions, _connector=models.Q.OR)
        )


class AccessRecordManager(models.Manager.from_queryset(AccessRecordQuerySet)):  # type: ignore[misc]  # made as it runs
    """The ways to write to the log. `by` is None for a command on the server."""

    def note(
        self,
        kind: AccessKind,
        *,
        by: "User | None",
        address: str,
        session_number: int | None = None,
        recording_number: int | None = None,
        release_number: int | None = None,
        **details: Any,
    ) -> "AccessRecord":
        """Notes one access, before its first byte leaves.

        `details` are counts and choices: never what people typed, nor who took part.
        """
        record: AccessRecord = self.create(
            kind=kind,
            address=address,
            session_number=session_number,
            recording_number=recording_number,
            release_number=release_number,
            details=details,
            **_person(by),
        )
        return record

    def note_sessions(
        self,
        kind: AccessKind,
        session_numbers: Iterable[int],
        *,
        by: "User | None",
        address: str,
        **details: Any,
    ) -> None:
        """Notes one access to several sessions: as a row each, all of one moment."""
        facts = {"kind": kind, "at": timezone.now(), "address": address, **_person(by)}
        self.bulk_create(
            AccessRecord(session_number=number, details=details, **facts)
            for number in session_numbers
        )

    def note_recordings(
        self,
        kind: AccessKind,
        recordings: Iterable[tuple[int, int]],
        *,
        by: "User | None",
        address: str,
    ) -> None:
        """Notes many of one moment, each by the numbers of its session and its own."""
        facts = {"kind": kind, "at": timezone.now(), "address": address, **_person(by)}
        self.bulk_create(
            AccessRecord(session_number=session_number, recording_number=recording_number, **facts)
            for session_number, recording_number in recordings
        )

    def note_stream(self, *, download_id: int, address: str) -> None:
        """Notes that the file behind a URL that was handed out is sent, to whoever got the URL."""
        handed_out = self.get(pk=download_id)
        self.create(
            kind=AccessKind.FILE,
            who=handed_out.who,
            user_number=handed_out.user_number,
            address=address,
            session_number=handed_out.session_number,
            recording_number=handed_out.recording_number,
        )


def _person(by: "User | None") -> dict[str, Any]:
    if by is None:
        return {"who": getpass.getuser()}
    return {"who": by.email, "user_number": by.pk}


class AccessRecord(AppendOnlyModel):
    """Who saw or took what, when and from where.

    It names everything by number and not by key, because a row never changes, whatever becomes
    of what it names.
    """

    at = models.DateTimeField("cuándo", default=timezone.now)
    kind = models.CharField("qué", max_length=20, choices=AccessKind.choices)
    # An account's e-mail, or for a command the system's user.
    who = models.CharField("quién", max_length=254)
    user_number = models.PositiveBigIntegerField("cuenta", null=True)
    address = models.CharField("desde", max_length=45, blank=True)
    session_number = models.PositiveBigIntegerField("sesión", null=True)
    recording_number = models.PositiveBigIntegerField("grabación", null=True)
    release_number = models.PositiveBigIntegerField("versión", null=True)
    details = models.JSONField("detalles", default=dict)

    objects: ClassVar[AccessRecordManager] = AccessRecordManager()

    class Meta:
        db_table = "access_log"
        verbose_name = "acceso"
        verbose_name_plural = "registro de accesos"
        ordering = ["-id"]
        indexes = [
            # Who saw or took anything of a session.
            models.Index(fields=["session_number"], name="access_log_session"),
            # Who took a recording.
            models.Index(fields=["recording_number"], name="access_log_recording"),
            # A kind's rows, of some days or of all: most kinds are rare among those that are not.
            models.Index(fields=["kind", "at"], name="access_log_kind_at"),
            # Everything of some days, and the first and last day of all.
            models.Index(fields=["at"], name="access_log_at"),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"

    @property
    def shown_sessions(self) -> list[int]:
        """The numbers of those that it is about: one, or all that a list has shown."""
        if self.session_number is not None:
            return [self.session_number]
        shown: list[int] = self.details.get(SHOWN, [])
        return shown
