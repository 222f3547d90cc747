import pytest
from django.test import Client

from accounts.models import User
from accounts.tests.factories import (
    PASSWORD,
    AnalystFactory,
    FacilitatorFactory,
    SuperuserFactory,
)

pytestmark = pytest.mark.django_db

LOGIN, INDEX, PASSWORD_CHANGE = "/admin/login/", "/admin/", "/admin/password_change/"
ACCOUNTS = "/admin/accounts/user/"
NEW = "clave-muy-nueva-4"
WRONG = "no-es-la-clave-9"


def log_in(client, user, password=PASSWORD):
    return client.post(f"{LOGIN}?next={INDEX}", {"username": user.email, "password": password})


def api_log_in(client, user, password=PASSWORD):
    return client.post("/api/v1/auth/login", {"email": user.email, "password": password})


def change_password(client, new=NEW):
    return client.post(
        PASSWORD_CHANGE, {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    )


def errors_of(answer):
    return " ".join(answer.context["form"].non_field_errors())


@pytest.mark.parametrize("make", [AnalystFactory, FacilitatorFactory, SuperuserFactory])
def test_whoever_has_an_account_gets_in(client, make):
    answer = log_in(client, make())

    assert (answer.status_code, answer["Location"]) == (302, INDEX)
    assert client.get(INDEX).status_code == 200


def test_the_login_page_itself_leads_to_the_index(client):
    answer = client.post(LOGIN, {"username": AnalystFactory().email, "password": PASSWORD})

    assert (answer.status_code, answer["Location"]) == (302, INDEX)


def test_the_case_of_the_email_does_not_matter(client):
    AnalystFactory(email="ana@example.com")

    answer = client.post(LOGIN, {"username": "ANA@example.com", "password": PASSWORD})

    assert answer.status_code == 302


def test_wrong_password_and_locked_account_read_the_same(client):
    wrong = log_in(client, AnalystFactory(), WRONG)
    locked = log_in(client, AnalystFactory(is_active=False))

    assert errors_of(wrong) == errors_of(locked) != ""


def test_failures_at_the_api_count_in_the_admin(client, nobody, settings):
    settings.LOGIN_FAILURES_ALLOWED = 2
    user = AnalystFactory()
    for _attempt in range(2):
        api_log_in(nobody, user, WRONG)

    assert "Demasiados intentos" in errors_of(log_in(client, user))
    assert client.get(INDEX).status_code == 302


def test_failures_in_the_admin_count_at_the_api(client, nobody, settings):
    settings.LOGIN_FAILURES_ALLOWED = 2
    user = AnalystFactory()
    for _attempt in range(2):
        log_in(client, user, WRONG)

    assert api_log_in(nobody, user).status_code == 429


@pytest.mark.parametrize("field", ["username", "password"])
def test_a_nul_in_the_form_is_refused(client, field):
    answer = client.post(LOGIN, {"username": "a@b.co", "password": PASSWORD, field: "a\x00b"})

    assert answer.status_code == 200
    assert answer.context["form"].errors


def test_a_login_from_another_site_is_refused():
    assert log_in(Client(enforce_csrf_checks=True), AnalystFactory()).status_code == 403


def test_a_locked_account_s_browser_is_out_at_once(browser_of):
    user = AnalystFactory()
    browser = browser_of(user)
    User.objects.filter(pk=user.pk).update(is_active=False)

    assert browser.get(INDEX).status_code == 302


def test_a_demoted_analyst_loses_the_analysts_pages_at_once(browser_of):
    user = AnalystFactory()
    browser = browser_of(user)
    assert browser.get(ACCOUNTS).status_code == 200
    User.objects.filter(pk=user.pk).update(role="IMPULSADOR")

    assert browser.get(ACCOUNTS).status_code == 403


def test_a_change_of_password_at_the_api_ends_the_browser_s_session(browser_of, client_of):
    user = AnalystFactory()
    browser = browser_of(user)
    client_of(user).post(
        "/api/v1/auth/change-password", {"current_password": PASSWORD, "new_password": NEW}
    )

    assert browser.get(INDEX).status_code == 302


@pytest.mark.parametrize("page", [INDEX, ACCOUNTS, "/admin/sessions_app/session/"])
def test_a_temporary_password_leads_to_the_page_that_ends_it(browser_of, page):
    browser = browser_of(AnalystFactory(must_change_password=True))

    answer = browser.get(page)

    assert (answer.status_code, answer["Location"]) == (302, PASSWORD_CHANGE)
    assert browser.get(PASSWORD_CHANGE).status_code == 200


def test_the_changed_password_opens_the_admin(browser_of):
    user = AnalystFactory(must_change_password=True)
    browser = browser_of(user)

    assert change_password(browser).status_code == 302

    assert browser.get(INDEX).status_code == 200
    user.refresh_from_db()
    assert (user.must_change_password, user.check_password(NEW)) == (False, True)


def test_the_changed_password_kills_the_tokens_of_the_api(browser_of, client_of):
    user = AnalystFactory()
    token = client_of(user)

    change_password(browser_of(user))

    assert token.get("/api/v1/auth/me").status_code == 401


@pytest.mark.parametrize("new", ["corta-7", PASSWORD])
def test_a_weak_or_unchanged_password_does_not_end_the_duty(browser_of, new):
    user = AnalystFactory(must_change_password=True)

    answer = change_password(browser_of(user), new)

    assert answer.context["form"].errors
    assert User.objects.get(pk=user.pk).must_change_password


def test_whoever_must_change_the_password_may_log_out(browser_of):
    browser = browser_of(AnalystFactory(must_change_password=True))
    browser.post("/admin/logout/")

    assert browser.get(INDEX)["Location"].startswith(LOGIN)


def test_logging_out_is_no_plain_link(browser_of):
    browser = browser_of(AnalystFactory())

    assert browser.get("/admin/logout/").status_code == 405
    assert browser.get(INDEX).status_code == 200
