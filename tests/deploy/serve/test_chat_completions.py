"""OpenAI's own client, unchanged, talks with a server; what does not fit is refused in OpenAI's form."""

import json
from http.client import HTTPConnection

import openai
import pytest

import deepglass as dg
from deepglass.core.console import console
from deepglass.data.dialogues import of_roles
from deepglass.data.reading.dialogues import layout
from deepglass.deploy.exporting import export
from deepglass.deploy.runtime.bundle import Bundle
from deepglass.deploy.runtime.sampling import Sampling
from deepglass.deploy.runtime.talking import reply
from tests.deploy.serve.conftest import running

HELLO = [{"role": "user", "content": "hello"}]


@pytest.fixture(scope="module")
def talker(tmp_path_factory):
    """A tiny model that greets, its run and its bundle."""
    console.mode = "quiet"
    folder = tmp_path_factory.mktemp("talker")
    pairs = [("hello", "good morning, dear friend."), ("bye", "see you soon.")]
    content = [of_roles([("user", asked), ("assistant", said)]) for asked, said in pairs for _ in range(40)]
    content = [
        of_roles([*one.turns, ("user", f"number {i}"), ("assistant", "a number.")]) for i, one in enumerate(content)
    ]
    small = {"num_layers": 1, "embed_dim": 32, "num_heads": 2, "context": 64, "vocab_size": 320, "epochs": 12}
    run = dg.train(layout(content, "greetings"), run=folder / "greetings", task="dialogue", learning_rate=0.01,
                   threads=1, device="cpu", **small)  # fmt: skip
    path, _ = export(run, folder / "bundle", to="bundle")
    return run, path


@pytest.fixture(scope="module")
def address(talker, tmp_path_factory):
    """Where a real server, a process of its own, answers."""
    with running(tmp_path_factory.mktemp("logs"), talker[1]) as server:
        yield server.url


@pytest.fixture(scope="module")
def client(address):
    return openai.OpenAI(base_url=f"{address}/v1", api_key="none", max_retries=0, timeout=60)


def answered(client, messages=HELLO, **more):
    return client.chat.completions.create(model="greetings", messages=messages, **{"temperature": 0, **more})


def test_the_client_gets_what_the_run_answers(client, talker):
    run, path = talker
    chat = run.chat(temperature=0)
    expected = "".join(chat.say("hello"))
    assert expected == "good morning, dear friend."
    found = answered(client)
    assert found.choices[0].message.content == expected
    assert found.choices[0].finish_reason == "stop"
    assert found.usage.total_tokens == found.usage.prompt_tokens + found.usage.completion_tokens
    assert "".join(reply(Bundle.open(path), HELLO, Sampling(temperature=0))) == expected


def test_a_stream_adds_up_to_the_whole(client):
    chunks = list(answered(client, stream=True))
    assert len(chunks) > 3
    assert chunks[0].choices[0].delta.role == "assistant"
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == "good morning, dear friend."
    assert chunks[-1].choices[0].finish_reason == "stop"


def test_several_turns_are_seen(client):
    talk = [
        *HELLO,
        {"role": "assistant", "content": "good morning, dear friend."},
        {"role": "user", "content": "number 7"},
    ]
    assert answered(client, talk).choices[0].message.content == "a number."


def test_the_models_that_converse_are_listed(client):
    assert [model.id for model in client.models.list().data] == ["greetings"]


def test_stops_and_bounds_end_an_answer(client):
    cut = answered(client, stop=", dear")
    assert (cut.choices[0].message.content, cut.choices[0].finish_reason) == ("good morning", "stop")
    short = answered(client, max_tokens=2)
    assert short.choices[0].finish_reason == "length"
    assert short.usage.completion_tokens == 2


def test_a_seed_repeats_and_heat_varies(client):
    hot = {"temperature": 3.0, "extra_body": {"min_p": 0.0001, "repetition_penalty": 1.1}}
    one, again, *others = [answered(client, seed=seed, **hot).choices[0].message.content for seed in (1, 1, 2, 3, 4)]
    assert one == again
    assert {*others} - {one}


@pytest.mark.parametrize(
    ("more", "field", "words"),
    [
        ({"n": 2}, "n", "expected 1"),
        ({"top_p": 0}, "top_p", "share in"),
        ({"temperature": -1}, "temperature", "0 or more"),
        ({"messages": []}, "messages", "1 to"),
        ({"messages": [{"role": "narrator", "content": "x"}]}, "messages", "narrator"),
        ({"messages": [{"role": "user", "content": " "}]}, "messages", "no message of a user"),
        ({"messages": [{"role": "user", "content": "\ud800"}]}, None, "surrogate"),
        ({"extra_body": {"wings": 2}}, "wings", "unrecognized"),
        ({"stop": ["a"] * 9}, "stop", "up to 4"),
    ],
)
def test_what_does_not_fit_is_refused_in_openais_form(client, address, more, field, words):
    body = {"model": "greetings", "messages": HELLO, **more.pop("extra_body", {}), **more}
    host = address.removeprefix("http://")
    connection = HTTPConnection(host, timeout=30)
    connection.request("POST", "/v1/chat/completions", json.dumps(body), {"Content-Type": "application/json"})
    response = connection.getresponse()
    error = json.loads(response.read())["error"]
    assert response.status == 400
    assert words in error["message"]
    assert error["param"] == field
    assert error["type"] == "invalid_request_error"


def test_a_model_that_is_not_there_is_said_so_by_the_client(client):
    with pytest.raises(openai.NotFoundError, match="no model 'gpt-9'"):
        client.chat.completions.create(model="gpt-9", messages=HELLO)


def test_marks_cannot_be_typed(talker):
    run, _ = talker
    marks = {*run.task.inputs.template.marks.values()}
    for text in ("<|end|>", "[end]", "ø ù ú û", "\udcf8".encode("utf-8", "surrogatepass").decode("utf-8", "replace")):
        assert not marks & {*run.task.inputs.ids_of(text)}
