import pytest
from django.db import connection

from accounts.models import AccessRecord, User
from accounts.tests.factories import (
    PASSWORD,
    AnalystFactory,
    FacilitatorFactory,
    SuperuserFactory,
    UserFactory,
)
from recordings.tests.factories import RecordingFactory
from sessions_app.models import SessionEvent
from sessions_app.tests.factories import SessionFactory

pytestmark = pytest.mark.django_db

USERS = "/api/v1/users"
ANA = {"email": "ana@example.com", "name": "Ana Pérez", "role": "IMPULSADOR"}


def url(user):
    return f"{USERS}/{user.pk}"


def log_in(client, email, password):
    return client.post("/api/v1/auth/login", {"email": email, "password": password})


def ids(answer):
    return [user["id"] for user in answer.json()["results"]]


def test_an_account_is_shown_whole_and_without_its_password(as_analyst):
    user = FacilitatorFactory()

    answer = as_analyst.get(url(user))

    body = answer.json()
    assert body.pop("created_at") < body.pop("updated_at")
    assert body == {
        "id": user.pk,
        "email": user.email,
        "name": user.name,
        "role": "IMPULSADOR",
        "rol": "IMPULSADOR",
        "is_active": True,
        "must_change_password": False,
    }


def test_the_list_shows_accounts_by_id(as_analyst, analyst):
    later = FacilitatorFactory()

    assert ids(as_analyst.get(USERS)) == [analyst.pk, later.pk]


@pytest.mark.parametrize("role", ["impulsador", "IMPULSADOR", " Impulsador "])
def test_the_list_is_filtered_by_role_in_any_case(as_analyst, role):
    facilitator = FacilitatorFactory()

    assert ids(as_analyst.get(USERS, {"role": role})) == [facilitator.pk]


@pytest.mark.parametrize("value", ["false", "False", "0"])
def test_the_list_is_filtered_by_locked(as_analyst, value):
    locked = FacilitatorFactory(is_active=False)

    assert ids(as_analyst.get(USERS, {"is_active": value})) == [locked.pk]


def test_the_list_is_filtered_by_active(as_analyst, analyst):
    FacilitatorFactory(is_active=False)

    assert ids(as_analyst.get(USERS, {"is_active": "true"})) == [analyst.pk]


@pytest.mark.parametrize("field, value", [("role", "JEFE"), ("is_active", "quizás")])
def test_a_filter_that_cannot_be_read_is_refused(as_analyst, field, value):
    answer = as_analyst.get(USERS, {field: value})

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]


def test_an_account_created_with_a_password_is_used_with_it(as_analyst, nobody):
    answer = as_analyst.post(USERS, {**ANA, "password": PASSWORD})

    assert answer.status_code == 201
    assert "temporary_password" not in answer.json()
    assert log_in(nobody, ANA["email"], PASSWORD).json()["must_change_password"] is False


@pytest.mark.parametrize("password", [{}, {"password": None}, {"password": ""}])
def test_an_account_created_without_a_password_gets_one_to_be_changed(as_analyst, nobody, password):
    body = as_analyst.post(USERS, {**ANA, **password}).json()

    login = log_in(nobody, ANA["email"], body["temporary_password"])
    assert login.json()["must_change_password"] is True


def test_a_temporary_password_is_shown_only_once(as_analyst):
    created = as_analyst.post(USERS, ANA).json()

    later = as_analyst.get(f"{USERS}/{created['id']}")

    assert created["temporary_password"] not in later.content.decode()
    assert "temporary_password" not in later.json()


def test_two_temporary_passwords_differ(as_analyst):
    first = as_analyst.post(USERS, ANA).json()
    second = as_analyst.post(USERS, {**ANA, "email": "eva@example.com"}).json()

    assert first["temporary_password"] != second["temporary_password"]


@pytest.mark.parametrize("role", ["analista", "Analista", "ANALISTA"])
def test_a_role_is_taken_in_any_case_and_answered_in_capitals(as_analyst, role):
    body = as_analyst.post(USERS, {**ANA, "role": role}).json()

    assert (body["role"], body["rol"]) == ("ANALISTA", "ANALISTA")


def test_an_email_is_kept_in_lower_case(as_analyst):
    assert as_analyst.post(USERS, {**ANA, "email": "Ana@Example.COM"}).json()["email"] == (
        "ana@example.com"
    )


