from collections.abc import Iterable
from typing import Any

from django import forms

from dataset.selection import TAG_PREFIX, SelectionForm
from training.models import Text
from training.tags import tag_index

DAYS = {"desde": "Día en que se creó la sesión.", "hasta": "Ese día incluido."}


class ExportForm(SelectionForm):
    """The filters as an analyst chooses them, the tags among them from those that texts have."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        for name, help_text in DAYS.items():
            self.fields[name].widget = forms.DateInput(attrs={"type": "date"})
            self.fields[name].help_text = help_text
        self.fields["texto"].widget = _select(_texts())
        self.fields["texto"].help_text = ""
        for key, values in tag_index(text.tags for text in Text.objects.only("tags")).items():
            self.fields[f"{TAG_PREFIX}{key}"] = forms.CharField(
                label=f"Etiqueta «{key}»",
                required=False,
                widget=_select(((value, value) for value in values), of_all="Cualquiera"),
            )
        for field in self.fields.values():
            field.widget.attrs["class"] = "tc-input"

    @property
    def session_fields(self) -> list[forms.BoundField]:
        return [bound for bound in self if not bound.name.startswith(TAG_PREFIX)]

    @property
    def tag_fields(self) -> list[forms.BoundField]:
        return [bound for bound in self if bound.name.startswith(TAG_PREFIX)]

    @property
    def asks_for_tags(self) -> bool:
        return any(bound.value() for bound in self.tag_fields)


def _select(choices: Iterable[tuple[str, str]], *, of_all: str = "Todos") -> forms.Select:
    return forms.Select(choices=[("", of_all), *choices])


def _texts() -> Any:
    return Text.objects.values_list("pk", "title")
