"""What is asked of a request before a program is started, and how visits end; the programs are shells."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import (
    ClientSession,
    ClientWebSocketResponse,
    CookieJar,
    WSMsgType,
    WSServerHandshakeError,
    test_utils,
)
from msgspec import structs

from tests.support.installed_command import PATIENCE
from tests.support.served import is_there
from tui_backprop.web.addresses import PublicAddress
from tui_backprop.web.admission import Admission
from tui_backprop.web.house import House
from tui_backprop.web.server import Server
from tui_backprop.web.settings import Serving

TOKEN = "the-token-of-this-class"
Start = Callable[..., Awaitable["Site"]]


class Site:
    """A server, and people who come to it.

    Attributes:
        said: the lines that its host was told.
    """

    def __init__(self, serving: Serving, script: str, patch: pytest.MonkeyPatch) -> None:
        patch.setattr("tui_backprop.web.settings.Serving.words", lambda self: ["/bin/sh", "-c", script])
        self.said: list[str] = []
        self.house = House(serving.visitors)
        address = PublicAddress(serving.host, serving.public_url)
        door = Admission(serving.token, b"k" * 32)
        server = Server(serving, address, door, self.house, self.said.append)
        self._server = test_utils.TestServer(server.application())

    async def open(self) -> None:
        await self._server.start_server()

    async def close(self) -> None:
        await self.house.close("closed")
        await self._server.close()

    @property
    def url(self) -> str:
        return str(self._server.make_url("/"))

    @asynccontextmanager
    async def visitor(self) -> AsyncIterator[Visitor]:
        async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as session:
            yield Visitor(session, self.url)


class Visitor:
    """Somebody with a browser."""

    def __init__(self, session: ClientSession, url: str) -> None:
        self.session, self.url = session, url

    async def get(self, path: str = "", **options: Any) -> tuple[int, str, Any]:
        async with self.session.get(self.url + path, allow_redirects=False, **options) as answer:
            return answer.status, await answer.text(), answer.headers

    async def post(self, **fields: str) -> tuple[int, str, Any]:
        async with self.session.post(self.url, data=fields, allow_redirects=False) as answer:
            return answer.status, await answer.text(), answer.headers

    async def line(self, path: str = "ws/", **headers: str) -> ClientWebSocketResponse:
        """Open the line that a page opens."""
        address = f"{self.url}{path}?width=90&height=30"
        return await self.session.ws_connect(address, headers=headers)


async def heard(line: ClientWebSocketResponse, enough: str = "\0") -> tuple[str, str]:
    """Return what a program writes, until that is among it or the line ends, and why it has ended."""
    text, why = "", ""
    while enough not in text:
        message = await asyncio.wait_for(line.receive(), PATIENCE)
        if message.type == WSMsgType.BINARY:
            text += message.data.decode()
        elif message.type == WSMsgType.TEXT:
            kind, why = json.loads(message.data)
            assert kind == "ended"
        else:
            break
    return text, why


@pytest.fixture
async def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Start]:
    """Give a function that starts a server whose visitors get a shell's script."""
    sites: list[Site] = []
    usual = Serving(
        folder=tmp_path, is_course=False, homes=tmp_path / "homes", host="127.0.0.1", port=1, public_url=None,
        token=None, visitors=2, idle=0, fps=4, limits=(),
    )  # fmt: skip

    async def started(script: str = "cat", **changes: Any) -> Site:
        sites.append(Site(structs.replace(usual, **changes), script, monkeypatch))
        await sites[-1].open()
        return sites[-1]

    yield started
    for site in sites:
        await site.close()


