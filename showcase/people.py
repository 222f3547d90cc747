"""Who takes part, and what they answer. All of it is made up."""

from random import Random
from typing import Any

FACILITATORS = ["Lucía Ñahui Ccopa", "Martín Salazar Ríos", "Carmen Yupanqui Díaz"]
ANALYSTS = ["Andrés Villanueva Soto", "Beatriz Huamán León"]

PARTICIPANTS = [
    ("Rosa Álvarez Medina", 24),
    ("Jorge Quispe Mamani", 31),
    ("Valeria Ortiz Núñez", 19),
    ("Diego Paredes Ibáñez", 22),
    ("Milagros Condori Apaza", 27),
    ("Sebastián Rojas Peña", 20),
    ("Ximena Torres Güembes", 45),
    ("Luis Ángel Chávez", 38),
    ("Camila Vera Zúñiga", 23),
    ("Renzo Guevara Solís", 29),
    ("María José Espinoza", 52),
    ("Álvaro Muñoz Barreda", 21),
    ("Daniela Cáceres Pinto", 26),
    ("Piero Salas Montoya", 18),
    ("Noemí Arce Villegas", 34),
    ("Fabián Lozano Cruz", 41),
    ("Andrea Benítez Ugarte", 25),
    ("Emilio Carrasco Tello", 63),
    ("Kiara Poma Huanca", 20),
    ("Gonzalo Icaza Prado", 30),
    ("Ariana Delgado Ruiz", 22),
    ("Íñigo Bustamante Vega", 36),
    ("Sofía Zegarra Lazo", 28),
    ("Tomás Aguirre Falcón", 24),
]
_COMMENTS = [
    "Al principio me temblaba la voz, pero el público ayudó a seguir.",
    "Las páginas se leen bien. Me gustaría pasar de una a otra con la mirada.",
    "El visor pesa un poco después de cinco minutos.",
    "Sentí que de verdad me escuchaban; quiero repetirlo con otro texto.",
    "Me perdí en una línea larga, pero pude retomar.",
    "Haría falta un ensayo corto antes de empezar.",
    "",
    "",
]


def participant(number: int) -> dict[str, Any]:
    """Some come again, some leave no e-mail, some no age."""
    name, age = PARTICIPANTS[number % len(PARTICIPANTS)]
    first, last = name.lower().split()[:2]
    address = f"{first}.{last}@correo.example".translate(str.maketrans("áéíóúüñ", "aeiouun"))
    return {
        "nombre": name,
        "edad_aproximada": age if number % 9 else None,
        "email_opcional": address if number % 4 else None,
    }


def answers(random: Random) -> dict[str, Any]:
    before = _one_of(random, {1: 1, 2: 2, 3: 4, 4: 6, 5: 3})
    return {
        "experiencia_general": _one_of(
            random, {"excelente": 9, "buena": 8, "regular": 3, "mala": 1}
        ),
        "facilidad_uso": _one_of(random, {"muy_facil": 7, "facil": 6, "dificil": 2}),
        "nervios_al_empezar": before,
        "nervios_al_terminar": max(1, before - random.choice([0, 1, 1, 2])),
        "volveria_usar": _one_of(random, {"si": 12, "tal_vez": 4, "no": 1}),
        "comentario": random.choice(_COMMENTS),
    }


def _one_of(random: Random, shares: dict[Any, int]) -> Any:
    return random.choices(list(shares), list(shares.values()))[0]
