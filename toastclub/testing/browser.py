"""A real Chromium, and what is asked of every page that it opens."""

import contextlib
import os
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_SCRIPT
from django.core.servers.basehttp import ThreadedWSGIServer
from django.test.testcases import QuietWSGIRequestHandler
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Error,
    Locator,
    Page,
    Playwright,
    Request,
    Response,
    ViewportSize,
    WebError,
    expect,
    sync_playwright,
)

DESKTOP: ViewportSize = {"width": 1366, "height": 850}
PHONE: ViewportSize = {"width": 390, "height": 844}
PATIENCE = 10_000  # milliseconds that a page may take to do something
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--mute-audio",
]
SPANISH: dict[str, Any] = {
    **os.environ,
    "LANGUAGE": "es",
}  # for what Chromium itself writes, as into date fields
GRAVE = ["serious", "critical"]
_GRAVE_VIOLATIONS = """async ([part, grave]) => {
    const found = await axe.run(part, { resultTypes: ["violations"] });
    return found.violations.filter(violation => grave.includes(violation.impact));
}"""
LIGHT, DARK = "light", "dark"
# What moves would be judged, and photographed, half-way.
_END_OF_MOVEMENTS = """() => document.getAnimations().forEach(animation => {
    if (animation.effect?.getComputedTiming().endTime !== Infinity) animation.finish();
})"""


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """The Chromium of the machine, or else the one that Playwright has fetched."""
    with _django_beside_playwright(), sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE)
        browser = _launched(playwright)
        yield browser
        browser.close()


@contextlib.contextmanager
def _django_beside_playwright() -> Iterator[None]:
    """Lets the ORM be used in the thread in which Playwright's event loop is.

    Django refuses, for it can't know that nothing else of ours runs in that loop.
    """
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    try:
        yield
    finally:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


def _launched(playwright: Playwright) -> Browser:
    program = shutil.which("chromium")
    try:
        return playwright.chromium.launch(executable_path=program, args=FLAGS, env=SPANISH)
    except Error as error:
        raise RuntimeError(
            "There is no Chromium that starts: `make tools` installs one, "
            "and so does `.venv/bin/playwright install --with-deps chromium`"
        ) from error


@contextlib.contextmanager
def served() -> Iterator[str]:
    """The address of the project, served by this process with its database and settings.

    At its end all requests have been answered.
    """
    from toastclub.wsgi import application  # needs the settings

    server = _Server(("127.0.0.1", 0), QuietWSGIRequestHandler)
    server.set_app(application)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.hear_no_more()
        server.server_close()


