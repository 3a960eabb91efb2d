"""Requests of every protocol, spoiled: JSON, binary tensors, forms, CSV, packed bodies, paths and pages."""

import base64
import gzip
import json
import random
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from bench.hostile import pictures, values

MODELS = ("half-plus-three", "flowers", "shades", "mood", "tides", "hours", "prices")
DAYS = [f"2024-02-{day:02d}" for day in range(10, 28)]
HOURS = [f"2024-10-{26 + hour // 24} {hour % 24:02d}:00" for hour in range(16, 36)]  # over the change of the clock
RECORDS: dict[str, Any] = {
    "half-plus-three": {"x": 1.0},
    "flowers": {"length": 5.0, "width": 1.0, "colour": "red"},
    "shades": {"image": [[200] * 8] * 8},
    "mood": {"text": "a good film"},
    "tides": {"day": DAYS, "level, m": [1.0 + i % 4 for i in range(len(DAYS))]},
    "hours": {"time": HOURS, "load": [2.0 + i % 3 for i in range(len(HOURS))]},
    "prices": {"price": "$1,200.5", "day": "31 Jan 2020"},
}
TENSORS: dict[str, list[dict[str, Any]]] = {
    "half-plus-three": [{"name": "x", "datatype": "FP64", "shape": [1, 1], "data": [1.0]}],
    "flowers": [
        {"name": "length", "datatype": "FP64", "shape": [1, 1], "data": [5.0]},
        {"name": "width", "datatype": "FP64", "shape": [1, 1], "data": [1.0]},
        {"name": "colour", "datatype": "BYTES", "shape": [1, 1], "data": ["red"]},
    ],
    "shades": [{"name": "images", "datatype": "UINT8", "shape": [1, 8, 8, 1], "data": [7] * 64}],
    "mood": [{"name": "tokens", "datatype": "INT64", "shape": [1, 3], "data": [2, 3, 4]}],
    "tides": [{"name": "past", "datatype": "FP64", "shape": [1, 12, 1], "data": [1.0] * 12}],
    "hours": [{"name": "past", "datatype": "FP64", "shape": [1, 12, 1], "data": [1.0] * 12}],
    "prices": [
        {"name": "price", "datatype": "FP64", "shape": [1, 1], "data": [5.0]},
        {"name": "day", "datatype": "FP64", "shape": [1, 1], "data": [19_000.0]},
    ],
}
JSON = {"Content-Type": "application/json"}
LENGTH = "Inference-Header-Content-Length"


@dataclass
class Asked:
    """One request over HTTP that a usual client could send."""

    method: str
    path: str
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


def written(content: Any) -> bytes:
    """JSON as Python writes it, NaN and half surrogates included."""
    return json.dumps(content, ensure_ascii=True).encode()


def plain(rng: random.Random) -> Asked:
    model = rng.choice(MODELS)
    record = values.spoiled(rng, RECORDS[model])
    content = rng.choice((record, [RECORDS[model], record], [record] * rng.choice((0, 1, 30, 1100))))
    return Asked("POST", f"/{rng.choice(('predict', 'predict', 'explain'))}?model={model}", written(content), JSON)


def past(rng: random.Random) -> Asked:
    """A series with times far apart, double, missing, out of order, in other zones; as columns, rows or CSV."""
    model = rng.choice(("tides", "hours"))
    time, target = RECORDS[model]
    columns = {name: list(cells) for name, cells in RECORDS[model].items()}
    for _ in range(rng.choice((0, 1, 1, 2, 5))):
        cells = columns[rng.choice((time, time, target))]
        cells[rng.randrange(len(cells))] = rng.choice(
            (rng.choice(values.DATES), values.value(rng, 1), rng.choice(cells))
        )
    if rng.random() < 0.2:
        rng.shuffle(columns[time])
    if rng.random() < 0.1:
        columns = {name: cells * 50 for name, cells in columns.items()}
    rows = [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]
    if rng.random() < 0.2:
        lines = [[time, target], *([str(cell) for cell in row.values()] for row in rows)]
        body = rng.choice(("\n", "\r\n", "\r")).join(rng.choice(",;").join(f'"{c}"' for c in line) for line in lines)
        return Asked("POST", f"/predict?model={model}", body.encode("utf-8", "replace"), {"Content-Type": "text/csv"})
    content = rng.choice((columns, [columns, RECORDS[model]], rows, rows[::-1], [columns, *rows]))
    return Asked("POST", f"/predict?model={model}", written(content), JSON)


