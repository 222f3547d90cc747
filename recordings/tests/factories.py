import hashlib
import itertools
import zlib

import factory
from django.core.files.base import ContentFile
from django.utils import timezone

from recordings.models import Recording
from sessions_app.tests.factories import SessionFactory

_counter = itertools.count()


def _stored(content):
    """The bytes that came, even if their object is gone by now."""
    return b"gone" if content is None else content


class RecordingFactory(factory.django.DjangoModelFactory):
    """A stored recording; `content` are its bytes, None for an object that is gone."""

    class Meta:
        model = Recording

    session = factory.SubFactory(SessionFactory)
    formato = "audio/wav"
    duracion_segundos = 8.5
    is_processed = True
    content = factory.LazyFunction(lambda: f"audio {next(_counter)}".encode())

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        content = kwargs.pop("content")
        kwargs.setdefault(
            "audio", f"recordings/session_{kwargs['session'].pk}/{next(_counter)}.wav"
        )
        kwargs.setdefault("uploaded_at", timezone.now())
        kwargs.setdefault("sha256", hashlib.sha256(_stored(content)).hexdigest())
        kwargs.setdefault("crc32", zlib.crc32(_stored(content)))
        kwargs.setdefault("file_size", len(content or b""))
        recording = model_class.with_pending.create(**kwargs)
        if content is not None:
            recording.put(ContentFile(content))
        return recording
