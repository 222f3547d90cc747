"""How answers are written."""

import json
from collections.abc import Mapping
from typing import Any

import orjson
from django.utils.encoding import force_str
from rest_framework.renderers import BaseRenderer


class FastJSONRenderer(BaseRenderer):
    """JSON by orjson, which takes a tenth of the time of the standard library."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        if data is None:
            return b""
        try:
            return orjson.dumps(data, default=force_str)
        except orjson.JSONEncodeError:  # an integer of more than 64 bits, which answers may hold
            compact = json.dumps(data, default=force_str, ensure_ascii=False, separators=(",", ":"))
            return compact.encode()