def infer(rng: random.Random) -> Asked:
    """The Open Inference Protocol, with a shape, a tensor or a parameter that does not fit."""
    model = rng.choice(MODELS)
    tensors = [dict(tensor) for tensor in TENSORS[model]]
    request: Any = {"inputs": tensors, "id": rng.choice(("a", 7, None, "x" * 600))}
    kind = rng.random()
    if kind < 0.3:
        rng.choice(tensors)["shape"] = values.shape(rng)
    elif kind < 0.4:
        rng.choice(tensors)["data"] = values.value(rng)
    elif kind < 0.5:
        request["parameters"] = values.value(rng)
        request["outputs"] = values.value(rng)
    elif kind < 0.6:
        return _binary(rng, model, tensors)
    else:
        request = values.spoiled(rng, request)
    headers = JSON | ({LENGTH: rng.choice(("0", "-1", "9" * 5000, "1e3", "12", "x"))} if rng.random() < 0.1 else {})
    return Asked("POST", f"/v2/models/{model}/infer", written(request), headers)


def _binary(rng: random.Random, model: str, tensors: list[dict[str, Any]]) -> Asked:
    """Tensors behind the JSON, of another number of bytes than the head says."""
    behind = b""
    for tensor in tensors:
        data, size = tensor.pop("data"), rng.choice((0, 1, 7, 8, 63, 64, 2**31, -1, 10**30, None, "8", True))
        if tensor["datatype"] == "BYTES":
            raw = rng.choice((b"\3\0\0\0red", b"\xff\xff\xff\xff", b"\1\0\0\0\xff", b"\0\0\0\0" * 5000))
        else:
            raw = np.array(data, {"FP64": "<f8", "UINT8": "u1", "INT64": "<i8"}[tensor["datatype"]]).tobytes()
        raw = rng.choice((raw, raw, raw[:-1], raw * 3, rng.randbytes(len(raw))))
        behind += raw
        tensor["parameters"] = {"binary_data_size": rng.choice((len(raw), len(raw), size))}
        tensor["shape"] = rng.choice((tensor["shape"], values.shape(rng)))
    head = written({"inputs": tensors})
    return Asked(
        "POST", f"/v2/models/{model}/infer", head + behind, {LENGTH: str(rng.choice((len(head), len(head), 3)))}
    )


def tensorflow(rng: random.Random) -> Asked:
    model, verb = rng.choice(MODELS), rng.choice(("predict", "classify", "regress"))
    record = RECORDS[model]
    request = rng.choice(
        (
            {"instances": [record]},
            {"inputs": record},
            {"examples": [record], "context": record},
            {"signature_name": rng.choice(("x", 7, None)), "instances": [record]},
            {"instances": [1.0, 2.0]},
            {"instances": [], "inputs": []},
            {"examples": []},
            {"instances": [{"b64": "%%"}]},
        )
    )
    return Asked("POST", f"/v1/models/{model}:{verb}", written(values.spoiled(rng, request)), JSON)


def text_forms(rng: random.Random) -> Asked:
    """CSV, plain text, forms, unknown types, broken JSON."""
    model = rng.choice(MODELS)
    kind, body = rng.choice(FORMS)(rng)
    return Asked("POST", f"/predict?model={model}", body, {"Content-Type": kind})


def _csv(rng: random.Random) -> tuple[str, bytes]:
    cells = [
        ",".join(rng.choice(values.TEXTS + values.DATES) for _ in range(rng.choice((1, 3, 3, 4)))) for _ in range(5)
    ]
    head = rng.choice(("length,width,colour", "length;width;colour", "", "\ufeffx", '"a', "x," * 2000, "a,a,a"))
    return "text/csv", "\r\n".join([head, *cells]).encode("utf-8", "surrogatepass")


def _multipart(rng: random.Random) -> tuple[str, bytes]:
    border, count = "x", rng.choice((0, 1, 3, 2000))
    part = b'--x\r\nContent-Disposition: form-data; name="length"%b\r\n\r\n%b\r\n'
    name = rng.choice((b"", b'; filename="a.png"', b'; filename="a.csv"', b'; filename="' + b"a" * 5000 + b'"'))
    body = (
        part % (name, rng.choice((b"5", pictures.small(rng), b"length,width,colour\n1,2,red\n")))
    ) * count + b"--x--\r\n"
    kind = rng.choice(
        (f"multipart/form-data; boundary={border}", "multipart/form-data", 'multipart/form-data; boundary="')
    )
    return kind, rng.choice((body, body[:-9], body.replace(b"\r\n", b"\n")))


