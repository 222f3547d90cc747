"""Spans of time, as a person says them."""

from datetime import timedelta

MINUTE, HOUR, DAY = 60, 3600, 86400  # seconds
# What is said up to how long, by its two units and their seconds.
_UNITS = (
    (HOUR, ("min", MINUTE), ("s", 1)),
    (DAY, ("h", HOUR), ("min", MINUTE)),
)


def in_words(span: timedelta) -> str:
    """`3 min 20 s`, `2 h 5 min`, `4 días`: no finer than matters at that length."""
    seconds = max(int(span.total_seconds()), 0)
    if seconds < MINUTE:
        return f"{seconds} s"
    for limit, (unit, length), (smaller, smaller_length) in _UNITS:
        if seconds < limit:
            whole, rest = divmod(seconds, length)
            return f"{whole} {unit} {rest // smaller_length} {smaller}"
    days = seconds // DAY
    return "1 día" if days == 1 else f"{days} días"
