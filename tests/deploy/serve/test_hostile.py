"""A part of `python -m bench.fuzz`, seeded and small: hostile requests, and a client who notices nothing."""

import asyncio
import contextlib
import json
import sys

import pytest
from bench.hostile import watch
from bench.hostile.attack import Attack
from bench.hostile.watch import Watcher

REQUESTS, CONNECTIONS = 400, 8
REAL = sys.executable


@pytest.mark.slow("hundreds of hostile requests")
def test_hostile_requests_get_no_5xx_and_a_client_beside_them_is_answered_right(server):
    watchers = [Watcher(role, server.port) for role in ("client", "health")]
    attack = Attack(server.port, seed=0)
    try:
        tally = asyncio.run(attack.run(REQUESTS, CONNECTIONS))
    finally:
        client, health = (watcher.stop() for watcher in watchers)
    assert tally.wrong == []
    assert sum(tally.sent.values()) == REQUESTS
    assert min(tally.sent.values()) > 0
    assert {200, 400, 413, 415, 422} <= tally.statuses.keys()
    assert tally.statuses[503] == 0
    assert len(client) > 5
    assert all(seen.is_right for seen in client + health)
    lines = [json.loads(line) for line in server.log.read_text().splitlines() if line.startswith("{")]
    assert not [line for line in lines if line["level"] == "error"]


def test_who_watches_notices_a_wrong_answer_and_a_lost_connection(monkeypatch):
    said = []
    answers = iter([b"right", b"right", b"wrong", None])
    monkeypatch.setattr(watch, "asked", lambda: [None])
    monkeypatch.setattr(watch, "_ask", lambda *_: next(answers))
    monkeypatch.setattr(watch, "_say", lambda at, began, is_right: said.append(is_right))
    with contextlib.suppress(StopIteration):
        watch.client(1)
    assert said == [True, True, False, False]


def test_who_watches_for_long_is_not_stopped_by_what_it_has_seen(tmp_path, monkeypatch):
    program = "import json\nfor _ in range(20_000): print(json.dumps([1.0, 2.0, True]))\nprint('end', flush=True)"
    monkeypatch.setattr(watch.sys, "executable", str(tmp_path / "python"))
    (tmp_path / "python").write_text(f"#!/bin/sh\nexec '{REAL}' -c \"$(cat '{tmp_path}/program')\"\n")
    (tmp_path / "python").chmod(0o755)
    (tmp_path / "program").write_text(program)
    watcher = Watcher("client", 1)
    watcher.process.wait(timeout=120)
    assert len(watcher.stop()) == 20_000
