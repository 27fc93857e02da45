"""Tokens and cookies: nobody guesses or makes one, and nobody is kept out by others who try."""

from __future__ import annotations

import asyncio
import stat
from pathlib import Path

import pytest

from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.web import admission
from tui_backprop.web.admission import (
    Admission,
    TooManyGuessesError,
    checked_token,
    kept_key,
    network_of,
    new_token,
)

KEY, TOKEN = b"k" * 32, "the-token-of-this-class"


async def test_a_thousand_guesses_neither_get_in_nor_keep_others_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admission, "MOMENT", 0.002)
    door = Admission(TOKEN, KEY)
    guesses = [TOKEN[:-1], TOKEN.upper(), f"{TOKEN} ", "", "ü", *(f"guess-{n}" for n in range(995))]
    flood = [asyncio.ensure_future(door.judged(guess, "192.0.2.7")) for guess in guesses]
    assert await door.judged(TOKEN, "192.0.2.8")  # while they are in line
    answers = await asyncio.gather(*flood, return_exceptions=True)
    assert [answer for answer in answers if answer is True] == []
    refused = [answer for answer in answers if isinstance(answer, TooManyGuessesError)]
    assert len(refused) == len(guesses) - admission.IN_LINE
    assert await door.judged(TOKEN, "192.0.2.7")  # the next one of the same school


async def test_one_after_another_takes_its_time() -> None:
    door = Admission(TOKEN, KEY)
    begin = asyncio.get_running_loop().time()
    assert not any([await door.judged(f"guess-{n}", "::1") for n in range(2)])
    assert asyncio.get_running_loop().time() - begin >= 2 * admission.MOMENT


def test_a_cookie_is_its_visitor_s_and_cannot_be_made() -> None:
    door = Admission(TOKEN, KEY)
    cookie = door.cookie()
    visitor = door.visitor(cookie)
    assert visitor is not None
    assert door.admits(cookie)
    assert door.cookie() != cookie
    name, seal, admitted = cookie.split(".")
    swapped, mixed = f"{name}.{admitted}.{seal}", f"other.{seal}.{admitted}"
    for forged in ("", ".", "..", name, f"{name}.{seal}", f"{name}.x.y", swapped, mixed, "ü.ü.ü"):
        assert not door.admits(forged)
    assert Admission(TOKEN, b"o" * 32).visitor(cookie) is None


def test_with_another_token_visitors_are_known_and_need_it() -> None:
    cookie = Admission(TOKEN, KEY).cookie()
    later = Admission("another-token-than-that", KEY)
    visitor = later.visitor(cookie)
    assert visitor is not None
    assert not later.admits(cookie)
    assert later.visitor(later.cookie(visitor)) == visitor
    everybody = Admission(None, KEY)
    assert not everybody.admits(cookie)
    assert everybody.admits(everybody.cookie(visitor))


@pytest.mark.parametrize(
    "token", ["", "short", "eleven-char", "with a space in it", "ümlaut-in-the-token", "a" * 20 + "&"]
)
def test_a_token_that_can_be_guessed_or_does_not_fit_a_link_is_refused(token: str) -> None:
    with pytest.raises(BackpropError, match="at least 12 letters, digits"):
        checked_token(token)


def test_a_token_of_our_own_is_a_good_one() -> None:
    tokens = {new_token() for _ in range(100)}
    assert len(tokens) == 100
    assert all(checked_token(token) and len(token) >= 24 for token in tokens)


def test_the_key_is_kept_and_nobody_else_s(tmp_path: Path) -> None:
    path = tmp_path / "web" / "key"
    key = kept_key(path)
    assert len(key) == 32
    assert kept_key(path) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.write_bytes(b"damaged")
    assert len(kept_key(path)) == 32
    (tmp_path / "file").write_text("")
    with pytest.raises(BackpropError, match="cannot be written"):
        kept_key(tmp_path / "file" / "key")


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:db8::ffff:1", "2001:db8::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("?", "?"),
    ],
)
def test_who_shares_a_line(address: str, network: str) -> None:
    assert network_of(address) == network
