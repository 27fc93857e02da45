"""The server: its addresses, and what is asked of a request before a program is started for it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from importlib.resources import files
from urllib.parse import urlencode

from aiohttp import web
from multidict import MultiDict

from tui_backprop.text.printable import is_safe, printable
from tui_backprop.text.sentences import tr, tr_count
from tui_backprop.text.system import system_reason
from tui_backprop.web import pages
from tui_backprop.web.addresses import PublicAddress, is_loopback
from tui_backprop.web.admission import Admission, TooManyGuessesError
from tui_backprop.web.house import House
from tui_backprop.web.program import TerminalProgram
from tui_backprop.web.settings import Serving
from tui_backprop.web.visit import Visit
from tui_backprop.web.visitors import Homes, clean_name

HEARTBEAT = 15.0
"""Seconds between two questions whether a page is still there; it gets half of them to answer."""
LARGEST_MESSAGE = 1 << 20
LARGEST_FORM = 1 << 14
LONGEST_LESSON = 200
REMEMBERED = 180 * 24 * 3600
"""Seconds for which a browser keeps the cookie."""
FONT_SIZES = range(8, 49)
FONT_SIZE = 16

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Server:
    """Serves pages, each with a program of its own.

    Args:
        serving: what the command line says.
        address: where visitors find the page.
        admission: who may come in.
        house: who is in.
        say: takes what the host should know, a line at a time.
    """

    def __init__(
        self,
        serving: Serving,
        address: PublicAddress,
        admission: Admission,
        house: House,
        say: Callable[[str], object],
    ) -> None:
        self._serving, self._address, self._say = serving, address, say
        self._admission, self._house = admission, house
        self._homes = Homes(serving.homes)
        self._cookie = f"tui-backprop-{serving.port}"  # cookies do not tell ports apart

    def application(self) -> web.Application:
        """Return what answers requests."""
        app = web.Application(middlewares=[self._checked], client_max_size=LARGEST_FORM)
        app.add_routes(
            [
                web.get("/", self._index),
                web.post("/", self._index),
                web.get("/alive", self._alive),
                web.get("/ws/{lesson:.*}", self._socket),
                web.static("/page", pages.FOLDER),
                web.static("/static", str(files("textual_serve") / "static")),
            ]
        )
        return app

    @web.middleware
    async def _checked(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Refuse what does not come by the page's own address, or from another page."""
        if not self._address.knows(request.host):
            return pages.notice(
                tr("This server does not know the address {host}. Its host starts it with --public-url.",
                   host=request.host[:100]),
                421,
            )  # fmt: skip
        origin = request.headers.get("Origin")
        changes = request.method == "POST" or request.path.startswith("/ws/")
        if changes and origin is not None and not self._address.is_own(origin, request.host):
            return pages.notice(tr("Only the page of this server may do that."), 403)
        try:
            return await handler(request)
        except web.HTTPException as error:
            if error.status < 400:
                raise
            return pages.notice(
                tr("There is nothing at this address ({status}).", status=error.status), error.status
            )
        except ConnectionError:
            raise
        except Exception as error:
            return pages.notice(self._told(error), 500)

    def _told(self, error: Exception) -> str:
        """Tell the host what has gone wrong, and return what a visitor is told."""
        what = system_reason(error) if isinstance(error, OSError) else f"{type(error).__name__}: {error}"
        self._say(tr("a visitor could not be served: {reason}", reason=printable(str(what), 200)))
        return tr("The server cannot do this just now, sorry. Its host is told why.")

    async def _alive(self, request: web.Request) -> web.Response:
        return web.Response(status=204, headers=pages.HEADERS)

    # ------------------------------------------------------------------ the page

    async def _index(self, request: web.Request) -> web.StreamResponse:
        """Show the terminal, once who asks may come in and has said what is wanted of them."""
        told: Mapping[str, object] = request.query
        if request.method == "POST":
            told = MultiDict(request.query)
            told.update(await request.post())
        cookie = request.cookies.get(self._cookie, "")
        visitor, admitted = self._admission.visitor(cookie), self._admission.admits(cookie)
        given = str(told.get("token", ""))
        if not admitted and (given or not self._admission.wants_token):
            refused = await self._refused(given, request)
            if refused is not None:
                return refused
            cookie, admitted = self._admission.cookie(visitor), True
            visitor = self._admission.visitor(cookie)
        if not admitted or visitor is None:
            return pages.question(
                tr("This page wants a token. Whoever gave you its address has it."), "token", tr("Token"), 403
            )
        name, known = clean_name(str(told.get("name", ""))), self._homes.name(visitor)
        if name and known and name != known:  # another person at the same machine, or somebody's link
            if request.method == "GET":
                response = pages.who(name, known, self._address.path)
                self._remember(response, cookie)
                return response
            cookie = self._admission.cookie()
            visitor, known = self._admission.visitor(cookie) or visitor, ""
        if name and not known:
            self._homes.rename(visitor, name)
        if request.method == "POST" or "token" in request.query or "name" in request.query:
            response = self._without_secrets(request)
        elif self._serving.is_course and not self._homes.name(visitor):
            response = pages.question(
                tr("The course keeps your answers under your name."), "name", tr("Your name"), 200
            )
        elif not self._house.has_place(visitor):
            response = pages.notice(
                tr_count(
                    "The only place is taken. This page looks again by itself.",
                    "All {count} places are taken. This page looks again by itself.",
                    self._house.places,
                ),
                503,
                retry=True,
            )
        else:
            response = pages.terminal_page(
                self._title(), _name(request.query.get("lesson", "")), _font_size(request)
            )
        self._remember(response, cookie)
        return response

    async def _refused(self, given: str, request: web.Request) -> web.Response | None:
        """Return what is said to somebody whose token is not right; None where it is."""
        if not self._admission.wants_token:
            return None
        try:
            if await self._admission.judged(given, self._caller(request)):
                return None
        except TooManyGuessesError:
            return pages.notice(
                tr("Many tokens come from your network just now. This page looks again by itself."),
                429,
                retry=True,
            )
        return pages.question(tr("This token is not right."), "token", tr("Token"), 403)

    def _caller(self, request: web.Request) -> str:
        """Return the address of who asks; a proxy on our own host says it at the end of a list."""
        peer = request.remote or ""
        if self._address.is_proxied and is_loopback(peer):
            return request.headers.get("X-Forwarded-For", peer).rpartition(",")[2].strip() or peer
        return peer

    def _without_secrets(self, request: web.Request) -> web.Response:
        """Send the browser on to the page without what its address told: that would stay in its history."""
        kept = {key: value for key, value in request.query.items() if key not in ("token", "name")}
        query = f"?{urlencode(kept)}" if kept else ""
        return web.Response(status=303, headers={**pages.HEADERS, "Location": f"{self._address.path}{query}"})

    def _remember(self, response: web.StreamResponse, cookie: str) -> None:
        response.set_cookie(
            self._cookie, cookie, max_age=REMEMBERED, path=self._address.path, httponly=True,
            samesite="Lax", secure=self._address.is_secure,
        )  # fmt: skip

    def _title(self) -> str:
        return f"{self._serving.folder.name} · tui-backprop" if self._serving.is_course else "tui-backprop"

    # ------------------------------------------------------------------ the line to a program

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        """Have a visit: a program that lives as long as this line."""
        cookie = request.cookies.get(self._cookie, "")
        visitor = self._admission.visitor(cookie) if self._admission.admits(cookie) else None
        if visitor is None:
            return pages.notice(tr("This page wants a token. Whoever gave you its address has it."), 403)
        socket = web.WebSocketResponse(heartbeat=HEARTBEAT, max_msg_size=LARGEST_MESSAGE)
        await socket.prepare(request)
        lesson = "" if self._serving.is_course else _name(request.match_info["lesson"])

        def start(size: tuple[int, int]) -> TerminalProgram:
            home = self._homes.made(visitor)
            environment = self._serving.environment(home, lesson, self._homes.name(visitor))
            return TerminalProgram(self._serving.words(), environment, size)

        idle = 60 * self._serving.idle if self._serving.idle else None
        visit = Visit(visitor, socket, start, idle)
        size = _number(request, "width", 80), _number(request, "height", 24)
        try:
            if not await self._house.receive(visit, size):
                visit.leave(
                    tr_count("The only place is taken.", "All {count} places are taken.", self._house.places)
                )
        except Exception as error:  # there is no page any more to answer with
            visit.leave(self._told(error))
        await visit.say_goodbye()
        return socket


def _name(asked: str) -> str:
    """Return a lesson's name that an address has, without what no name has; the program judges it."""
    return "".join(filter(is_safe, asked[:LONGEST_LESSON])).strip("/ ")


def _font_size(request: web.Request) -> int:
    size = _number(request, "fontsize", FONT_SIZE)
    return min(max(size, FONT_SIZES[0]), FONT_SIZES[-1])


def _number(request: web.Request, name: str, usual: int) -> int:
    text = request.query.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else usual
