from django.contrib import admin
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from toastclub.admin import ReadOnlyAdmin
from training.models import Text
from training.vr_layout import Page


def vr_pages(pages: list[Page]) -> SafeString:
    """Pages as the headset shows them, line by line; markup in them is shown, not run."""
    rows = ((number, "\n".join(page)) for number, page in enumerate(pages, 1))
    page = '<p><strong>{}</strong></p><pre style="margin: 0 0 1rem">{}</pre>'
    return format_html("<div>{}</div>", format_html_join("", page, rows))


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