@pytest.mark.parametrize("email", ["ana@example.com", "ANA@Example.com"])
def test_a_taken_email_is_a_conflict(as_analyst, email):
    UserFactory(email="ana@example.com")

    assert as_analyst.post(USERS, {**ANA, "email": email}).status_code == 409
    assert User.objects.filter(email="ana@example.com").count() == 1


def test_a_superuser_s_email_is_taken_too(as_analyst):
    SuperuserFactory(email="ana@example.com")

    assert as_analyst.post(USERS, ANA).status_code == 409


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "ana"}, "email"),
        ({"email": None}, "email"),
        ({"email": 5}, "email"),
        ({"email": f"{'a' * 250}@example.com"}, "email"),
        ({"name": ""}, "name"),
        ({"name": "  "}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": ["Ana"]}, "name"),
        ({"role": "JEFE"}, "role"),
        ({"role": None}, "role"),
        ({"role": ["ANALISTA"]}, "role"),
        ({"password": "corta-7"}, "password"),
        ({"password": "ana@example.com"}, "password"),
        ({"password": 1234567890}, "password"),
    ],
)
def test_a_new_account_with_a_fault_is_refused_by_its_name(as_analyst, change, field):
    answer = as_analyst.post(USERS, {**ANA, **change})

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]
    assert not User.objects.filter(email="ana@example.com").exists()


def test_what_a_caller_may_not_set_is_ignored_on_creation(as_analyst):
    extra = {"id": 77, "is_superuser": True, "must_change_password": True, "color": "azul"}
    body = as_analyst.post(USERS, {**ANA, "password": PASSWORD, **extra}).json()

    user = User.objects.get(email="ana@example.com")
    assert (body["id"], user.is_superuser, user.must_change_password) == (user.pk, False, False)


def test_what_a_change_does_not_name_stays_as_it_is(as_analyst, nobody):
    user = UserFactory(name="Ana")

    body = as_analyst.put(url(user), {"role": "analista"}).json()

    assert (body["name"], body["email"], body["role"]) == ("Ana", user.email, "ANALISTA")
    assert log_in(nobody, user.email, PASSWORD).status_code == 200


def test_all_that_may_be_changed_is(as_analyst):
    user = UserFactory()
    changes = {"email": "eva@example.com", "name": "Eva", "role": "ANALISTA", "is_active": False}

    body = as_analyst.put(url(user), changes).json()

    assert changes.items() <= body.items()
    assert changes.items() <= as_analyst.get(url(user)).json().items()


def test_what_a_caller_may_not_set_is_ignored_on_change(as_analyst, nobody):
    user = UserFactory()

    as_analyst.put(url(user), {"password": "clave-muy-nueva-4", "is_superuser": True, "id": 1})

    user.refresh_from_db()
    assert not user.is_superuser
    assert log_in(nobody, user.email, PASSWORD).status_code == 200


@pytest.mark.parametrize(
    "changes",
    [{"email": None}, {"name": ""}, {"role": "JEFE"}, {"is_active": "no"}, {"is_active": None}],
)
def test_a_change_with_a_fault_is_refused(as_analyst, changes):
    answer = as_analyst.put(url(UserFactory()), changes)

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == list(changes)


def test_a_change_to_a_taken_email_is_a_conflict(as_analyst):
    UserFactory(email="ana@example.com")
    user = UserFactory(name="Eva")

    answer = as_analyst.put(url(user), {"email": "Ana@example.com", "name": "Otra"})

    assert answer.status_code == 409
    user.refresh_from_db()
    assert user.name == "Eva"


def test_a_change_to_the_own_email_in_other_letters_is_none(as_analyst):
    user = UserFactory(email="ana@example.com")

    assert as_analyst.put(url(user), {"email": "ANA@example.com"}).status_code == 200


def test_a_locked_account_is_kept_and_cannot_log_in(as_analyst, nobody):
    user = UserFactory()

    as_analyst.put(url(user), {"is_active": False})

    assert log_in(nobody, user.email, PASSWORD).status_code == 401
    assert as_analyst.get(url(user)).json()["is_active"] is False


@pytest.mark.parametrize("changes", [{"role": "IMPULSADOR"}, {"is_active": False}])
def test_nobody_changes_their_own_role_or_locks_themselves(as_analyst, analyst, changes):
    assert as_analyst.put(url(analyst), changes).status_code == 403
    analyst.refresh_from_db()
    assert (analyst.role, analyst.is_active) == ("ANALISTA", True)


