"""Where a request comes from, as far as that can be trusted: rate limits count by it, log lines name it.

Behind our own proxy it is what that proxy wrote last (BEHIND_PROXY); otherwise it is the other end of the
connection, whatever the request's headers say.
"""

import ipaddress
import re
from collections.abc import Iterator
from contextlib import suppress

import structlog
from django.conf import settings
from django.dispatch import receiver
from django.http import HttpRequest
from django_structlog.signals import bind_extra_request_metadata

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

#: Stands for an address unknown to a server behind a socket: all of those count as one.
UNKNOWN = "0.0.0.0"  # noqa: S104  # nosec B104 - nothing listens there
#: Networks that hold the whole IPv4 Internet, each address in the last 32 bits: translation (RFC 6052, 8215
#: and 2765) and what is left of "IPv4-compatible".
WRAPPINGS = [
    ipaddress.IPv6Network(each)
    for each in ("64:ff9b::/96", "64:ff9b:1::/48", "::ffff:0:0:0/96", "::/96")
]
#: With or without brackets, port, quotes and interface name.
WRITTEN = re.compile(
    r'"?(?:\[([0-9a-f:.]+)(?:%[^\]]*)?\](?::\d+)?|([\d.]+):\d+|([0-9a-f:.]+)(?:%.*)?)"?',
    re.IGNORECASE,
)


def read_client_address(request: HttpRequest) -> str:
    """Return the client's own address; an IPv4 address in short form, however it is wrapped."""
    for text in _list_claims(request):
        with suppress(ValueError):
            return str(parse_address(text))
    return UNKNOWN


def parse_address(text: str) -> Address:
    """Read an address as servers and proxies write it. Raises ValueError for anything else."""
    written = WRITTEN.fullmatch(text.strip())
    if written is None:
        raise ValueError(text)
    address = ipaddress.ip_address(next(filter(None, written.groups())))
    return unwrap(address) if isinstance(address, ipaddress.IPv6Address) else address


def unwrap(address: ipaddress.IPv6Address) -> Address:
    """Return the IPv4 address inside an IPv6 one, if there is one.

    IPv6 addresses are counted by their first 64 bits, since one subscriber has at least a /64. With these
    addresses that would merge all IPv4 clients (mapped, translated), or all that use one Teredo server; and
    it would give the owner of a single IPv4 address 65,536 counters (6to4).
    """
    inside = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
    if inside:
        return inside
    is_wrapped = any(address in network for network in WRAPPINGS) and int(address) > 1
    return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if is_wrapped else address


def find_address(request: HttpRequest) -> str:
    """Return what requests are counted by: an IPv4 address, or the first half of an IPv6 one."""
    address = ipaddress.ip_address(read_client_address(request))
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    return str(ipaddress.IPv6Network((address, 64), strict=False).network_address)


def _list_claims(request: HttpRequest) -> Iterator[str]:
    """Yield trusted addresses, best first: a proxy that wrote no address leaves its own."""
    hops = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    forwarded = request.headers.get("X-Forwarded-For", "").split(",")
    if 0 < hops <= len(forwarded):
        yield forwarded[-hops]
    yield request.META.get("REMOTE_ADDR") or ""


@receiver(bind_extra_request_metadata, dispatch_uid="cpor_site.web.client_address")
def name_in_log(sender, request, **_others):
    structlog.contextvars.bind_contextvars(ip=find_address(request))
