"""When a session is stuck: it has not moved for longer than its state may take."""

from datetime import timedelta

from sessions_app.choices import Estado
from training.reading import seconds_for

# What each state may take before somebody should look.
ALLOWANCES = {
    Estado.CREATED: timedelta(minutes=30),  # the participant's turn comes, the headset is put on
    Estado.READY_TO_START: timedelta(minutes=10),  # a look around, a breath, the first word
    Estado.RUNNING: timedelta(minutes=2),  # beside the reading: pauses, and the upload
    Estado.AUDIO_UPLOADED: timedelta(minutes=5),  # the headset goes on to the survey by itself
    Estado.SURVEY_PENDING: timedelta(minutes=15),  # the headset is taken off, questions answered
}


def allowance(estado: Estado, words: int) -> timedelta | None:
    """How long a session may stay in that state, whose text has so many words; None for ever."""
    allowed = ALLOWANCES.get(estado)
    if allowed is not None and estado == Estado.RUNNING:
        return allowed + timedelta(seconds=seconds_for(words))
    return allowed
