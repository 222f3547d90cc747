import hashlib
import json
import unicodedata
from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import Any, ClassVar, Self

from django.db import models, transaction
from django.db.models.functions import Coalesce

from toastclub.errors import Conflict, NotFound
from toastclub.fields import OrderedJSONField
from training import vr_layout

ID_MAX_LENGTH = 64
# A subquery a tag would take PostgreSQL minutes to plan; one for all is too deep for SQLite.
TAGS_PER_SUBQUERY = 100


def fold(text: str) -> str:
    """The form under which values of tags are compared: trimmed, case-folded, NFC."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).strip().casefold())


class TextQuerySet(models.QuerySet["Text"]):
    def with_tags(self, wanted: Iterable[tuple[str, str]]) -> Self:
        """Texts that have all those tags, each a key and a value; an unknown key matches none."""
        tags = sorted({(key, fold(value)) for key, value in wanted})
        found = self
        for start in range(0, len(tags), TAGS_PER_SUBQUERY):
            found = found._with_all(tags[start : start + TAGS_PER_SUBQUERY])
        return found

    def _with_all(self, tags: list[tuple[str, str]]) -> Self:
        any_of_them = (models.Q(key=key, folded_value=folded) for key, folded in tags)
        holders = (
            TextTag.objects.filter(reduce(or_, any_of_them))
            .values("text")
            .annotate(found=models.Count("pk"))
            .filter(found=len(tags))
        )
        return self.filter(pk__in=holders.values("text"))

    def with_session_count(self) -> Self:
        """Each with the number of sessions in which it was chosen, as `session_count`."""
        relation: Any = self.model._meta.get_field("sessions")
        sessions = relation.related_model.objects.filter(text=models.OuterRef("pk")).order_by()
        counted = sessions.values("text").annotate(number=models.Count("*")).values("number")
        return self.annotate(session_count=Coalesce(models.Subquery(counted), 0))

    def by_id(self, text_id: str) -> "Text":
        text = self.filter(pk=text_id).first()
        if text is None:
            raise NotFound(f"Text with Id '{text_id}' not found")
        return text


class Text(models.Model):
    """A training text, as its author delivered it."""

    id = models.CharField("Id", max_length=ID_MAX_LENGTH, primary_key=True)
    title = models.CharField("título", max_length=300)
    pages = models.JSONField(
        "páginas", help_text="Una lista de páginas; cada página, una lista de líneas."
    )
    tags = OrderedJSONField("etiquetas", default=dict)

    objects: ClassVar[models.Manager["Text"]] = TextQuerySet.as_manager()

    class Meta:
        db_table = "texts"
        verbose_name = "texto"
        verbose_name_plural = "textos"
        ordering = ["id"]

    def __str__(self) -> str:
        return self.title

    @property
    def vr_pages(self) -> list[vr_layout.Page]:
        """The pages as the headset shows them."""
        return vr_layout.normalise(self.pages)

    @property
    def fingerprint(self) -> str:
        """Changes with the content, and with nothing else."""
        content = json.dumps(self._content(), ensure_ascii=False).encode()
        return hashlib.sha256(content).hexdigest()

    def store(self) -> None:
        """Saves the text and the index of its tags together."""
        with transaction.atomic():
            self.save()
            self.tag_index.all().delete()
            TextTag.objects.bulk_create(
                TextTag(text=self, key=key, folded_value=fold(value))
                for key, value in self.tags.items()
            )

    def discard(self) -> None:
        """Deletes a text that no session has, or raises `Conflict`.

        While its row is locked no session of it can be created.
        """
        with transaction.atomic():
            Text.objects.select_for_update().filter(pk=self.pk).first()
            if self.sessions.exists():
                raise Conflict("El texto no se puede eliminar: hay sesiones que lo tienen.")
            self.delete()

    def has_same_content(self, other: "Text") -> bool:
        return self._content() == other._content()

    def _content(self) -> tuple[Any, ...]:
        return self.title, self.pages, self.tags


class TextTag(models.Model):
    """An index of `Text.tags` that the database can search."""

    text = models.ForeignKey(Text, on_delete=models.CASCADE, related_name="tag_index")
    key = models.CharField("etiqueta", max_length=100)
    folded_value = models.CharField("valor", max_length=500)

    class Meta:
        db_table = "text_tags"
        constraints = [
            # Also serves the search for a text's tags.
            models.UniqueConstraint(fields=["text", "key"], name="text_tags_key_unique"),
        ]
        indexes = [
            # Texts with a tag of that value.
            models.Index(fields=["key", "folded_value"], name="text_tags_key_value"),
        ]
