"""`/texts`, `/texts/{id}` and `/texts/tags` over HTTP."""

import unicodedata
from urllib.parse import quote

import pytest
from rest_framework.test import APIClient

from training.tests.factories import TextFactory

pytestmark = pytest.mark.django_db

ETHICS = {"tema": "Ética universitaria", "tono": "combativo", "contexto": "academia"}


def listed(client, **filters):
    answer = client.get("/api/v1/texts", filters)
    assert answer.status_code == 200, answer.content
    ids = [text["Id"] for text in answer.json()["texts"]]
    assert answer.json()["total"] == len(ids)
    return ids


def test_the_list_holds_all_but_the_pages(nobody):
    TextFactory(id="t1", title="La Tiranía", tags={"tema": "especialización"})

    assert nobody.get("/api/v1/texts").json() == {
        "texts": [{"Id": "t1", "Title": "La Tiranía", "Tags": {"tema": "especialización"}}],
        "total": 1,
    }


def test_the_list_without_texts_is_empty(nobody):
    assert nobody.get("/api/v1/texts").json() == {"texts": [], "total": 0}


def test_the_list_is_ordered_by_id(nobody):
    for text_id in ("20260108_0005", "20251225_0001", "20260108_0004"):
        TextFactory(id=text_id)

    assert listed(nobody) == ["20251225_0001", "20260108_0004", "20260108_0005"]


def test_the_list_is_whole_however_long(nobody):
    TextFactory.create_batch(60)

    assert len(listed(nobody)) == 60


@pytest.mark.parametrize("texts", [1, 5])
def test_the_list_takes_one_query(nobody, django_assert_num_queries, texts):
    TextFactory.create_batch(texts)

    with django_assert_num_queries(1):
        listed(nobody, tema="especialización", tono="combativo")


def test_tags_keep_the_order_in_which_they_were_delivered(nobody):
    tags = {"tono": "crítico", "audiencia": "todos", "tema": "ética"}
    TextFactory(id="t1", tags=tags)

    assert list(nobody.get("/api/v1/texts/t1").json()["Tags"]) == list(tags)
    assert list(nobody.get("/api/v1/texts").json()["texts"][0]["Tags"]) == list(tags)


def test_a_filter_keeps_texts_with_that_value(nobody):
    TextFactory(id="t1", tags=ETHICS)
    TextFactory(id="t2", tags={**ETHICS, "tema": "meritocracia"})

    assert listed(nobody, tema="meritocracia") == ["t2"]


def test_filters_must_all_hold(nobody):
    TextFactory(id="t1", tags=ETHICS)
    TextFactory(id="t2", tags={**ETHICS, "tono": "crítico"})
    TextFactory(id="t3", tags={**ETHICS, "tema": "meritocracia"})

    assert listed(nobody, tema="ética universitaria", tono="crítico") == ["t2"]


@pytest.mark.parametrize(
    "value",
    [
        "Ética universitaria",
        "ética universitaria",
        "ÉTICA UNIVERSITARIA",
        "  Ética universitaria\t",
        unicodedata.normalize("NFD", "Ética universitaria"),
        unicodedata.normalize("NFD", "  éTICA universitariA "),
    ],
)
@pytest.mark.parametrize("stored_form", ["NFC", "NFD"])
def test_values_are_compared_trimmed_in_any_case_and_any_unicode_form(nobody, value, stored_form):
    stored = unicodedata.normalize(stored_form, "  Ética Universitaria ")
    TextFactory(id="t1", tags={"tema": stored})

    assert listed(nobody, tema=value) == ["t1"]


def test_values_are_case_folded_and_not_merely_lowered(nobody):
    TextFactory(id="t1", tags={"tema": "Straße"})

    assert listed(nobody, tema="STRASSE") == ["t1"]


@pytest.mark.parametrize("value", ["etica universitaria", "ética", "ética  universitaria", "%", ""])
def test_a_value_that_is_not_equal_does_not_match(nobody, value):
    TextFactory(tags=ETHICS)

    assert listed(nobody, tema=value) == []


def test_an_empty_value_matches_only_an_empty_tag(nobody):
    TextFactory(id="t1", tags={"contexto": " "})
    TextFactory(id="t2", tags={"contexto": "academia"})

    assert listed(nobody, contexto="") == ["t1"]


@pytest.mark.parametrize(
    "key",
    [
        "desconocida",
        "limit",
        "format",
        "tags__tema",
        "tema__contains",
        "pk",
        "__",
        "7",
        "'",
        '"',
        "tema'--",
        "%",
        "ñandú",
        "a.b",
        "a[]",
        "k" * 300,
    ],
)
def test_a_key_that_no_text_has_matches_nothing(nobody, key):
    TextFactory(tags=ETHICS)

    assert listed(nobody, **{key: "combativo"}) == []


def test_an_unknown_key_beside_a_matching_one_matches_nothing(nobody):
    TextFactory(tags=ETHICS)

    assert listed(nobody, tono="combativo", desconocida="x") == []


@pytest.mark.parametrize("key", ["Año de publicación", "a'b", "a__b", "7", "limit"])
def test_any_key_that_a_text_has_can_be_filtered_by(nobody, key):
    TextFactory(id="t1", tags={key: "sí"})
    TextFactory(tags={"otra": "sí"})

    assert listed(nobody, **{key: "SÍ"}) == ["t1"]


def test_a_repeated_parameter_must_hold_each_time(nobody):
    TextFactory(id="t1", tags=ETHICS)

    assert listed(nobody, tono=["combativo", "COMBATIVO"]) == ["t1"]
    assert listed(nobody, tono=["combativo", "crítico"]) == []


