"""Model fields that more than one app uses."""

import json
from typing import Any

from django.db import models


class OrderedJSONField(models.TextField):
    """JSON as the text that it is: it keeps the order of its keys, which jsonb does not.

    For what is stored and given back, not selected by; reading it is also cheaper, for the
    database has nothing to write out.
    """

    # The types of the values, as django-stubs reads them.
    _pyi_private_set_type: Any
    _pyi_private_get_type: Any

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Any:
        return None if value is None else json.loads(value)

    def get_prep_value(self, value: Any) -> str | None:
        return None if value is None else json.dumps(value, ensure_ascii=False)

    def to_python(self, value: Any) -> Any:
        return json.loads(value) if isinstance(value, str) else value

    def value_to_string(self, obj: models.Model) -> str:
        return str(self.get_prep_value(self.value_from_object(obj)))
