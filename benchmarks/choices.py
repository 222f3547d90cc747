"""What a list of the back office offers to be narrowed and ordered by, read from its page."""

from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from urllib.parse import urlencode

FILTERS = "filter-form"
DAYS = 30
NUMBER = 300


class _Offered(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.queries: list[str] = []
        self._is_among_filters = False
        self._select = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag == "form":
            self._is_among_filters = given.get("id") == FILTERS
        elif tag == "a" and given.get("href", "").startswith("?o="):
            self.queries.append(given["href"][1:])
        elif self._is_among_filters:
            self._look_at_field(tag, given)

    def _look_at_field(self, tag: str, given: dict[str, str]) -> None:
        if tag == "select":
            self._select = given.get("name", "")
        elif tag == "option":
            self._offer(self._select, given.get("value", ""))
        elif tag == "input" and given.get("type") == "radio":
            self._offer(given["name"], given.get("value", ""))
        elif tag == "input" and given.get("type") == "date":
            self._offer(given["name"], str((datetime.now(UTC) - timedelta(days=DAYS)).date()))
        elif tag == "input" and given.get("type") == "number":
            self._offer(given["name"], str(NUMBER))

    def _offer(self, name: str, value: str) -> None:
        if name and value:
            self.queries.append(urlencode({name: value}))


def offered_by(page: str) -> list[str]:
    """The queries that lead from there: every order, and every choice of every filter alone."""
    offered = _Offered()
    offered.feed(page)
    return list(dict.fromkeys(offered.queries))
