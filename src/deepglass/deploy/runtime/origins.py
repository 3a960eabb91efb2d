"""Which pages may ask: a browser carries requests of any page it shows, and only the server can tell them apart.

Two attacks are meant. A foreign page posts to http://127.0.0.1:8000, and the browser sends it, with the page's own
address as `Origin`. Or the page's own name is made to stand for 127.0.0.1 (DNS rebinding), so that the browser takes
the server for a part of that page; the name is then the request's `Host`. Programs send no Origin, and the name they
were given.

Fetch standard, https://fetch.spec.whatwg.org/#origin-header; Jackson et al. (2007), Protecting Browsers from DNS
Rebinding Attacks, https://crypto.stanford.edu/dns/dns-rebinding.pdf
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

NAME = r"(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)"  # in brackets an address of IPv6
HOST = re.compile(rf"{NAME}(?::(\d{{0,5}}))?")
ORIGIN = re.compile(rf"(https?)://{NAME}(?::(\d{{1,5}}))?")
LOOPBACK = re.compile(r"([a-z0-9-]+\.)*localhost|127(\.\d{1,3}){3}|\[::1\]|\[::ffff:127(\.\d{1,3}){3}\]")  # RFC 6761
ADDRESS = re.compile(r"\d{1,3}(\.\d{1,3}){3}|\[.*\]")  # no page can make a number stand for another machine
PORTS = {"http": "80", "https": "443"}
ALLOWED = "GET, HEAD, POST, OPTIONS"  # methods
HEADERS = "authorization, content-type, inference-header-content-length, x-request-id, x-request-timeout-ms"


def is_loopback(host: str) -> bool:
    """Whether a name or address is this machine's own, reached by nobody else."""
    plain = host.lower().removesuffix(".")
    return LOOPBACK.fullmatch(f"[{plain}]" if ":" in plain and not plain.startswith("[") else plain) is not None


@dataclass(frozen=True)
class Origins:
    """Whom a server answers.

    Args:
        names: Host names it is known by, besides those of the machine itself.
        is_public: Whether it listens beyond this machine; with no names given it then answers to any.
    """

    names: frozenset[str] = frozenset()
    is_public: bool = False

    @classmethod
    def of(cls, host: str, names: Iterable[str] = ()) -> "Origins":
        """Of a server that listens at `host`."""
        return cls(frozenset(name.strip().lower().removesuffix(".") for name in names), not is_loopback(host))

    def refusal(self, host: str | None, origin: str | None, site: str | None = None, mode: str | None = None) -> str:
        """Why a request is not answered; empty where it is.

        Args:
            host: The header Host; None where an old client sends none, which no browser does.
            origin: The header Origin.
            site, mode: The headers Sec-Fetch-Site and Sec-Fetch-Mode.
        """
        name, port = _parted(HOST, host) if host is not None else ("localhost", "")
        if not self._is_ours(name):
            return f"this server does not answer to the host name {(host or '')[:60]!r}: start it with --host-name NAME"
        if origin is not None and not self._is_known(origin, name, port):
            return f"pages of {origin[:60]!r} may not ask this server: start it with --host-name NAME if it is yours"
        if origin is None and site == "cross-site" and mode != "navigate":
            return "a page of another site may not ask this server"
        return ""

    def shares_with(self, origin: str | None) -> bool:
        """Whether a page that is not the server's own may read answers: one of this machine, or of a known name."""
        name, _ = _parted(ORIGIN, origin or "")
        return is_loopback(name) or name in self.names

    def _is_ours(self, name: str) -> bool:
        if not name:
            return False
        is_reached = self.is_public and (not self.names or ADDRESS.fullmatch(name) is not None)
        return is_loopback(name) or name in self.names or is_reached

    def _is_known(self, origin: str, name: str, port: str) -> bool:
        """Whether a page is the server's own, or one that it shares with."""
        found = ORIGIN.fullmatch(origin)
        if found is None:
            return False
        scheme, page, page_port = found[1], found[2].lower(), found[3] or PORTS[found[1]]
        is_own = page == name and page_port == (port or PORTS[scheme])
        return is_own or self.shares_with(origin)


def _parted(pattern: re.Pattern[str], text: str) -> tuple[str, str]:
    """Name and port; an empty name where the text is something else."""
    found = pattern.fullmatch(text)
    if found is None:
        return "", ""
    name, port = found.groups()[-2:]
    return name.lower().removesuffix("."), port or ""