class _Server(ThreadedWSGIServer):
    daemon_threads = False  # those that it waits for when it is closed

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._open: set[socket.socket] = set()

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request_thread(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def hear_no_more(self) -> None:
        """Lets connections end that a browser keeps for later, once what it asked is answered."""
        for connection in list(self._open):
            with contextlib.suppress(OSError):  # it has just ended by itself
                connection.shutdown(socket.SHUT_RD)


class Desk:
    """Somebody at the back office: a browser's window, and what went wrong in it."""

    def __init__(self, context: BrowserContext, address: str, hosts: list[str]) -> None:
        self.context = context
        self.address = address
        self.faults: list[str] = []
        self._hosts = {urlsplit(host).netloc for host in [address, *hosts]}
        context.set_default_timeout(PATIENCE)
        self._watchers: dict[Any, Callable[[Any], None]] = {
            "request": self._watch_request,
            "response": self._watch_response,
            "dialog": self._refuse_dialog,
            "weberror": self._note_error,
            "console": self._watch_console,
        }
        for event, watcher in self._watchers.items():
            context.on(event, watcher)
        self._others = list(context.pages)
        self.page = context.new_page()

    def leave(self) -> None:
        """Closes what was opened, and logs out."""
        for page in self.context.pages:
            if page not in self._others:
                page.close()
        for event, watcher in self._watchers.items():
            self.context.remove_listener(event, watcher)
        self.context.clear_cookies()

    def open(self, path: str) -> Page:
        """Opens the page under that path, which must be there."""
        answer = self.page.goto(f"{self.address}{path}")
        assert answer is not None, path
        assert answer.status == 200, f"{path}: {answer.status}"
        return self.page

    def enter(self, session_key: str, cookie: str) -> None:
        """Goes on with a login of Django's."""
        self.context.add_cookies([{"name": cookie, "value": session_key, "url": self.address}])

    def assert_no_faults(self) -> None:
        assert not self.faults, "\n".join(self.faults)

    def _watch_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob", "about") and parts.netloc not in self._hosts:
            self.faults.append(f"request to another host: {request.url}")

    def _watch_response(self, response: Response) -> None:
        """What a page needs must be there; whether the page itself is, each test asks."""
        if response.status >= 400 and not response.request.is_navigation_request():
            self.faults.append(f"{response.status} for {response.url}")

    def _note_error(self, fault: WebError) -> None:
        self.faults.append(f"error: {fault.error}")

    def _refuse_dialog(self, dialog: Dialog) -> None:
        self.faults.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _watch_console(self, message: ConsoleMessage) -> None:
        is_about_answer = message.text.startswith("Failed to load resource")
        if message.type == "error" and not is_about_answer:
            self.faults.append(f"console: {message.text}")


def paint(page: Page, theme: str) -> None:
    """Shows the page light or dark, as the buttons for it do."""
    page.evaluate("t => Alpine.$data(document.documentElement).switchTheme(t)", theme)
    expect(page.locator("html")).to_have_class(theme)
    page.evaluate(_END_OF_MOVEMENTS)


def assert_accessible(page: Page, part: str = "html") -> None:
    """axe-core finds nothing serious or critical in what that selector finds."""
    page.evaluate(_END_OF_MOVEMENTS)
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    grave = page.evaluate(_GRAVE_VIOLATIONS, [part, GRAVE])
    assert not grave, f"{page.url}\n" + "\n".join(map(_described, grave))


def _described(violation: dict[str, Any]) -> str:
    places = [
        f"  {node['html'][:300]}\n    {node['failureSummary']}" for node in violation["nodes"]
    ]
    return "\n".join([f"{violation['impact']}: {violation['id']}: {violation['help']}", *places])


def assert_sound(page: Page) -> None:
    """The page can be used, light at a desk and dark on a phone."""
    for size, theme in ((DESKTOP, LIGHT), (PHONE, DARK)):
        page.set_viewport_size(size)
        paint(page, theme)
        assert_accessible(page)
        assert_fits(page)


def assert_filters_accessible(page: Page) -> None:
    """What a list is filtered with can be used as well, where there is any."""
    button = page.get_by_role("button", name="Filtros", exact=True)
    if button.count():
        button.click()
        expect(page.locator("#changelist-filter")).to_be_visible()
        assert_accessible(page, "#changelist-filter")


def assert_fits(page: Page) -> None:
    """Nobody has to scroll the page sideways."""
    wide, room = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide <= room, f"{page.url} is {wide} px wide in {room} px: {_widest(page)}"


def _widest(page: Page) -> list[str]:
    """The elements that reach beyond the window, the innermost first."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll("body *")]
            .filter(element => element.getBoundingClientRect().right > innerWidth + 1)
            .map(element => element.outerHTML.slice(0, 120)).reverse().slice(0, 5)"""
    )
    return found


def clock_moves(player: Locator) -> None:
    """Waits until an audio element has played some of what it holds."""
    player.evaluate(
        """player => new Promise((resolve, reject) => {
            const from = player.currentTime;
            const look = () => player.currentTime > from + 0.2 && resolve();
            player.addEventListener("timeupdate", look);
            player.addEventListener("error", () => reject(player.error.message));
            look();
        })"""
    )
