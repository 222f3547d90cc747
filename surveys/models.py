from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from sessions_app.actors import Actor
from sessions_app.choices import Estado
from sessions_app.models import Session
from toastclub.errors import Conflict
from toastclub.fields import OrderedJSONField
from toastclub.querysets import NumberedQuerySet

AWAITING = (Estado.AUDIO_UPLOADED, Estado.SURVEY_PENDING)


class SurveyNotAwaited(Conflict):
    def __init__(self) -> None:
        super().__init__("Esta sesión no espera una encuesta: ya la tiene, o no ha llegado ahí.")


class SurveyQuerySet(NumberedQuerySet["Survey"]):
    def completed(self) -> Self:
        return self.filter(completed_at__isnull=False)


class SurveyManager(models.Manager.from_queryset(SurveyQuerySet)):  # type: ignore[misc]  # made as it runs
    def submit(
        self,
        session: Session,
        *,
        by: Actor,
        questions: list[Any] | None = None,
        answers: dict[str, Any] | None = None,
    ) -> "Survey":
        """A new survey of that session: completed if it comes with answers, else pending."""
        with transaction.atomic():
            Session.objects.locked_to_add(session.pk)
            survey: Survey = self.create(session=session, user=by.user, questions=questions or [])
            if answers is not None:
                survey.answer(answers, by=by)
        return survey

    def fill_in(self, session: Session, *, by: Actor, answers: dict[str, Any]) -> "Survey":
        """The answers that somebody gives on the participant's behalf, who has given none.

        They go to the survey that is pending, if there is one. `SurveyNotAwaited` if the session
        is not so far or is done, or has answers already: of two that give them, one does.
        """
        with transaction.atomic():
            locked = Session.objects.locked(session.pk)
            surveys = list(locked.surveys.order_by("created_at", "pk"))
            if not is_awaited(locked, surveys):
                raise SurveyNotAwaited
            pending = surveys[-1] if surveys else None
            if pending is None:
                return self.submit(locked, by=by, answers=answers)
            pending.change(by=by, answers=answers)
        return pending


def is_awaited(session: Session, surveys: list["Survey"]) -> bool:
    """Whether the session, whose surveys these are, still waits for answers."""
    return session.estado in AWAITING and not any(survey.is_completed for survey in surveys)


class Survey(models.Model):
    """A participant's answers; pending until they are given."""

    session = models.ForeignKey(
        Session,
        verbose_name="sesión",
        on_delete=models.CASCADE,
        related_name="surveys",
        db_index=False,  # the index of the newest begins with it
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="creada por",
        null=True,
        on_delete=models.SET_NULL,
        related_name="surveys",
    )
    questions = OrderedJSONField("preguntas", default=list)
    respuestas_json = OrderedJSONField("respuestas", default=dict)
    created_at = models.DateTimeField("creada", default=timezone.now, editable=False)
    completed_at = models.DateTimeField("completada", null=True, editable=False)

    objects: ClassVar[SurveyManager] = SurveyManager()

    class Meta:
        db_table = "surveys"
        verbose_name = "encuesta"
        verbose_name_plural = "encuestas"
        ordering = ["id"]
        indexes = [
            # The newest of a session, and all of them.
            models.Index(fields=["session", "created_at", "id"], name="surveys_session_newest"),
            # Lists by day, the newest first.
            models.Index(fields=["created_at", "id"], name="surveys_created"),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"

    @property
    def is_completed(self) -> bool:
        return self.completed_at is not None

    def answer(self, answers: dict[str, Any], *, by: Actor) -> None:
        """Stores the answers and completes the session, if it was waiting for them."""
        self.respuestas_json = answers
        self.completed_at = self.completed_at or timezone.now()
        with transaction.atomic():
            self.save(update_fields=["respuestas_json", "completed_at"])
            self.session.move_on_from(Estado.SURVEY_PENDING, by=by)

    def change(
        self, *, by: Actor, answers: dict[str, Any] | None, questions: list[Any] | None = None
    ) -> None:
        """New questions and new answers, each where given; all of it or nothing."""
        with transaction.atomic():
            if questions is not None:
                self.questions = questions
                self.save(update_fields=["questions"])
            if answers is not None:
                self.answer(answers, by=by)
