"""Rights that hold for every call of the API."""

import re

import pytest

from accounts.authentication import PASSWORD_CHANGE_REQUIRED
from accounts.tests.factories import FacilitatorFactory, UserFactory
from sessions_app.tests.factories import SessionFactory
from toastclub.tests.calls import OPEN_CALLS, api_calls

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

ALL_CALLS = api_calls()
PASSWORD_CHANGE = ("POST", "/api/v1/auth/change-password")


def test_the_table_of_addresses_was_read():
    assert len(ALL_CALLS) > 30
    assert set(ALL_CALLS) > {*OPEN_CALLS, PASSWORD_CHANGE}


@pytest.mark.parametrize("call", ALL_CALLS, ids=" ".join)
def test_nobody_gets_past_any_call_that_is_not_open(nobody, call):
    answer = nobody.generic(*call)

    assert (answer.status_code == 401) == (call not in OPEN_CALLS)
    assert (answer.get("WWW-Authenticate") == "Bearer") == (call not in OPEN_CALLS)


@pytest.mark.parametrize("call", ALL_CALLS, ids=" ".join)
def test_a_password_to_be_changed_stops_every_authenticated_call_but_that_one(client_of, call):
    client = client_of(UserFactory(must_change_password=True, role="ANALISTA"))

    answer = client.generic(*call)

    stopped = answer.status_code == 403 and answer.json() == {"detail": PASSWORD_CHANGE_REQUIRED}
    assert stopped == (call not in {*OPEN_CALLS, PASSWORD_CHANGE})


USER_CALLS = [call for call in ALL_CALLS if "/users" in call[1]]
OWN_CALLS = [("GET", "/api/v1/auth/me"), PASSWORD_CHANGE]


@pytest.mark.parametrize("call", USER_CALLS, ids=" ".join)
def test_a_facilitator_may_do_nothing_with_accounts(as_facilitator, call):
    assert as_facilitator.generic(*call).status_code == 403


@pytest.mark.parametrize("call", USER_CALLS, ids=" ".join)
def test_a_headset_may_do_nothing_with_accounts(headset_of, call):
    assert headset_of(SessionFactory()).generic(*call).status_code == 403


@pytest.mark.parametrize("call", USER_CALLS, ids=" ".join)
def test_an_analyst_may_make_every_call_on_accounts(as_analyst, call):
    method, path = call
    path = re.sub("(?<=users/)1", str(FacilitatorFactory().pk), path)

    answer = as_analyst.generic(method, path, "{}", "application/json")

    assert answer.status_code in (200, 204, 400)


@pytest.mark.parametrize("call", OWN_CALLS, ids=" ".join)
def test_a_headset_has_no_account_of_its_own(headset_of, call):
    assert headset_of(SessionFactory()).generic(*call).status_code == 401


@pytest.mark.parametrize("call", sorted(OPEN_CALLS), ids=" ".join)
def test_an_open_call_is_open_to_a_locked_account_s_token(client_of, call):
    client = client_of(UserFactory(is_active=False))

    assert client.generic(*call).status_code not in (401, 403)


@pytest.mark.parametrize("call", sorted(OPEN_CALLS), ids=" ".join)
def test_an_open_call_looks_at_no_code(nobody, call):
    answer = nobody.generic(*call, HTTP_X_SESSION_CODE="xxxxxxxxx")

    assert answer.status_code == nobody.generic(*call).status_code
