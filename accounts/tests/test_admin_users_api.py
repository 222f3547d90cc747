"""The calls on accounts that the web client makes, under /admin/users."""

import pytest

from accounts.models import User
from accounts.tests.factories import PASSWORD, FacilitatorFactory, UserFactory

pytestmark = pytest.mark.django_db

USERS = "/api/v1/admin/users"
ANA = {"email": "ana@example.com", "name": "Ana Pérez", "role": "impulsador"}


def log_in(client, email, password):
    return client.post("/api/v1/auth/login", {"email": email, "password": password})


def test_the_list_is_bare_and_its_accounts_are_whole(as_analyst, analyst):
    answer = as_analyst.get(USERS)

    assert answer.status_code == 200
    assert answer.json() == [as_analyst.get(f"/api/v1/users/{analyst.pk}").json()]


def test_the_list_skips_and_limits(as_analyst):
    users = [UserFactory() for _number in range(4)]

    answer = as_analyst.get(USERS, {"skip": 2, "limit": 2})

    assert [user["id"] for user in answer.json()] == [users[1].pk, users[2].pk]


def test_the_list_ends_at_two_hundred(as_analyst):
    User.objects.bulk_create(
        User(email=f"p{number}@example.com", name="P", role="IMPULSADOR") for number in range(201)
    )

    assert len(as_analyst.get(USERS, {"limit": 500}).json()) == 200


@pytest.mark.parametrize(
    "window",
    [{"skip": -1}, {"skip": "x"}, {"skip": 10**20}, {"limit": 0}, {"limit": -1}, {"limit": "x"}],
)
def test_a_window_that_cannot_be_read_is_refused(as_analyst, window):
    answer = as_analyst.get(USERS, window)

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == list(window)


def test_a_new_account_comes_with_its_temporary_password_beside_it(as_analyst, nobody):
    answer = as_analyst.post(USERS, ANA)

    assert answer.status_code == 201
    body = answer.json()
    assert sorted(body) == ["temporary_password", "user"]
    assert body["user"] == as_analyst.get(f"/api/v1/users/{body['user']['id']}").json()
    login = log_in(nobody, ANA["email"], body["temporary_password"])
    assert login.json()["must_change_password"] is True


def test_a_new_account_with_a_password_gets_no_temporary_one(as_analyst, nobody):
    answer = as_analyst.post(USERS, {**ANA, "password": PASSWORD})

    assert answer.json()["temporary_password"] is None
    assert log_in(nobody, ANA["email"], PASSWORD).status_code == 200


def test_a_taken_email_is_a_conflict(as_analyst):
    UserFactory(email="ana@example.com")

    assert as_analyst.post(USERS, {**ANA, "email": "ANA@example.com"}).status_code == 409


def test_a_change_of_role_answers_with_the_whole_account(as_analyst):
    user = FacilitatorFactory()

    answer = as_analyst.patch(f"{USERS}/{user.pk}", {"role": "analista"})

    assert answer.status_code == 200
    assert answer.json()["role"] == "ANALISTA"
    assert answer.json() == as_analyst.get(f"/api/v1/users/{user.pk}").json()


def test_an_account_is_locked(as_analyst, nobody):
    user = FacilitatorFactory()

    assert as_analyst.patch(f"{USERS}/{user.pk}", {"is_active": False}).json()["is_active"] is False
    assert log_in(nobody, user.email, PASSWORD).status_code == 401


def test_only_role_and_lock_are_changed(as_analyst):
    user = FacilitatorFactory()

    body = as_analyst.patch(
        f"{USERS}/{user.pk}", {"email": "otra@example.com", "name": "Otra", "is_active": True}
    ).json()

    assert (body["email"], body["name"]) == (user.email, user.name)


@pytest.mark.parametrize("changes", [{"role": "JEFE"}, {"role": 1}, {"is_active": "false"}])
def test_a_change_with_a_fault_is_refused(as_analyst, changes):
    answer = as_analyst.patch(f"{USERS}/{FacilitatorFactory().pk}", changes)

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == list(changes)


@pytest.mark.parametrize("changes", [{"role": "IMPULSADOR"}, {"is_active": False}])
def test_nobody_changes_their_own_role_or_locks_themselves(as_analyst, analyst, changes):
    assert as_analyst.patch(f"{USERS}/{analyst.pk}", changes).status_code == 403
    assert as_analyst.get("/api/v1/auth/me").json()["rol"] == "ANALISTA"


def test_a_reset_replaces_the_password_by_a_temporary_one(as_analyst, nobody):
    user = FacilitatorFactory()

    answer = as_analyst.post(f"{USERS}/{user.pk}/reset-password")

    assert answer.status_code == 200
    assert list(answer.json()) == ["temporary_password"]
    assert log_in(nobody, user.email, PASSWORD).status_code == 401
    login = log_in(nobody, user.email, answer.json()["temporary_password"])
    assert login.json()["must_change_password"] is True


def test_a_second_reset_voids_the_first(as_analyst, nobody):
    user = FacilitatorFactory()
    first = as_analyst.post(f"{USERS}/{user.pk}/reset-password").json()["temporary_password"]
    as_analyst.post(f"{USERS}/{user.pk}/reset-password")

    assert log_in(nobody, user.email, first).status_code == 401


def test_a_reset_does_not_unlock(as_analyst, nobody):
    user = FacilitatorFactory(is_active=False)

    temporary = as_analyst.post(f"{USERS}/{user.pk}/reset-password").json()["temporary_password"]

    assert log_in(nobody, user.email, temporary).status_code == 401


@pytest.mark.parametrize("call", [("PATCH", ""), ("POST", "/reset-password")])
def test_an_account_that_is_not_there_is_not_found(as_analyst, call):
    method, suffix = call

    answer = as_analyst.generic(method, f"{USERS}/99999{suffix}", "{}", "application/json")

    assert answer.status_code == 404
    assert answer.json() == {"detail": "User with id 99999 not found"}
