"""How long a body may be."""

from django.conf import settings


def longest_body() -> int:
    """Bytes of the longest form that may hold a recording."""
    return int(settings.MAX_AUDIO_SIZE + settings.MAX_MULTIPART_OVERHEAD)
