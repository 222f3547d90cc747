"""What an address may hold, and who is at the other end."""

import pytest
from django.test import Client, RequestFactory
from rest_framework.test import APIClient

from accounts.tests.factories import PASSWORD, FacilitatorFactory, UserFactory
from recordings.tests.factories import RecordingFactory
from sessions_app.tests.factories import SessionFactory
from surveys.tests.factories import SurveyFactory
from toastclub.addresses import client_address
from toastclub.tests.calls import API, METHODS, api_calls
from training.tests.factories import TextFactory

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

PATHS = sorted({path.replace("/1", "/999999") for _method, path in api_calls()})


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", METHODS)
def test_both_slash_forms_of_an_address_answer_alike(as_analyst, method, path):
    plain = as_analyst.generic(method, path, "{}", "application/json")
    slashed = as_analyst.generic(method, f"{path}/", "{}", "application/json")

    assert slashed.status_code == plain.status_code
    assert slashed.status_code not in (301, 302, 307, 308)
    if plain["Content-Type"] == "application/json":
        assert slashed.getvalue() == plain.getvalue()


@pytest.mark.parametrize("path", ["/health", "/health/ready", "/docs", "/redoc", "/openapi.json"])
def test_the_pages_beside_the_api_have_both_slash_forms_too(client, path):
    assert client.get(path).status_code == 200
    assert client.get(f"{path}/").status_code == 200


def test_a_post_to_the_slash_form_keeps_its_body(nobody):
    body = {"email": UserFactory().email, "password": PASSWORD}

    assert nobody.post(f"{API}/auth/login/", body).status_code == 200


def test_a_put_to_the_slash_form_keeps_its_body(as_analyst):
    user = UserFactory()

    assert as_analyst.put(f"{API}/users/{user.pk}/", {"name": "Eva"}).json()["name"] == "Eva"


def test_a_patch_to_the_slash_form_keeps_its_body(as_analyst):
    user = FacilitatorFactory()

    answer = as_analyst.patch(f"{API}/admin/users/{user.pk}/", {"role": "ANALISTA"})

    assert answer.json()["role"] == "ANALISTA"


def test_a_delete_of_the_slash_form_deletes(as_analyst):
    user = UserFactory()

    assert as_analyst.delete(f"{API}/users/{user.pk}/").status_code == 204
    assert as_analyst.get(f"{API}/users/{user.pk}").status_code == 404


def test_an_upload_to_the_slash_form_arrives(as_analyst, spoken_wav):
    path = f"{API}/sessions/{SessionFactory().pk}/upload/"
    form = b'--b\r\nContent-Disposition: form-data; name="file"; filename="v.wav"\r\n\r\n'
    body = form + spoken_wav + b"\r\n--b--\r\n"

    answer = as_analyst.generic("POST", path, body, "multipart/form-data; boundary=b")

    assert answer.status_code == 201


def test_a_filtered_list_keeps_its_query_in_the_slash_form(as_analyst):
    FacilitatorFactory()

    assert as_analyst.get(f"{API}/users/?role=impulsador").json()["count"] == 1


def test_the_index_of_tags_is_no_text(nobody):
    TextFactory()

    assert list(nobody.get(f"{API}/texts/tags").json()) == ["keys", "values"]


def test_a_session_is_found_by_its_code(nobody):
    session = SessionFactory()

    assert nobody.get(f"{API}/sessions/by-code/{session.session_code}").json()["id"] == session.pk


UNKNOWN = [
    "/api/v1/nada",
    "/api/v1/",
    "/api/v1",
    "/api/v2/texts",
    "/api/v1/texts//",
    "/api/v1/sessions/1/nada",
    "/api/v1/a%0Ab",
    "/api/v1/%FF",
]


@pytest.mark.parametrize("path", UNKNOWN)
@pytest.mark.parametrize("debug", [False, True])
def test_an_unknown_path_is_not_found_in_json(nobody, settings, path, debug):
    settings.DEBUG = debug

    answer = nobody.get(path)

    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/json"
    assert answer.json() == {"detail": "No encontrado."}


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("client", [APIClient(), Client(enforce_csrf_checks=True)])
def test_an_unknown_path_is_not_found_by_any_method(client, method):
    answer = client.generic(method, f"{API}/nada", "{", "text/plain")

    assert answer.status_code == 404
    assert answer.json() == {"detail": "No encontrado."}


@pytest.fixture
def things():
    """Kind → address of its objects, and the id of one that is there."""
    return {
        "Session": (f"{API}/sessions/", SessionFactory().pk),
        "Recording": (f"{API}/recordings/", RecordingFactory().pk),
        "Survey": (f"{API}/surveys/", SurveyFactory().pk),
        "User": (f"{API}/users/", UserFactory().pk),
    }


EVERY_KIND = pytest.mark.parametrize("kind", ["Session", "Recording", "Survey", "User"])
NO_IDS = {
    "letters": "abc",
    "a sign": "+{}",
    "negative": "-{}",
    "an underscore": "{}_0",
    "a decimal point": "{}.0",
    "an exponent": "{}e0",
    "hexadecimal": "{:#x}",
    "over 64 bits": "9{:019}",
    "thousands of digits": "9{:05000}",
    "nobody's": "{}999",
    "zero": "0",
}
TO_ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


