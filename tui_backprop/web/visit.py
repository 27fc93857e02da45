"""One tab: what a program writes goes to its page, what is typed there goes to it, until either ends."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import time
from collections.abc import Callable
from typing import Any

from aiohttp import WSMsgType, web

from tui_backprop.text.printable import is_safe
from tui_backprop.text.sentences import tr, tr_count
from tui_backprop.web.program import TerminalProgram

GRACE = 5.0
"""Seconds that a program gets to save and leave; the app takes three at most."""
FIRST_SCREEN = 10.0
"""Seconds after which a start is taken to be over, whether anything is to be seen or not."""
BEGUN = 2000
"""Bytes that tell that a first screen has come: questions to the terminal are less."""
COLUMNS, ROWS = range(1, 501), range(1, 201)
REPORTS = re.compile(r"(?:\x1b\[(?:\d+;\d+R|\?[\d;]*(?:\$y|c|u)|>[\d;]*c|[IO]))+")
"""What a terminal says by itself: where its cursor is, what it knows, whether it has the focus."""
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]*[0-~])")
_LEFT_SCREEN = "\x1b[?1049l"
_TAIL = 2000


class Visit:
    """A visitor's tab and the program that it shows.

    Args:
        visitor: whose it is.
        socket: the line to the page.
        start: starts the program, for so many columns and rows.
        idle: seconds without a key after which it ends; None for never.
    """

    def __init__(
        self,
        visitor: str,
        socket: web.WebSocketResponse,
        start: Callable[[tuple[int, int]], TerminalProgram],
        idle: float | None,
    ) -> None:
        self.visitor, self.ending = visitor, False
        self._socket, self._start, self._idle = socket, start, idle
        self._touched = time.monotonic()
        self._begun = asyncio.Event()
        self._over: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._tail = ""

    async def run(self, size: tuple[int, int], starting: asyncio.Semaphore) -> None:
        """Have the visit until it ends; when this returns, the program has.

        Args:
            size: columns and rows of the page.
            starting: how many programs may start at once: each of thirty would take thirty times as long.
        """
        program: TerminalProgram | None = None
        tasks: list[asyncio.Future[Any]] = []
        try:
            async with starting:
                if self._socket.closed or self._over.done():
                    return
                program = self._start(_clamped(*size))
                work = self._show(program), self._hear(program), self._watch(), self._begun.wait()
                tasks += map(asyncio.ensure_future, work)
                await asyncio.wait(
                    [*tasks, self._over], timeout=FIRST_SCREEN, return_when=asyncio.FIRST_COMPLETED
                )
            show, hear = tasks[:2]
            await asyncio.wait([show, hear, self._over], return_when=asyncio.FIRST_COMPLETED)
            for task in filter(asyncio.Future.done, tasks):
                task.result()  # what has gone wrong in it goes wrong here
            self.ending = True
            if show.done() and show.result() and not self._over.done():
                self.leave(self._last_line(await program.ended(GRACE)))
        finally:
            self.ending = True
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            if program is not None:
                await asyncio.shield(program.end(GRACE))

    def leave(self, reason: str) -> None:
        """Have the visit end, and the page say why."""
        if not self._over.done():
            self._over.set_result(reason)

    async def say_goodbye(self) -> None:
        """Close the line, and say why where there is somebody to hear it."""
        if self._over.done() and not self._socket.closed:
            with contextlib.suppress(ConnectionError, RuntimeError, asyncio.TimeoutError):
                await asyncio.wait_for(self._socket.send_str(json.dumps(["ended", self._over.result()])), 1)
        with contextlib.suppress(ConnectionError, RuntimeError, asyncio.TimeoutError):
            await asyncio.wait_for(self._socket.close(), 2)

    async def _show(self, program: TerminalProgram) -> bool:
        """Send the page what the program writes; tell whether that was all, and not the line's end."""
        written = 0
        with contextlib.suppress(ConnectionError):
            while data := await program.read():
                await self._socket.send_bytes(data)  # waits for a line that is busy, and so does the program
                written += len(data)
                self._tail = (self._tail + data.decode("utf-8", "replace"))[-_TAIL:]
                if written >= BEGUN:
                    self._begun.set()
            return True
        return False

    async def _hear(self, program: TerminalProgram) -> None:
        async for message in self._socket:
            if message.type != WSMsgType.TEXT:
                continue
            # no page of ours sends what these are about
            with contextlib.suppress(ValueError, TypeError, LookupError, RecursionError):
                self._take(program, json.loads(message.data))

    def _take(self, program: TerminalProgram, message: list[object]) -> None:
        kind = message[0]
        if kind == "stdin" and isinstance(typed := message[1], str):
            if not REPORTS.fullmatch(typed):
                self._touched = time.monotonic()
            program.type(typed.encode("utf-8", "replace"))
        elif kind == "resize" and isinstance(size := message[1], dict):
            program.resize(*_clamped(size["width"], size["height"]))

    async def _watch(self) -> None:
        """Wait until nobody has pressed a key for too long."""
        while self._idle is not None:
            left = self._touched + self._idle - time.monotonic()
            if left <= 0:
                minutes = round(self._idle / 60)
                self.leave(
                    tr_count(
                        "Nothing was pressed for a minute, so the app has ended. What you did is saved.",
                        "Nothing was pressed for {count} minutes, so the app has ended. "
                        "What you did is saved.",
                        minutes,
                    )
                )
                return
            await asyncio.sleep(left)
        await asyncio.Event().wait()

    def _last_line(self, code: int) -> str:
        """Return what the page is to say of a program's end: what the program says where its screen was."""
        text = _ESCAPES.sub("", self._tail.rpartition(_LEFT_SCREEN)[2])
        lines = ["".join(filter(is_safe, line)).strip() for line in text.splitlines()]
        last = next((line for line in reversed(lines) if line), "")
        if code == 0:
            return tr("The app has ended. What you did is saved.")
        return last.removeprefix("tui-backprop: ") or tr("The program has ended.")


def _clamped(columns: object, rows: object) -> tuple[int, int]:
    """Return a size that a terminal can have."""
    if not isinstance(columns, int) or not isinstance(rows, int):
        raise TypeError
    return min(max(columns, COLUMNS[0]), COLUMNS[-1]), min(max(rows, ROWS[0]), ROWS[-1])
