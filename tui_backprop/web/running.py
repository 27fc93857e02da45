"""The server from its start to its end: what it says, and that it leaves no program behind."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections.abc import Callable
from pathlib import Path

from aiohttp import web
from msgspec import structs

from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.text.sentences import tr
from tui_backprop.text.system import system_reason
from tui_backprop.web.addresses import PublicAddress
from tui_backprop.web.admission import Admission, checked_token, kept_key, new_token
from tui_backprop.web.house import House
from tui_backprop.web.server import Server
from tui_backprop.web.settings import Serving

CLOSING = 4.0
"""Seconds that connections get once all visits have ended."""


def serve(serving: Serving, key_file: Path, say: Callable[[str], object]) -> None:
    """Serve until the process is asked to end.

    Args:
        serving: what the command line says.
        key_file: where the key is kept that cookies are signed with.
        say: takes what the host should know, a line at a time.

    Raises:
        BackpropError: something cannot be as it is told, or the port is taken.
    """
    address = PublicAddress(serving.host, serving.public_url)
    if serving.token is not None:
        checked_token(serving.token)
    elif not address.is_private:
        serving = structs.replace(serving, token=new_token())
    asyncio.run(_serve(serving, address, Admission(serving.token, kept_key(key_file)), say))


async def _serve(
    serving: Serving, address: PublicAddress, admission: Admission, say: Callable[[str], object]
) -> None:
    listening = _bound(serving)
    port = listening.getsockname()[1]
    house = House(serving.visitors)
    server = Server(structs.replace(serving, port=port), address, admission, house, say)
    runner = web.AppRunner(server.application(), access_log=None, shutdown_timeout=CLOSING)
    await runner.setup()
    over = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) != signal.SIG_IGN:  # nohup means it
            loop.add_signal_handler(number, over.set)
    try:
        await web.SockSite(runner, listening).start()
        for line in _greeting(serving, address, port):
            say(line)
        await over.wait()
        say(tr("Visitors' programs save and leave."))
        await house.close(tr("The server has been stopped. What you did is saved."))
    finally:
        await runner.cleanup()


def _bound(serving: Serving) -> socket.socket:
    """Return a socket that listens as it is told.

    Raises:
        BackpropError: it cannot.
    """
    problem: OSError | None = None
    with contextlib.suppress(UnicodeError):
        try:
            found = socket.getaddrinfo(
                serving.host or None, serving.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )
            family, _, _, _, place = sorted(found)[0]
            return socket.create_server(
                place[:2],
                family=family,
                backlog=128,
                dualstack_ipv6=place[0] == "::" and socket.has_dualstack_ipv6(),
            )
        except OSError as error:
            problem = error
    reason = (system_reason(problem) if problem else None) or tr("there is no such host")
    raise BackpropError(
        tr(
            "{host} port {port}: cannot listen there: {reason}",
            host=serving.host,
            port=serving.port,
            reason=reason,
        )
    )


def _greeting(serving: Serving, address: PublicAddress, port: int) -> list[str]:
    """Return what the host should know at the beginning."""
    url = address.url(port, socket.gethostname())
    link = url if serving.token is None else f"{url}?token={serving.token}"
    lines = [tr("Open {link} in a browser; Ctrl+C here ends it.", link=link)]
    if not address.is_private and not address.is_secure:
        lines.append(
            tr(
                "The line is not encrypted: where others can listen, put a proxy with TLS before it and say "
                "its address with --public-url; docs/serve.md shows how."
            )
        )
    lines.append(tr("What visitors do is kept in {folder}", folder=serving.homes))
    return lines
