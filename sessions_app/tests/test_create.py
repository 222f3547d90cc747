"""`POST /sessions`: what it takes, what it refuses, and the code and copy that it makes."""

import random
import re
import unicodedata

import pytest

from sessions_app import models
from sessions_app.codes import new_code
from sessions_app.models import Participant, Session
from training.tests.factories import TextFactory

pytestmark = pytest.mark.django_db

LOOK_ALIKES = set("0o1il2z5s8b")
LONG_LINE = "Hay una frase cruel, pero demoledora, que ronda los pasillos de la academia"


def create(client, participant=None, **body):
    """Creates a session of "Ana" with a text of its own, unless `body` says otherwise."""
    body.setdefault("datos_participante", {"nombre": "Ana", **(participant or {})})
    if "texto_seleccionado_id" not in body:
        body["texto_seleccionado_id"] = TextFactory().pk
    return client.post("/api/v1/sessions", body)


def test_a_session_answers_all_that_the_contract_names(as_facilitator, facilitator):
    text = TextFactory(
        title="La Tiranía", pages=[["a"], ["b"], ["c"]], tags={"tono": "crítico", "tema": "ética"}
    )
    participant = {
        "nombre": "Juan Pérez",
        "edad_aproximada": 25,
        "email_opcional": "juan@example.com",
    }

    answer = create(
        as_facilitator, datos_participante=participant, texto_seleccionado_id=text.pk, title="Uno"
    )

    assert answer.status_code == 201
    body = answer.json()
    assert isinstance(body.pop("id"), int)
    assert body.pop("session_code")
    assert body.pop("created_at") <= body.pop("updated_at")
    assert body == {
        "datos_participante": participant,
        "texto_seleccionado": {
            "Id": text.pk,
            "Title": "La Tiranía",
            "Pages": [["a"], ["b"], ["c"]],
            "Tags": {"tono": "crítico", "tema": "ética"},
        },
        "estado": "created",
        "title": "Uno",
        "description": "",
        "user_id": facilitator.pk,
        "started_at": None,
        "completed_at": None,
        "recording_id": None,
        "survey_id": None,
    }


@pytest.mark.parametrize("nombre", ["A", "ñ" * 100, "  Ana María  ", "Ana O'Hara-Ñañez", "アナ"])
def test_a_name_of_1_to_100_characters_is_taken_trimmed(as_facilitator, nombre):
    answer = create(as_facilitator, {"nombre": nombre})

    assert answer.status_code == 201
    assert answer.json()["datos_participante"]["nombre"] == nombre.strip()


def test_a_name_of_100_characters_with_space_around_it_is_taken(as_facilitator):
    assert create(as_facilitator, {"nombre": f"  {'a' * 100}  "}).status_code == 201


@pytest.mark.parametrize(
    "field, value",
    [
        ("nombre", ""),
        ("nombre", "   "),
        ("nombre", None),
        ("nombre", "a" * 101),
        ("nombre", 7),
        ("nombre", ["Ana"]),
        ("nombre", {"a": 1}),
        ("nombre", True),
        ("edad_aproximada", 0),
        ("edad_aproximada", -1),
        ("edad_aproximada", 121),
        ("edad_aproximada", 10**30),
        ("edad_aproximada", 25.5),
        ("edad_aproximada", "veinte"),
        ("edad_aproximada", True),
        ("edad_aproximada", [25]),
        ("email_opcional", "juan"),
        ("email_opcional", "juan@"),
        ("email_opcional", "juan@example.com, ana@example.com"),
        ("email_opcional", f"{'a' * 250}@example.com"),
        ("email_opcional", 7),
        ("email_opcional", ["juan@example.com"]),
    ],
)
def test_a_faulty_field_of_the_participant_is_400_and_named(as_facilitator, field, value):
    answer = create(as_facilitator, {field: value})

    assert answer.status_code == 400
    assert list(answer.json()["errors"]["datos_participante"]) == [field]
    assert answer.json()["detail"].startswith(f"datos_participante.{field}: ")
    assert not Session.objects.exists()


