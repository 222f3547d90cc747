"""What the tests of the review desk ask for."""

import html
import re
from datetime import timedelta

from django.utils import timezone

from recordings.models import Recording
from recordings.tests.factories import RecordingFactory

LIST = "/admin/recordings/recording/"
REVIEWS = "/admin/recordings/recordingreview/"
SCRIPT = {"HTTP_ACCEPT": "application/json"}


def page_of(recording, page="change", filters=None):
    query = f"?_changelist_filters={filters}" if filters is not None else ""
    return f"{LIST}{recording.pk}/{page}/{query}"


def opened(browser, path):
    answer = browser.get(path)
    assert answer.status_code == 200, f"{path}: {answer.status_code}"
    return answer


def text_of(answer):
    return html.unescape(answer.content.decode())


def numbers_in(answer):
    """The recordings of a list, in its order."""
    return [row.pk for row in answer.context["cl"].result_list]


def link_to(answer_or_html, side):
    """The number of the recording before or after the one that is shown, None if there is none."""
    text = answer_or_html if isinstance(answer_or_html, str) else text_of(answer_or_html)
    found = re.search(rf'data-go="{side}"[^>]*href="{LIST}(\d+)/change/', html.unescape(text))
    return int(found[1]) if found else None


def review(browser, recording, state, *, filters=None, script=True, **fields):
    return browser.post(
        page_of(recording, "review", filters),
        {"state": state, **fields},
        **(SCRIPT if script else {}),
    )


def shown_in(answer):
    """The number of the recording that the answer to a review shows."""
    return int(re.search(r'data-number="(\d+)"', answer.json()["html"])[1])


def in_order(count, **fields):
    """Recordings as the list shows them: the last that came first."""
    now = timezone.now()
    return [
        RecordingFactory(uploaded_at=now - timedelta(hours=hours), **fields)
        for hours in range(count)
    ]


def state_of(recording):
    return Recording.objects.get(pk=recording.pk).review_state