@EVERY_KIND
@pytest.mark.parametrize("template", NO_IDS.values(), ids=NO_IDS)
def test_what_is_no_id_of_anything_is_not_found(as_analyst, things, kind, template):
    address, number = things[kind]
    wanted = template.format(number)

    answer = as_analyst.get(f"{address}{wanted}")

    assert answer.status_code == 404
    assert answer.json() == {"detail": f"{kind} with id {wanted} not found"}


@EVERY_KIND
def test_an_id_in_the_digits_of_another_script_is_not_found(as_analyst, things, kind):
    address, number = things[kind]

    assert as_analyst.get(f"{address}{number}").status_code == 200
    assert as_analyst.get(f"{address}{str(number).translate(TO_ARABIC)}").status_code == 404


@EVERY_KIND
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_a_nul_in_a_path_is_not_found(as_analyst, things, kind, method):
    address, number = things[kind]

    answer = as_analyst.generic(method, f"{address}{number}%00", "{}", "application/json")

    assert answer.status_code == 404
    assert isinstance(answer.json()["detail"], str)


@pytest.mark.parametrize("path", ["/texts/%00", "/texts/a%00b", "/sessions/by-code/%00", "/%00"])
def test_a_nul_in_an_open_path_is_not_found(nobody, path):
    answer = nobody.get(f"{API}{path}")

    assert answer.status_code == 404
    assert isinstance(answer.json()["detail"], str)


@pytest.mark.parametrize("name", ["%FF", "%ED%A0%80", "%C0%80", "x" * 5000, "%F0%9F%8E%99"])
def test_a_text_or_code_of_strange_bytes_is_not_found(nobody, name):
    assert nobody.get(f"{API}/texts/{name}").status_code == 404
    assert nobody.get(f"{API}/sessions/by-code/{name}").status_code == 404


@pytest.mark.parametrize(
    "query", ["tema=%00", "%00=a", "tema=a%00b", "tema=%FF", "tema=%ED%A0%80", "tema=\xff", "%C0=1"]
)
@pytest.mark.parametrize(
    "path", ["/texts", "/texts/tags", "/sessions", "/recordings", "/users", "/admin/users"]
)
def test_a_query_that_no_layer_can_hold_is_refused(as_analyst, path, query):
    answer = as_analyst.get(f"{API}{path}", QUERY_STRING=query)

    assert answer.status_code == 400
    assert isinstance(answer.json()["detail"], str)


@pytest.mark.parametrize("query", ["tema=%C3%A9tica", "tema=\xc3\xa9tica"])
def test_a_query_in_utf8_is_read_escaped_or_not(nobody, query):
    TextFactory(tags={"tema": "ética"})

    assert nobody.get(f"{API}/texts", QUERY_STRING=query).json()["total"] == 1


@pytest.mark.parametrize("code", ["\x00", "\xff", "a" * 5000, "abc\x00def"])
def test_a_code_that_no_layer_can_hold_is_no_credential(nobody, code):
    session = SessionFactory()
    path = f"{API}/sessions/{session.pk}"

    assert nobody.get(path, HTTP_X_SESSION_CODE=code).status_code == 401
    assert nobody.get(path, HTTP_COOKIE=f"session_code={code}").status_code == 401


PROXY, CLIENT = "10.1.2.3", "203.0.113.9"


@pytest.mark.parametrize(
    ("trusted", "peer", "forwarded", "expected"),
    [
        ([], CLIENT, None, CLIENT),
        ([], CLIENT, "198.51.100.1", CLIENT),
        ([PROXY], CLIENT, "198.51.100.1", CLIENT),
        ([PROXY], PROXY, CLIENT, CLIENT),
        ([PROXY], PROXY, f"198.51.100.1, {CLIENT}", CLIENT),
        ([PROXY], PROXY, f"198.51.100.1,{CLIENT} ", CLIENT),
        ([PROXY], PROXY, None, PROXY),
        ([PROXY], PROXY, "", PROXY),
        ([PROXY], PROXY, f"{CLIENT}, unknown", PROXY),
        ([PROXY], PROXY, f"{CLIENT}, ", PROXY),
        (["10.0.0.0/8"], PROXY, CLIENT, CLIENT),
        (["10.0.0.0/8"], "11.1.2.3", CLIENT, "11.1.2.3"),
        (["192.0.2.1", "10.0.0.0/8"], PROXY, CLIENT, CLIENT),
        (["*"], PROXY, CLIENT, CLIENT),
        (["*"], "", CLIENT, CLIENT),
        ([PROXY], "", CLIENT, ""),
        (["2001:db8::/32"], "2001:db8::1", "2001:DB8:1::2", "2001:db8:1::2"),
    ],
)
def test_a_client_s_address_is_what_a_believed_proxy_saw(
    settings, trusted, peer, forwarded, expected
):
    settings.FORWARDED_ALLOW_IPS = trusted
    headers = {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}

    request = RequestFactory().get("/", REMOTE_ADDR=peer, **headers)

    assert client_address(request) == expected
