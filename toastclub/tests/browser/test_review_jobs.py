"""An analyst reviews takes: by ear, by keyboard alone, one after the other."""

import re

import pytest
from playwright.sync_api import expect

from accounts.choices import AccessKind
from accounts.models import AccessRecord
from recordings.choices import Motivo, Revision
from recordings.models import Recording
from toastclub.testing.browser import DESKTOP, PHONE

pytestmark = pytest.mark.one_database

UNREVIEWED = "/admin/recordings/recording/?review_state__exact=sin_revisar"
MOVED_ON = re.compile(r"^\s*0:0[1-9]")


def decisions():
    return list(Recording.objects.order_by("pk").values_list("review_state", "review_reason"))


def test_five_takes_are_reviewed_by_keyboard_alone(desk_of, analyst, take_of, spoken_wav):
    takes = [take_of(spoken_wav) for _number in range(5)]
    page = desk_of(analyst).open(UNREVIEWED)

    def heading():
        return expect(page.locator("#take"))

    with page.expect_navigation():
        page.get_by_role("link", name=takes[4].session.participant.nombre).first.press("Enter")
    heading().to_have_attribute("data-number", str(takes[4].pk))
    page.evaluate("window.isTheSamePage = true")
    page.keyboard.press("Space")
    expect(page.locator("[data-player-time]").first).to_contain_text(MOVED_ON)
    page.keyboard.press("a")
    heading().to_have_attribute("data-number", str(takes[3].pk))
    page.keyboard.press("a")
    heading().to_have_attribute("data-number", str(takes[2].pk))
    page.keyboard.press("r")
    page.keyboard.type("Ruido")
    page.keyboard.press("Enter")
    heading().to_have_attribute("data-number", str(takes[1].pk))
    page.keyboard.press("c")
    page.keyboard.type("Cortada")
    page.keyboard.press("Enter")
    heading().to_have_attribute("data-number", str(takes[0].pk))
    page.keyboard.press("a")
    expect(page.get_by_role("status").filter(has_text="ceptada")).to_be_visible()

    assert page.evaluate("window.isTheSamePage")
    assert decisions() == [
        (Revision.ACEPTADA, ""),
        (Revision.CON_PROBLEMAS, Motivo.CORTADA),
        (Revision.RECHAZADA, Motivo.RUIDO),
        (Revision.ACEPTADA, ""),
        (Revision.ACEPTADA, ""),
    ]
    reviewers = AccessRecord.objects.filter(kind=AccessKind.REVIEW).values_list("who", flat=True)
    assert list(reviewers) == [analyst.email] * 5


def test_a_decision_is_undone_by_a_key(desk_of, analyst, take_of, spoken_wav):
    take = take_of(spoken_wav)
    page = desk_of(analyst).open(f"/admin/recordings/recording/{take.pk}/change/")

    page.keyboard.press("a")
    expect(page.get_by_role("button", name=re.compile("Deshacer"))).to_be_visible()
    page.keyboard.press("z")
    expect(page.locator(".tc-review-state")).to_contain_text("Sin revisar")

    assert decisions() == [(Revision.SIN_REVISAR, "")]


def test_keys_do_nothing_while_a_note_is_typed(desk_of, analyst, take_of, spoken_wav):
    take = take_of(spoken_wav)
    page = desk_of(analyst).open(f"/admin/recordings/recording/{take.pk}/change/")

    page.get_by_label("Nota").type("a r c n p")

    expect(page.get_by_label("Nota")).to_have_value("a r c n p")
    assert decisions() == [(Revision.SIN_REVISAR, "")]


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_take_is_heard_in_its_row_and_on_its_page(
    desk_of, hosts, analyst, take_of, spoken_wav, size
):
    take = take_of(spoken_wav)
    desk = desk_of(analyst, hosts=hosts, viewport=size)

    for path in ("/admin/recordings/recording/", f"/admin/recordings/recording/{take.pk}/change/"):
        page = desk.open(path)
        player = page.locator("[data-player]").first
        player.get_by_role("button", name=re.compile("^Reproducir")).click()
        expect(player.locator("[data-player-time]")).to_contain_text(MOVED_ON)

    plays = AccessRecord.objects.filter(kind=AccessKind.PLAY).values_list("who", "recording_number")
    assert list(plays) == [(analyst.email, take.pk)] * 2


def test_several_takes_are_accepted_at_once(desk_of, analyst, take_of, spoken_wav):
    for _number in range(3):
        take_of(spoken_wav)
    page = desk_of(analyst).open("/admin/recordings/recording/")

    page.locator("thead").get_by_role("checkbox").check()
    page.get_by_label("Acción para las filas elegidas").select_option(label="Aceptar")
    page.get_by_role("button", name="Ejecutar").click()
    expect(page.get_by_text(re.compile("3 grabaciones"))).to_be_visible()

    assert decisions() == [(Revision.ACEPTADA, "")] * 3
