"""Which pages may ask: the server's own and this machine's, and no other, whatever name it goes by."""

import pytest

from deepglass.deploy.runtime.origins import Origins, is_loopback

LOCAL = Origins.of("127.0.0.1")
NAMED = Origins.of("127.0.0.1", ["Models.example.org"])
PUBLIC = Origins.of("0.0.0.0")
PUBLIC_NAMED = Origins.of("0.0.0.0", ["models.example.org"])


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST:8000",
        "localhost.:8000",
        "127.0.0.1",
        "127.0.0.1:9",
        "127.1.2.3:65535",
        "[::1]",
        "[::1]:8000",
        "app.localhost:3000",
        "[::ffff:127.0.0.1]:80",
        None,
    ],
)
def test_every_name_of_this_machine_is_answered(host):
    assert LOCAL.refusal(host, None) == ""


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8000",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "evil-localhost",
        "",
        "localhost@evil.example",
        "localhost:8000:80",
        "localhost:99999999",
        "local host",
        "10.0.0.5:8000",
        "[::2]",
        "::1",
        "http://localhost",
        "localhost/",
        "0.0.0.0:8000",
        "127.0.0.1\t",
        "１２７.0.0.1",
    ],
)
def test_a_foreign_host_is_refused_even_without_an_origin(host):
    assert "--host-name" in LOCAL.refusal(host, None)


@pytest.mark.parametrize(
    "origin",
    [
        "http://localhost:8000",
        "http://127.0.0.1:8000",
        "http://[::1]:8000",
        "http://localhost:3000",
        "https://localhost",
    ],
)
def test_pages_of_this_machine_may_ask(origin):
    assert LOCAL.refusal("localhost:8000", origin) == ""
    assert LOCAL.shares_with(origin)


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "null",
        "",
        "http://localhost.evil.example",
        "http://evil.example:8000",
        "file://",
        "localhost",
        "chrome-extension://abc",
        "http://localhost:8000/x",
        "http://localhost@evil.example",
    ],
)
def test_pages_of_others_may_not(origin):
    assert LOCAL.refusal("localhost:8000", origin)
    assert not LOCAL.shares_with(origin)


def test_a_name_that_was_made_to_point_here_is_refused_with_its_own_page():
    assert LOCAL.refusal("evil.example:8000", "http://evil.example:8000")
    assert PUBLIC_NAMED.refusal("evil.example:8000", "http://evil.example:8000")


def test_a_configured_name_is_answered_and_its_pages_too():
    for origins in (NAMED, PUBLIC_NAMED):
        assert origins.refusal("models.example.org", "https://models.example.org") == ""
        assert origins.refusal("MODELS.example.org:8000", "https://models.example.org") == ""  # behind a proxy
        assert origins.refusal("models.example.org", "https://evil.example")
    assert PUBLIC_NAMED.refusal("10.0.0.5:8000", None) == ""  # a probe by address


def test_beyond_this_machine_a_page_of_the_same_name_is_the_servers_own():
    assert PUBLIC.refusal("box.lan:8000", "http://box.lan:8000") == ""
    assert PUBLIC.refusal("box.lan:8000", "http://box.lan:8001")
    assert PUBLIC.refusal("box.lan", "https://box.lan") == ""
    assert PUBLIC.refusal("box.lan", None) == ""


def test_what_a_foreign_page_embeds_is_refused_and_a_link_to_the_page_works():
    assert LOCAL.refusal("localhost:8000", None, "cross-site", "no-cors")
    assert LOCAL.refusal("localhost:8000", None, "cross-site", "navigate") == ""
    assert LOCAL.refusal("localhost:8000", None, "same-origin", "cors") == ""
    assert LOCAL.refusal("localhost:8000", None, "none", "navigate") == ""


@pytest.mark.parametrize(
    ("host", "is_local"),
    [
        ("127.0.0.1", True),
        ("localhost", True),
        ("::1", True),
        ("0.0.0.0", False),
        ("::", False),
        ("10.0.0.1", False),
    ],
)
def test_where_a_server_listens(host, is_local):
    assert is_loopback(host) == is_local
