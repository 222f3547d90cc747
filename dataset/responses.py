import re
from collections.abc import Mapping, Sequence

from django.http import HttpRequest, StreamingHttpResponse

from accounts.choices import AccessKind
from accounts.models import AccessRecord, User
from dataset.export import Recipient, Sending, measured_export, send_export
from dataset.listing import listing_json
from dataset.selection import IDENTIFIABLE, Selection, read_flag, select
from toastclub.addresses import client_address
from toastclub.clients import Waiting
from toastclub.streams import Begun, gzipped

_ACCEPTS_GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))")
# No proxy is to keep what is sent, neither for others nor, as nginx would, a gigabyte on disk.
AS_IT_COMES = {"Cache-Control": "private, no-store", "X-Accel-Buffering": "no"}


def listing_response(
    asked: Mapping[str, Sequence[str]], request: HttpRequest, user: User
) -> StreamingHttpResponse:
    """The listing that those parameters ask for, compressed for a client that accepts it."""
    selection = select(asked)
    if request.method != "HEAD":  # of which nothing is sent
        AccessRecord.objects.note(
            AccessKind.LISTING, by=user, address=client_address(request), filters=selection.filters
        )
    pieces = listing_json(selection)
    headers = {**AS_IT_COMES, "Vary": "Accept-Encoding"}
    if _ACCEPTS_GZIP.search(request.headers.get("Accept-Encoding", "")):
        pieces = gzipped(pieces)
        headers["Content-Encoding"] = "gzip"
    return StreamingHttpResponse(Begun(pieces), content_type="application/json", headers=headers)


def export_response(
    asked: Mapping[str, Sequence[str]], request: HttpRequest, user: User
) -> StreamingHttpResponse:
    """The export that those parameters ask for, sent to that analyst."""
    filters = {name: values for name, values in asked.items() if name != IDENTIFIABLE}
    is_identifiable = read_flag(IDENTIFIABLE, asked.get(IDENTIFIABLE, [""]))
    return selection_response(select(filters), request, user, is_identifiable=is_identifiable)


def selection_response(
    selection: Selection, request: HttpRequest, user: User, *, is_identifiable: bool
) -> StreamingHttpResponse:
    recipient = Recipient(user, client_address(request))
    answer = measured_export if request.method == "HEAD" else send_export
    sending = answer(selection, recipient, Waiting(request), is_identifiable=is_identifiable)
    return zip_response(sending)


def zip_response(sending: Sending) -> StreamingHttpResponse:
    return StreamingHttpResponse(
        sending.pieces,
        content_type="application/zip",
        headers={
            "Content-Disposition": f'attachment; filename="{sending.name}"',
            "Content-Length": str(sending.size),
            **AS_IT_COMES,
        },
    )