def test_the_name_is_required(as_facilitator):
    answer = create(as_facilitator, datos_participante={"edad_aproximada": 25})

    assert answer.status_code == 400
    assert list(answer.json()["errors"]["datos_participante"]) == ["nombre"]


@pytest.mark.parametrize("field", ["datos_participante", "texto_seleccionado_id"])
@pytest.mark.parametrize("value", [None, "", 7, []])
def test_participant_and_text_are_required(as_facilitator, field, value):
    answer = create(as_facilitator, **{field: value})

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]


def test_all_faulty_fields_are_named_at_once(as_facilitator):
    answer = as_facilitator.post(
        "/api/v1/sessions", {"datos_participante": {"nombre": "", "edad_aproximada": 0}}
    )

    errors = answer.json()["errors"]
    assert list(errors) == ["datos_participante", "texto_seleccionado_id"]
    assert list(errors["datos_participante"]) == ["nombre", "edad_aproximada"]
    assert all(isinstance(message, str) for message in errors["datos_participante"]["nombre"])


@pytest.mark.parametrize("edad", [1, 25, 120])
def test_an_age_of_1_to_120_is_taken(as_facilitator, edad):
    answer = create(as_facilitator, {"edad_aproximada": edad})

    assert answer.json()["datos_participante"]["edad_aproximada"] == edad


@pytest.mark.parametrize("nothing", [None, ""])
@pytest.mark.parametrize("field", ["edad_aproximada", "email_opcional"])
def test_null_and_empty_mean_absent(as_facilitator, field, nothing):
    answer = create(as_facilitator, {field: nothing})

    assert answer.status_code == 201
    assert answer.json()["datos_participante"][field] is None


def test_age_and_email_are_optional(as_facilitator):
    answer = create(as_facilitator, datos_participante={"nombre": "Ana"})

    assert answer.json()["datos_participante"] == {
        "nombre": "Ana",
        "edad_aproximada": None,
        "email_opcional": None,
    }


def test_title_and_description_are_taken(as_facilitator):
    answer = create(as_facilitator, title="  Clase 3 ", description="Primera vez.\nCon nervios.")

    assert answer.json()["title"] == "Clase 3"
    assert answer.json()["description"] == "Primera vez.\nCon nervios."


@pytest.mark.parametrize(
    "field, value", [("title", "a" * 201), ("title", 7), ("description", []), ("description", 7)]
)
def test_a_faulty_title_or_description_is_400(as_facilitator, field, value):
    answer = create(as_facilitator, **{field: value})

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]


def test_what_a_caller_may_not_set_is_ignored(as_facilitator, facilitator, analyst):
    text = TextFactory()

    body = create(
        as_facilitator,
        {"apodo": "Ani", "session_id": 7},
        texto_seleccionado_id=text.pk,
        id=999_999,
        session_code="acdefghjk",
        estado="completed",
        texto_seleccionado={"Id": "otro", "Pages": []},
        user_id=analyst.pk,
        started_at="2020-01-01T00:00:00Z",
        created_at="2020-01-01T00:00:00Z",
        recording_id=7,
        desconocido=1,
    ).json()

    assert body["id"] != 999_999
    assert body["session_code"] != "acdefghjk"
    assert body["estado"] == "created"
    assert body["texto_seleccionado"]["Id"] == text.pk
    assert body["user_id"] == facilitator.pk
    assert body["created_at"] > "2021"
    assert (body["started_at"], body["recording_id"]) == (None, None)
    assert sorted(body["datos_participante"]) == ["edad_aproximada", "email_opcional", "nombre"]
    assert "desconocido" not in body


