"""The filters of any list of the back office, in words.

They are read from what each filter offers, so that a list may get new ones that are unknown here.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django import forms

from toastclub.filters import IdField, MomentField, StrictBooleanField

USED = "sí"  # all that is noted of what somebody typed
# What such fields have read is a number, a moment, or yes or no, and cannot name anybody.
_NAMELESS = (
    forms.BooleanField,
    forms.DateField,
    forms.DateTimeField,
    forms.IntegerField,
    forms.NullBooleanField,
    IdField,
    MomentField,
    StrictBooleanField,
)


class Filter(NamedTuple):
    """A filter that holds: `shown` to who chose it, `noted` where others may read it."""

    title: str
    shown: str
    noted: str

    @classmethod
    def of_field(cls, bound: forms.BoundField) -> "Filter":
        """What is chosen in a field of a form of its own."""
        chosen = dict(getattr(bound.field.widget, "choices", ()))
        words = str(chosen.get(bound.value(), bound.value()))
        return cls(str(bound.label), words, words)


def filters_of(changelist: Any) -> list[Filter]:
    """All that narrows that list, its search included."""
    return [*_chosen(changelist), *_by_hand(changelist), *_search(changelist)]


def noted(filters: list[Filter]) -> dict[str, str]:
    """They as the log and the export's manifest have them, which name nobody."""
    return {each.title: each.noted for each in filters}


def _chosen(changelist: Any) -> Iterator[Filter]:
    for spec in changelist.filter_specs:
        given = [each for value in spec.used_parameters.values() for each in _many(value)]
        if given:
            words = list(_words(spec, changelist, given))
            shown = ", ".join(word for word, _kept in words) or ", ".join(given)
            yield Filter(str(spec.title), shown, ", ".join(kept for _word, kept in words) or USED)


def _by_hand(changelist: Any) -> Iterator[Filter]:
    """Those that are in the address alone."""
    offered = {name for spec in changelist.filter_specs for name in spec.expected_parameters()}
    for name, values in changelist.get_filters_params().items():
        if name not in offered:
            yield Filter(name, ", ".join(values), USED)


def _search(changelist: Any) -> Iterator[Filter]:
    if changelist.query:
        yield Filter("búsqueda", f"«{changelist.query}»", USED)


def _many(value: Any) -> list[str]:
    """The values of a parameter that were given."""
    values = value if isinstance(value, list) else [value]
    return [str(each) for each in values if each not in ("", None)]


def _words(spec: Any, changelist: Any, given: list[str]) -> Iterator[tuple[str, str]]:
    """What is chosen: its title, which may name somebody, and its key, which does not."""
    for choice in spec.choices(changelist):
        if "form" in choice:
            yield from _words_of_form(choice["form"])
        elif choice.get("selected"):
            yield str(choice["display"]), ", ".join(given)


def _words_of_form(form: forms.BaseForm) -> Iterator[tuple[str, str]]:
    for bound in form:
        values = _many(bound.value())
        if values and isinstance(bound.field, (forms.ChoiceField, forms.ModelChoiceField)):
            yield from _offered(bound.field, values)
        elif values:
            typed = f"{bound.label} {' '.join(values)}"
            yield typed, typed if _names_nobody(bound.field, bound.value()) else USED


def _offered(field: Any, keys: list[str]) -> Iterator[tuple[str, str]]:
    if isinstance(field, forms.ModelChoiceField):
        rows: Any = field.queryset
        for row in rows.filter(pk__in=keys):
            yield field.label_from_instance(row), str(row.pk)
    else:
        yield from ((str(label), str(key)) for key, label in field.choices if str(key) in keys)


def _names_nobody(field: forms.Field, value: Any) -> bool:
    if not isinstance(field, _NAMELESS):
        return False
    try:
        field.clean(value)
    except forms.ValidationError:
        return False
    return True
