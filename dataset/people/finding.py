"""Finding a person who calls: by code, e-mail or name, with every session that may be theirs.

Codes and e-mails are looked up by their indexes. Names are looked through, newest first and no
further than needed: however many there are, a page shows few.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import lru_cache
from typing import NamedTuple

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Lower

from accounts.models import canonical_email
from dataset.identities import person_of
from dataset.people.spelling import pattern_of, plain
from recordings.models import Recording
from sessions_app.models import Participant, Session
from sessions_app.searching import code_typed

SESSIONS_AT_MOST = 100
PEOPLE_AT_MOST = 12
OFFERED_AT_MOST = 10  # sessions of the same or a similar name, for each person
NAMES_AT_MOST = 5000  # that are compared with those of the people found
WORDS_AT_MOST = 12
SHORTEST_WORD = 3  # letters, of a word that tells one name from others
SHORTEST_FUZZY = 4
CLOSE = 0.75  # what Jhon and John, or Ñahui and Nahuy, have in common by `SequenceMatcher`


@dataclass
class Person:
    """Sessions that are one person's, and others that may be."""

    email: str  # as it was last written; empty if none was given
    sessions: list[Session]
    is_sure: bool  # that all those sessions are the same person's
    offered: list[Session] = field(default_factory=list)
    has_more: bool = False  # to be offered

    @property
    def names(self) -> list[str]:
        return names_in(self.sessions)


class Found(NamedTuple):
    people: list[Person]
    has_more: bool


def find(typed: str) -> Found:
    """Whoever that code, e-mail or name may mean."""
    by_code = _by_code(typed)
    matching = [*by_code, *_by_email([canonical_email(typed)]), *_by_name(typed)]
    emails = {canonical_email(email) for session in matching if (email := email_of(session))}
    matching += _by_email(emails)
    sessions = sorted({session.pk: session for session in matching}.values(), key=_newest_first)
    people = list(_people(sessions, sure={session.pk for session in by_code}))
    has_more = len(sessions) > SESSIONS_AT_MOST or len(people) > PEOPLE_AT_MOST
    del people[PEOPLE_AT_MOST:]
    _offer_similar(people)
    return Found(people, has_more)


def name_of(session: Session) -> str:
    """Empty where the data of the participant are not there."""
    name: str = session.datos_participante["nombre"]
    return name


def names_in(sessions: Iterable[Session]) -> list[str]:
    """Each of the names that were given, once."""
    names = {plain(name): name for name in map(name_of, sessions) if name}
    return list(names.values())


def email_of(session: Session) -> str:
    return session.datos_participante["email_opcional"] or ""


def sessions_with_takes() -> QuerySet[Session]:
    """Those that were not erased, newest first, with how many recordings each has."""
    takes = (
        Recording.objects.filter(session=OuterRef("pk"))
        .order_by()
        .values("session")
        .annotate(count=Count("pk"))
        .values("count")
    )
    return (
        Session.objects.filter(erased_at=None)
        .select_related("participant")
        .annotate(takes=Coalesce(Subquery(takes), 0))
        .defer("text_pages", "text_tags")
        .order_by("-pk")
    )


def _by_code(typed: str) -> list[Session]:
    """A code is said in groups, and written so."""
    code = code_typed(typed.replace("-", " "))
    return list(sessions_with_takes().filter(session_code=code)) if code else []


def _by_email(emails: Iterable[str]) -> list[Session]:
    wanted = [email for email in emails if "@" in email]
    if not wanted:
        return []
    rows = sessions_with_takes().annotate(email=Lower("participant__email_opcional"))
    return list(rows.filter(email__in=wanted)[: SESSIONS_AT_MOST + 1])


def _by_name(typed: str) -> list[Session]:
    """Those whose name has every word, or part of a word, that was typed."""
    words = plain(typed).split()[:WORDS_AT_MOST]
    if "@" in typed or not words:
        return []
    conditions = [Q(nombre__iregex=pattern_of(word)) for word in words]
    names = Participant.objects.filter(*conditions).order_by("-pk")
    numbers = list(names.values_list("pk", flat=True)[: SESSIONS_AT_MOST + 1])
    return list(sessions_with_takes().filter(pk__in=numbers))


def _people(sessions: list[Session], *, sure: set[int]) -> Iterator[Person]:
    """The same e-mail is the same person; of the same name without one nobody knows."""
    groups: dict[tuple[str, str], list[Session]] = {}
    for session in sessions:
        email = email_of(session)
        key = ("email", person_of(email)) if email else ("name", plain(name_of(session)))
        groups.setdefault(key, []).append(session)
    for (kind, _value), own in groups.items():
        called = [session for session in own if session.pk in sure]
        if kind == "email" or len(own) == 1:
            yield Person(email_of(own[0]), own, is_sure=True)
        elif called:
            others = [session for session in own if session.pk not in sure]
            yield Person("", called, is_sure=True, offered=others)
        else:
            yield Person("", own, is_sure=False)


def _offer_similar(people: list[Person]) -> None:
    """Adds to each person the sessions of the same or a similar name, under another e-mail."""
    names = list(_names_like(people))
    chosen = {}
    for person in people:
        own = {session.pk for session in (*person.sessions, *person.offered)}
        numbers = [number for number in _similar_to(person, names) if number not in own]
        person.has_more = len(numbers) > OFFERED_AT_MOST
        chosen[id(person)] = numbers[:OFFERED_AT_MOST]
    wanted = {number for numbers in chosen.values() for number in numbers}
    offered = {session.pk: session for session in sessions_with_takes().filter(pk__in=wanted)}
    for person in people:
        person.offered += [offered[n] for n in chosen[id(person)] if n in offered]


def _names_like(people: list[Person]) -> Iterator[tuple[int, list[str]]]:
    """The numbers of sessions whose participant's name has a word of one of theirs."""
    words = {word for person in people for name in person.names for word in _telling(name)}
    if not words:
        return
    longest = sorted(words, key=len, reverse=True)[:WORDS_AT_MOST]
    any_word = "|".join(map(pattern_of, longest))
    names = Participant.objects.filter(nombre__iregex=any_word).order_by("-pk")
    for number, name in names.values_list("pk", "nombre")[:NAMES_AT_MOST]:
        yield number, plain(name).split()


def _telling(name: str) -> list[str]:
    """The two longest words of a name, by which others like it are found."""
    words = sorted(plain(name).split(), key=len, reverse=True)
    return [word for word in words if len(word) >= SHORTEST_WORD][:2]


def _similar_to(person: Person, names: list[tuple[int, list[str]]]) -> list[int]:
    """The numbers of the similar ones, those of the very name first."""
    own = [plain(name).split() for name in person.names]
    same = [number for number, name in names if name in own]
    similar = [
        number
        for number, name in names
        if name not in own and any(_is_similar(name, each) for each in own)
    ]
    return same + similar


def _is_similar(one: list[str], other: list[str]) -> bool:
    """Whether each word of the shorter is in the longer, or one that is close to it."""
    shorter, longer = sorted((one, other), key=len)
    return bool(shorter) and all(any(_are_close(word, each) for each in longer) for word in shorter)


@lru_cache(maxsize=10_000)
def _are_close(one: str, other: str) -> bool:
    if one == other:
        return True
    if min(len(one), len(other)) < SHORTEST_FUZZY:
        return False
    matcher = SequenceMatcher(None, one, other)
    return matcher.quick_ratio() >= CLOSE and matcher.ratio() >= CLOSE


def _newest_first(session: Session) -> int:
    return -session.pk
