from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Aviso(TextChoices):
    """What may be wrong with a recording; the sentence says it to who made it, and what to do."""

    SILENCIO = (
        "silencio",
        _("No se oye ninguna voz: revisa que el micrófono no esté silenciado y repite la toma."),
    )
    SATURADO = (
        "saturado",
        _("El sonido está saturado: aleja el micrófono o baja su volumen y repite la toma."),
    )
    MUY_CORTO = (
        "muy_corto",
        _("La grabación es demasiado corta: comprueba que no se detuvo antes de tiempo."),
    )
    TRUNCADO = (
        "truncado",
        _("Falta el final de la grabación: si la tienes completa, vuelve a enviarla."),
    )
    NO_DECODIFICABLE = (
        "no_decodificable",
        _("El audio no se puede leer: comprueba que el archivo se reproduce y vuelve a enviarlo."),
    )


class StorageFault(TextChoices):
    """What reconciliation found wrong with a recording's object; empty where nothing is."""

    MISSING = "missing", "El audio no está"
    DAMAGED = "damaged", "El audio no es el que llegó"
