import base64
import json
from datetime import timedelta

import jwt
import pytest
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from accounts.choices import Role
from accounts.models import User
from accounts.services import issue_token
from sessions_app.tests.factories import SessionFactory

pytestmark = pytest.mark.django_db

ME = "/api/v1/auth/me"


def bearer(token):
    return {"HTTP_AUTHORIZATION": f"Bearer {token}"}


def refresh_token(user, settings):
    return RefreshToken.for_user(user)


def expired(user, settings):
    token = AccessToken.for_user(user)
    token.set_exp(lifetime=-timedelta(seconds=1))
    return token


def without_expiry(user, settings):
    token = AccessToken.for_user(user)
    del token["exp"]
    return token


def tampered(user, settings):
    header, payload, signature = issue_token(user).token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(f"{payload}=="))
    claims["role"] = "ANALISTA"
    forged = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"{header}.{forged}.{signature}"


def of_a_foreign_key(user, settings):
    return jwt.encode(AccessToken.for_user(user).payload, f"{settings.SECRET_KEY}x", "HS256")


def unsigned(user, settings):
    return jwt.encode(AccessToken.for_user(user).payload, None, "none")


def of_another_algorithm(user, settings):
    return jwt.encode(AccessToken.for_user(user).payload, settings.SECRET_KEY, "HS512")


def without_user(user, settings):
    token = AccessToken.for_user(user)
    del token["user_id"]
    return token


def of_nobody(user, settings):
    token = AccessToken.for_user(user)
    token["user_id"] = "999999"
    return token


def without_the_password_it_was_issued_for(user, settings):
    token = AccessToken.for_user(user)
    del token["hash_password"]
    return token


def nested_too_deep(user, settings):
    return base64.urlsafe_b64encode(b"[" * 5000).decode() + ".e30.x"


def not_ascii(user, settings):
    return "\xff\xfe"


FORGERIES = [
    refresh_token,
    expired,
    without_expiry,
    tampered,
    of_a_foreign_key,
    unsigned,
    of_another_algorithm,
    without_user,
    of_nobody,
    without_the_password_it_was_issued_for,
    nested_too_deep,
    not_ascii,
]


@pytest.mark.parametrize("make", FORGERIES, ids=lambda make: make.__name__)
def test_a_token_that_is_not_an_access_token_of_ours_is_refused(
    nobody, facilitator, settings, make
):
    answer = nobody.get(ME, **bearer(make(facilitator, settings)))

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("scheme", ["{}", "Basic {}", "Token {}", "Bearer", "Bearer {} {}"])
def test_a_good_token_in_a_header_of_another_form_is_refused(nobody, facilitator, scheme):
    header = scheme.replace("{}", issue_token(facilitator).token)

    assert nobody.get(ME, HTTP_AUTHORIZATION=header).status_code == 401


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_is_read_in_any_case(nobody, facilitator, scheme):
    header = f"{scheme} {issue_token(facilitator).token}"

    assert nobody.get(ME, HTTP_AUTHORIZATION=header).status_code == 200


def test_without_a_token_the_own_account_is_refused(nobody):
    answer = nobody.get(ME)

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"


def test_a_bad_token_is_refused_even_beside_a_good_session_code(headset_of):
    session = SessionFactory()

    answer = headset_of(session).get(f"/api/v1/sessions/{session.pk}", **bearer("caducado"))

    assert answer.status_code == 401


def test_an_open_call_looks_at_no_token(nobody):
    assert nobody.get("/api/v1/texts", **bearer("caducado")).status_code == 200


def test_the_role_claim_of_a_token_gives_no_authority(nobody, facilitator):
    token = AccessToken.for_user(facilitator)
    token["role"] = "ANALISTA"

    assert nobody.get("/api/v1/users", **bearer(token)).status_code == 403


def test_the_role_claim_of_a_token_takes_no_authority(nobody, analyst):
    token = AccessToken.for_user(analyst)
    token["role"] = "IMPULSADOR"

    assert nobody.get("/api/v1/users", **bearer(token)).status_code == 200


def test_a_locked_account_s_tokens_stop_at_once(as_facilitator, facilitator, as_analyst):
    as_analyst.put(f"/api/v1/users/{facilitator.pk}", {"is_active": False})

    assert as_facilitator.get(ME).status_code == 401


def test_an_unlocked_account_s_tokens_work_again(as_facilitator, facilitator, as_analyst):
    as_analyst.put(f"/api/v1/users/{facilitator.pk}", {"is_active": False})
    as_analyst.put(f"/api/v1/users/{facilitator.pk}", {"is_active": True})

    assert as_facilitator.get(ME).status_code == 200


def test_a_deleted_account_s_tokens_stop_at_once(as_facilitator, facilitator, as_analyst):
    as_analyst.delete(f"/api/v1/users/{facilitator.pk}")

    assert as_facilitator.get(ME).status_code == 401


def test_a_promotion_takes_effect_at_once(as_facilitator, facilitator, as_analyst):
    assert as_facilitator.get("/api/v1/recordings").status_code == 403

    as_analyst.put(f"/api/v1/users/{facilitator.pk}", {"role": "ANALISTA"})

    assert as_facilitator.get("/api/v1/recordings").status_code == 200


def test_a_demotion_takes_effect_at_once(as_analyst, analyst):
    User.objects.filter(pk=analyst.pk).update(role=Role.IMPULSADOR)

    assert as_analyst.get("/api/v1/recordings").status_code == 403
