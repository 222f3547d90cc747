from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar, Self, TypeVar
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from sessions_app.actors import Actor, Headset
from sessions_app.choices import NEXT_ESTADO, ActorKind, Estado
from sessions_app.codes import CODE_LENGTH, code_meant, new_code
from toastclub.errors import NotFound, ToastClubError
from toastclub.fields import OrderedJSONField
from toastclub.querysets import NumberedQuerySet
from training.models import Text
from training.reading import words_in

NOMBRE_MAX_LENGTH = 100
EDAD_MIN, EDAD_MAX = 1, 120  # years
CODE_ATTEMPTS = 5

Made = TypeVar("Made")


class InvalidTransition(ToastClubError):
    def __init__(self, current: str, wanted: str) -> None:
        self.current = Estado(current)
        allowed = NEXT_ESTADO.get(self.current)
        message = (
            _("No se puede pasar de «%(current)s» a «%(wanted)s»: lo permitido es «%(allowed)s».")
            if allowed
            else _("No se puede pasar de «%(current)s» a «%(wanted)s»: la sesión ya terminó.")
        )
        super().__init__(message % {"current": current, "wanted": wanted, "allowed": allowed})


class SessionErased(NotFound):
    """Its participant's data were erased: to whoever brings more of them, it is not there."""

    message = _("Los datos de esta sesión se borraron para siempre: ya no admite nada nuevo.")


class SessionQuerySet(NumberedQuerySet["Session"]):
    def visible_to(self, principal: User | Headset) -> Self:
        """A headset sees its own session; whoever has an account sees all."""
        if isinstance(principal, Headset):
            return self.filter(pk=principal.session_id)
        return self

    def listed_for(self, user: User) -> Self:
        """Analysts' lists hold every session, facilitators' the ones that they created."""
        return self if user.is_analyst else self.filter(user=user)

    def locked(self, session_id: int) -> "Session":
        """The session, for this transaction alone until it ends; `NotFound` if it is gone.

        Without what it read, which is long and never changes: it is fetched if it is asked for.
        """
        return self.defer("text_pages", "text_tags").select_for_update().by_id(session_id)

    def locked_to_add(self, session_id: int) -> "Session":
        """The same, for something to be added to it; `SessionErased` if it takes in no more."""
        session = self.locked(session_id)
        if session.erased_at is not None:
            raise SessionErased
        return session

    def with_details(self) -> Self:
        """Sessions with all that a list says of them, in one query; the pages are left out."""
        return (
            self.select_related("participant")
            .annotate(recording_id=_newest("recordings"), survey_id=_newest("surveys"))
            .defer("text_pages")
        )

    def by_code(self, typed: str) -> "Session | None":
        """The session of that code, however it was typed and whether still valid or not."""
        code = code_meant(typed)
        return self.filter(session_code=code).first() if code else None


class SessionManager(models.Manager.from_queryset(SessionQuerySet)):  # type: ignore[misc]  # made as it runs
    def start(
        self,
        *,
        text: Text,
        participant: dict[str, Any],
        user: User,
        title: str = "",
        description: str = "",
        form_token: UUID | None = None,
    ) -> "Session":
        """Creates a session with its participant, a copy of the text and a code of its own."""
        pages = text.vr_pages
        with transaction.atomic():
            session: Session = _with_own_code(
                lambda code: self.create(
                    session_code=code,
                    text=text,
                    text_title=text.title,
                    text_pages=pages,
                    text_tags=text.tags,
                    text_words=words_in(pages),
                    user=user,
                    title=title,
                    description=description,
                    form_token=form_token,
                )
            )
            Participant.objects.create(session=session, **participant)
        return session

    def start_once(self, form_token: UUID, *, user: User, **new: Any) -> tuple["Session", bool]:
        """The session that this form starts, and whether it did so now.

        A form that is sent again, even at the same moment, finds the session that it has started.
        """
        with transaction.atomic():
            User.objects.select_for_update(no_key=True).get(pk=user.pk)
            started = self.filter(user=user, form_token=form_token).first()
            if started is not None:
                return started, False
            return self.start(user=user, form_token=form_token, **new), True


def _with_own_code(make: Callable[[str], Made]) -> Made:
    """What is made with a code that no other session has."""
    for _attempt in range(CODE_ATTEMPTS):
        try:
            with transaction.atomic():
                return make(new_code())
        except IntegrityError:
            continue
    raise RuntimeError("No free session code was found")


def _newest(relation: str) -> models.Subquery:
    """The id of the newest row of a session's relation."""
    model: Any = Session._meta.get_field(relation).related_model
    rows = model.objects.filter(session=models.OuterRef("pk")).order_by("-created_at", "-pk")
    return models.Subquery(rows.values("pk")[:1])


