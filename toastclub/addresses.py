"""Where a request comes from."""

from ipaddress import ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The client's address: the peer's, or what a believed proxy says that it saw.

    Only the last entry of `X-Forwarded-For` counts, the one that the proxy itself added:
    all before it is whatever the client wrote.
    """
    peer = str(request.META.get("REMOTE_ADDR", ""))
    if _is_believed(peer):
        last = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")[-1].strip()
        return _address_or(last, peer)
    return peer


def _is_believed(peer: str) -> bool:
    """Whether the peer is a proxy of ours: named itself, by its network, or "*" for any."""
    trusted = settings.FORWARDED_ALLOW_IPS
    if "*" in trusted:
        return True
    try:
        return any(ip_address(peer) in ip_network(network, strict=False) for network in trusted)
    except ValueError:
        return False


def _address_or(text: str, fallback: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError:
        return fallback
