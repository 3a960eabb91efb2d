"""A server that asks itself and ends: is it ready, what does it answer, what does it refuse, how long does it take?

    deepglass serve runs/iris --self-test 200

The requests go over the network of this machine, as anybody's would, from a few clients at once: an example of the
model's inputs to each protocol, one with its first input left out, then as many as were asked for; and once more with
every number moved far away from those of training, which the drift watch should see.
"""

import http.client
import json
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

CLIENTS = 4  # that ask at once, so that batches form
MOVED = 3.0  # standard deviations of training, for the drift watch
SHOWN = 100  # characters of an answer
OK = 200

Reply = tuple[int, Any]
Ask = Callable[..., Reply]  # (method, path, content=None) → status and what came, read as JSON


@dataclass(frozen=True)
class Finding:
    """One line of the report; `is_right` is None where there is nothing to judge."""

    asked: str
    status: int | None
    told: str
    is_right: bool | None = True


def examine(ask: Ask, count: int, clients: int = CLIENTS) -> list[Finding]:
    """Ask a server about all its models.

    Args:
        ask: One request; must be usable from several threads.
        count: Requests to each model whose times are measured.
        clients: That ask at the same time.
    """
    status, ready = ask("GET", "/v2/health/ready")
    found = [Finding("GET /v2/health/ready", status, brief(ready), status == OK)]
    for model in ask("GET", "/models")[1]:
        found += protocols(ask, model)
        found += [load(ask, model, model["example"], count, clients), drift(ask, model, "as in training")]
        if moved := shifted(model):
            load(ask, model, moved, 2 * count, clients)
            found.append(drift(ask, model, f"every number moved by {MOVED:g} deviations"))
    return found


def address(model: dict[str, Any]) -> str:
    """Where plain requests to this version go."""
    return "/predict?" + urlencode({"model": model["name"], "version": model["version"]})


def protocols(ask: Ask, model: dict[str, Any]) -> list[Finding]:
    """An example over plain HTTP and over TensorFlow Serving's REST, and a broken one."""
    name, version, example = model["name"], model["version"], model["example"]
    found = []
    asked = {
        address(model): example,
        f"/v1/models/{quote(name)}/versions/{quote(version)}:predict": {"instances": [example]},
    }
    for path, content in asked.items():
        status, answer = ask("POST", path, content)
        found.append(Finding(f"POST {path}", status, brief(answer), status == OK))
    broken = {key: example[key] for key in list(example)[1:]} if isinstance(example, dict) else 7
    left_out = f"without {next(iter(example))!r}" if isinstance(example, dict) else "7 in its place"
    status, answer = ask("POST", address(model), broken)
    is_right = status == OK or 400 <= status < 500  # a model may do without
    return [*found, Finding(f"POST /predict {left_out}", status, brief(answer), is_right)]


def load(ask: Ask, model: dict[str, Any], content: Any, count: int, clients: int) -> Finding:
    """One content many times, from several clients: how often it was answered, and after how long."""

    def once(_: int) -> tuple[int, float]:
        began = time.perf_counter()
        status, _answer = ask("POST", address(model), content)
        return status, time.perf_counter() - began

    with ThreadPoolExecutor(clients) as pool:
        outcomes = list(pool.map(once, range(count)))
    answered = sum(status == OK for status, _ in outcomes)
    times = [1000 * seconds for _, seconds in outcomes]
    latencies = ", ".join(f"p{share} {percentile(times, share):.3g} ms" for share in (50, 95, 99))
    told = f"{answered} of {count} answered, {clients} clients at once; latency {latencies}"
    return Finding(f"POST {address(model)}", None, told, answered == count)


def percentile(times: list[float], share: float) -> float:
    """The least time that so many per cent of the requests did not exceed (nearest rank).

    Example:
        >>> percentile([5, 1, 3, 2, 4], 50), percentile([5, 1, 3, 2, 4], 95)
        (3, 5)
    """
    rank = max(1, -(-share * len(times) // 100))
    return sorted(times)[int(rank) - 1]


def drift(ask: Ask, model: dict[str, Any], what: str) -> Finding:
    """What the drift watch has seen so far."""
    reports = ask("GET", "/drift")[1]
    inputs = next(r["inputs"] for r in reports if (r["model"], r["version"]) == (model["name"], model["version"]))
    drifted = [f"{one['input']} ({one['distance']:.2g})" for one in inputs if one["has_drifted"]]
    judged = [one for one in inputs if one["has_drifted"] is not None]
    told = f"drifted: {', '.join(drifted)}" if drifted else f"none of {len(judged)} judged inputs has drifted"
    return Finding(f"GET /drift, {what}", OK, told, None)


def shifted(model: dict[str, Any]) -> dict[str, Any] | None:
    """The example with its numbers moved far away from those of training; None where it has no numbers."""
    example = model["example"]
    known = {one["name"]: one.get("statistics") or {} for one in model["inputs"]}
    moved = {name for name, statistics in known.items() if {"mean", "std"} <= statistics.keys()}
    if not isinstance(example, dict) or not any(is_number(example.get(name)) for name in moved):
        return None
    return {
        name: value + MOVED * known[name]["std"] if name in moved and is_number(value) else value
        for name, value in example.items()
    }


def is_number(value: Any) -> bool:
    """Whether a value of JSON can be moved."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def brief(answer: Any) -> str:
    """An answer in one line."""
    told = json.dumps(answer, ensure_ascii=False)
    return told if len(told) <= SHOWN else told[: SHOWN - 1] + "…"


def over_network(host: str, port: int, token: str | None = None) -> Ask:
    """Requests to a server, each over a connection of its own."""
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})

    def ask(method: str, path: str, content: Any = None) -> Reply:
        connection = http.client.HTTPConnection(host, port, timeout=60)
        try:
            connection.request(method, path, None if content is None else json.dumps(content), headers)
            response = connection.getresponse()
            return response.status, json.loads(response.read() or b"null")
        finally:
            connection.close()

    return ask


def run(order: Any, listener: Any, count: int) -> list[Finding]:
    """Start the server, examine it from a thread beside it, end it.

    Raises:
        BundleError: If a bundle cannot be opened.
        OSError: If the server could not be reached.
    """
    import threading

    from deepglass.deploy.serve.server import PatientServer, serve

    host, port = listener.getsockname()[:2]
    token = open_token(order.token_file)
    ask = over_network({"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port, token)
    servers: list[Any] = []
    outcome: list[Any] = []

    def keep(config: Any) -> Any:
        servers.append(PatientServer(config))
        return servers[0]

    def examined() -> None:
        try:
            outcome.append(examine(ask, count))
        except Exception as error:  # told by the thread that waits for it
            outcome.append(error)
        finally:
            servers[0].should_exit = True

    serve(order, [listener], lambda _: threading.Thread(target=examined, daemon=True).start(), keep)
    if not outcome or isinstance(outcome[0], Exception):
        raise OSError(f"the server ended before it was examined: {outcome[0] if outcome else 'interrupted'}")
    return outcome[0]


def open_token(path: str | None) -> str | None:
    """The first token of a file of tokens."""
    if path is None:
        return None
    from pathlib import Path

    from deepglass.deploy.serve.auth import read_tokens

    return os.fsdecode(read_tokens(Path(path))[0])
