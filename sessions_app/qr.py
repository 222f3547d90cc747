"""A session's code as a QR code, for a camera that reads it off a screen."""

import segno
from django.utils.safestring import SafeString


def qr_svg(code: str) -> SafeString:
    """An SVG that holds the plain code, black on white in dark pages too: cameras want that."""
    qr = segno.make(code, micro=False, error="m")
    drawn = qr.svg_inline(omitsize=True, border=4, dark="#000", light="#fff")
    return SafeString(drawn)  # lines and numbers alone: the code is not written in it