async def test_a_token_lets_in_once_and_leaves_the_address(start: Start) -> None:
    site = await start(token=TOKEN)
    async with site.visitor() as ann, site.visitor() as eve:
        status, text, headers = await ann.get()
        assert (status, 'name="token"' in text, headers.get("Set-Cookie")) == (403, True, None)
        status, text, headers = await ann.get(f"?token={TOKEN}&lesson=week1/xor&fontsize=20")
        assert (status, headers["Location"]) == (303, "/?lesson=week1%2Fxor&fontsize=20")
        assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(headers["Set-Cookie"].split("; "))
        assert TOKEN not in headers["Set-Cookie"]
        assert "Secure" not in headers["Set-Cookie"]
        status, text, headers = await ann.get("?lesson=week1/xor&fontsize=20")
        assert (status, 'data-lesson="week1/xor"' in text, 'data-font-size="20"' in text) == (200, True, True)
        assert "script-src 'self'" in headers["Content-Security-Policy"]
        assert headers["Cache-Control"] == "no-store"
        assert (await eve.post(token="not-the-token-of-it"))[0] == 403
        with pytest.raises(WSServerHandshakeError):
            await eve.line()
        assert (await eve.post(token=TOKEN))[0] == 303
        await (await eve.line()).close()
    assert site.said == []


async def test_behind_tls_the_cookie_is_secure(start: Start) -> None:
    site = await start(token=TOKEN, public_url="https://example.org/backprop")
    async with site.visitor() as ann:
        status, _, headers = await ann.get(f"?token={TOKEN}")
        assert (status, headers["Location"]) == (303, "/backprop/")
        assert {"Secure", "Path=/backprop/"} <= set(headers["Set-Cookie"].split("; "))


async def test_pages_and_names_of_others_are_refused(start: Start) -> None:
    site = await start()
    async with site.visitor() as ann:
        assert (await ann.get())[0] == 200
        assert (await ann.get(headers={"Host": "attacker.example"}))[0] == 421
        for origin in ("https://attacker.example", "null"):
            with pytest.raises(WSServerHandshakeError, match="403"):
                await ann.line(Origin=origin)
        line = await ann.line(Origin=ann.url.rstrip("/"))
        await line.send_str('["stdin", "hello\\n"]')
        assert "hello" in (await heard(line, "hello"))[0]


@pytest.mark.parametrize(
    "path", ["nothing", "page/", "static/", "page/../server.py", "page/%2e%2e/server.py", "static/js/none.js"]
)
async def test_nothing_else_is_there(start: Start, path: str) -> None:
    site = await start()
    async with site.visitor() as ann:
        status, text, _ = await ann.get(path)
        assert status in (403, 404)
        assert "def " not in text


async def test_each_visitor_has_a_home_and_what_the_address_names(start: Start) -> None:
    site = await start(f"env; stty size; echo {'the end'!r}; cat")
    async with site.visitor() as ann, site.visitor() as bob:
        await ann.get("?name=Ann%0A")
        await bob.get()
        lines = [await ann.line("ws/week1/xor"), await bob.line("ws/")]
        texts = [(await heard(line, "the end"))[0] for line in lines]
        assert "SSH_ORIGINAL_COMMAND=week1/xor\r" in texts[0]
        assert "TUI_BACKPROP_STUDENT=Ann\r" in texts[0]
        assert "30 90" in texts[0]
        assert "TUI_BACKPROP_STUDENT" not in texts[1]
        homes = {found for text in texts for found in re.findall(r"\nHOME=(.*)\r", text)}
        assert len(homes) == 2
        assert {Path(home).parent.name for home in homes} == {"homes"}


async def test_a_course_asks_for_a_name_once(start: Start) -> None:
    site = await start(is_course=True)
    async with site.visitor() as ann:
        status, text, _ = await ann.get()
        assert (status, 'name="name"' in text) == (200, True)
        assert (await ann.post(name="\u202e"))[0] == 303  # nothing is left of it
        assert 'name="name"' in (await ann.get())[1]
        assert (await ann.post(name=" Ann <b> "))[0] == 303
        assert 'id="terminal"' in (await ann.get())[1]


async def test_a_link_with_another_s_name_renames_nobody(start: Start) -> None:
    site = await start("echo $HOME $TUI_BACKPROP_STUDENT.; cat")
    async with site.visitor() as ann:
        await ann.get("?name=Ann")
        first = (await heard(await ann.line(), "Ann."))[0]
        status, text, _ = await ann.get("?name=Bob%20<b>")
        assert (status, "Ann" in text, 'value="Bob &lt;b&gt;"' in text) == (200, True, True)
        assert (await heard(await ann.line(), "Ann."))[0] == first
        assert (await ann.post(name="Bob"))[0] == 303
        second = (await heard(await ann.line(), "Bob."))[0]
        assert second.split()[0] != first.split()[0]


