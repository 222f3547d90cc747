"""Receiving an upload: to a private file on disk, hashed and counted as its bytes come."""

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

    The file that comes of it knows the `checksums` of its bytes.
    """

    chunk_size = 512 * 1024

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
        self._checksums = Checksums()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self._checksums.update(raw_data)
        if self._checksums.size > settings.MAX_AUDIO_SIZE:
            raise AudioTooLarge
        with reporting_full_disk():
            super().receive_data_chunk(raw_data, start)

    def file_complete(self, file_size: int) -> Any:
        with reporting_full_disk():
            file: Any = super().file_complete(file_size)
        file.checksums = self._checksums
        return file
