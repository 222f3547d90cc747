"""What the back office's templates say of a recording."""

from typing import Any

from django import template
from django.utils.formats import number_format

from recordings.choices import AVISO_NAMES, Revision
from recordings.models import Recording
from recordings.naming import address_of, name_of, participant_of
from recordings.peaks import FULL_BYTE

register = template.Library()

_BADGES = {
    Revision.ACEPTADA: "good",
    Revision.CON_PROBLEMAS: "warn",
    Revision.RECHAZADA: "bad",
}
# As high as full scale is drawn, in the units of the drawing.
OUTLINE_HEIGHT = 100

register.filter("name", name_of)
register.filter("participant", participant_of)
register.simple_tag(address_of, name="recording_url")


@register.filter
def badge_kind(state: str) -> str:
    return _BADGES.get(Revision(state), "plain")


@register.filter
def clock(seconds: float | None) -> str:
    """`1:05` of 65.4 seconds, `1:01:05` of an hour more; a dash where nobody knows."""
    if seconds is None:
        return "—"
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


@register.filter
def percent(share: float) -> str:
    return f"{number_format(100 * share, 1)} %"


@register.filter
def warnings(recording: Recording) -> list[tuple[str, str]]:
    """Each warning's name, and what it means."""
    names = [AVISO_NAMES[code] for code in recording.avisos]
    return list(zip(names, recording.avisos_mensajes, strict=True))


@register.filter
def outline(peaks: Any) -> str:
    """The upper half of a sound's outline as an SVG path, a unit wide for each of its windows.

    Its heights are square roots, as the ear rather hears them: a low voice is seen as well.
    """
    heights = (round(OUTLINE_HEIGHT * (peak / FULL_BYTE) ** 0.5) for peak in bytes(peaks))
    steps = "".join(f"V-{height}h1" for height in heights)
    return f"M0 0{steps}V0Z"
