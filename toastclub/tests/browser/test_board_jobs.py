"""The board of today keeps itself up to date, and leads to what needs somebody."""

import re

import pytest
from playwright.sync_api import expect

from sessions_app.actors import SYSTEM
from sessions_app.choices import Estado
from sessions_app.tests.factories import SessionFactory

pytestmark = pytest.mark.one_database


def test_a_session_that_moves_is_seen_to_move_without_a_reload(desk_of, analyst):
    session = SessionFactory(participant={"nombre": "Noemí Arce"})
    page = desk_of(analyst).open("/admin/")
    row = page.get_by_role("row", name=re.compile("Noemí Arce"))
    expect(row).to_contain_text("Creada")
    page.evaluate("window.isTheSamePage = true")

    session.transition_to(Estado.READY_TO_START, by=SYSTEM)
    expect(row).to_contain_text("Lista para empezar")
    SessionFactory(participant={"nombre": "Piero Salas"})
    expect(page.get_by_role("row", name=re.compile("Piero Salas"))).to_be_visible()

    assert page.evaluate("window.isTheSamePage")


def test_what_awaits_review_leads_to_the_desk(desk_of, analyst, take_of, spoken_wav):
    take = take_of(spoken_wav)
    page = desk_of(analyst).open("/admin/")

    page.get_by_role("region", name=re.compile("Por revisar")).get_by_role("link").first.click()

    expect(page.locator("#take")).to_have_attribute("data-number", str(take.pk))


def test_a_facilitator_s_board_holds_their_own_sessions(desk_of, facilitator):
    SessionFactory(participant={"nombre": "Ajena Ajena"})
    SessionFactory(user=facilitator, participant={"nombre": "Propia Propia"})

    page = desk_of(facilitator).open("/admin/")

    expect(page.get_by_role("row", name=re.compile("Propia"))).to_be_visible()
    expect(page.get_by_text("Ajena Ajena")).to_have_count(0)
    expect(page.get_by_text("Por revisar")).to_have_count(0)


def test_the_numbers_behind_a_chart_are_a_table(desk_of, analyst):
    SessionFactory()
    page = desk_of(analyst).open("/admin/")
    page.get_by_role("link", name="Cifras").click()

    page.get_by_text("Los números en una tabla").first.click()

    expect(page.get_by_role("cell", name="1").first).to_be_visible()
