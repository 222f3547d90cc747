"""Finding a person who calls: by code, e-mail or name, with every session that may be theirs.

Codes and e-mails are looked up by their indexes. Names are looked through, newest first and no
further than needed: however many there are, a page shows few.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, Lower

from accounts.models import canonical_email
from dataset.identities import person_of
from dataset.people.similar import Similar
from recordings.models import Recording
from sessions_app.models import Participant, Session
from sessions_app.searching import code_typed
from toastclub.searching import all_words, words_in
from toastclub.spelling import plain

SESSIONS_AT_MOST = 100  # that a name may mean
PEOPLE_AT_MOST = 12
OWN_AT_MOST = 1000  # sessions under one of the e-mails
OFFERED_AT_MOST = 10  # sessions of the same or a similar name, for each person

Key = tuple[bool, str]  # whether it is an e-mail, and that or a name


@dataclass
class Person:
    """Sessions that are one person's, and others that may be."""

    sessions: list[Session]
    is_sure: bool  # that all those sessions are the same person's
    offered: list[Session] = field(default_factory=list)
    has_more: bool = False  # to be offered

    @property
    def email(self) -> str:
        """As it was last written; empty if none was given."""
        return email_of(self.sessions[0])

    @property
    def names(self) -> list[str]:
        return names_in(self.sessions)


class Found(NamedTuple):
    people: list[Person]
    has_more: bool


def find(typed: str) -> Found:
    """Whoever that code, e-mail or name may mean."""
    called = _by_code(typed)
    matching = [*called, *_by_email([typed]), *_by_name(typed)]
    groups = _grouped(matching)
    shown = dict(islice(groups.items(), PEOPLE_AT_MOST))
    people = _people(shown, called={session.pk for session in called})
    has_more = len(matching) > SESSIONS_AT_MOST or len(groups) > len(shown)
    if not has_more:  # else more has to be typed before anybody is chosen
        _offer_similar(people)
    return Found(people, has_more)


def name_of(session: Session) -> str:
    """Empty where the data of the participant are not there."""
    name: str = session.datos_participante["nombre"]
    return name


def email_of(session: Session) -> str:
    return session.datos_participante["email_opcional"] or ""


def names_in(sessions: Iterable[Session]) -> list[str]:
    """Each of the names that were given, once."""
    names = {plain(name): name for name in map(name_of, sessions) if name}
    return list(names.values())


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
    wanted = {canonical_email(email) for email in emails if "@" in email}
    if not wanted:
        return []
    # In no order: for the newest, PostgreSQL would go through all of them from the end.
    rows = Participant.objects.annotate(email=Lower("email_opcional")).filter(email__in=wanted)
    return _numbered(rows.order_by().values_list("pk", flat=True)[:OWN_AT_MOST])


def _by_name(typed: str) -> list[Session]:
    """Those whose name has every word, or part of a word, that was typed."""
    words = words_in(typed)
    if "@" in typed or not words:
        return []
    rows = Participant.objects.filter(all_words(words, "nombre")).order_by("-pk")
    return _numbered(rows.values_list("pk", flat=True)[: SESSIONS_AT_MOST + 1])


def _numbered(numbers: Iterable[int]) -> list[Session]:
    return list(sessions_with_takes().filter(pk__in=list(numbers)))


def _grouped(sessions: Iterable[Session]) -> dict[Key, list[Session]]:
    """By e-mail, whose sessions are one person's; by name, of which nobody knows, without one."""
    groups: dict[Key, list[Session]] = {}
    for session in {session.pk: session for session in sessions}.values():
        email = email_of(session)
        key = (True, person_of(email)) if email else (False, plain(name_of(session)))
        groups.setdefault(key, []).append(session)
    return groups


def _people(groups: dict[Key, list[Session]], *, called: set[int]) -> list[Person]:
    """Each with all sessions of the e-mail. Who has the code of a session is sure to be in it."""
    found = [session for own in groups.values() for session in own]
    whole = _grouped([*found, *_by_email(map(email_of, found))])
    people = []
    for (is_email, _value), own in whole.items():
        own.sort(key=lambda session: -session.pk)
        by_code = [session for session in own if session.pk in called]
        if is_email or len(own) == 1:
            people.append(Person(own, is_sure=True))
        else:
            people.append(Person(by_code or own, is_sure=bool(by_code)))
    return people


def _offer_similar(people: list[Person]) -> None:
    """Adds to each person the sessions of the same or a similar name, under another e-mail."""
    similar = Similar(name for person in people for name in person.names)
    numbers: list[list[int]] = []
    for person in people:
        own = {session.pk for session in person.sessions}
        others = [number for number in similar.to(person.names) if number not in own]
        person.has_more = len(others) > OFFERED_AT_MOST
        numbers.append(others[:OFFERED_AT_MOST])
    offered = {session.pk: session for session in _numbered({n for each in numbers for n in each})}
    for person, others in zip(people, numbers, strict=True):
        person.offered = [offered[number] for number in others if number in offered]
