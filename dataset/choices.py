from enum import StrEnum

from django.db.models import TextChoices


class LeftOut(StrEnum):
    """Why a recording's audio is not in an export."""

    MISSING = "missing"  # it is not in the store
    DAMAGED = "damaged"  # what the store has is not what came
    FOREIGN = "foreign"  # it is a mock's, and does not lie where its session's does


class ReleaseState(TextChoices):
    WAITING = "waiting", "En espera"
    BUILDING = "building", "Creándose"
    FAILED = "failed", "No se pudo crear"
    READY = "ready", "Lista"


class Split(TextChoices):
    TRAIN = "train", "Entrenamiento"
    VALIDATION = "validation", "Validación"
    TEST = "test", "Prueba"


class Change(TextChoices):
    """What became of a row since the release before."""

    ADDED = "added", "Añadida"
    REMOVED = "removed", "Quitada"
    CHANGED = "changed", "Cambiada"

    @property
    def plural(self) -> str:
        return f"{self.label.lower()}s"
