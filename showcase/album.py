"""Every page, for each role, at a desk and on a phone, light and dark."""

from collections.abc import Callable, Iterator
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.test import Client
from playwright.sync_api import Browser, Page, ViewportSize

from accounts.choices import Role
from accounts.models import User
from showcase import demo
from toastclub.testing import pages
from toastclub.testing.browser import DARK, DESKTOP, LIGHT, PHONE, Desk, chromium, paint, served

SIZES = {"escritorio": DESKTOP, "movil": PHONE}
THEMES = {"claro": LIGHT, "oscuro": DARK}
SETTLED = 500  # milliseconds after which a page has drawn what it draws by itself
TALLEST = 2_400  # pixels
LOGIN = pages.Page("entrada", "/admin/login/")


def _open_filters(page: Page) -> None:
    page.get_by_role("button", name="Filtros").click()


def _look_for_somebody(page: Page) -> None:
    page.get_by_role("main").get_by_role("textbox").first.fill("Jorge")
    with page.expect_navigation():
        page.keyboard.press("Enter")


# What is only seen once something is done on a page.
ACTS: dict[str, Callable[[Page], None]] = {
    "sesiones-lista": _open_filters,
    "grabaciones-lista": _open_filters,
    "personas": _look_for_somebody,
}


def photograph_all(folder: Path) -> None:
    call_command("prepare_local", verbosity=0)
    demo.fill()
    _remove_old(folder)
    count = 0
    with served() as address, chromium() as browser:
        for shot in _all_shots(browser, address, folder):
            count += 1
            print(shot, flush=True)
    print(f"{count} pictures in {folder}/")


def _remove_old(folder: Path) -> None:
    for picture in folder.glob("**/*.*.*.png"):
        picture.unlink()


def _all_shots(browser: Browser, address: str, folder: Path) -> Iterator[Path]:
    yield from _shots(browser, address, folder, [LOGIN])
    for role in Role.values:
        user = User.objects.filter(role=role).exclude(name__contains="prueba").earliest("pk")
        client = Client()
        client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
        shown = [*pages.all_pages(demo.rows(user)), *demo.halfway_pages(user)]
        found = pages.pages_among(shown, client)
        session_key = client.session.session_key
        yield from _shots(browser, address, folder / role.lower(), found, session_key)


def _shots(
    browser: Browser, address: str, folder: Path, found: list[pages.Page], session_key: str = ""
) -> Iterator[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    for size_name, size in SIZES.items():
        context = browser.new_context(viewport=size, locale="es-PE", timezone_id=settings.TIME_ZONE)
        desk = Desk(context, address, [])
        if session_key:
            desk.enter(session_key, settings.SESSION_COOKIE_NAME)
        for page in found:
            opened = desk.open(page.address)
            for theme_name, theme in THEMES.items():
                file = folder / f"{page.name}.{size_name}.{theme_name}.png"
                yield _shot(opened, size, theme, file)
            if act := ACTS.get(page.name):
                opened.set_viewport_size(size)
                act(opened)
                yield _shot(opened, size, LIGHT, folder / f"{page.name}-2.{size_name}.claro.png")
        desk.assert_no_faults()
        context.close()


def _shot(page: Page, size: ViewportSize, theme: str, file: Path) -> Path:
    """The whole of the page, in a window that is tall enough for it."""
    page.set_viewport_size(size)
    paint(page, theme)
    page.wait_for_timeout(SETTLED)
    height = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": size["width"], "height": min(height, TALLEST)})
    page.screenshot(path=file)
    return file
