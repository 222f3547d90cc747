import jwt
import pytest
from django.contrib.auth.hashers import MD5PasswordHasher

from accounts.tests.factories import PASSWORD, AnalystFactory, FacilitatorFactory, UserFactory

pytestmark = pytest.mark.django_db


def log_in(client, email, password=PASSWORD):
    return client.post("/api/v1/auth/login", {"email": email, "password": password})


def claims_of(answer, settings):
    return jwt.decode(answer.json()["access_token"], settings.SECRET_KEY, algorithms=["HS256"])


def test_a_login_answers_with_the_body_of_the_contract(nobody):
    user = FacilitatorFactory()

    answer = log_in(nobody, user.email)

    assert answer.status_code == 200
    body = answer.json()
    assert body.pop("access_token")
    assert body == {
        "token_type": "bearer",
        "expires_in": 24 * 60 * 60,
        "user_id": user.pk,
        "email": user.email,
        "rol": "IMPULSADOR",
        "must_change_password": False,
    }


def test_the_token_of_a_login_opens_the_account(nobody):
    user = FacilitatorFactory()
    token = log_in(nobody, user.email).json()["access_token"]

    me = nobody.get("/api/v1/auth/me", HTTP_AUTHORIZATION=f"Bearer {token}")

    assert me.json()["id"] == user.pk


@pytest.mark.parametrize("make", [FacilitatorFactory, AnalystFactory])
def test_the_token_says_who_and_which_role(nobody, settings, make):
    user = make()

    claims = claims_of(log_in(nobody, user.email), settings)

    assert claims["user_id"] == str(user.pk)
    assert claims["role"] == user.role


def test_the_token_expires_when_the_answer_says(nobody, settings):
    answer = log_in(nobody, UserFactory().email)

    claims = claims_of(answer, settings)

    assert claims["exp"] - claims["iat"] == answer.json()["expires_in"]


@pytest.mark.parametrize("typed", ["Ana@Example.com", "ANA@EXAMPLE.COM", " ana@example.com "])
def test_the_case_of_an_email_does_not_matter(nobody, typed):
    UserFactory(email="ana@example.com")

    assert log_in(nobody, typed).status_code == 200


def test_an_account_stored_in_capitals_is_found_in_lower_case(nobody):
    UserFactory(email="ANA@Example.com")

    assert log_in(nobody, "ana@example.com").status_code == 200


def test_the_case_of_a_password_matters(nobody):
    assert log_in(nobody, UserFactory().email, PASSWORD.upper()).status_code == 401


def test_spaces_around_a_password_count(nobody):
    assert log_in(nobody, UserFactory().email, f" {PASSWORD} ").status_code == 401


def refused_logins():
    """Credentials that are wrong in each of the three ways."""
    return [
        ("nadie@example.com", PASSWORD),
        (UserFactory().email, "otra-clave-cualquiera-9"),
        (UserFactory(is_active=False).email, PASSWORD),
    ]


def test_wrong_email_wrong_password_and_locked_account_are_one_and_the_same_401(nobody):
    answers = [log_in(nobody, *credentials) for credentials in refused_logins()]

    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.content for answer in answers}) == 1
    assert {answer["WWW-Authenticate"] for answer in answers} == {"Bearer"}


def test_every_refused_login_costs_one_hash(nobody, monkeypatch):
    """What an answer costs would tell which e-mails have an account."""
    credentials = refused_logins()
    hashed = []
    encode = MD5PasswordHasher.encode
    monkeypatch.setattr(
        MD5PasswordHasher,
        "encode",
        lambda self, password, salt: hashed.append(password) or encode(self, password, salt),
    )
    for email, password in credentials:
        log_in(nobody, email, password)

    assert hashed == [password for _email, password in credentials]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"password": PASSWORD}, "email"),
        ({"email": "ana@example.com"}, "password"),
        ({"email": None, "password": PASSWORD}, "email"),
        ({"email": ["ana@example.com"], "password": PASSWORD}, "email"),
        ({"email": "ana@example.com", "password": 12345678}, "password"),
        ({"email": "ana@example.com", "password": ""}, "password"),
        ({"email": "ana@example.com", "password": "x" * 1025}, "password"),
    ],
)
def test_a_login_without_readable_credentials_names_the_field(nobody, body, field):
    answer = nobody.post("/api/v1/auth/login", body)

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]


def test_a_stale_token_does_not_keep_anybody_from_logging_in(nobody):
    nobody.credentials(HTTP_AUTHORIZATION="Bearer caducado")

    assert log_in(nobody, UserFactory().email).status_code == 200


def test_the_answer_to_a_login_says_that_the_password_must_be_changed(nobody):
    user = UserFactory(must_change_password=True)

    assert log_in(nobody, user.email).json()["must_change_password"] is True


def test_me_says_who_the_token_belongs_to(as_facilitator, facilitator):
    assert as_facilitator.get("/api/v1/auth/me").json() == {
        "id": facilitator.pk,
        "email": facilitator.email,
        "rol": "IMPULSADOR",
        "name": facilitator.name,
        "must_change_password": False,
    }


def test_anybody_may_log_out(nobody):
    answer = nobody.post("/api/v1/auth/logout")

    assert answer.status_code == 200
    assert answer.json()["message"]


def test_logging_out_reads_no_body(nobody):
    answer = nobody.generic("POST", "/api/v1/auth/logout", "{", content_type="text/plain")

    assert answer.status_code == 200


def test_logging_out_with_a_stale_token_works(nobody):
    nobody.credentials(HTTP_AUTHORIZATION="Bearer caducado")

    assert nobody.post("/api/v1/auth/logout").status_code == 200
