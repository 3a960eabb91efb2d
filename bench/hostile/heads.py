"""Heads as no client sends them, byte by byte: two lengths, folded lines, a thousand headers, half of everything."""

import random

BODY = b'{"length": 5.0, "width": 1.0, "colour": "red"}'
FIRST = b"POST /predict?model=flowers HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


def _head(*lines: bytes, first: bytes = FIRST, body: bytes = BODY) -> bytes:
    return first + b"".join(line + b"\r\n" for line in lines) + b"\r\n" + body


LENGTH = b"Content-Length: %d" % len(BODY)
CHUNKED = b"Transfer-Encoding: chunked"
CHUNKS = b"%x\r\n%b\r\n0\r\n\r\n" % (len(BODY), BODY)
SMUGGLED = b"0\r\n\r\nGET /v2/health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"

# More than one way to read them: the answer must be 400, and the connection must end.
AMBIGUOUS = (
    _head(LENGTH, CHUNKED, body=CHUNKS),
    _head(CHUNKED, LENGTH, body=SMUGGLED),
    _head(LENGTH, LENGTH),
    _head(LENGTH, b"Content-Length: 5"),
    _head(b"Content-Length: 46, 46"),
    _head(b"Content-Length: +46"),
    _head(b"Content-Length: 0x2e"),
    _head(b"Content-Length: 46 0"),
    _head(b"Content-Length :46"),
    _head(b"Transfer-Encoding: xchunked", body=CHUNKS),
    _head(b"Transfer-Encoding: chunked, identity", body=CHUNKS),
    _head(b"Transfer-Encoding: gzip, chunked", body=CHUNKS),
    _head(CHUNKED, CHUNKED, body=CHUNKS),
    _head(b"Transfer-Encoding: \x0bchunked", body=CHUNKS),
    _head(b"Transfer-Encoding: chunked;q=1", body=CHUNKS),
    _head(CHUNKED, first=FIRST.replace(b"1.1", b"1.0"), body=CHUNKS),
    _head(CHUNKED, body=b"5;\n" + CHUNKS),
    _head(CHUNKED, body=b"-1\r\n" + CHUNKS),
    _head(CHUNKED, body=b"0x2e\r\n" + CHUNKS),
    _head(CHUNKED, body=b"zz\r\n"),
    _head(CHUNKED, body=b"F" * 40 + b"\r\n"),
    _head(CHUNKED, body=b"2\r\nabcdef\r\n0\r\n\r\n"),
    _head(b"A: b\r\n c", LENGTH),
    _head(b" A: b", LENGTH),
    _head(b"A\0: b", LENGTH),
    _head(b"A: b\0c", LENGTH),
    _head(b"A: b\nContent-Length: 5", LENGTH),
    _head(b"A: b\rX: y", LENGTH),
    _head(b"no colon", LENGTH),
    _head(b": b", LENGTH),
    _head(b"Host: evil.example", LENGTH),
    FIRST.replace(b"\r\n", b"\n") + b"\n",
    FIRST.replace(b"Host: localhost\r\n", b"") + LENGTH + b"\r\n\r\n" + BODY,
    _head(LENGTH, first=FIRST.replace(b"/predict", b"http://evil.example/predict")),
    _head(b"X:" + b" " * 60_000 + b"\1", LENGTH),
    _head(b"Content-Type: text/csv", LENGTH),
    _head(b"Origin: http://localhost", b"Origin: https://evil.example", LENGTH),
    _head(b"Authorization: Bearer a", b"Authorization: Bearer b", LENGTH),
    _head(b"Content-Encoding: gzip", b"Content-Encoding: identity", LENGTH),
)
STRANGE = (
    b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03",
    b"GET / HTTP/9.9\r\n\r\n",
    b"GET /\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"\r\n" * 500,
    b"\0" * 3000,
    b"CONNECT evil.example:443 HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"get / http/1.1\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "GET /é HTTP/1.1\r\nHost: localhost\r\n\r\n".encode(),
    b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"".join(b"X-%d: y\r\n" % i for i in range(1000)) + b"\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
    b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n",
    b"GET /v2/health/live HTTP/1.1\r\nHost: localhost\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n" * 2,
    b"GET /v2/health/live HTTP/1.1\r\nHost: localhost\r\n\r\n" * 200,
    _head(LENGTH, body=BODY + b"GET / HTTP/1.1\r\n"),
    _head(CHUNKED, body=b"".join(b"1\r\n%c\r\n" % byte for byte in BODY) + b"0\r\nContent-Length: 5\r\n\r\n"),
    _head(b"Content-Length: 99999999999"),
    _head(b"Expect: 100-continue", LENGTH),
    _head(b"Expect: 999", LENGTH),
    _head(b"X: a" + b" " * 60_000 + b"b", LENGTH),
    _head(LENGTH, first=FIRST.replace(b"/predict", b"http://localhost/predict")),
    _head(LENGTH, first=FIRST.replace(b"/predict", b"ftp://localhost/predict")),
    _head(LENGTH, first=FIRST.replace(b"1.1", b"1.0")),
    _head(CHUNKED, body=CHUNKS.replace(b"\r\n\r\n", b"\r\n" + b"X: y\r\n" * 5000 + b"\r\n")),
    b"GET /v2/health/live HTTP/1.1\r\nHost: localhost\r\nSec-WebSocket-Version: 13\r\n\r\n",
    b"TRACE / HTTP/1.1\r\nHost: localhost\r\n\r\n",
)
HALF = (
    b"",
    b"P",
    FIRST[:20],
    FIRST,
    _head(b"Content-Length: 5000"),
    _head(b"Content-Length: 9000000", body=b"{" * 60_000),
    _head(CHUNKED, body=b"ffff\r\n" + b"a" * 3000),
    FIRST + b"X-Long: " + b"y" * 50_000,
)


def any_of(rng: random.Random) -> bytes:
    """One that is whole, in its way."""
    content = rng.choice(AMBIGUOUS + STRANGE)
    if rng.random() < 0.3:  # a byte of it changed
        place = rng.randrange(min(len(content), 300))
        content = content[:place] + bytes([rng.randrange(256)]) + content[place + 1 :]
    return content
