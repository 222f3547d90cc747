"""`make tools`, which brings the programs that tests open exports and pages with."""

import subprocess

import pytest
from django.conf import settings

pytestmark = pytest.mark.one_database

SCRIPT = settings.BASE_DIR / "toastclub" / "testing" / "debian.sh"
PACKAGES = {
    "unzip": "unzip",
    "7z": "7zip",
    "soffice": "libreoffice-calc-nogui",
    "chromium": "chromium",
}
ALL = list(PACKAGES)
ROOT, SOMEBODY = 0, 1000


@pytest.fixture
def machine(tmp_path):
    """Runs the script where there are only those programs, by that user."""
    folder = tmp_path / "bin"
    environment = tmp_path / ".venv" / "bin"
    folder.mkdir()
    environment.mkdir(parents=True)

    def program(name, script):
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)

    def run_with(*programs, user):
        program("id", f"echo {user}")
        notes = f'echo "$0 $*, $DEBIAN_FRONTEND" >> {tmp_path}/called'
        for name in programs:
            program(name, notes)
        program(environment / "playwright", notes)
        return subprocess.run(  # noqa: S603 - nothing in the command comes from outside
            ["/bin/sh", str(SCRIPT)],
            env={"PATH": str(folder)},
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )

    return run_with


def called_in(folder):
    """What was called and with what, without where it lies."""
    called = folder / "called"
    return called.read_text().replace(f"{folder}/bin/", "").splitlines() if called.exists() else []


@pytest.mark.parametrize("user", [ROOT, SOMEBODY])
@pytest.mark.parametrize("seven_zip", ["7z", "7zz"])
def test_where_all_are_there_it_says_and_does_nothing(machine, tmp_path, user, seven_zip):
    done = machine("unzip", seven_zip, "soffice", "chromium", "apt-get", user=user)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert called_in(tmp_path) == []


@pytest.mark.parametrize("missing", [["unzip"], ["7z"], ["soffice"], ["7z", "soffice"], ALL])
def test_root_gets_what_is_missing_from_apt_without_a_question(machine, tmp_path, missing):
    there = [name for name in ALL if name not in missing]

    done = machine(*there, "apt-get", user=ROOT)

    packages = " ".join(PACKAGES[name] for name in missing)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert called_in(tmp_path) == [
        "apt-get update -qq, noninteractive",
        f"apt-get install -qq --yes --no-install-recommends {packages}, noninteractive",
    ]


@pytest.mark.parametrize(
    "user, others", [(SOMEBODY, ["apt-get"]), (ROOT, [])], ids=["no root", "no apt-get"]
)
def test_who_cannot_install_is_told_in_a_line_what_is_missing_and_how_to_get_it(
    machine, tmp_path, user, others
):
    done = machine("unzip", *others, user=user)

    (line,) = done.stderr.splitlines()
    assert done.returncode == 1
    assert "missing: 7z soffice chromium." in line
    assert line.endswith(
        "sudo apt-get update && sudo apt-get install --yes --no-install-recommends "
        "7zip libreoffice-calc-nogui chromium"
    )
    assert called_in(tmp_path) == []


@pytest.mark.parametrize(
    "user, others", [(SOMEBODY, ["apt-get"]), (ROOT, [])], ids=["no root", "no apt-get"]
)
def test_a_browser_alone_is_fetched_by_playwright(machine, tmp_path, user, others):
    done = machine("unzip", "7z", "soffice", *others, user=user)

    assert (done.returncode, done.stderr) == (0, "")
    assert called_in(tmp_path) == [".venv/bin/playwright install --only-shell chromium, "]
