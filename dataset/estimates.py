"""How much an export will be, said at once: counted by the database, without asking the store."""

from typing import NamedTuple

from django.db.models import Count, Q, Sum, TextField
from django.db.models.functions import Cast, Coalesce, Length

from dataset.rows import surveys_in_order
from dataset.selection import Selection

# What things take up in the ZIP, in bytes, as exports of the training texts have them.
BYTES_OF_DOCUMENTS = 4_000  # the data dictionary, and the manifest before its lists
BYTES_OF_A_RECORDING = 750  # its row
BYTES_OF_A_SESSION = 600  # its row, if it has no recording
BYTES_OF_AN_AUDIO = 265  # what the ZIP and the manifest say of its file
BYTES_OF_A_SURVEY = 60  # beside the answers

_OURS = Q(sha256__isnull=False)
_KEPT = _OURS & Q(storage_fault="")


class Estimate(NamedTuple):
    """`size` is that of the ZIP: the audio that is known to be kept, and about what is beside."""

    sessions: int
    recordings: int
    with_audio: int
    foreign: int  # recordings whose audio never came through us, and is not counted
    surveys: int
    size: int


def estimate(selection: Selection) -> Estimate:
    """In three queries, however large the selection is."""
    sessions = selection.sessions.order_by().count()
    recordings = selection.recordings.order_by().aggregate(
        all=Count("pk"),
        with_audio=Count("pk", filter=_KEPT),
        foreign=Count("pk", filter=~_OURS),
        bytes=Coalesce(Sum("file_size", filter=_KEPT), 0),
    )
    surveys = (
        surveys_in_order(selection)
        .order_by()
        .aggregate(
            all=Count("pk"),
            bytes=Coalesce(Sum(Length(Cast("respuestas_json", TextField()))), 0),
        )
    )
    size = (
        BYTES_OF_DOCUMENTS
        + recordings["bytes"]
        + recordings["all"] * BYTES_OF_A_RECORDING
        + recordings["with_audio"] * BYTES_OF_AN_AUDIO
        + max(sessions - recordings["all"], 0) * BYTES_OF_A_SESSION
        + surveys["bytes"]
        + surveys["all"] * BYTES_OF_A_SURVEY
    )
    return Estimate(
        sessions,
        recordings["all"],
        recordings["with_audio"],
        recordings["foreign"],
        surveys["all"],
        size,
    )
