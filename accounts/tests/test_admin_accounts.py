"""The accounts in the back office: made, changed and locked as the API does it."""

import re

import pytest

from accounts.choices import AccessKind
from accounts.models import AccessRecord, User
from accounts.rights import ERASE
from accounts.tests.factories import (
    PASSWORD,
    AnalystFactory,
    FacilitatorFactory,
    SuperuserFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

ACCOUNTS = "/admin/accounts/user/"
NEW = {"name": "Ana Pérez", "email": "Ana@Example.com", "role": "IMPULSADOR"}


@pytest.fixture
def browser(browser_of, analyst):
    return browser_of(analyst)


def page_of(user, page="change/"):
    return f"{ACCOUNTS}{user.pk}/{page}"


def changed(user, **changes):
    """The form as a browser sends it."""
    form = {"name": user.name, "email": user.email, "role": user.role, **changes}
    if changes.get("is_active", user.is_active):
        return {**form, "is_active": "on"}
    form.pop("is_active", None)
    return form


def password_in(answer):
    return re.search(r'class="tc-secret">([^<]+)<', answer.content.decode())[1]


def notes():
    return list(
        AccessRecord.objects.filter(kind=AccessKind.ACCOUNT).values_list("details", flat=True)
    )


def test_accounts_are_listed_filtered_and_searched(browser):
    UserFactory(email="ana@example.com", name="Ana Pérez")

    assert "ana@example.com" in browser.get(ACCOUNTS).content.decode()
    assert "ana@example.com" in browser.get(f"{ACCOUNTS}?q=Pérez").content.decode()
    assert "ana@example.com" not in browser.get(f"{ACCOUNTS}?q=Gómez").content.decode()
    filtered = browser.get(f"{ACCOUNTS}?role__exact=ANALISTA").content.decode()
    assert "ana@example.com" not in filtered


def test_a_new_account_gets_a_temporary_password_that_is_shown_this_once(browser, nobody):
    answer = browser.post(f"{ACCOUNTS}add/", NEW)

    password = password_in(answer)
    user = User.objects.get(email="ana@example.com")
    assert (user.name, user.role, user.must_change_password) == ("Ana Pérez", "IMPULSADOR", True)
    assert user.check_password(password)
    assert password not in browser.get(page_of(user)).content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert not answer.cookies.get("messages")
    assert notes() == [{"account": user.pk, "change": "creada"}]


def test_a_taken_email_is_told_at_its_field(browser):
    UserFactory(email="ana@example.com")

    answer = browser.post(f"{ACCOUNTS}add/", NEW)

    assert "Ya existe una persona con ese correo electrónico." in answer.content.decode()
    assert User.objects.filter(email="ana@example.com").count() == 1


def test_name_and_role_are_changed(browser):
    user = FacilitatorFactory()

    answer = browser.post(page_of(user), changed(user, name="Otro Nombre", role="ANALISTA"))

    assert answer.status_code == 302
    user.refresh_from_db()
    assert (user.name, user.role) == ("Otro Nombre", "ANALISTA")
    assert notes() == [{"account": user.pk, "change": "name, role"}]


def test_a_locked_account_s_tokens_die_at_once(browser, client_of):
    user = FacilitatorFactory()
    token = client_of(user)

    browser.post(page_of(user), changed(user, is_active=False))

    assert token.get("/api/v1/auth/me").status_code == 401


def test_a_temporary_password_replaces_the_one_that_was_forgotten(browser):
    user = FacilitatorFactory()

    password = password_in(browser.post(page_of(user, "reset-password/")))

    user.refresh_from_db()
    assert user.check_password(password)
    assert not user.check_password(PASSWORD)
    assert notes() == [{"account": user.pk, "change": "contraseña temporal"}]


def test_opening_the_address_that_resets_a_password_does_nothing(browser):
    user = FacilitatorFactory()

    assert browser.get(page_of(user, "reset-password/")).status_code == 405
    assert User.objects.get(pk=user.pk).check_password(PASSWORD)


def test_whoever_resets_a_password_does_not_get_the_right_to_erase_with_it(browser):
    user = AnalystFactory(may_erase_people=True)

    browser.post(page_of(user, "reset-password/"))

    assert not User.objects.get(pk=user.pk).has_perm(ERASE)


def test_several_accounts_are_locked_and_unlocked_but_never_one_s_own(browser, analyst):
    users = [FacilitatorFactory(), FacilitatorFactory()]
    chosen = [user.pk for user in (*users, analyst)]

    answer = browser.post(ACCOUNTS, {"action": "lock", "_selected_action": chosen}, follow=True)

    assert set(User.objects.filter(is_active=False)) == set(users)
    assert "No puedes cambiar tu propio rol" in answer.content.decode()
    browser.post(ACCOUNTS, {"action": "unlock", "_selected_action": chosen})
    assert not User.objects.filter(is_active=False).exists()


def test_nobody_changes_their_own_role_or_locks_themselves(browser, analyst):
    browser.post(page_of(analyst), {**changed(analyst, role="IMPULSADOR"), "name": "Otro"})

    analyst.refresh_from_db()
    assert (analyst.role, analyst.is_active, analyst.name) == ("ANALISTA", True, "Otro")


def test_only_a_superuser_gives_the_right_to_erase(browser_of, analyst):
    user = AnalystFactory()
    form = changed(user, may_erase_people="on")

    browser_of(analyst).post(page_of(user), form)
    assert not User.objects.get(pk=user.pk).has_perm(ERASE)

    browser_of(SuperuserFactory()).post(page_of(user), form)
    assert User.objects.get(pk=user.pk).has_perm(ERASE)


def test_a_facilitator_never_has_the_right_to_erase():
    assert not FacilitatorFactory(may_erase_people=True).has_perm(ERASE)


def test_superusers_are_out_of_an_analyst_s_sight_and_reach(browser):
    superuser = SuperuserFactory(email="direccion@example.com")

    assert superuser.email not in browser.get(ACCOUNTS).content.decode()
    assert browser.get(page_of(superuser)).status_code == 302
    browser.post(page_of(superuser), changed(superuser, is_active=False))
    assert browser.post(page_of(superuser, "reset-password/")).status_code == 404
    browser.post(ACCOUNTS, {"action": "lock", "_selected_action": [superuser.pk]})
    superuser.refresh_from_db()
    assert superuser.is_active
    assert superuser.check_password(PASSWORD)


def test_superusers_see_one_another(browser_of):
    superuser = SuperuserFactory(email="direccion@example.com")

    assert superuser.email in browser_of(SuperuserFactory()).get(ACCOUNTS).content.decode()


def test_no_page_shows_a_hash(browser):
    user = FacilitatorFactory()

    assert user.password not in browser.get(page_of(user)).content.decode()


def test_accounts_are_not_deleted_here(browser_of):
    user = UserFactory()

    assert browser_of(SuperuserFactory()).post(page_of(user, "delete/")).status_code == 403
    assert User.objects.filter(pk=user.pk).exists()


@pytest.mark.parametrize("page", ["", "add/", "{}/change/", "{}/reset-password/"])
def test_a_facilitator_is_kept_out(browser_of, page):
    user = UserFactory()
    browser = browser_of(FacilitatorFactory())
    path = ACCOUNTS + page.format(user.pk)

    assert browser.get(path).status_code in (403, 405)
    assert browser.post(path, changed(user)).status_code == 403
