import factory

from sessions_app.actors import SYSTEM
from sessions_app.tests.factories import SessionFactory
from surveys.models import Survey


class SurveyFactory(factory.django.DjangoModelFactory):
    """A survey; completed unless `answers` is None."""

    class Meta:
        model = Survey

    session = factory.SubFactory(SessionFactory)
    answers = factory.LazyFunction(lambda: {"experiencia_general": "excelente"})

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        return model_class.objects.submit(kwargs.pop("session"), by=SYSTEM, **kwargs)
