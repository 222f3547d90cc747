import factory

from training.models import Text


class TextFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Text

    id = factory.Sequence(lambda number: f"20260101000000_{number:04}")
    title = factory.Sequence(lambda number: f"Discurso {number}")
    pages = [["Respira."], ["Discurso"], ["Colegas, estudiantes:", "", "Empecemos."]]
    tags = {"tema": "especialización", "tono": "combativo"}

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        text = model_class(**kwargs)
        text.store()
        return text
