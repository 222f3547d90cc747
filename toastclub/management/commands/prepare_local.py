import fcntl
import json
import socket
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from toastclub.environment import BASE_DIR
from training.models import Text

FIXTURES = BASE_DIR / "fixtures"
ACCOUNTS = FIXTURES / "local_accounts.json"
TEXTS = FIXTURES / "training_texts.json"


class Command(BaseCommand):
    help = (
        "Prepara una instalación local: migraciones, cuentas de prueba y textos. Solo llena lo "
        "que está vacío; lo que ya hay queda como está."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.ENV.is_production:
            raise CommandError("En producción no hay cuentas de prueba.")
        accounts = json.loads(ACCOUNTS.read_text(encoding="utf-8"))
        with (settings.DATA_DIR / "prepare.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # two that start at once take turns
            self._fill(accounts)
        self._greet(accounts)

    def _fill(self, accounts: list[dict[str, str]]) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        if not User.objects.exists():
            for account in accounts:
                User.objects.create_user(**account)
        if not Text.objects.exists():
            call_command("import_texts", str(TEXTS), reflow=True, stdout=self.stdout)

    def _greet(self, accounts: list[dict[str, str]]) -> None:
        address = f"http://localhost:{settings.ENV.port}"
        self.stdout.write(f"\nToast Club: {address}  (en la red: {_network_address()})")
        for account in accounts:
            self.stdout.write(
                f"  {account['role']:<11} {account['email']}  contraseña: {account['password']}"
            )
        self.stdout.write(f"  API            {address}/api/v1")
        self.stdout.write(f"  Documentación  {address}/docs  y  {address}/redoc")
        self.stdout.write(f"  Administración {address}/admin/  (con cualquiera de las dos)\n")


def _network_address() -> str:
    return f"http://{socket.gethostname()}:{settings.ENV.port}"
