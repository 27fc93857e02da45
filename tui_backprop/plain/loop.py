"""Reading lines and writing answers: prompt, signals, and how it ends.

What is refused stands where the answer would, as in pdb, and begins with ``error:``, so that whoever listens
hears it in order. A script finds it in the exit code, 2 where anything was refused.
"""

from __future__ import annotations

import contextlib
import errno
import os
import select
import shutil
import signal
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from types import FrameType
from typing import Any, NoReturn

from tui_backprop.debugger.command import Command
from tui_backprop.debugger.commands import BY_WORD
from tui_backprop.debugger.course.following import follow
from tui_backprop.debugger.practising import answer
from tui_backprop.debugger.replies import Replies, Running, View, refusal
from tui_backprop.debugger.session import DebugSession, FrontEnd
from tui_backprop.engine.core.errors import BackpropError, FormulaError, Interrupted
from tui_backprop.host.recording import Recording
from tui_backprop.plain.pages import Sheet, lines
from tui_backprop.plain.terminal import modes, start_readline
from tui_backprop.plain.typed import is_command, read_command
from tui_backprop.plain.whole import WholeLine
from tui_backprop.sessions.autosave import Autosave
from tui_backprop.text.charset import UNICODE, Charset
from tui_backprop.text.language.keyboard import typed_keys
from tui_backprop.text.numbers import number as digits
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr
from tui_backprop.text.width import cells
from tui_backprop.training.trainer import Trainer

OK, BAD_INPUT = 0, 2
PROMPT = "(backprop) "
REPORT = 2.0
"""Seconds between two lines of a run."""
SAVING = 1.0
"""Seconds that a command gets to come to its end when a signal says to leave."""
MAX_LINE = 100_000
"""Characters of a line that are read."""


