import factory

from accounts.choices import Role
from accounts.models import User

PASSWORD = "una-clave-de-prueba-7"


class UserFactory(factory.django.DjangoModelFactory):
    """A user whose password is `PASSWORD`."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda number: f"persona{number}@example.com")
    name = factory.Sequence(lambda number: f"Persona {number}")
    role = Role.IMPULSADOR

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        return model_class.objects.create_user(password=kwargs.pop("password", PASSWORD), **kwargs)


class FacilitatorFactory(UserFactory):
    role = Role.IMPULSADOR


class AnalystFactory(UserFactory):
    role = Role.ANALISTA


class SuperuserFactory(AnalystFactory):
    is_superuser = True
