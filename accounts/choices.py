from django.db import models


class Role(models.TextChoices):
    IMPULSADOR = "IMPULSADOR", "Impulsador"
    ANALISTA = "ANALISTA", "Analista"
