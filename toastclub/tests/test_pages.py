"""The pages beside the API work with no internet: they fetch nothing from another host."""

import json
import re
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import pytest

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

PAGES = ["/", "/docs", "/redoc", "/admin/login/"]
ABSOLUTE_URL = re.compile(r"""(?:https?:)?//[\w.-]+\.\w+[^\s"'<)]*""")
INLINE_SCRIPT = re.compile("<script[^>]*>(.*?)</script>", re.DOTALL)
SETTINGS_IN_SCRIPT = re.compile(r"const \w+Settings = (.+?);\n", re.DOTALL)
FETCHED_BY_CSS = re.compile(r"""(?:@import\s+|url\()["']?((?:https?:)?//[^"')]+)""")


class Assets(HTMLParser):
    """The addresses that a browser fetches by itself for a page."""

    def __init__(self, page):
        super().__init__()
        self.addresses = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if tag in ("script", "img", "iframe"):
            self.addresses += [attributes["src"]] if "src" in attributes else []
        elif tag == "link":
            self.addresses.append(attributes["href"])


def body_of(answer):
    return answer.getvalue().decode()


def assets_of(client, path):
    page = body_of(client.get(path))
    return [
        urljoin(path, address)
        for address in Assets(page).addresses
        if not address.startswith("data:")
    ]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_fetches_nothing_from_another_host(client, path):
    page = body_of(client.get(path))

    assert [url for url in Assets(page).addresses if urlsplit(url).netloc] == []
    assert [
        url for script in INLINE_SCRIPT.findall(page) for url in ABSOLUTE_URL.findall(script)
    ] == []


def test_redoc_is_kept_from_fetching_its_logo(client):
    """The address is in the script itself; what it may fetch, the page decides."""
    assert "img-src 'self' data: blob:" in body_of(client.get("/redoc"))


@pytest.mark.parametrize("path", PAGES)
def test_what_a_page_fetches_is_served_by_the_application(client, path):
    assets = assets_of(client, path)

    assert assets
    for address in assets:
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert answer.getvalue(), address


@pytest.mark.parametrize("path", PAGES)
def test_the_styles_of_a_page_fetch_nothing_from_elsewhere(client, path):
    for address in assets_of(client, path):
        if address.endswith(".css"):
            assert FETCHED_BY_CSS.findall(body_of(client.get(address))) == []


@pytest.mark.parametrize(
    ("path", "file"),
    [("/docs", "swagger-ui-bundle.js"), ("/docs", "swagger-ui.css"), ("/redoc", "redoc")],
)
def test_the_documentation_is_the_one_that_is_installed(client, path, file):
    assert any(file in address for address in assets_of(client, path))


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
def test_the_documentation_reads_our_own_description(client, path):
    assert "/openapi.json" in body_of(client.get(path))


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
def test_the_documentation_is_given_its_settings_as_json(client, path):
    """What Python writes otherwise, such as None, stops the script: the page stays blank."""
    (settings,) = SETTINGS_IN_SCRIPT.findall(body_of(client.get(path)))

    assert isinstance(json.loads(settings), dict)


def without_examples(document):
    if isinstance(document, dict):
        return {
            key: without_examples(value)
            for key, value in document.items()
            if key not in ("example", "examples")
        }
    return (
        [without_examples(value) for value in document] if isinstance(document, list) else document
    )


def test_the_description_names_no_host_but_in_its_examples(client):
    document = json.loads(client.get("/openapi.json").content)

    assert document["openapi"].startswith("3.")
    assert "servers" not in document
    assert ABSOLUTE_URL.findall(json.dumps(without_examples(document))) == []


def test_the_home_page_leads_to_every_part(client):
    page = body_of(client.get("/"))
    links = re.findall(r'<a href="([^"]+)"', page)

    assert {"/admin/", "/docs", "/redoc", "/openapi.json"} <= set(links)
    for link in links:
        assert client.get(link, follow=True).status_code == 200, link


def test_an_unknown_page_is_not_found_and_names_nothing(client):
    answer = client.get("/nada")

    assert answer.status_code == 404
    assert body_of(answer) == "No encontrado."
