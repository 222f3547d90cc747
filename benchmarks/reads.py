"""What a session's two reads cost beside a view that does nothing."""

import statistics
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure
from benchmarks.load import throughput
from benchmarks.system import new_session
from toastclub.testing.server import run, serving
from toastclub.testing.services import postgres

ROUNDS = 40
SECONDS = 0.5  # of each measurement in a round: short, so that noise touches all three alike
CONNECTIONS = 30  # a classroom of headsets
FACILITATOR = {"email": "impulsador@toastclub.com", "password": "impulsador123"}


def measure() -> list[Figure]:
    print(f"{ROUNDS} rounds of {SECONDS} s, {CONNECTIONS} connections\n", flush=True)
    with tempfile.TemporaryDirectory() as name, postgres() as database_url:
        folder = Path(name)
        body = folder / "body.json"
        body.write_bytes(b"{}")
        environment = {
            "DATABASE_URL": database_url,
            "TOASTCLUB_DATA_DIR": name,
            "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
            "BENCH_BODY": str(body),
        }
        run(environment, "prepare_local")
        with serving(environment, folder / "gunicorn.log") as server:
            facilitator = server.logged_in(**FACILITATOR)
            session = new_session(facilitator)
            by_code = f"/sessions/by-code/{session['session_code']}"
            body.write_bytes(facilitator.get(by_code).content)
        with serving(environment, folder / "again.log") as server:
            token = str(facilitator.headers["Authorization"])
            _report(_measure(server.address, session, token))
    return []


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
