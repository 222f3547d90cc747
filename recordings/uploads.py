"""Receiving an upload: to a private file on disk, hashed and counted as its bytes come."""

from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.utils.translation import gettext_lazy as _

from recordings.receiving import Checksums, reporting_full_disk
from recordings.temporary import claim, making
from toastclub.errors import BodyTooLarge
from toastclub.limits import longest_body


class AudioTooLarge(BodyTooLarge):
    message = _("La grabación supera el tamaño máximo de %(megabytes)d MB.")

    def __init__(self) -> None:
        megabytes = settings.MAX_AUDIO_SIZE // (1024 * 1024)
        super().__init__(self.message % {"megabytes": megabytes})


class AudioUploadHandler(TemporaryFileUploadHandler):
    """Raises `AudioTooLarge` at the first byte that tells: by Content-Length, or by count.

    A piece is hashed and written while the next one is received; no third waits in memory. The
    file that comes of it knows the `checksums` of its bytes.
    """

    chunk_size = 256 * 1024

    def handle_raw_input(
        self, input_data: Any, META: Any, content_length: int, boundary: Any, encoding: Any = None
    ) -> None:
        chunked = META.get("HTTP_TRANSFER_ENCODING", "").lower() == "chunked"
        if content_length > longest_body() and not chunked:
            raise AudioTooLarge

    def new_file(self, field_name: str, file_name: str, *args: Any, **kwargs: Any) -> None:
        # The client's name is used for nothing, and may be too long for a file's.
        with making(settings.UPLOAD_DIR):
            super().new_file(field_name, "audio", *args, **kwargs)
            claim(self.file)
        self._received = 0
        self._checksums = Checksums()
        self._writer = ThreadPoolExecutor(1)
        self._writing: Future[None] | None = None

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self._received += len(raw_data)
        if self._received > settings.MAX_AUDIO_SIZE:
            raise AudioTooLarge
        self._wait_until_written()
        self._writing = self._writer.submit(self._write, raw_data, start)

    def _write(self, chunk: bytes, start: int) -> None:
        self._checksums.update(chunk)
        super().receive_data_chunk(chunk, start)

    def _wait_until_written(self) -> None:
        with reporting_full_disk():
            if self._writing is not None:
                self._writing.result()

    def file_complete(self, file_size: int) -> Any:
        self._wait_until_written()
        self._writer.shutdown()
        with reporting_full_disk():
            file: Any = super().file_complete(file_size)
        file.checksums = self._checksums
        return file

    def upload_interrupted(self) -> None:
        if hasattr(self, "_writer"):
            self._writer.shutdown()
        super().upload_interrupted()
