from typing import Any

from django import forms

from dataset.selection import IDENTIFIABLE, TAG_PREFIX, SelectionForm
from training.models import Text
from training.tags import tag_index

DAYS = {"desde": "Día en que se creó la sesión.", "hasta": "Ese día incluido."}


class ExportForm(SelectionForm):
    """The filters as an analyst chooses them, the tags among them from those that texts have."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, help_text in DAYS.items():
            self.fields[name].widget = forms.DateInput(attrs={"type": "date"})
            self.fields[name].help_text = help_text
        self.fields["texto"].widget = forms.Select(choices=[("", "Todos"), *_texts()])
        self.fields["texto"].help_text = ""
        for key, values in tag_index(text.tags for text in Text.objects.only("tags")).items():
            self.fields[f"{TAG_PREFIX}{key}"] = forms.ChoiceField(
                label=f"Etiqueta «{key}»",
                choices=[("", "Todos"), *((value, value) for value in values)],
                required=False,
            )
        self.fields[IDENTIFIABLE] = forms.BooleanField(
            label="Con nombres, correos y edades de los participantes",
            required=False,
            widget=forms.CheckboxInput(attrs={"value": "true"}),
            help_text="Queda registrado quién los exporta. Sin marcar, solo seudónimos y tramos "
            "de edad.",
        )


def _texts() -> Any:
    return Text.objects.values_list("pk", "title")
