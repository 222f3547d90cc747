"""Where the voices are in production: Cloudflare R2, or any S3 store.

`recordings.disk` answers the same calls from a folder, so that nothing else has to know which
one is configured. All that goes wrong inside them is `StoreUnavailable`; an object that is not
there, `FileNotFoundError`.

A long recording may come in parts that its client sends to the store itself: `begin_parts`
makes room for them and returns the store's own name of it, `part_address` says where a part is
to be sent, `stored_parts` what has arrived, and `join_parts` makes one object of them.
"""

import contextlib
import socket
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from threading import Event, Lock
from typing import Any, NamedTuple

from botocore.auth import AUTH_TYPE_MAPS, S3SigV4Auth
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.utils import parse_timestamp
from django.core.files.base import File
from storages.backends.s3 import S3Storage

from recordings.outages import StoreUnavailable, asking, finding, persevering, reporting_outages
from recordings.pace import PacedFile, pace_of_answer
from toastclub.streams import in_pieces

READINESS_TIMEOUT = 2  # seconds
CHUNK_BYTES = 1024 * 1024
UNSENT_BYTES = 256 * 1024
LISTED_AT_ONCE = 1000  # as many as an S3 store does
KEY_MAX_BYTES = 1024  # of any S3 store
PART_BYTES = 8 * 1024 * 1024
JOINING_SECONDS = 120
PARTS_AT_MOST = 9_000  # of the 10,000 that an S3 store takes
BEYOND_ALL_KEYS = "\U0010ffff"
READ_BYTES = 64 * 1024  # so few that it is soon noticed when they hardly come


class AudioContent(File):
    """Bytes to be stored, with what the store is to say of them when they are downloaded.

    `sha256`, in hexadecimal, is what it is to check that they arrived by.
    """

    def __init__(
        self, file: Any, *, content_type: str, content_disposition: str, sha256: str | None = None
    ) -> None:
        super().__init__(file)
        self.content_type = content_type
        self.content_disposition = content_disposition
        self.sha256 = sha256


class _KnownBodyAuth(S3SigV4Auth):
    """Signs the SHA-256 that is known of a body, instead of reading all of it once more."""

    def payload(self, request: Any) -> Any:
        return getattr(request.body, "sha256", None) or super().payload(request)


_KNOWN_BODY = "toastclub-known-body"
AUTH_TYPE_MAPS[_KNOWN_BODY] = _KnownBodyAuth


def _choose_signer(**_event: Any) -> str:
    return _KNOWN_BODY


def _moment(written: Any) -> datetime:
    """What botocore reads as well, but an ISO 8601 time hundreds of times as slowly."""
    try:
        return datetime.fromisoformat(written)
    except (TypeError, ValueError):
        moment: datetime = parse_timestamp(written)
        return moment


def _keep_little_unsent(client: Any) -> None:
    """Has the system take no megabytes that it can't send yet.

    On a thin line they would still be on their way while the store's answer is waited for.
    botocore has no setting for it.
    """
    option = (socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT_BYTES)
    client._endpoint.http_session._socket_options.append(option)


class StoredObject(NamedTuple):
    key: str
    size: int  # bytes


@dataclass(frozen=True)
class Parts:
    """An upload in parts that was begun: its key, the store's name of it, and when."""

    key: str
    parts_id: str
    begun_at: datetime


@dataclass(frozen=True)
class StoredPart:
    """A part that arrived, and what the store wants to be told of it to join it."""

    size: int
    tag: str = ""


