from django.db import models


class Estado(models.TextChoices):
    CREATED = "created", "Creada"
    READY_TO_START = "ready_to_start", "Lista para empezar"
    RUNNING = "running", "En curso"
    AUDIO_UPLOADED = "audio_uploaded", "Audio subido"
    SURVEY_PENDING = "survey_pending", "Encuesta pendiente"
    COMPLETED = "completed", "Completada"


# The state machine: each state's only successor; a completed session has none.
NEXT_ESTADO = {
    Estado.CREATED: Estado.READY_TO_START,
    Estado.READY_TO_START: Estado.RUNNING,
    Estado.RUNNING: Estado.AUDIO_UPLOADED,
    Estado.AUDIO_UPLOADED: Estado.SURVEY_PENDING,
    Estado.SURVEY_PENDING: Estado.COMPLETED,
}

# What the button says that brings a session into each state.
MOVE_WORDS = {
    Estado.READY_TO_START: "Lista para empezar",
    Estado.RUNNING: "Empezar el discurso",
    Estado.AUDIO_UPLOADED: "Dar el audio por subido",
    Estado.SURVEY_PENDING: "Pasar a la encuesta",
    Estado.COMPLETED: "Completar la sesión",
}


class ActorKind(models.TextChoices):
    USER = "user", "Persona con cuenta"
    HEADSET = "headset", "Visor"
    SYSTEM = "system", "Sistema"