def test_a_forbidden_change_of_oneself_is_refused_whole(as_analyst, analyst):
    as_analyst.put(url(analyst), {"name": "Otra", "role": "IMPULSADOR"})

    assert User.objects.get(pk=analyst.pk).name == analyst.name


def test_oneself_may_be_renamed(as_analyst, analyst):
    changes = {"name": "Otra", "role": "analista", "is_active": True}

    assert as_analyst.put(url(analyst), changes).json()["name"] == "Otra"


def test_nobody_deletes_themselves(as_analyst, analyst):
    assert as_analyst.delete(url(analyst)).status_code == 403
    assert as_analyst.get(url(analyst)).status_code == 200


def test_a_deleted_account_is_gone(as_analyst):
    user = UserFactory()

    answer = as_analyst.delete(url(user))

    assert (answer.status_code, answer.content) == (204, b"")
    assert as_analyst.get(url(user)).status_code == 404
    assert as_analyst.delete(url(user)).status_code == 404


def test_the_email_of_a_deleted_account_is_free_again(as_analyst):
    user = UserFactory(email=ANA["email"])
    as_analyst.delete(url(user))

    assert as_analyst.post(USERS, ANA).status_code == 201


def test_what_a_deleted_user_did_stays_with_the_email(as_analyst, client_of):
    user = AnalystFactory()
    session = SessionFactory(user=user)
    recording = RecordingFactory(session=session)
    theirs = client_of(user)
    theirs.patch(f"/api/v1/sessions/{session.pk}/state", {"new_state": "ready_to_start"})
    theirs.post(f"/api/v1/sessions/{session.pk}/survey", {"respuestas_json": {"a": 1}})
    theirs.get(f"/api/v1/recordings/{recording.pk}/download")

    as_analyst.delete(url(user))

    assert as_analyst.get(f"/api/v1/sessions/{session.pk}").json()["user_id"] is None
    assert len(as_analyst.get(f"/api/v1/sessions/{session.pk}/survey").json()) == 1
    assert SessionEvent.objects.get(session=session).user_email == user.email
    assert AccessRecord.objects.get().who == user.email


def superuser_calls(number):
    return [
        ("GET", f"{USERS}/{number}"),
        ("PUT", f"{USERS}/{number}"),
        ("DELETE", f"{USERS}/{number}"),
        ("PATCH", f"/api/v1/admin/users/{number}"),
        ("POST", f"/api/v1/admin/users/{number}/reset-password"),
    ]


@pytest.mark.parametrize("call", range(5))
def test_an_analyst_finds_no_superuser(as_analyst, call):
    superuser = SuperuserFactory()
    method, path = superuser_calls(superuser.pk)[call]

    answer = as_analyst.generic(method, path, "{}", "application/json")

    assert answer.status_code == 404
    assert answer.json() == {"detail": f"User with id {superuser.pk} not found"}
    assert User.objects.filter(pk=superuser.pk, password=superuser.password).exists()


@pytest.mark.parametrize("call", range(5))
def test_a_superuser_finds_another(client_of, call):
    method, path = superuser_calls(SuperuserFactory().pk)[call]
    client = client_of(SuperuserFactory())

    assert client.generic(method, path, "{}", "application/json").status_code in (200, 204)


@pytest.mark.parametrize("path", [USERS, "/api/v1/admin/users"])
def test_superusers_are_listed_for_superusers_alone(as_analyst, client_of, path):
    superuser = SuperuserFactory(email="direccion@example.com")

    assert superuser.email not in as_analyst.get(path).content.decode()
    assert superuser.email in client_of(superuser).get(path).content.decode()


def test_a_superuser_counts_as_an_analyst_whatever_the_role(client_of):
    client = client_of(SuperuserFactory(role="IMPULSADOR"))

    assert client.get(USERS).status_code == 200


def test_a_change_to_an_account_that_is_being_deleted_is_no_server_error(as_analyst):
    user = UserFactory()

    def delete_first(execute, sql, params, many, context):
        if sql.startswith('UPDATE "users"'):
            User.objects.filter(pk=user.pk).delete()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(delete_first):
        answer = as_analyst.put(url(user), {"name": "Eva"})

    assert answer.status_code in (404, 409)
