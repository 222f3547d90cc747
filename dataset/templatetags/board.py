"""How the board's templates say times."""

from datetime import datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.formats import date_format

register = template.Library()


@register.filter
def span(time: timedelta) -> str:
    """A time as people say it; the page's script says it in the same words."""
    minutes = int(time.total_seconds() // 60)
    if minutes < 1:
        return "menos de 1 min"
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days = hours // 24
    return f"{days} día" if days == 1 else f"{days} días"


@register.filter
def span_since(moment: datetime) -> str:
    return span(timezone.now() - moment)


@register.filter
def clock(moment: datetime) -> str:
    """The time of day, and the day where it is not today."""
    local = timezone.localtime(moment)
    if local.date() == timezone.localdate():
        return date_format(local, r"\l\a\s H:i")
    return date_format(local, r"\e\l l j \a \l\a\s H:i")