FORMS: tuple[Callable[[random.Random], tuple[str, bytes]], ...] = (
    _csv,
    _multipart,
    lambda rng: ("text/plain", rng.choice(values.TEXTS).encode("utf-8", "surrogatepass") * rng.choice((1, 50))),
    lambda rng: (
        "application/x-www-form-urlencoded",
        rng.choice((b"length=1&length=2", b"a=%ff%fe", b"&" * 20_000, b"%41" * 9000)),
    ),
    lambda rng: (rng.choice(("application/xml", "", "x" * 300, "application/octet-stream")), rng.randbytes(200)),
    lambda rng: (
        "application/json",
        rng.choice(
            (
                b"",
                b"{",
                b"[" * 50_000,
                b'{"a":' * 100,
                b'"\xff"',
                b"\xff\xfe[\0]\0",
                b"\xef\xbb\xbf[1]",
                b"1" * 6000,
                b"[1,]",
                b"NaN",
                b'{"length":1,"length":2}',
                b"[1e999]",
                b'"\\ud800"',
                b"[" + b"[]," * 20_000 + b"[]]",
                b'{"a":' + b"0." + b"1" * 30_000 + b"}",
            )
        ),
    ),
)


def packed(rng: random.Random) -> Asked:
    """Compressed bodies: broken, of another kind than they say, and bombs."""
    content = rng.choice(
        (written(RECORDS["flowers"]), b" " * 1_000_000, b"\0" * 20_000_000 if rng.random() < 0.2 else b"[]")
    )
    coding = rng.choice(("gzip", "deflate", "br", "gzip, gzip", "identity"))
    whole = gzip.compress(content)
    body = rng.choice(
        (whole, zlib.compress(content), zlib.compress(content)[:-3], content[:1000], whole * 2, whole + b"behind",
         gzip.compress(b"") * 2000)
    )  # fmt: skip
    return Asked("POST", "/predict?model=flowers", body, JSON | {"Content-Encoding": coding})


def picture(rng: random.Random) -> Asked:
    """A picture as file, base64 or several of them."""
    content = pictures.any_of(rng)
    kind = rng.random()
    if kind < 0.6:
        return Asked(
            "POST",
            "/predict?model=shades",
            content,
            {"Content-Type": rng.choice(("image/png", "image/x", "image/jpeg"))},
        )
    text = base64.b64encode(content).decode()
    if kind < 0.8:
        return Asked("POST", "/predict?model=shades", written([{"image": text}] * rng.choice((1, 1, 2, 20))), JSON)
    return Asked("POST", "/v1/models/shades:predict", written({"instances": [{"b64": text}]}), JSON)


def elsewhere(rng: random.Random) -> Asked:
    """Paths, methods and pages that are not there or may not ask."""
    path = rng.choice(
        (
            "/",
            "/docs",
            "/openapi.json",
            "/models",
            "/metrics",
            "/drift",
            "/v2",
            "/v2/models/stats",
            "/v2/models/%00",
            "//",
            "/v2/models/../../etc/passwd/infer",
            "/v2/models/" + "a" * 3000,
            "/predict?" + "a&" * 500,
            "/predict?model=%ff",
            "/v2/repository/index",
            "/v2/repository/models/flowers/load",
            "/nowhere",
            "/v1/models/flowers:predict",
            "/%2e%2e/x",
        )
    )
    headers: dict[str, str] = rng.choice(
        (
            {},
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Host": "evil.example"},
            {"Host": "localhost@evil"},
            {"Sec-Fetch-Site": "cross-site"},
            {"X-Request-Timeout-Ms": rng.choice(("0", "1", "-5", "x", "9" * 400))},
            {"Authorization": "Bearer " + "x" * 4000},
            {"X-Request-ID": 'a"b\\'},
            {"Expect": "100-continue"},
            {"Upgrade": "h2c"},
        )
    )
    return Asked(
        rng.choice(("GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH")), path, rng.choice((b"", b"x")), headers
    )


def large(rng: random.Random) -> Asked:
    """Megabytes: a text behind brackets, empty lists, numbers, one emoji among letters, a body that is all commas."""
    size = rng.choice((1, 4, 15)) * 2**20
    body = rng.choice(
        (
            lambda: b"[" * 33 + b'"' + b"a" * size + b'"' + b"]" * 33,
            lambda: b"[" + b"[]," * (size // 3) + b"[]]",
            lambda: b"[" + b"1," * (size // 2) + b"1]",
            lambda: b'"' + "😀".encode() + b"a" * size + b'"',
            lambda: b'{"text":"' + b"\\n" * (size // 2) + b'"}',
            lambda: b'{"image":"' + b"A" * (size - size % 4) + b'"}',
            lambda: b"," * size,
            lambda: b'"' * size,
            lambda: b"[" + b"1" * 4000 + (b"," + b"1" * 4000) * (size // 4001) + b"]",
            lambda: b"[0." + b"1" * size + b"]",
            lambda: written([{"text": "a" * 199_000}] * (size // 2**20)),
            lambda: b"\n" * (size // 30) + b"length,width,colour\n1,2,red",
            lambda: b"\r" * (size // 30) + b"length,width,colour\r1,2,red",
        )
    )()
    kind = rng.choice(("application/json", "application/json", "text/csv", "image/png"))
    return Asked("POST", f"/predict?model={rng.choice(MODELS)}", body, {"Content-Type": kind})
