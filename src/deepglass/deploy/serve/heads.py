"""What is wrong with the head of a request, beyond what the parser refuses by itself.

llhttp refuses both lengths at once, two lengths, lines that end in LF alone, folded lines, spaces before a colon and
sizes that are not numbers: what one server would read differently from the next, so that a request could be hidden in
another. Here is what it leaves. RFC 9112, HTTP/1.1, https://www.rfc-editor.org/rfc/rfc9112 (sections 3.2, 6 and 11.2).
"""

ONCE = {  # of two, nobody knows which was meant
    b"content-type", b"content-encoding", b"authorization", b"origin", b"inference-header-content-length",
    b"x-request-timeout-ms",
}  # fmt: skip
SCHEMES = (b"http", b"https")
Headers = list[tuple[bytes, bytes]]


def fault(method: bytes, url: bytes, version: str, headers: Headers) -> tuple[int, str] | None:
    """Status and sentence for a head that gets no answer, or None."""
    if version not in ("1.1", "1.0"):
        return 505, f"HTTP/{version} is not spoken here: use HTTP/1.1"
    if method == b"CONNECT":
        return 405, "CONNECT is not allowed here: this is not a proxy"
    hosts = [value for name, value in headers if name == b"host"]
    if len(hosts) > 1 or (not hosts and version == "1.1"):
        return 400, "expected one header Host"
    names = [name for name, _ in headers if name in ONCE]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        return 400, f"the header {twice.decode()} was sent twice"
    codings = [value for name, value in headers if name == b"transfer-encoding"]
    if codings and (version == "1.0" or [coding.lower() for coding in codings] != [b"chunked"]):
        return 400, "expected no other Transfer-Encoding than chunked, and that in HTTP/1.1"
    if not url.startswith((b"/", b"*")) and not _is_for(url, hosts):
        return 400, "the address names another host than the header Host"
    return None


def _is_for(url: bytes, hosts: list[bytes]) -> bool:
    """Whether an address as proxies write it, http://host/path, is for the host of the header."""
    scheme, _, rest = url.partition(b"://")
    return scheme.lower() in SCHEMES and hosts == [rest.partition(b"/")[0]]
