"""The committed OpenAPI document is the one that the code describes."""

import pytest
import yaml
from django.core.management import call_command
from django.urls import get_resolver

from toastclub.environment import BASE_DIR

pytestmark = pytest.mark.one_database

COMMITTED = BASE_DIR / "docs" / "openapi.yaml"


@pytest.fixture(scope="module")
def document():
    return yaml.safe_load(COMMITTED.read_text(encoding="utf-8"))


def operations(document):
    return {
        f"{method.upper()} {path}": operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def test_the_committed_schema_is_not_stale(tmp_path):
    fresh = tmp_path / "openapi.yaml"

    call_command("spectacular", "--validate", "--fail-on-warn", file=str(fresh))

    assert fresh.read_text(encoding="utf-8") == COMMITTED.read_text(encoding="utf-8"), (
        "docs/openapi.yaml is stale: make schema"
    )


def test_every_address_of_the_api_is_described(document):
    patterns = {
        str(pattern.pattern)
        for resolver in get_resolver().url_patterns
        if str(resolver.pattern) == "api/v1/"
        for included in resolver.url_patterns
        for pattern in included.url_patterns
    }

    described = {path.removeprefix("/api/v1/") for path in document["paths"]}

    assert {pattern.replace("<str:", "{").replace(">", "}") for pattern in patterns} <= described


def test_every_call_has_a_summary_and_describes_its_success_and_its_errors(document):
    for name, operation in operations(document).items():
        statuses = set(operation["responses"])
        assert operation.get("summary"), name
        assert statuses & {"200", "201", "204"}, name
        assert {"400", "503"} <= statuses, name
        if operation.get("security"):
            assert {"401", "403"} <= statuses, name


def test_the_three_ways_to_authenticate_are_described(document):
    schemes = document["components"]["securitySchemes"]

    assert {(scheme["type"], scheme.get("in")) for scheme in schemes.values()} == {
        ("http", None),
        ("apiKey", "header"),
        ("apiKey", "cookie"),
    }


def test_a_headset_may_use_either_of_its_two_ways(document):
    call = operations(document)["GET /api/v1/sessions/{session_id}"]

    assert call["security"] == [
        {"token": []},
        {"session_code_header": []},
        {"session_code_cookie": []},
    ]


def test_the_contracts_examples_are_in_it(document):
    login = operations(document)["POST /api/v1/auth/login"]

    examples = login["requestBody"]["content"]["application/json"]["examples"]

    assert {
        "email": "impulsador@toastclub.com",
        "password": "impulsador123",
    } in [example["value"] for example in examples.values()]


def test_every_call_that_takes_a_code_says_that_wrong_ones_are_limited(document):
    calls = {
        name: set(operation["responses"])
        for name, operation in operations(document).items()
        if any("session_code_header" in way for way in operation.get("security", []))
    }

    assert len(calls) >= 6
    assert [name for name, statuses in calls.items() if "429" not in statuses] == []
