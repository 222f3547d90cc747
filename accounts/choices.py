from django.db import models


class Role(models.TextChoices):
    IMPULSADOR = "IMPULSADOR", "Impulsador"
    ANALISTA = "ANALISTA", "Analista"


class AccessKind(models.TextChoices):
    """What somebody saw or took, or did to what is known of people."""

    VIEW = "view", "Vista"
    PLAY = "play", "Reproducción"
    URL = "url", "Dirección de descarga"
    FILE = "file", "Descarga"
    EXPORTED = "exported", "Audio exportado"
    EXPORT = "export", "Exportación"
    IDENTIFIABLE = "identifiable", "Exportación con datos personales"
    LISTING = "listing", "Listado del dataset"
    RELEASE = "release", "Descarga de una versión"
    REVIEW = "review", "Revisión"
    HANDOVER = "handover", "Entrega de datos personales"
    ERASURE = "erasure", "Borrado de datos personales"
    ACCOUNT = "account", "Cambio en una cuenta"