class R2Storage(S3Storage):
    """A private bucket; URLs are presigned."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._client: Any = None
        self._client_lock = Lock()

    @property
    def client(self) -> Any:
        """One for all threads: making it takes longer than most requests."""
        with self._client_lock:
            if self._client is None:
                self._client = self._make_client(self.client_config)
                events = self._client.meta.events
                events.register_first("choose-signer.s3.PutObject", _choose_signer)
            return self._client

    def _make_client(self, config: Config) -> Any:
        session = self._create_session()
        parsers = session._session.get_component("response_parser_factory")
        parsers.set_parser_defaults(timestamp_parser=_moment)
        client = session.client(
            "s3",
            region_name=self.region_name,
            endpoint_url=self.endpoint_url,
            config=config,
        )
        _keep_little_unsent(client)
        return client

    def _save(self, name: str, content: File) -> str:
        """One put, whole or not at all, whose body is read as it is sent."""
        content.seek(0)
        with reporting_outages():
            self.client.put_object(
                Bucket=self.bucket_name,
                Key=name,
                Body=PacedFile(content, sha256=getattr(content, "sha256", None)),
                **self._get_write_parameters(name, content),
            )
        return name

    def _get_write_parameters(self, name: str, content: Any = None) -> dict[str, Any]:
        parameters: dict[str, Any] = super()._get_write_parameters(name, content)
        # Set on the object, because stores differ on overriding it in a presigned URL.
        disposition = getattr(content, "content_disposition", None)
        if disposition:
            parameters["ContentDisposition"] = disposition
        return parameters

    def _open(self, name: str, mode: str = "rb") -> Any:
        with reporting_outages(FileNotFoundError):
            return super()._open(name, mode)

    def chunks_of(self, key: str) -> Iterator[bytes]:
        """The object's bytes as they come, without a copy of them anywhere."""
        with finding():
            body = self.client.get_object(Bucket=self.bucket_name, Key=key)["Body"]
        with reporting_outages(), contextlib.closing(body):
            pace = pace_of_answer()
            for chunk in body.iter_chunks(READ_BYTES):
                pace.count(len(chunk))
                yield chunk
                pace.resume()

    def store_all(
        self,
        key: str,
        chunks: Iterable[bytes],
        *,
        size: int,
        content_type: str,
        disposition: str,
    ) -> None:
        """Stores bytes while they are being made, at the memory of a part; whole or not at all."""
        described = {"ContentType": content_type, "ContentDisposition": disposition}
        parts_id = persevering(partial(self.begin_parts, key, **described))
        try:
            parts = self._send_parts(key, parts_id, in_pieces(chunks, size=_part_size(size)))
            self._join_patiently(key, parts_id, parts)
        except BaseException:
            with contextlib.suppress(StoreUnavailable):
                self.abort_parts(key, parts_id)
            raise

    def _join_patiently(self, key: str, parts_id: str, parts: Mapping[int, StoredPart]) -> None:
        """A store may take its time to join gigabytes; what it did unsaid is found to be done."""
        patient = self._make_client(self.client_config.merge(Config(read_timeout=JOINING_SECONDS)))

        def join() -> None:
            with finding():
                self._join(patient, key, parts_id, parts)

        with contextlib.suppress(FileNotFoundError):
            persevering(join)
        if not self.exists(key):
            raise StoreUnavailable

    def _send_parts(
        self, key: str, parts_id: str, pieces: Iterable[bytes]
    ) -> dict[int, StoredPart]:
        parts = {}
        for number, piece in enumerate(pieces, start=1):
            parts[number] = persevering(partial(self._send_part, key, parts_id, number, piece))
        return parts

    def _send_part(self, key: str, parts_id: str, number: int, piece: bytes) -> StoredPart:
        with reporting_outages():
            sent = self.client.upload_part(
                Bucket=self.bucket_name, PartNumber=number, Body=piece, **_parts(key, parts_id)
            )
        return StoredPart(len(piece), sent["ETag"])

    def delete(self, name: str) -> None:
        with asking():
            self.client.delete_object(Bucket=self.bucket_name, Key=name)

    def exists(self, name: str) -> bool:
        try:
            with finding():
                self.client.head_object(Bucket=self.bucket_name, Key=name)
        except FileNotFoundError:
            return False
        return True

    def copy(self, source: str, target: str, *, content_type: str, disposition: str) -> None:
        """A copy made by the store itself, which carries the bytes of it."""
        with finding():
            self.client.copy_object(
                Bucket=self.bucket_name,
                Key=target,
                CopySource={"Bucket": self.bucket_name, "Key": source},
                MetadataDirective="REPLACE",
                ContentType=content_type,
                ContentDisposition=disposition,
            )

    def keys(self, prefix: str) -> Iterator[str]:
        """The keys of all objects that begin so."""
        return (found.key for found in self.objects(prefix))

    def objects(self, prefix: str) -> Iterator[StoredObject]:
        """All objects whose keys begin so."""
        for page in self._pages("list_objects_v2", Prefix=prefix):
            for found in page.get("Contents", []):
                yield StoredObject(found["Key"], found["Size"])

    def which_exist(self, keys: Sequence[str]) -> set[str]:
        """Those of the keys, given in the order of their bytes, that have an object.

        The store lists them, up to a thousand at a time, rather than being asked for each.
        """
        wanted = {key for key in keys if len(key.encode()) <= KEY_MAX_BYTES}
        there: set[str] = set()
        reached = ""  # how far it has listed
        at_once = min(LISTED_AT_ONCE, 2 * len(wanted))
        with asking():
            for key in filter(wanted.__contains__, keys):
                while reached.encode() < key.encode():
                    # No key is known to come right before it; its beginning comes close.
                    after = max(reached, key[:-1], key=str.encode)
                    page = self.client.list_objects_v2(
                        Bucket=self.bucket_name, StartAfter=after, MaxKeys=at_once
                    )
                    found = [entry["Key"] for entry in page.get("Contents", [])]
                    there.update(wanted.intersection(found))
                    reached = found[-1] if page["IsTruncated"] else BEYOND_ALL_KEYS
        return there

    def part_of(self, key: str, start: int, size: int, *, stopped: Event) -> bytes:
        """So many of the object's bytes from there on, or what there is of them.

        `StoreUnavailable` as well if it is stopped before they have come.
        """
        wanted = f"bytes={start}-{start + size - 1}"
        with finding():
            try:
                found = self.client.get_object(Bucket=self.bucket_name, Key=key, Range=wanted)
            except ClientError as error:
                if error.response["Error"]["Code"] == "InvalidRange":  # it ends before that
                    return b""
                raise
            with contextlib.closing(found["Body"]) as body:
                return b"".join(_until(stopped, body.iter_chunks(READ_BYTES)))

    def address_of(self, key: str, *, expires_in: int, download_id: int | None) -> str:
        """A presigned URL.

        `download_id`, of a recording's download, is for stores whose addresses we serve ourselves.
        """
        target = {"Bucket": self.bucket_name, "Key": key}
        url: str = self.client.generate_presigned_url("get_object", target, expires_in)
        return url

    def begin_parts(self, key: str, **described: str) -> str:
        with asking():
            begun = self.client.create_multipart_upload(
                Bucket=self.bucket_name, Key=key, **described
            )
            parts_id: str = begun["UploadId"]
        return parts_id

    def part_address(self, key: str, parts_id: str, number: int, *, expires_in: int) -> str:
        target = {"Bucket": self.bucket_name, "PartNumber": number, **_parts(key, parts_id)}
        url: str = self.client.generate_presigned_url("upload_part", target, expires_in)
        return url

    def stored_parts(self, key: str, parts_id: str) -> dict[int, StoredPart]:
        """The parts that arrived, by their numbers."""
        pages = self._pages("list_parts", **_parts(key, parts_id))
        parts = [part for page in pages for part in page.get("Parts", [])]
        parts.sort(key=lambda part: part["LastModified"])  # some list one that was sent twice twice
        return {part["PartNumber"]: StoredPart(part["Size"], part["ETag"]) for part in parts}

    def join_parts(self, key: str, parts_id: str, parts: Mapping[int, StoredPart]) -> None:
        """Makes one object of the parts; `FileNotFoundError` if they are not there any more."""
        with finding():
            self._join(self.client, key, parts_id, parts)

    def _join(self, client: Any, key: str, parts_id: str, parts: Mapping[int, StoredPart]) -> None:
        named = [{"PartNumber": number, "ETag": parts[number].tag} for number in sorted(parts)]
        client.complete_multipart_upload(
            Bucket=self.bucket_name, MultipartUpload={"Parts": named}, **_parts(key, parts_id)
        )

    def discard_parts(self, key: str, parts_id: str) -> None:
        """Removes what arrived, and what was made of it."""
        self.abort_parts(key, parts_id)
        self.delete(key)

    def abort_parts(self, key: str, parts_id: str) -> None:
        """Removes what arrived, but no object of that key."""
        with contextlib.suppress(FileNotFoundError), finding():
            self.client.abort_multipart_upload(Bucket=self.bucket_name, **_parts(key, parts_id))

    def unfinished_parts(self, prefix: str) -> Iterator[Parts]:
        for page in self._pages("list_multipart_uploads", Prefix=prefix):
            for found in page.get("Uploads", []):
                yield Parts(found["Key"], found["UploadId"], found["Initiated"])

    def _pages(self, call: str, **parameters: str) -> Iterator[Any]:
        with finding():
            pages = self.client.get_paginator(call)
            yield from pages.paginate(Bucket=self.bucket_name, **parameters)

    def check(self) -> None:
        """Raises `StoreUnavailable` unless the bucket answers within seconds."""
        brief = Config(connect_timeout=READINESS_TIMEOUT, read_timeout=READINESS_TIMEOUT)
        with reporting_outages():
            self._make_client(self.client_config.merge(brief)).head_bucket(Bucket=self.bucket_name)


def _until(stopped: Event, chunks: Iterable[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        if stopped.is_set():
            raise StoreUnavailable
        yield chunk


def _parts(key: str, parts_id: str) -> dict[str, str]:
    return {"Key": key, "UploadId": parts_id}


def _part_size(size: int) -> int:
    """Bytes of each part but the last of so many: R2 wants them equal."""
    return max(PART_BYTES, -(-size // PARTS_AT_MOST))
