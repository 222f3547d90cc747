from django.contrib import admin
from django.template.loader import render_to_string
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from toastclub.admin import ReadOnlyAdmin
from training.models import Text
from training.vr_layout import Page


def vr_pages(pages: list[Page]) -> SafeString:
    """Pages as the headset shows them, line by line; markup in them is shown, not run."""
    return render_to_string("admin/training/vr_pages.html", {"pages": pages})


@admin.register(Text)
class TextAdmin(ReadOnlyAdmin):
    list_display = ("id", "title", "tema", "tono")
    list_filter = ("tag_index__key",)
    search_fields = ("id", "title", "tag_index__folded_value")
    fields = ("id", "title", "etiquetas", "paginas")

    @admin.display(description="tema")
    def tema(self, text: Text) -> str:
        return str(text.tags.get("tema", ""))

    @admin.display(description="tono")
    def tono(self, text: Text) -> str:
        return str(text.tags.get("tono", ""))

    @admin.display(description="etiquetas")
    def etiquetas(self, text: Text) -> SafeString:
        return format_html_join("", "{}: {}<br>", text.tags.items())

    @admin.display(description="páginas en RV")
    def paginas(self, text: Text) -> SafeString:
        return vr_pages(text.vr_pages)
