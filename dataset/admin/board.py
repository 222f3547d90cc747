"""The landing page with its board, and the figures."""

from typing import Any

from django.contrib import admin

from dataset.figures.pages import figures_view
from dataset.today.pages import board_view

site: Any = admin.site
site.index_template = "admin/dataset/today.html"
site.add_page(
    "hoy/tablero/", board_view, name="today_board", permission="sessions_app.view_session"
)
site.add_page("cifras/", figures_view, name="figures", permission="dataset.view_figures")
