import bcrypt
import pytest

from accounts.models import User
from accounts.tests.factories import PASSWORD, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

LONG_PASSWORD = "ñandú-" * 20  # 140 bytes; bcrypt looks at 72


@pytest.fixture(autouse=True)
def _real_hashers(settings):
    settings.PASSWORD_HASHERS = [
        hasher for hasher in settings.PASSWORD_HASHERS if "MD5" not in hasher
    ]


def bcrypt_of(password):
    return bcrypt.hashpw(password.encode()[:72], bcrypt.gensalt(rounds=4)).decode()


def from_the_earlier_backend(password, *, prefix):
    """An account whose hash was made elsewhere."""
    user = UserFactory.build()
    user.password = prefix + bcrypt_of(password)
    user.save()
    return user


def log_in(client, user, password):
    return client.post("/api/v1/auth/login", {"email": user.email, "password": password})


def stored_hash(user):
    return User.objects.values_list("password", flat=True).get(pk=user.pk)


every_form = pytest.mark.parametrize("prefix", ["", "bcrypt$"], ids=["bare", "Django's"])
every_length = pytest.mark.parametrize("password", [PASSWORD, LONG_PASSWORD], ids=["short", "long"])


def test_passwords_are_hashed_with_argon2():
    assert stored_hash(UserFactory()).startswith("argon2$argon2id$")


def test_the_same_password_is_hashed_differently_for_each_account():
    assert stored_hash(UserFactory()) != stored_hash(UserFactory())


@every_form
@every_length
def test_an_account_of_the_earlier_backend_logs_in(nobody, prefix, password):
    user = from_the_earlier_backend(password, prefix=prefix)

    assert log_in(nobody, user, password).status_code == 200


@every_form
@every_length
def test_the_hash_is_upgraded_at_login_and_the_password_stays(nobody, prefix, password):
    user = from_the_earlier_backend(password, prefix=prefix)
    log_in(nobody, user, password)

    assert stored_hash(user).startswith("argon2$argon2id$")
    assert log_in(nobody, user, password).status_code == 200


@every_form
def test_the_token_of_the_login_that_upgrades_the_hash_works(nobody, prefix):
    user = from_the_earlier_backend(PASSWORD, prefix=prefix)
    token = log_in(nobody, user, PASSWORD).json()["access_token"]

    me = nobody.get("/api/v1/auth/me", HTTP_AUTHORIZATION=f"Bearer {token}")

    assert me.status_code == 200


@every_form
def test_a_wrong_password_of_the_earlier_backend_is_refused(nobody, prefix):
    user = from_the_earlier_backend(PASSWORD, prefix=prefix)
    before = stored_hash(user)

    assert log_in(nobody, user, f"{PASSWORD}x").status_code == 401
    assert stored_hash(user) == before


@every_form
def test_of_a_long_bcrypt_password_the_first_72_bytes_have_to_be_right(nobody, prefix):
    user = from_the_earlier_backend(LONG_PASSWORD, prefix=prefix)

    assert log_in(nobody, user, f"X{LONG_PASSWORD[1:]}").status_code == 401


@every_form
def test_an_account_of_the_earlier_backend_can_change_its_password(nobody, client_of, prefix):
    user = from_the_earlier_backend(LONG_PASSWORD, prefix=prefix)

    answer = client_of(user).post(
        "/api/v1/auth/change-password",
        {"current_password": LONG_PASSWORD, "new_password": "clave-muy-nueva-4"},
    )

    assert answer.status_code == 200
    assert log_in(nobody, user, "clave-muy-nueva-4").status_code == 200
