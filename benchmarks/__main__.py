"""`python -m benchmarks`: what a session's two reads cost beside a view that does nothing."""

import statistics
import tempfile
from pathlib import Path
from typing import Any

import requests

from benchmarks.load import throughput
from toastclub.testing.services import gunicorn, manage, postgres

ROUNDS = 40
SECONDS = 0.5  # of each measurement in a round: short, so that noise touches all three alike
CONNECTIONS = 30  # a classroom of headsets


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, postgres() as database_url:
        body = Path(folder) / "body.json"
        body.write_bytes(b"{}")
        environment = {
            "DATABASE_URL": database_url,
            "TOASTCLUB_DATA_DIR": folder,
            "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
            "BENCH_BODY": str(body),
        }
        prepared = manage(environment, "prepare_local")
        if prepared.returncode:
            raise RuntimeError(prepared.stderr)
        with gunicorn(environment) as address:
            session, token = _start_session(address)
            by_code = f"{address}/api/v1/sessions/by-code/{session['session_code']}"
            body.write_bytes(requests.get(by_code, timeout=10).content)
        with gunicorn(environment) as address:
            _report(_measure(address, session, token))


def _start_session(address: str) -> tuple[dict[str, Any], str]:
    api = f"{address}/api/v1"
    account = {"email": "impulsador@toastclub.com", "password": "impulsador123"}
    login = requests.post(f"{api}/auth/login", json=account, timeout=10).json()
    token = f"Bearer {login['access_token']}"
    text = requests.get(f"{api}/texts", timeout=10).json()["texts"][0]
    session = requests.post(
        f"{api}/sessions",
        json={"datos_participante": {"nombre": "Ana"}, "texto_seleccionado_id": text["Id"]},
        headers={"Authorization": token},
        timeout=10,
    ).json()
    return session, token


def _measure(address: str, session: dict[str, Any], token: str) -> dict[str, list[float]]:
    """Requests a second, taken in turns so that a noisy moment touches all alike."""
    api = f"{address}/api/v1/sessions"
    targets = {
        "bare": (f"{address}/api/v1/bare", {}),
        "by-code": (f"{api}/by-code/{session['session_code']}", {}),
        "by-id": (f"{api}/{session['id']}", {"Authorization": token}),
    }
    measured: dict[str, list[float]] = {name: [] for name in targets}
    for _round in range(ROUNDS):
        for name, (url, headers) in targets.items():
            measured[name].append(
                throughput(url, headers, connections=CONNECTIONS, seconds=SECONDS)
            )
    return measured


def _report(measured: dict[str, list[float]]) -> None:
    bare = measured["bare"]
    print(f"{'':10}{'requests/s':>12}{'share of the bare view':>26}")
    for name, values in measured.items():
        ratios = [value / reference for value, reference in zip(values, bare, strict=True)]
        spread = f"{statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})"
        print(f"{name:10}{statistics.median(values):12.0f}{spread:>26}")


if __name__ == "__main__":
    print(f"{ROUNDS} rounds of {SECONDS} s, {CONNECTIONS} connections\n")
    main()
