"""Logs without secrets: what identifies a person or opens a door is blotted out."""

import logging
import re

BLOT = "[…]"

_REDACTIONS = [
    (re.compile(pattern, re.IGNORECASE | re.MULTILINE), replacement)
    for pattern, replacement in (
        # To the end: a code may be typed with spaces, before it or in the middle of it.
        (r"(by-code/)[^\n]+?(?=\" \d{3} |$)", rf"\1{BLOT}"),
        (r"(/files/)[^\s\"'?]+", rf"\1{BLOT}"),
        (r"(session[_-]code[\"']?\s*[=:]\s*[\"']?)[^\s;,&\"']+", rf"\1{BLOT}"),
        (r"(Bearer\s+)\S+", rf"\1{BLOT}"),
        (r"eyJ[\w-]+\.[\w-]+\.[\w-]*", BLOT),
        (r"((?:X-Amz-|AWSAccessKeyId|Signature)[\w-]*=)[^&\s\"']+", rf"\1{BLOT}"),
        (r"[\w.+%-]+(?:@|%40)[\w-]+(?:\.[\w-]+)+", BLOT),
        # gunicorn repeats the address of a request that failed; its query may hold a name.
        (r"([A-Z]+ /[^\s?]*\?)\S+?(?=\"?(?:\s|$))", rf"\1{BLOT}"),
        # PostgreSQL repeats the row's values in the detail of an error, line breaks and all.
        (r"^(DETAIL:)[\s\S]*?(?=\n\n(?:The above|During handling)|\Z)", rf"\1 {BLOT}"),
    )
]


def redact(text: str) -> str:
    """`text` without codes, tokens, signed addresses, e-mails or values of rows."""
    for pattern, replacement in _REDACTIONS:
        text = pattern.sub(replacement, text)
    return text


class RedactingFormatter(logging.Formatter):
    """Formats a record whole, its traceback included, and redacts the result."""

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


def is_no_stall(record: logging.LogRecord) -> bool:
    """A filter: that a connection stalled and was cut is the client's affair, and no error."""
    return not (record.exc_info and isinstance(record.exc_info[1], BlockingIOError))