def test_as_many_parameters_as_a_request_may_have_are_answered(nobody):
    TextFactory(id="t1", tags=ETHICS)

    assert listed(nobody, tono=["combativo"] * 999) == ["t1"]
    assert listed(nobody, **{f"clave{number}": "x" for number in range(999)}) == []
    assert listed(nobody, **ETHICS, **{f"clave{number}": "x" for number in range(990)}) == []


def test_a_text_can_be_filtered_by_all_of_a_great_many_tags(nobody):
    tags = {f"clave{number}": "x" for number in range(250)}
    TextFactory(id="t1", tags=tags)
    TextFactory(id="t2", tags={**tags, "clave249": "y"})

    assert listed(nobody, **tags) == ["t1"]


def test_a_text_comes_with_its_pages_as_the_headset_shows_them(nobody):
    long_line = "Hay una frase cruel, pero demoledora, que ronda los pasillos de la academia"
    TextFactory(
        id="t1",
        title="La Tiranía",
        pages=[["x" * 60], ["", " b "], [long_line, "", *"cdefgh"]],
        tags={"tema": "especialización"},
    )

    assert nobody.get("/api/v1/texts/t1").json() == {
        "Id": "t1",
        "Title": "La Tiranía",
        "Pages": [
            ["x" * 60],
            ["", " b "],
            [
                "Hay una frase cruel, pero demoledora,",
                "que ronda los pasillos de la academia",
                "",
                *"cdefg",
            ],
            ["h"],
        ],
        "Tags": {"tema": "especialización"},
    }


@pytest.mark.parametrize("text_id", ["xxx", "x" * 500, "%", "7", "ñ", "t1 ", "T1", "'"])
def test_an_unknown_text_is_404_in_the_contracts_words(nobody, text_id):
    TextFactory(id="t1")

    answer = nobody.get(f"/api/v1/texts/{quote(text_id)}")

    assert answer.status_code == 404
    assert answer.json() == {"detail": f"Text with Id '{text_id}' not found"}


def test_the_words_for_an_unknown_text_are_not_translated(nobody):
    answer = nobody.get("/api/v1/texts/xxx", headers={"accept-language": "en"})

    assert answer.json() == {"detail": "Text with Id 'xxx' not found"}


def test_a_slash_at_the_end_leads_to_the_same(nobody):
    TextFactory(id="t1")

    for path in ("/api/v1/texts", "/api/v1/texts/tags", "/api/v1/texts/t1"):
        assert nobody.get(f"{path}/").json() == nobody.get(path).json()


def test_the_index_of_tags_is_not_hidden_by_the_texts(nobody):
    assert nobody.get("/api/v1/texts/tags").json() == {"keys": [], "values": {}}


def test_the_index_has_values_for_every_key(nobody):
    TextFactory(tags=ETHICS)
    TextFactory(tags={"audiencia": "docentes", "tono": "crítico"})

    assert nobody.get("/api/v1/texts/tags").json() == {
        "keys": ["audiencia", "contexto", "tema", "tono"],
        "values": {
            "audiencia": ["docentes"],
            "contexto": ["academia"],
            "tema": ["Ética universitaria"],
            "tono": ["combativo", "crítico"],
        },
    }


def index_of(client, *values):
    for value in values:
        TextFactory(tags={"tema": value})
    return client.get("/api/v1/texts/tags").json()["values"]["tema"]


def test_values_are_sorted_as_a_spanish_reader_expects(nobody):
    expected = [
        "Ámbar",
        "anual",
        "año",
        "apto",
        "especialización",
        "ética universitaria",
        "meritocracia",
        "Misión de la universidad",
        "nube",
        "ñandú",
        "oído",
        "zona",
    ]

    assert index_of(nobody, *reversed(expected)) == expected


def test_decomposed_values_are_sorted_alike(nobody):
    ethics = unicodedata.normalize("NFD", "ética")

    assert index_of(nobody, "meritocracia", ethics, "especialización")[1] == ethics


@pytest.mark.parametrize(
    "twin",
    ["ÉTICA", " ética ", "ética\t", unicodedata.normalize("NFD", "ética")],
)
def test_values_that_compare_equal_are_one(nobody, twin):
    assert index_of(nobody, "ética", twin, "mérito") == ["ética", "mérito"]


def test_a_value_of_the_index_has_no_space_around_it(nobody):
    assert index_of(nobody, "  ética  ") == ["ética"]


def test_every_value_of_the_index_finds_its_texts(nobody):
    TextFactory.create_batch(3, tags=ETHICS)

    for key, values in nobody.get("/api/v1/texts/tags").json()["values"].items():
        assert len(listed(nobody, **{key: values[0]})) == 3


@pytest.mark.parametrize("path", ["/texts", "/texts/tags", "/texts/t1"])
@pytest.mark.parametrize(
    "credential",
    [
        {},
        {"HTTP_AUTHORIZATION": "Bearer roto"},
        {"HTTP_AUTHORIZATION": "Basic Og=="},
        {"HTTP_X_SESSION_CODE": "nadie"},
        {"HTTP_COOKIE": "session_code=nadie"},
    ],
    ids=["none", "bad token", "other scheme", "bad code", "bad cookie"],
)
def test_texts_are_open_to_all_whatever_credential_they_bring(path, credential):
    TextFactory(id="t1")

    assert APIClient(**credential).get(f"/api/v1{path}").status_code == 200


@pytest.mark.parametrize("path", ["/texts", "/texts/tags", "/texts/t1"])
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_texts_cannot_be_written(as_analyst, path, method):
    TextFactory(id="t1")

    assert getattr(as_analyst, method)(f"/api/v1{path}", {}).status_code == 405
