"""Who may come in: a token that is shown once, then a cookie that nobody can guess or make.

A token is worth something only if it cannot be guessed, so a short one is refused, and guesses from one
address are judged a few at a time, a moment each. Nobody is ever locked out for another's guesses: the right
token is taken however many wrong ones came before it.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import ipaddress
import os
import re
import secrets
from pathlib import Path

from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.text.sentences import tr
from tui_backprop.text.system import system_reason

SHORTEST = 12
"""Characters that a token has at least: at eighty guesses a second, even letters alone outlast any class."""
AT_ONCE, MOMENT, IN_LINE = 4, 0.05, 64
"""Guesses of one address that are judged at once; seconds that a wrong one takes; guesses that may wait."""
_TOKEN = re.compile(r"[A-Za-z0-9._~-]+", re.ASCII)


def new_token() -> str:
    """Return a token of 144 random bits, which may stand in a link as it is."""
    return secrets.token_urlsafe(18)


def checked_token(token: str) -> str:
    """Return a token that somebody has chosen.

    Raises:
        BackpropError: it could be guessed, or could not stand in a link.
    """
    if len(token) < SHORTEST or not _TOKEN.fullmatch(token):
        raise BackpropError(
            tr(
                "--token: found {count} characters; it must be at least {least} letters, digits or - . _ ~",
                count=len(token),
                least=SHORTEST,
            )
        )
    return token


class TooManyGuessesError(BackpropError):
    """An address has more tokens waiting to be judged than people have."""


class Admission:
    """Judges tokens and cookies.

    Args:
        token: what lets a visitor in; None where everybody may.
        key: what cookies are signed with, 32 bytes.
    """

    def __init__(self, token: str | None, key: bytes) -> None:
        self._token, self._key = token, key
        self._lines: dict[str, _Line] = {}

    @property
    def wants_token(self) -> bool:
        """Whether a visitor needs a token."""
        return self._token is not None

    async def judged(self, given: str, address: str) -> bool:
        """Tell whether a token is right, in its turn.

        Raises:
            TooManyGuessesError: too many of this address are waiting.
        """
        network = network_of(address)
        line = self._lines.setdefault(network, _Line())
        if line.length >= IN_LINE:
            raise TooManyGuessesError(tr("too many tokens from this address at once"))
        line.length += 1
        try:
            async with line.judges:
                right = self._is_right(given)
                if not right:
                    await asyncio.sleep(MOMENT)
                return right
        finally:
            line.length -= 1
            if not line.length:
                self._lines.pop(network, None)

    def _is_right(self, given: str) -> bool:
        wanted = self._token or ""
        return self._token is None or hmac.compare_digest(
            hashlib.sha256(given.encode("utf-8", "replace")).digest(),
            hashlib.sha256(wanted.encode()).digest(),
        )

    def cookie(self, visitor: str | None = None) -> str:
        """Return the cookie of somebody who may come in: a visitor who was here before, or a new one."""
        visitor = visitor or secrets.token_urlsafe(18)
        return f"{visitor}.{self._seal('visitor', visitor)}.{self._seal(f'admitted {self._token}', visitor)}"

    def visitor(self, cookie: str) -> str | None:
        """Return whose cookie this is, whether or not they may come in; None where it is nobody's."""
        visitor, _, seals = cookie.partition(".")
        return visitor if visitor and self._same(seals.partition(".")[0], "visitor", visitor) else None

    def admits(self, cookie: str) -> bool:
        """Tell whether a cookie lets its visitor in: it was given for the token of today."""
        visitor = self.visitor(cookie)
        seal = cookie.rpartition(".")[2]
        return visitor is not None and self._same(seal, f"admitted {self._token}", visitor)

    def _seal(self, what: str, visitor: str) -> str:
        return hmac.new(self._key, f"{what} {visitor}".encode(), hashlib.sha256).hexdigest()

    def _same(self, seal: str, what: str, visitor: str) -> bool:
        return hmac.compare_digest(seal.encode("utf-8", "replace"), self._seal(what, visitor).encode())


class _Line:
    """The guesses of one address that are judged or wait."""

    def __init__(self) -> None:
        self.judges = asyncio.Semaphore(AT_ONCE)
        self.length = 0


def network_of(address: str) -> str:
    """Return what an address is counted by: itself, or the network that one customer has of IPv6."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if found.version == 4:
        return str(found)
    return str(ipaddress.ip_network(f"{found}/64", strict=False))


def kept_key(path: Path) -> bytes:
    """Return the key that cookies are signed with, made at the first start: visitors are known again.

    Raises:
        BackpropError: it can be neither read nor written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if path.exists() and len(key := path.read_bytes()) == 32:
            return key
        key = secrets.token_bytes(32)
        aside = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(key)
        aside.replace(path)
    except OSError as error:
        raise BackpropError(
            tr("{file}: cannot be written: {reason}", file=path, reason=system_reason(error))
        ) from None
    return key
