from datetime import timedelta

import pytest
from django.contrib.auth import authenticate
from django.db.models import F
from django.utils import timezone

from accounts import services
from accounts.models import FailedAttempt
from accounts.tests.factories import PASSWORD, UserFactory
from accounts.throttling import login_limit

pytestmark = pytest.mark.django_db

ALLOWED = 3
WINDOW = timedelta(minutes=5)
WRONG = "no-es-la-clave-9"
HOME, ELSEWHERE = "198.51.100.1", "198.51.100.2"
PROXY = "10.1.2.3"


@pytest.fixture(autouse=True)
def _limit(settings):
    settings.LOGIN_FAILURES_ALLOWED = ALLOWED
    settings.LOGIN_FAILURES_WINDOW = WINDOW


@pytest.fixture
def user():
    return UserFactory(email="ana@example.com")


def log_in(client, user, password=PASSWORD, *, email=None, peer=HOME, forwarded=None):
    headers = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}
    return client.post(
        "/api/v1/auth/login",
        {"email": email or user.email, "password": password},
        REMOTE_ADDR=peer,
        **headers,
    )


def use_up(client, user, **where):
    for _attempt in range(ALLOWED):
        assert log_in(client, user, WRONG, **where).status_code == 401


def test_past_the_limit_even_the_right_password_is_refused(nobody, user):
    use_up(nobody, user)

    assert log_in(nobody, user).status_code == 429


def test_below_the_limit_the_right_password_gets_in(nobody, user):
    for _attempt in range(ALLOWED - 1):
        log_in(nobody, user, WRONG)

    assert log_in(nobody, user).status_code == 200


def test_the_refusal_says_for_how_long(nobody, user):
    use_up(nobody, user)

    answer = log_in(nobody, user)

    assert 0 < int(answer["Retry-After"]) <= WINDOW.total_seconds() + 1
    assert answer.json()["detail"]


def test_the_wait_is_until_the_first_failure_leaves_the_window(nobody, user):
    use_up(nobody, user)
    FailedAttempt.objects.update(counts_until=timezone.now() + timedelta(seconds=30))

    assert 29 <= int(log_in(nobody, user)["Retry-After"]) <= 31


def test_the_window_ends(nobody, user):
    use_up(nobody, user)
    FailedAttempt.objects.update(counts_until=F("counts_until") - WINDOW)

    assert log_in(nobody, user).status_code == 200


def test_failures_that_left_the_window_are_forgotten(nobody, user):
    use_up(nobody, user)
    FailedAttempt.objects.update(counts_until=F("counts_until") - WINDOW)
    log_in(nobody, user, WRONG)

    assert FailedAttempt.objects.count() == 1


def test_refused_attempts_do_not_prolong_the_wait(nobody, user):
    use_up(nobody, user)
    log_in(nobody, user, WRONG)
    log_in(nobody, user)

    assert FailedAttempt.objects.count() == ALLOWED


def test_another_address_does_not_notice(nobody, user):
    use_up(nobody, user)

    assert log_in(nobody, user, peer=ELSEWHERE).status_code == 200


def test_another_email_at_the_same_address_does_not_notice(nobody, user):
    use_up(nobody, user)

    assert log_in(nobody, UserFactory()).status_code == 200


def test_spelling_an_email_otherwise_wins_no_guesses(nobody, user):
    for email in ("ana@example.com", "ANA@example.com", " Ana@Example.com "):
        log_in(nobody, user, WRONG, email=email)

    assert log_in(nobody, user).status_code == 429


def test_emails_without_an_account_are_throttled_alike(nobody, user):
    use_up(nobody, user, email="nadie@example.com")

    assert log_in(nobody, user, WRONG, email="nadie@example.com").status_code == 429


def test_logins_that_succeed_are_never_counted(nobody, user):
    for _login in range(ALLOWED + 2):
        assert log_in(nobody, user).status_code == 200

    assert not FailedAttempt.objects.exists()


def test_a_success_between_failures_changes_nothing(nobody, user):
    for _attempt in range(ALLOWED - 1):
        log_in(nobody, user, WRONG)
    log_in(nobody, user)

    assert log_in(nobody, user, WRONG).status_code == 401
    assert log_in(nobody, user).status_code == 429


def test_a_forged_forwarded_header_wins_no_guesses(nobody, user):
    for number in range(ALLOWED):
        log_in(nobody, user, WRONG, forwarded=f"203.0.113.{number}")

    assert log_in(nobody, user, forwarded="203.0.113.99").status_code == 429


def test_nobody_can_lock_out_others_by_forging_their_address(nobody, user):
    use_up(nobody, user, peer=ELSEWHERE, forwarded=HOME)

    assert log_in(nobody, user, peer=HOME).status_code == 200


@pytest.mark.parametrize("trusted", [[PROXY], ["10.0.0.0/8"], ["192.0.2.1", "10.0.0.0/8"], ["*"]])
def test_behind_a_believed_proxy_each_client_has_its_own_count(nobody, user, settings, trusted):
    settings.FORWARDED_ALLOW_IPS = trusted
    use_up(nobody, user, peer=PROXY, forwarded=HOME)

    assert log_in(nobody, user, peer=PROXY, forwarded=HOME).status_code == 429
    assert log_in(nobody, user, peer=PROXY, forwarded=ELSEWHERE).status_code == 200


def test_behind_a_believed_proxy_only_what_it_wrote_itself_counts(nobody, user, settings):
    settings.FORWARDED_ALLOW_IPS = [PROXY]
    for number in range(ALLOWED):
        log_in(nobody, user, WRONG, peer=PROXY, forwarded=f"203.0.113.{number}, {HOME}")

    assert log_in(nobody, user, peer=PROXY, forwarded=f"203.0.113.99, {HOME}").status_code == 429


def test_a_guess_that_others_overtook_is_refused_even_if_right(nobody, user, monkeypatch):
    def overtaken(*arguments, **credentials):
        limit = login_limit(HOME, user.email)
        for _attempt in range(ALLOWED):
            limit.record_failure()
        return authenticate(*arguments, **credentials)

    monkeypatch.setattr(services, "authenticate", overtaken)

    assert log_in(nobody, user).status_code == 429


def test_the_count_is_in_the_database_that_all_processes_share(nobody, user):
    use_up(nobody, user)

    assert FailedAttempt.objects.values("key").distinct().count() == 1
    assert FailedAttempt.objects.count() == ALLOWED
    FailedAttempt.objects.all().delete()
    assert log_in(nobody, user).status_code == 200


def test_the_count_keeps_neither_email_nor_address(nobody, user):
    log_in(nobody, user, WRONG)

    key = FailedAttempt.objects.get().key
    assert "ana" not in key
    assert HOME not in key
