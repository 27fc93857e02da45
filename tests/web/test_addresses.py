"""Under which names a page is given, and from which pages its line may be opened."""

from __future__ import annotations

import pytest

from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.web.addresses import PublicAddress, is_loopback


@pytest.mark.parametrize(
    ("host", "private"),
    [
        ("localhost", True), ("LOCALHOST.", True), ("127.0.0.1", True), ("127.9.9.9", True), ("::1", True),
        ("0.0.0.0", False), ("::", False), ("192.0.2.7", False), ("localhost.example.org", False),
    ],
)  # fmt: skip
def test_loopback(host: str, private: bool) -> None:
    assert is_loopback(host) == private


@pytest.mark.parametrize(
    ("host", "public", "asked", "known"),
    [
        ("127.0.0.1", None, "127.0.0.1:8000", True),
        ("127.0.0.1", None, "localhost:9000", True),  # ssh -L 9000:localhost:8000
        ("127.0.0.1", None, "[::1]:8000", True),
        ("127.0.0.1", None, "attacker.example:8000", False),  # whose name leads to 127.0.0.1
        ("127.0.0.1", None, "", False),
        ("127.0.0.1", "https://class.example.org", "class.example.org", True),
        ("127.0.0.1", "https://class.example.org", "attacker.example", False),
        ("0.0.0.0", None, "host.example.org:8000", True),  # where a token is wanted
    ],
)
def test_names_that_are_known(host: str, public: str | None, asked: str, known: bool) -> None:
    assert PublicAddress(host, public).knows(asked) == known


@pytest.mark.parametrize(
    ("origin", "own"),
    [
        ("https://class.example.org", True),
        ("https://class.example.org:443", True),
        ("http://127.0.0.1:8000", True),  # the host itself, beside the proxy
        ("http://class.example.org", False),
        ("https://class.example.org.attacker.example", False),
        ("https://attacker.example", False),
        ("http://127.0.0.1:9000", False),
        ("null", False),
        ("", False),
        ("file://", False),
        ("https://user@class.example.org", False),
        ("http://[", False),
    ],
)
def test_pages_that_may_call(origin: str, own: bool) -> None:
    address = PublicAddress("127.0.0.1", "https://class.example.org")
    assert address.is_own(origin, "127.0.0.1:8000") == own


def test_what_people_are_told() -> None:
    assert PublicAddress("127.0.0.1").url(8000, "host") == "http://127.0.0.1:8000/"
    assert PublicAddress("0.0.0.0").url(80, "host") == "http://host/"
    assert PublicAddress("::1").url(8000, "host") == "http://[::1]:8000/"
    behind = PublicAddress("127.0.0.1", "https://example.org/backprop")
    assert behind.url(8000, "host") == "https://example.org/backprop/"
    assert behind.path == "/backprop/"
    assert (behind.is_private, behind.is_secure, behind.is_proxied) == (False, True, True)
    assert PublicAddress("127.0.0.1", "http://localhost:8080").is_private


@pytest.mark.parametrize(
    "url", ["", "class.example.org", "ftp://a.b", "https://", "https://a.b?x=1", "https://a:b", "x" * 300]
)
def test_a_public_url_that_is_none(url: str) -> None:
    with pytest.raises(BackpropError, match="--public-url: found") as caught:
        PublicAddress("127.0.0.1", url)
    assert len(str(caught.value)) < 250
