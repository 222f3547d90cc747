from django.db.models import TextChoices


class LeftOut(TextChoices):
    """Why a recording's audio is not in an export."""

    MISSING = "missing", "El audio no está en el almacén"
    DAMAGED = "damaged", "El audio del almacén no es el que llegó"
    FOREIGN = "foreign", "Es una grabación de prueba, cuyo audio no es de su sesión"


class AccessKind(TextChoices):
    EXPORT = "export", "Exportación"
    IDENTIFIABLE = "identifiable", "Exportación con datos personales"
    RELEASE = "release", "Descarga de una versión"


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
    """What became of a recording since the release before."""

    ADDED = "added", "Añadida"
    REMOVED = "removed", "Quitada"
    CHANGED = "changed", "Cambiada"