class Loop:
    """Reads commands until they end.

    Args:
        trainer: what to start with.
        autosave: what keeps it on disk.
        charset: what the lines are written in.
        recording: what keeps all that is read and written.

    Attributes:
        width: columns of a line.
        tell: takes a line to be said before the next one is read, from any thread.
    """

    def __init__(
        self,
        trainer: Trainer,
        autosave: Autosave,
        charset: Charset = UNICODE,
        recording: Recording | None = None,
    ) -> None:
        self._stop = self._looking = self._waiting = False
        self._busy, self._ending = False, 0
        self.session = DebugSession(trainer, FrontEnd(patience=lambda what: lambda: self._stop))
        self.width, self.charset = 80, charset
        self.autosave, self._recording = autosave, recording
        self.interactive = sys.stdin.isatty()
        self.refused = False
        self._last: tuple[Command, str] | None = None
        self._modes: list[Any] | None = None
        self._waiting_notes: list[str] = []
        self.tell = autosave.tell = self._waiting_notes.append

    def run(self, notes: Sequence[str] = (), *, offers: bool = False) -> int:
        """Do commands until the input ends or says so, and return the exit code."""
        self._prepare()
        before = self._catch_signals()
        try:
            self._answer(notes)
            ahead = ""
            if offers and self.interactive:
                if (answer := self._offer()) is None:
                    return OK
                ahead = answer
            self._answer(self._written(iter((View.LESSON, View.PLACE))))
            if self.interactive:
                self.say(tr("help lists the commands; q quits"))
            if ahead and not self.do(ahead):
                return OK
            while (line := self._read()) is not None:
                if not self.do(line):
                    break
                if self._ending:
                    self._end(self._ending)
            sys.stdout.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            if error.errno == errno.ENOSPC:
                raise
            # the terminal is gone
            return 128 + signal.SIGHUP
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
            self.autosave.close()
        self._say_waiting()
        return BAD_INPUT if self.refused and not self.interactive else OK

    def _offer(self) -> str | None:
        """Offer the newest session; return a line that is a command and no answer, None where input ends."""
        from tui_backprop.sessions.listing import kept, question
        from tui_backprop.sessions.store import offer

        info = offer()
        if info is None:
            return ""
        if select.select([sys.stdin], [], [], 0)[0]:  # typed before anybody could read the question
            self.say(kept(info))
            return ""
        self.say(question(info))
        answer = self._read()
        if answer is None:
            return None
        word = typed_keys(answer.strip()).lower()
        if word in ("", "y", "yes"):
            try:
                trainer, notes = self.autosave.resume(info.id)
            except BackpropError as error:
                self._refuse(str(error))
            else:
                self.session.resume(trainer)
                self._answer(notes)
            return ""
        self.say(kept(info))
        return "" if word in ("n", "no") else answer

    def do(self, line: str) -> bool:
        """Do one line; return whether to go on."""
        self._stop = False
        text = line.strip()
        try:
            if len(line) > MAX_LINE:
                raise BackpropError(
                    tr(
                        "found {count:,} characters; a line has at most {most:,}",
                        count=len(line),
                        most=MAX_LINE,
                    )
                )
            if text.startswith("#"):
                return True
            if self.session.asking and not is_command(self.session, text):
                self._answer(self._written(follow(self.session, answer(self.session, text))))
                self.autosave.changed(self.session.trainer)
                return True
            if not text:
                if not self.interactive or self._last is None:
                    return True
                command, argument = self._last
            else:
                command, argument = read_command(self.session, text)
                if command.block and not argument:
                    argument = self._read_block()
            if command.do is None:
                return False  # there is only one: to quit
            workbook = self.session.trainer.workbook
            self._last = (command, argument) if command.moves else None
            self._busy = command.changes
            if not command.changes:
                _ = self.session.trainer.tape  # so that nothing is half done where looking is given up
                self._looking = True
            try:
                replies = follow(self.session, command.do(self.session, argument), command.name, argument)
                self._answer(self._written(replies))
                self._looking = False
            except FormulaError as error:
                # columns count in the line that was typed
                raise (error.behind(line[: line.rindex(argument)]) if command.reads else error) from None
            finally:  # what is interrupted or refused on its way may have come some way
                if command.changes or self.session.trainer.workbook is not workbook:
                    self.autosave.changed(self.session.trainer)
        except Interrupted as error:
            self.say(str(error))
        except KeyboardInterrupt:
            self.say(tr("interrupted"))
        except BrokenPipeError:
            raise  # nobody reads any more
        except Exception as error:  # be it a fault of the program's: say so, and keep what the user has
            if os.environ.get("TUI_BACKPROP_DEBUG") and not isinstance(error, (BackpropError, MemoryError)):
                raise
            self._refuse(refusal(error))
        finally:
            self._looking = self._busy = False
        return True

    # ------------------------------------------------------------------ output

    def say(self, text: str) -> None:
        """Write a text, wrapped, with no control character whatever is in it."""
        whole = isinstance(text, WholeLine)
        text = self.charset.spelled(printable(text, sys.maxsize))
        bare = text.lstrip(" ")
        margin = text[: len(text) - len(bare)][: self.width // 2]
        if whole or cells(text) <= self.width:
            self._print(text)
            return
        for line in self.charset.wrap(bare, self.width - len(margin), "  "):
            self._print(margin + line)

    def _print(self, line: str) -> None:
        print(line)  # noqa: T201
        if self._recording is not None:
            self._recording.wrote(f"{line}\r\n")

    def _answer(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.say(line)
        sys.stdout.flush()

    def _written(self, replies: Replies) -> Iterator[str]:
        """Yield replies as lines; a run is saved as it goes on, and says at times how far it is."""
        told, first = time.monotonic(), self.session.trainer.iteration
        for reply in replies:
            if not isinstance(reply, Running):
                yield from lines(reply, self.session, Sheet(self.width, self.charset))
                continue
            self.autosave.running(self.session.trainer)
            now = time.monotonic()
            if now - told >= REPORT:
                yield tr(
                    "iteration {iteration}, loss {loss}, {speed:,.0f} iterations a second",
                    iteration=reply.iteration,
                    loss=digits(reply.loss),
                    speed=(reply.iteration - first) / (now - told),
                )
                told, first = now, reply.iteration

    def _say_waiting(self) -> None:
        while self._waiting_notes:
            self.say(self._waiting_notes.pop(0))

    def _refuse(self, reason: str) -> None:
        self.refused = True
        self.say(tr("error: {reason}", reason=printable(reason, 600)))
        sys.stdout.flush()

    # ------------------------------------------------------------------ input and signals

    def _prepare(self) -> None:
        with contextlib.suppress(AttributeError, ValueError):  # a question has been answered there before
            sys.stdin.reconfigure(errors="replace")  # type: ignore[union-attr]
        with contextlib.suppress(AttributeError):
            sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
        if sys.stdout.isatty():
            self.width = max(shutil.get_terminal_size().columns - 1, 20)
        if self.interactive:
            self._modes = modes()
            start_readline(self._complete, confined=self.session.trainer.lesson.sandbox.confined)

    def _read_block(self) -> str:
        """Return the lines up to an empty one, or to the end of the input."""
        block: list[str] = []
        while (line := self._read("... ")) is not None and line.strip() and sum(map(len, block)) <= MAX_LINE:
            block.append(line.rstrip("\n"))
        return "\n".join([*block, ""])  # several lines, even where it is one

    def _read(self, prompt: str = PROMPT) -> str | None:
        self._say_waiting()
        self._waiting = True
        try:
            asked = tr("answer: ") if self.session.asking and prompt == PROMPT else prompt
            line = input(asked) if self.interactive else sys.stdin.readline(MAX_LINE + 2) or None
            if self._recording is not None and line is not None:
                self._recording.wrote(f"{asked}{printable(line.strip(), MAX_LINE)}\r\n")
            return line
        except EOFError:
            self.say("")
            return None
        except KeyboardInterrupt:
            if not self.interactive:
                raise
            self.say("")
            self.say(tr("q quits"))
            return "#"
        except (OSError, ValueError):
            return None  # the terminal is gone
        finally:
            self._waiting = False

    def _complete(self, text: str) -> Iterator[str]:
        words = [word for word in BY_WORD if len(word) > 1]
        found = [word for word in [*words, *self.session.trainer.graph.named] if word.startswith(text)]
        return iter(found if len(found) != 1 else [f"{found[0]} "])

    def _catch_signals(self) -> dict[int, Any]:
        """Catch the signals that end programs; return what was done about them before."""
        caught: dict[int, Any] = {signal.SIGINT: self._interrupt}
        caught |= dict.fromkeys((signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT), self._leave)
        try:
            return {number: signal.signal(number, handler) for number, handler in caught.items()}
        except ValueError:  # not the main thread, as in somebody's tests
            return {}

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        """Pause a run; give up what only looks, or waiting for a line."""
        if self._waiting or self._looking:
            raise KeyboardInterrupt
        self._stop = True

    def _leave(self, number: int, frame: FrameType | None) -> None:
        """Leave; a command that changes the training comes to its end first, where it does so soon."""
        if self._busy and not self._ending:
            self._ending, self._stop = number, True
            signal.signal(signal.SIGALRM, self._leave)
            signal.setitimer(signal.ITIMER_REAL, SAVING)
        else:
            self._end(self._ending or number)

    def _end(self, number: int) -> NoReturn:
        """Save, put the terminal right, and leave."""
        try:
            self.autosave.flush()
        finally:
            if self._modes is not None:
                import termios

                with contextlib.suppress(termios.error, OSError):
                    termios.tcsetattr(sys.stdin.fileno(), termios.TCSANOW, self._modes)
            os._exit(128 + number)
