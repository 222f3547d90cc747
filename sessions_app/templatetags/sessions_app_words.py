"""How templates say a session's code and its times."""

from datetime import datetime, timedelta

from django import template
from django.utils import timezone

from sessions_app import durations

register = template.Library()
GROUP = 3  # characters: what people read aloud at a time


@register.filter
def code_groups(code: str) -> list[str]:
    return [code[start : start + GROUP] for start in range(0, len(code), GROUP)]


@register.filter
def spelt(code: str) -> str:
    """Character by character, for a voice that would read it as a word."""
    return ", ".join(code)


@register.filter
def key_words(key: str) -> str:
    """A tag's key without the underscores that stand for spaces in it."""
    return key.replace("_", " ")


@register.filter
def in_words(span: timedelta) -> str:
    return durations.in_words(span)


@register.filter
def ago(moment: datetime) -> str:
    return durations.in_words(timezone.now() - moment)
