"""Reading the export as its users do: with zipfile and csv."""

import csv
import io
import zipfile

EXPORT = "/api/v1/dataset/export"


def export(client, **filters):
    """The archive that this client is sent."""
    answer = client.get(EXPORT, filters)
    assert answer.status_code == 200, answer.content
    return zipfile.ZipFile(io.BytesIO(b"".join(answer)))


def table(archive, name):
    """The rows of a table, its header first."""
    text = archive.read(name).decode("utf-8")
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


def rows(archive, name):
    """The rows of a table, column → cell."""
    header, *lines = table(archive, name)
    return [dict(zip(header, line, strict=True)) for line in lines]


def text_of(archive):
    """All of it but the audio."""
    documents = [name for name in archive.namelist() if not name.startswith("audios/")]
    return b"".join(archive.read(name) for name in documents).decode()


def give_up(answer):
    """Does what the server does when its client goes away."""
    next(answer.streaming_content)
    next(answer._iterator)
    answer._iterator.close()
