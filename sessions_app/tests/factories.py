from datetime import timedelta

import factory
from django.utils import timezone

from accounts.tests.factories import FacilitatorFactory
from sessions_app.actors import SYSTEM
from sessions_app.choices import NEXT_ESTADO, Estado
from sessions_app.models import Session
from training.tests.factories import TextFactory


class SessionFactory(factory.django.DjangoModelFactory):
    """A session, led to `estado` by its own transitions."""

    class Meta:
        model = Session

    text = factory.SubFactory(TextFactory)
    user = factory.SubFactory(FacilitatorFactory)
    participant = factory.LazyFunction(
        lambda: {
            "nombre": "Juan Pérez",
            "edad_aproximada": 25,
            "email_opcional": "juan@example.com",
        }
    )
    estado = Estado.CREATED

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        estado = kwargs.pop("estado")
        session = model_class.objects.start(**kwargs)
        while session.estado != estado:
            session.transition_to(NEXT_ESTADO[session.estado], by=SYSTEM)
        return session


def age(session, *, created_days=0, completed_days=0):
    """Moves a session's moments into the past."""
    changes = {"created_at": timezone.now() - timedelta(days=created_days)}
    if session.completed_at:
        changes["completed_at"] = timezone.now() - timedelta(days=completed_days)
    Session.objects.filter(pk=session.pk).update(**changes)
    session.refresh_from_db()
