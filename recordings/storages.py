"""Where the voices are: Cloudflare R2, or a private folder on disk.

Both answer the same calls, so that nothing else has to know which one is configured. All that
goes wrong inside them is `StoreUnavailable`; an object that is not there, `FileNotFoundError`.
"""

import contextlib
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from boto3.exceptions import Boto3Error
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core import signing
from django.core.files.base import File
from django.core.files.storage import FileSystemStorage
from django.utils.translation import gettext_lazy as _
from storages.backends.s3 import S3Storage

from toastclub.errors import ServiceUnavailable

SIGNING_SALT = "recordings.files"
READINESS_TIMEOUT = 2  # seconds


class StoreUnavailable(ServiceUnavailable):
    message = _("El almacén de audio no está disponible. Vuelve a intentarlo en unos segundos.")


class AudioContent(File):
    """Bytes to be stored, with what the store is to say of them when they are downloaded."""

    def __init__(self, file: Any, *, content_type: str, content_disposition: str) -> None:
        super().__init__(file)
        self.content_type = content_type
        self.content_disposition = content_disposition


@contextlib.contextmanager
def reporting_outages(*passing: type[Exception]) -> Iterator[None]:
    """Turns every error of the store into `StoreUnavailable`, but those that are to pass."""
    try:
        yield
    except passing:
        raise
    except (Boto3Error, BotoCoreError, ClientError, OSError) as error:
        raise StoreUnavailable from error


class R2Storage(S3Storage):
    """A private bucket; URLs are presigned."""

    def _get_write_parameters(self, name: str, content: Any = None) -> dict[str, Any]:
        parameters: dict[str, Any] = super()._get_write_parameters(name, content)
        # Set on the object, because stores differ on overriding it in a presigned URL.
        disposition = getattr(content, "content_disposition", None)
        if disposition:
            parameters["ContentDisposition"] = disposition
        return parameters

    def _save(self, name: str, content: File) -> str:
        with reporting_outages():
            saved: str = super()._save(name, content)
            return saved

    def _open(self, name: str, mode: str = "rb") -> Any:
        with reporting_outages(FileNotFoundError):
            return super()._open(name, mode)

    def delete(self, name: str) -> None:
        with reporting_outages():
            super().delete(name)

    def exists(self, name: str) -> bool:
        with reporting_outages():
            return bool(super().exists(name))

    def check(self) -> None:
        """Raises `StoreUnavailable` unless the bucket answers within seconds."""
        brief = Config(connect_timeout=READINESS_TIMEOUT, read_timeout=READINESS_TIMEOUT)
        with reporting_outages():
            client = self._create_session().client(
                "s3",
                region_name=self.region_name,
                endpoint_url=self.endpoint_url,
                config=self.client_config.merge(brief),
            )
            client.head_bucket(Bucket=self.bucket_name)


class SignedFileSystemStorage(FileSystemStorage):
    """A folder that is served only under addresses signed for a time."""

    def url(  # type: ignore[override]  # as S3Storage's
        self,
        name: str,
        parameters: dict[str, Any] | None = None,
        expire: int = 600,
        http_method: str | None = None,
    ) -> str:
        token = signing.dumps([name, int(time.time()) + expire], salt=SIGNING_SALT)
        return f"/files/{token}"

    def _save(self, name: str, content: Any) -> str:
        with reporting_outages():
            return super()._save(name, content)  # type: ignore[misc]  # the stubs leave it out

    def _open(self, name: str, mode: str = "rb") -> Any:
        if not self.exists(name):
            raise FileNotFoundError(name)
        with reporting_outages(FileNotFoundError):
            return super()._open(name, mode)  # type: ignore[misc]  # the stubs leave it out

    def exists(self, name: str) -> bool:
        """Whether a file has that name: a folder is none, as it is none in a bucket."""
        try:
            return Path(self.path(name)).is_file()
        except OSError:  # longer than a file's name can be
            return False

    def delete(self, name: str) -> None:
        with reporting_outages():
            super().delete(name)

    def check(self) -> None:
        """Raises `StoreUnavailable` unless the folder can be written to."""
        with reporting_outages():
            Path(self.location).mkdir(mode=0o700, parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=self.location).close()


def signed_key(token: str) -> str | None:
    """The object's key that a signed address stands for; None if forged or expired."""
    try:
        name, expires_at = signing.loads(token, salt=SIGNING_SALT)
    except signing.BadSignature:
        return None
    return name if time.time() < expires_at else None
