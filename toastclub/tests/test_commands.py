import json

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from accounts.models import User
from accounts.tests.factories import UserFactory
from toastclub.environment import BASE_DIR
from training.models import Text
from training.tests.factories import TextFactory

pytestmark = pytest.mark.django_db

ACCOUNTS = {
    "impulsador@toastclub.com": ("impulsador123", "IMPULSADOR"),
    "analista@toastclub.com": ("analista123", "ANALISTA"),
}


def prepare(capsys):
    call_command("prepare_local")
    return capsys.readouterr().out


@pytest.mark.parametrize("email", ACCOUNTS)
def test_the_accounts_of_the_contract_log_in(nobody, capsys, email):
    prepare(capsys)
    password, role = ACCOUNTS[email]

    answer = nobody.post("/api/v1/auth/login", {"email": email, "password": password})

    assert (answer.status_code, answer.json()["rol"]) == (200, role)


def test_the_training_texts_are_loaded(nobody, capsys):
    prepare(capsys)

    fixtures = json.loads((BASE_DIR / "fixtures" / "training_texts.json").read_text())
    listed = nobody.get("/api/v1/texts").json()["texts"]
    assert [text["Id"] for text in listed] == sorted(text["Id"] for text in fixtures["texts"])


def test_it_says_where_everything_is_and_with_which_account(capsys, settings):
    settings.ENV = settings.ENV.model_copy(update={"port": 8123})

    printed = prepare(capsys)

    for needed in ("http://localhost:8123", "/docs", "/admin/", "/api/v1"):
        assert needed in printed
    for email, (password, _role) in ACCOUNTS.items():
        assert email in printed
        assert password in printed


def test_a_second_run_changes_nothing(capsys):
    prepare(capsys)
    accounts, texts = list(User.objects.values()), list(Text.objects.values())

    prepare(capsys)

    assert list(User.objects.values()) == accounts
    assert list(Text.objects.values()) == texts


def test_what_somebody_changed_since_is_not_overwritten(capsys):
    prepare(capsys)
    user = User.objects.get(email="analista@toastclub.com")
    user.change_password("clave-muy-nueva-4")
    Text.objects.filter(pk=Text.objects.first().pk).update(title="Otro título")

    prepare(capsys)

    user.refresh_from_db()
    assert user.check_password("clave-muy-nueva-4")
    assert Text.objects.filter(title="Otro título").exists()


def test_beside_accounts_of_one_s_own_no_test_accounts_appear(capsys):
    UserFactory()

    prepare(capsys)

    assert not User.objects.filter(email__in=ACCOUNTS).exists()


def test_beside_texts_of_one_s_own_no_others_appear(capsys):
    text = TextFactory()

    prepare(capsys)

    assert list(Text.objects.values_list("pk", flat=True)) == [text.pk]


def test_production_gets_no_test_accounts(settings):
    settings.ENV = settings.ENV.model_copy(update={"toastclub_env": "production"})

    with pytest.raises(CommandError):
        call_command("prepare_local")

    assert not User.objects.exists()