async def test_a_full_house_says_so_and_takes_whom_it_has(start: Start) -> None:
    site = await start(visitors=1)
    async with site.visitor() as ann, site.visitor() as bob:
        assert (await ann.get())[0] == 200
        line = await ann.line()
        await line.send_str('["stdin", "x\\n"]')
        await heard(line, "x")
        status, text, _ = await bob.get()
        assert (status, "is taken" in text, 'http-equiv="refresh"' in text) == (503, True, True)
        assert (await ann.get())[0] == 200  # and its old line ends by and by
        waiting = asyncio.ensure_future(ann.line())
        await line.close()
        again = await waiting
        await again.send_str('["stdin", "y\\n"]')
        assert "y" in (await heard(again, "y"))[0]


async def test_a_closed_line_ends_the_program(start: Start) -> None:
    site = await start("echo pid $$; exec cat")
    async with site.visitor() as ann:
        await ann.get()
        line = await ann.line()
        text, _ = await heard(line, "\n")
        pid = int(text.split()[1])
        assert is_there(pid)
        await line.close()
        while is_there(pid) or len(site.house):
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("exit 0", "The app has ended. What you did is saved."),
        ("printf 'a\\033[?1049l\\033[1mtui-backprop: too \\033[31mbad\\r\\n'; exit 2", "too bad"),
        ("exit 7", "The program has ended."),
    ],
)
async def test_a_program_that_ends_says_why(start: Start, script: str, why: str) -> None:
    site = await start(script)
    async with site.visitor() as ann:
        await ann.get()
        assert (await heard(await ann.line()))[1] == why


async def test_who_presses_nothing_is_sent_home(start: Start) -> None:
    site = await start("printf '\\033[6n'; cat", idle=0.3 / 60)
    async with site.visitor() as ann:
        await ann.get()
        line = await ann.line()
        answers = asyncio.ensure_future(_answering(line))  # a terminal's own answers are no keys
        assert "Nothing was pressed" in (await heard(line))[1]
        answers.cancel()


async def _answering(line: ClientWebSocketResponse) -> None:
    while True:
        await line.send_str(json.dumps(["stdin", "\x1b[3;7R\x1b[?2026;0$y"]))
        await asyncio.sleep(0.05)


async def test_a_server_that_closes_says_so(start: Start) -> None:
    site = await start("trap 'exit 129' HUP; while :; do sleep 0.01; done")
    async with site.visitor() as ann, site.visitor() as bob:
        for visitor in (ann, bob):
            await visitor.get()
        lines = [await ann.line(), await bob.line()]
        while len(site.house) < 2:
            await asyncio.sleep(0.01)
        closing = asyncio.ensure_future(site.house.close("closed"))
        assert [(await heard(line))[1] for line in lines] == ["closed", "closed"]
        await closing


async def test_what_no_page_sends_does_no_harm(start: Start) -> None:
    site = await start("stty size; echo begun; cat")
    async with site.visitor() as ann:
        await ann.get()
        line = await ann.line()
        await heard(line, "begun")
        for bad in (
            "", "[]", "{}", "[1]", '["stdin"]', '["stdin", 5]', '["resize", []]',
            '["resize", {"width": "a"}]',
            '["resize", {"width": 1e999, "height": null}]', '["quit"]', "[" * 5000,
        ):  # fmt: skip
            await line.send_str(bad)
        await line.send_bytes(b"\xff" * 100)
        await line.send_str('["resize", {"width": 1000000, "height": -5}]')
        await line.send_str('["stdin", "still here\\n"]')
        assert "still here" in (await heard(line, "still here"))[0], site.said
        assert site.said == []


async def test_what_cannot_be_done_is_told_the_host(start: Start, tmp_path: Path) -> None:
    (tmp_path / "homes").write_text("a file where a folder should be")
    site = await start()
    async with site.visitor() as ann:
        assert (await ann.get())[0] == 200
        assert "cannot do this just now" in (await heard(await ann.line("ws/%00")))[1]
    assert len(site.said) == 1
    assert site.said[0].startswith("a visitor could not be served: ")
