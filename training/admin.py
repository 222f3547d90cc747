from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.safestring import SafeString

from toastclub.admin import BackOfficeAdmin, telling_errors
from training.admin_filters import TagFilter
from training.admin_pages import import_page, preview_page
from training.forms import EDITABLE_PAGES, TextForm
from training.models import Text
from training.previews import minutes_of, preview_of
from training.tags import tag_index
from training.uses import use_in_words, uses_of
from training.vr_layout import Page

BEGINNING: list[Page] = [[""], [""], [""]]  # of a new text


def vr_pages(pages: list[Page]) -> SafeString:
    """Pages as the headset shows them, line by line; markup in them is shown, not run."""
    return render_to_string("admin/training/vr_pages.html", {"pages": pages})


@admin.register(Text)
class TextAdmin(BackOfficeAdmin):
    form = TextForm
    fields = ("id", "title", "tags", "pages")
    list_display = ("id", "title", "tema", "tono", "paginas", "lectura", "sesiones")
    list_display_links = ("id", "title")
    list_filter = (TagFilter,)
    search_fields = ("id", "title", "tag_index__folded_value")
    search_help_text = "Id, título o valor de una etiqueta"
    list_before_template = "admin/training/text/list_actions.html"
    actions = None  # texts go one at a time, by their own page
    warn_unsaved_form = True

    class Media:
        css = {"all": ("training/texts.css",)}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Text]:
        texts: Any = super().get_queryset(request)
        found: QuerySet[Text] = texts.with_session_count()
        return found

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("id",) if obj else ()

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        is_editable = obj is None or len(obj.pages) <= EDITABLE_PAGES
        return is_editable and super().has_change_permission(request, obj)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {
            "id": f"{timezone.localtime():%Y%m%d%H%M%S}_{Text.objects.count() + 1:04}",
            "tags": dict.fromkeys(_tag_index(), ""),
            "pages": BEGINNING,
        }

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        text: Any = kwargs.get("obj")
        is_editable = text is None or self.has_change_permission(request, text)
        form = context["adminform"].form
        context |= {
            **preview_of(form["pages"].value() if is_editable else text.pages),
            "is_editable": is_editable,
            "tag_index": _tag_index(),
            "uses": uses_of(text) if text else None,
            "editable_pages": EDITABLE_PAGES,
            "show_save_and_add_another": False,
        }
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Text, form: Any, change: bool) -> None:
        obj.store()

    def delete_model(self, request: HttpRequest, obj: Text) -> None:
        obj.discard()

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Says how often texts were used, instead of naming each of the sessions that need them."""
        protected = [
            f"{text}: {use_in_words(text.session_count)}" for text in objs if text.session_count
        ]
        return [], {}, set(), protected

    @method_decorator(telling_errors)
    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response: HttpResponseBase = super().delete_view(request, *args, **kwargs)
        return response

    @admin.display(description="tema")
    def tema(self, text: Text) -> str:
        return str(text.tags.get("tema", ""))

    @admin.display(description="tono")
    def tono(self, text: Text) -> str:
        return str(text.tags.get("tono", ""))

    @admin.display(description="páginas en RV")
    def paginas(self, text: Text) -> int:
        return len(text.vr_pages)

    @admin.display(description="lectura")
    def lectura(self, text: Text) -> str:
        return minutes_of(text.pages)

    @admin.display(description="sesiones", ordering="session_count")
    def sesiones(self, text: Any) -> int:
        return int(text.session_count)


site: Any = admin.site
site.add_page(
    "training/text/preview/",
    preview_page,
    name="training_text_preview",
    permission="training.change_text",
)
site.add_page(
    "training/text/import/",
    import_page,
    name="training_text_import",
    permission="training.import_text",
)


def _tag_index() -> dict[str, list[str]]:
    return tag_index(text.tags for text in Text.objects.only("tags"))
