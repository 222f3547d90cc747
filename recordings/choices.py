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


# The warnings in a word, for lists.
AVISO_NAMES = {
    Aviso.SILENCIO: "Silencio",
    Aviso.SATURADO: "Saturada",
    Aviso.MUY_CORTO: "Muy corta",
    Aviso.TRUNCADO: "Truncada",
    Aviso.NO_DECODIFICABLE: "Ilegible",
}


class StorageFault(TextChoices):
    """What reconciliation found wrong with a recording's object; empty where nothing is."""

    MISSING = "missing", "El audio no está"
    DAMAGED = "damaged", "El audio no es el que llegó"


class Revision(TextChoices):
    """What the people who listen to the recordings have decided about one."""

    SIN_REVISAR = "sin_revisar", "Sin revisar"
    ACEPTADA = "aceptada", "Aceptada"
    CON_PROBLEMAS = "con_problemas", "Con problemas"
    RECHAZADA = "rechazada", "Rechazada"


# The decisions that say why.
WITH_REASON = (Revision.CON_PROBLEMAS, Revision.RECHAZADA)


class Motivo(TextChoices):
    """Why a recording is not accepted as it is."""

    RUIDO = "ruido", "Ruido de fondo"
    VOZ_BAJA = "voz_baja", "Voz demasiado baja"
    SATURADA = "saturada", "Sonido saturado"
    CORTADA = "cortada", "Cortada al principio o al final"
    OTRA_VOZ = "otra_voz", "Habla otra persona"
    OTRO_TEXTO = "otro_texto", "No lee el texto"
    SILENCIO = "silencio", "No se oye ninguna voz"
    TECNICO = "tecnico", "Problema técnico"
    OTRO = "otro", "Otro, explicado en la nota"
