import pytest

from accounts.models import User
from accounts.tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

ME = "/api/v1/auth/me"
NEW = "clave-muy-nueva-4"
NEWER = "clave-aun-mas-nueva-5"


def change(client, new=NEW, current=PASSWORD):
    body = {"current_password": current, "new_password": new}
    return client.post("/api/v1/auth/change-password", body)


def log_in(client, user, password):
    return client.post("/api/v1/auth/login", {"email": user.email, "password": password})


def test_the_new_password_logs_in_and_the_old_one_no_more(nobody, as_facilitator, facilitator):
    answer = change(as_facilitator)

    assert answer.status_code == 200
    assert list(answer.json()) == ["message"]
    assert log_in(nobody, facilitator, NEW).status_code == 200
    assert log_in(nobody, facilitator, PASSWORD).status_code == 401


def test_spaces_around_the_new_password_belong_to_it(nobody, as_facilitator, facilitator):
    change(as_facilitator, f"  {NEW} ")

    assert log_in(nobody, facilitator, f"  {NEW} ").status_code == 200
    assert log_in(nobody, facilitator, NEW).status_code == 401


def test_a_change_kills_other_tokens_of_the_same_second(client_of, facilitator):
    mine, other = client_of(facilitator), client_of(facilitator)
    change(mine)

    assert other.get(ME).status_code == 401


def test_a_change_spares_the_token_that_made_it(as_facilitator):
    change(as_facilitator)

    assert as_facilitator.get(ME).status_code == 200


def test_a_change_spares_other_people_s_tokens(as_facilitator, as_analyst):
    change(as_facilitator)

    assert as_analyst.get(ME).status_code == 200


def test_the_token_that_made_two_changes_lives_on(as_facilitator):
    change(as_facilitator)
    change(as_facilitator, NEWER, current=NEW)

    assert as_facilitator.get(ME).status_code == 200


def test_a_second_change_kills_the_tokens_issued_since_the_first(
    as_facilitator, client_of, facilitator
):
    change(as_facilitator)
    since = client_of(User.objects.get(pk=facilitator.pk))
    assert since.get(ME).status_code == 200

    change(as_facilitator, NEWER, current=NEW)

    assert since.get(ME).status_code == 401


def test_a_survivor_dies_when_another_token_changes_the_password(
    as_facilitator, client_of, facilitator
):
    change(as_facilitator)
    change(client_of(User.objects.get(pk=facilitator.pk)), NEWER, current=NEW)

    assert as_facilitator.get(ME).status_code == 401


def test_a_survivor_dies_when_an_analyst_resets_the_password(
    as_facilitator, facilitator, as_analyst
):
    change(as_facilitator)
    as_analyst.post(f"/api/v1/admin/users/{facilitator.pk}/reset-password")

    assert as_facilitator.get(ME).status_code == 401


def test_a_survivor_dies_when_a_command_changes_the_password(as_facilitator, facilitator):
    change(as_facilitator)
    user = User.objects.get(pk=facilitator.pk)
    user.set_password(NEWER)
    user.save()

    assert as_facilitator.get(ME).status_code == 401


def test_a_survivor_stays_dead_when_the_old_password_comes_back(
    as_facilitator, client_of, facilitator
):
    """The mark belongs to one change, not to a password."""
    change(as_facilitator)
    other = client_of(User.objects.get(pk=facilitator.pk))
    change(other, NEWER, current=NEW)
    change(other, NEW, current=NEWER)

    assert as_facilitator.get(ME).status_code == 401


def test_a_reset_kills_every_token(as_facilitator, facilitator, as_analyst):
    as_analyst.post(f"/api/v1/admin/users/{facilitator.pk}/reset-password")

    assert as_facilitator.get(ME).status_code == 401


def test_a_wrong_current_password_changes_nothing(nobody, as_facilitator, facilitator):
    answer = change(as_facilitator, current="no-es-la-clave-9")

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["current_password"]
    assert log_in(nobody, facilitator, PASSWORD).status_code == 200


@pytest.mark.parametrize(
    "weak", ["corta-7", "contraseña", "83920174650", "password123", "ana.perez@example.com"]
)
def test_a_weak_new_password_changes_nothing(nobody, client_of, weak):
    user = UserFactory(email="ana.perez@example.com", name="contraseña")

    answer = change(client_of(user), weak)

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["new_password"]
    assert log_in(nobody, user, PASSWORD).status_code == 200


def test_both_faults_of_a_change_are_named(as_facilitator):
    answer = change(as_facilitator, "corta-7", current="no-es-la-clave-9")

    assert sorted(answer.json()["errors"]) == ["current_password", "new_password"]


@pytest.mark.parametrize("new", [None, "", 1234567890, ["clave-muy-nueva-4"], "x" * 1025])
def test_a_new_password_that_cannot_be_one_is_refused(as_facilitator, new):
    assert change(as_facilitator, new).status_code == 400


def test_a_temporary_password_leads_to_an_own_one(nobody, as_analyst, facilitator):
    reset = as_analyst.post(f"/api/v1/admin/users/{facilitator.pk}/reset-password")
    temporary = reset.json()["temporary_password"]
    login = log_in(nobody, facilitator, temporary).json()
    nobody.credentials(HTTP_AUTHORIZATION=f"Bearer {login['access_token']}")
    assert login["must_change_password"] is True
    assert nobody.get(ME).status_code == 403

    change(nobody, current=temporary)

    assert nobody.get(ME).json()["must_change_password"] is False


def test_the_same_temporary_password_does_not_end_the_duty_to_change_it(nobody, as_analyst):
    created = as_analyst.post(
        "/api/v1/users", {"email": "ana@example.com", "name": "Ana", "role": "IMPULSADOR"}
    ).json()
    temporary = created["temporary_password"]
    login = nobody.post(
        "/api/v1/auth/login", {"email": "ana@example.com", "password": temporary}
    ).json()
    nobody.credentials(HTTP_AUTHORIZATION=f"Bearer {login['access_token']}")

    answer = change(nobody, temporary, current=temporary)

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["new_password"]
