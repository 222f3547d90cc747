from recordings.tests.factories import RecordingFactory
from sessions_app.tests.factories import SessionFactory


def take_of(name="Juana Ñahui", age=97, email="juana@example.com", **session):
    participant = {"nombre": name, "edad_aproximada": age, "email_opcional": email}
    return RecordingFactory(session=SessionFactory(participant=participant, **session))