@pytest.mark.parametrize("text_id", ["xxx", "x" * 300, "ñ'\""])
def test_an_unknown_text_is_404_in_the_contracts_words(as_facilitator, text_id):
    answer = create(as_facilitator, texto_seleccionado_id=text_id)

    assert answer.status_code == 404
    assert answer.json() == {"detail": f"Text with Id '{text_id}' not found"}
    assert not Session.objects.exists()


def test_the_copy_of_the_text_is_normalised(as_facilitator):
    text = TextFactory(pages=[["x" * 60], ["b"], [LONG_LINE, *"cdefghi"]])

    body = create(as_facilitator, texto_seleccionado_id=text.pk).json()

    assert body["texto_seleccionado"]["Pages"] == [
        ["x" * 60],
        ["b"],
        [
            "Hay una frase cruel, pero demoledora,",
            "que ronda los pasillos de la academia",
            *"cdefgh",
        ],
        ["i"],
    ]


def test_a_later_change_of_the_text_does_not_touch_the_copy(as_facilitator):
    text = TextFactory(title="Antes", tags={"tema": "ética"}, pages=[["a"], ["b"], ["c"]])
    body = create(as_facilitator, texto_seleccionado_id=text.pk).json()

    text.title, text.tags, text.pages = "Después", {"tema": "mérito"}, [["z"]]
    text.store()

    later = as_facilitator.get(f"/api/v1/sessions/{body['id']}").json()
    assert later["texto_seleccionado"] == body["texto_seleccionado"]


def test_accents_are_kept_in_the_form_in_which_they_came(as_facilitator):
    nombre = unicodedata.normalize("NFD", "José Ñúñez")

    answer = create(as_facilitator, {"nombre": nombre})

    assert answer.json()["datos_participante"]["nombre"] == nombre


def test_times_have_microseconds_and_the_offset_of_lima(as_facilitator):
    body = create(as_facilitator).json()

    for field in ("created_at", "updated_at"):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}-05:00", body[field])


def test_the_participants_data_sit_in_a_row_of_their_own(as_facilitator):
    session = Session.objects.get(pk=create(as_facilitator).json()["id"])

    Participant.objects.filter(session=session).delete()

    answer = as_facilitator.get(f"/api/v1/sessions/{session.pk}")
    assert answer.status_code == 200
    assert answer.json()["datos_participante"]["nombre"] == ""


def test_a_code_has_nine_characters_without_look_alikes(as_facilitator):
    code = create(as_facilitator).json()["session_code"]

    assert re.fullmatch(r"[a-z0-9]{9}", code)
    assert not LOOK_ALIKES & set(code)


@pytest.mark.one_database
def test_codes_use_no_look_alikes_and_do_not_repeat():
    codes = [new_code() for _ in range(2000)]

    assert len(set(codes)) == 2000
    assert {len(code) for code in codes} == {9}
    assert not LOOK_ALIKES & set("".join(codes))
    assert "".join(codes) == "".join(codes).lower()


@pytest.mark.one_database
def test_codes_do_not_come_from_a_generator_that_can_be_seeded():
    random.seed(7)
    first = [new_code() for _ in range(3)]
    random.seed(7)

    assert [new_code() for _ in range(3)] != first


def test_a_code_that_is_taken_is_drawn_again(as_facilitator, monkeypatch):
    taken = create(as_facilitator).json()["session_code"]
    draws = iter([taken, taken, "cdefghjkm"])
    monkeypatch.setattr(models, "new_code", lambda: next(draws))

    answer = create(as_facilitator)

    assert answer.status_code == 201
    assert answer.json()["session_code"] == "cdefghjkm"


def test_a_session_knows_how_many_words_are_read_aloud_in_its_copy_of_the_text(as_facilitator):
    text = TextFactory(pages=[["Respira hondo."], ["El título"], ["Uno dos", "", "tres"]])
    number = create(as_facilitator, texto_seleccionado_id=text.pk).json()["id"]

    text.pages = [["a"], ["b"], ["Otro texto, mucho más largo"]]
    text.store()

    assert Session.objects.get(pk=number).text_words == 3