class Session(models.Model):
    """One participant's training with one text."""

    session_code = models.CharField("código", max_length=CODE_LENGTH, unique=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="creada por",
        null=True,
        on_delete=models.SET_NULL,
        related_name="training_sessions",
    )
    title = models.CharField("título", max_length=200, blank=True, default="")
    description = models.TextField("descripción", blank=True, default="")
    text = models.ForeignKey(
        Text,
        verbose_name="texto",
        on_delete=models.PROTECT,
        related_name="sessions",
        db_index=False,  # the index of its uses begins with it
    )
    text_title = models.CharField("título del texto", max_length=300, editable=False)
    text_pages = OrderedJSONField("páginas leídas", editable=False)
    text_tags = OrderedJSONField("etiquetas del texto", default=dict, editable=False)
    text_words = models.PositiveIntegerField("palabras del texto", editable=False)
    estado = models.CharField(
        "estado", max_length=20, choices=Estado.choices, default=Estado.CREATED, editable=False
    )
    created_at = models.DateTimeField("creada", default=timezone.now, editable=False)
    updated_at = models.DateTimeField("modificada", auto_now=True)
    started_at = models.DateTimeField("empezada", null=True, editable=False)
    completed_at = models.DateTimeField("completada", null=True, editable=False)
    # What is left then says nothing of its participant, and takes in nothing more.
    erased_at = models.DateTimeField("datos borrados", null=True, editable=False)
    # Of the form that started it; none for the API's.
    form_token = models.UUIDField(null=True, editable=False)

    objects: ClassVar[SessionManager] = SessionManager()

    class Meta:
        db_table = "sessions"
        verbose_name = "sesión"
        verbose_name_plural = "sesiones"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(estado__in=Estado.values), name="sessions_estado_known"
            ),
            # Also finds the session that a form has started.
            models.UniqueConstraint(
                fields=["user", "form_token"],
                condition=models.Q(form_token__isnull=False),
                name="sessions_form_token_unique",
            ),
        ]
        indexes = [
            # Lists by state, and by day.
            models.Index(fields=["estado", "created_at"], name="sessions_estado_created"),
            models.Index(fields=["created_at"], name="sessions_created"),
            # Those completed on a day.
            models.Index(fields=["completed_at"], name="sessions_completed"),
            # Where a text was used: how often, in what states, from when to when, and the newest.
            models.Index(fields=["text", "created_at", "estado"], name="sessions_text_uses"),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"

    @property
    def texto_seleccionado(self) -> dict[str, Any]:
        return {**self.text_summary, "Pages": self.text_pages}

    @property
    def text_summary(self) -> dict[str, Any]:
        return {"Id": self.text_id, "Title": self.text_title, "Tags": self.text_tags}

    @property
    def datos_participante(self) -> dict[str, Any]:
        """The participant's data; empty ones once they were erased."""
        try:
            participant = self.participant
        except Participant.DoesNotExist:
            participant = Participant(nombre="")
        return {name: getattr(participant, name) for name in Participant.DATA_FIELDS}

    @property
    def code_expires_at(self) -> datetime:
        """When the code stops being a credential."""
        expiry = self.created_at + settings.SESSION_CODE_TTL
        if self.completed_at is not None:
            expiry = min(expiry, self.completed_at + settings.SESSION_CODE_TTL_COMPLETED)
        if self.erased_at is not None:
            expiry = min(expiry, self.erased_at)
        return expiry

    @property
    def code_is_valid(self) -> bool:
        return timezone.now() < self.code_expires_at

    def transition_to(self, new_estado: Estado | str, *, by: Actor) -> None:
        """Moves to the next state and logs it, or raises `InvalidTransition`.

        The row is locked and read again, so that of several that ask at once exactly one moves it.
        """
        with transaction.atomic():
            self._lock()
            if NEXT_ESTADO.get(Estado(self.estado)) != new_estado:
                raise InvalidTransition(Estado(self.estado), new_estado)
            self._move(Estado(new_estado), by=by)

    def move_on_from(self, estado: Estado, *, by: Actor) -> None:
        """Moves to the state after `estado` if it is in it, and does nothing otherwise."""
        with transaction.atomic():
            self._lock()
            if self.estado == estado:
                self._move(NEXT_ESTADO[estado], by=by)

    def update_details(self, *, fields: dict[str, Any], participant: dict[str, Any]) -> None:
        """Changes title, description and participant's data; what is absent stays."""
        for name, value in fields.items():
            setattr(self, name, value)
        with transaction.atomic():
            Session.objects.locked_to_add(self.pk)
            self.save(update_fields=[*fields, "updated_at"])
            if participant:
                Participant.objects.filter(session=self).update(**participant)

    def delete_with_audio(self) -> None:
        """Removes the session and all that belongs to it.

        The objects go first, outside any transaction: should the store fail there, the rows
        that lead to them are still there, and deleting again goes on where it stopped. The rows
        only go while the lock is held that an upload needs to be settled: one that was settled
        meanwhile is removed as well, and one that comes later removes what it stored.
        """
        removed: set[int] = set()
        discarded: set[UUID] = set()
        while True:
            for upload in self.uploads.exclude(pk__in=discarded):
                upload.discard()
                discarded.add(upload.pk)
            for recording in self.recordings(manager="with_pending").exclude(pk__in=removed):
                recording.delete_object()
                if recording.uploaded_at is not None:  # what is pending may still be stored
                    removed.add(recording.pk)
            with transaction.atomic():
                Session.objects.locked(self.pk)
                has_more = self.recordings.exclude(pk__in=removed).exists()
                if not has_more and not self.uploads.exclude(pk__in=discarded).exists():
                    self.delete()
                    return

    def seal(self) -> None:
        """Has it take in nothing more, under a code that nobody knows and that opens nothing.

        What people wrote into it goes; the row is to be locked.
        """
        self.title = self.description = ""
        self.erased_at = timezone.now()

        def save(code: str) -> None:
            self.session_code = code
            self.save(update_fields=["session_code", "title", "description", "erased_at"])

        _with_own_code(save)

    def _move(self, new_estado: Estado, *, by: Actor) -> None:
        """Writes the state and logs it, the only way in which that is done; the row is locked."""
        previous, self.estado = self.estado, new_estado
        self._stamp(timezone.now())
        self.save(update_fields=["estado", "started_at", "completed_at", "updated_at"])
        self.events.create(
            from_estado=previous,
            to_estado=new_estado,
            actor_kind=by.kind,
            user=by.user,
            user_email=by.email,
        )

    def _lock(self) -> None:
        self.refresh_from_db(
            fields=["estado", "started_at", "completed_at"],
            from_queryset=Session.objects.select_for_update(),
        )

    def _stamp(self, now: datetime) -> None:
        if self.estado == Estado.RUNNING:
            self.started_at = now
        elif self.estado == Estado.COMPLETED:
            self.completed_at = now


class Participant(models.Model):
    """A participant's personal data, apart so that they can be erased alone."""

    DATA_FIELDS = ("nombre", "edad_aproximada", "email_opcional")

    session = models.OneToOneField(
        Session,
        verbose_name="sesión",
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="participant",
    )
    nombre = models.CharField("nombre", max_length=NOMBRE_MAX_LENGTH)
    edad_aproximada = models.PositiveSmallIntegerField("edad aproximada", null=True, blank=True)
    email_opcional = models.EmailField("correo electrónico", null=True, blank=True)

    class Meta:
        db_table = "participants"
        verbose_name = "participante"
        verbose_name_plural = "participantes"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(edad_aproximada__range=(EDAD_MIN, EDAD_MAX)),
                name="participants_edad_range",
                violation_error_message="La edad aproximada va de 1 a 120.",
            ),
            models.CheckConstraint(
                condition=~models.Q(nombre=""), name="participants_nombre_not_empty"
            ),
        ]
        indexes = [
            # A person's sessions, however the e-mail was written.
            models.Index(Lower("email_opcional"), name="participants_email_lower"),
        ]

    def __str__(self) -> str:
        return self.nombre


class SessionEvent(models.Model):
    """One transition of a session; written as it is made, never changed."""

    session = models.ForeignKey(
        Session, verbose_name="sesión", on_delete=models.CASCADE, related_name="events"
    )
    from_estado = models.CharField("de", max_length=20, choices=Estado.choices)
    to_estado = models.CharField("a", max_length=20, choices=Estado.choices)
    at = models.DateTimeField("cuándo", default=timezone.now)
    actor_kind = models.CharField("quién", max_length=10, choices=ActorKind.choices)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="cuenta",
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    # Stays when the account goes.
    user_email = models.EmailField("correo electrónico", blank=True, default="")

    class Meta:
        db_table = "session_events"
        verbose_name = "cambio de estado"
        verbose_name_plural = "cambios de estado"
        ordering = ["id"]
        indexes = [
            # Those of some days, and the newest.
            models.Index(fields=["at"], name="session_events_at"),
        ]

    def __str__(self) -> str:
        return f"{self.get_from_estado_display()} → {self.get_to_estado_display()}"
