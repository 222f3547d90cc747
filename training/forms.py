"""The forms in which analysts write texts and import them."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from django import forms
from django.template.defaultfilters import filesizeformat
from unfold.widgets import UnfoldAdminFileFieldWidget

from training.models import ID_MAX_LENGTH, Text
from training.serializers import TAG_KEY_MAX_LENGTH, TAG_VALUE_MAX_LENGTH, DeliveredTextSerializer
from training.services import leaves
from training.vr_layout import UNTOUCHED_PAGES, Page

MAX_IMPORT_BYTES = 1024 * 1024  # some hundred texts; the document comes back in a form's field
FIELDS = {"Id": "id", "Title": "title", "Pages": "pages", "Tags": "tags"}  # of a delivered text
SPARE_TAGS = 2  # empty rows to write further tags in
EDITABLE_PAGES = 400  # a request may have a thousand values, and a tag has two
FAULTS_SHOWN = 10  # of one field


class PagesWidget(forms.Widget):
    """A text area a page, in which each line is one of the text's."""

    template_name = "admin/training/widgets/pages.html"

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[Page]:
        return [page.replace("\r\n", "\n").split("\n") for page in data.getlist(name)]

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        pages = ["\n".join(page) for page in value or []]
        return {
            **super().get_context(name, value, attrs),
            "pages": pages,
            "untouched": UNTOUCHED_PAGES,
        }


class PagesField(forms.Field):
    widget = PagesWidget


class TagsWidget(forms.Widget):
    """A row a tag: its key and its value."""

    template_name = "admin/training/widgets/tags.html"

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[tuple[str, str]]:
        keys, values = data.getlist(f"{name}_key"), data.getlist(f"{name}_value")
        return list(zip(keys, values, strict=False))

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        rows = [
            row for row in (value.items() if isinstance(value, dict) else value or []) if any(row)
        ]
        return {
            **super().get_context(name, value, attrs),
            "rows": [*rows, *[("", "")] * SPARE_TAGS],
            "key_length": TAG_KEY_MAX_LENGTH,
            "value_length": TAG_VALUE_MAX_LENGTH,
        }


class TagsField(forms.Field):
    """Tags by their keys; a row without a value is none."""

    widget = TagsWidget

    def to_python(self, rows: Any) -> dict[str, str]:
        tags: dict[str, str] = {}
        for key, value in ((key.strip(), value.strip()) for key, value in rows):
            if key in tags:
                raise forms.ValidationError(f"La clave «{key}» está repetida.")
            if value:
                tags[key] = value
        return tags


class TextForm(forms.ModelForm):
    """A text as its author delivers it: what is wrong with it says the importer's serializer."""

    id = forms.CharField(
        label="Id",
        required=False,
        max_length=ID_MAX_LENGTH,
        widget=forms.TextInput({"class": "tc-input", "autocomplete": "off", "spellcheck": "false"}),
    )
    title = forms.CharField(
        label="Título",
        required=False,
        widget=forms.TextInput({"class": "tc-input", "autocomplete": "off"}),
    )
    tags = TagsField(label="Etiquetas", required=False)
    pages = PagesField(label="Páginas", required=False)
    opened = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Text
        fields = ["id", "title", "tags", "pages"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["opened"] = self.instance.fingerprint if self.instance.pk else ""

    def clean(self) -> dict[str, Any]:
        super().clean()
        delivered = DeliveredTextSerializer(data=self._as_delivered())
        if delivered.is_valid():
            self._refuse_to_undo_others(Text(**delivered.validated_data))
            return {**self.cleaned_data, **delivered.validated_data}
        for name, faults in delivered.errors.items():
            if FIELDS[name] in self.cleaned_data:  # else it has said what is wrong itself
                self.add_error(FIELDS[name], list(worded(faults)))
        return self.cleaned_data

    def _as_delivered(self) -> dict[str, Any]:
        own = {"id": self.instance.pk, **self.cleaned_data}
        return {name: own.get(field) for name, field in FIELDS.items()}

    def _refuse_to_undo_others(self, text: Text) -> None:
        """Whoever saved meanwhile must not lose the change; the same form sent twice may pass."""
        stored = self.instance
        is_stale = stored.pk and self.cleaned_data["opened"] != stored.fingerprint
        if is_stale and not stored.has_same_content(text):
            raise forms.ValidationError(
                "Otra persona cambió este texto mientras lo editabas. Copia lo que hayas escrito, "
                "vuelve a abrir el texto y haz tus cambios sobre la versión nueva."
            )


def worded(faults: Any) -> Iterator[str]:
    """What a serializer says of a field, each with its page and line where it has them."""
    places = {1: "Página {}: ", 2: "Página {}, línea {}: "}
    for path, message in islice(leaves(faults), FAULTS_SHOWN):
        place = places.get(len(path), "").format(*(int(position) + 1 for position in path))
        yield f"{place}{message}"


class ImportForm(forms.Form):
    """A file of texts."""

    file = forms.FileField(
        label="Archivo",
        help_text="El JSON con los textos, como lo entrega su autor: 1 MB como máximo.",
        widget=UnfoldAdminFileFieldWidget({"accept": ".json,application/json"}),
        error_messages={"required": "Elige un archivo.", "empty": "El archivo está vacío."},
    )
    reflow = forms.BooleanField(
        label="Rehacer los párrafos",
        required=False,
        help_text="Une las líneas que cortó el editor del autor y las reparte de nuevo en páginas "
        "de 8 líneas de 39 caracteres.",
    )

    def clean_file(self) -> bytes:
        file = self.cleaned_data["file"]
        if file.size > MAX_IMPORT_BYTES:
            raise forms.ValidationError(
                f"El archivo pesa {filesizeformat(file.size)} y el máximo es "
                f"{filesizeformat(MAX_IMPORT_BYTES)}. Divídelo en varios."
            )
        content: bytes = file.read()
        return content
