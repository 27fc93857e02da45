"""Driver and guard between threads, behind the end of the loop, and where there is no memory for a thread."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from types import SimpleNamespace

import pytest

from tui_backprop.tui.terminal.driver import DiffDriver
from tui_backprop.tui.terminal.guard import Guard


def test_a_signal_behind_the_end_of_the_loop_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    driver, sent = DiffDriver.__new__(DiffDriver), list[int]()
    driver._loop = asyncio.new_event_loop()
    driver._loop.close()
    monkeypatch.setattr(os, "kill", lambda process, number: sent.append(number))
    monkeypatch.setattr("tui_backprop.tui.terminal.driver.can_be_woken", lambda: True)
    driver._sigcont_application(signal.SIGCONT, None)
    driver._sigtstp_application(signal.SIGTSTP, None)
    assert sent == [signal.SIGSTOP]


def test_what_the_thread_that_reads_asks_of_the_terminal_is_written_by_the_loop() -> None:
    driver, left = DiffDriver.__new__(DiffDriver), list[object]()
    driver._loop = SimpleNamespace(call_soon_threadsafe=left.append)  # type: ignore[assignment]
    driver._reader = threading.get_ident()
    driver.write("\x1b[?2048h")
    assert [call.args for call in left] == [("\x1b[?2048h",)]  # type: ignore[attr-defined]


def test_without_memory_for_a_thread_the_work_is_saved_and_the_terminal_restored(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done: list[str] = []

    def no_more(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    def leave(code: int) -> None:
        done.append(str(code))

    guard = Guard(lambda: done.append("saved"))
    monkeypatch.setattr(threading.Thread, "start", no_more)
    monkeypatch.setattr(os, "_exit", leave)
    monkeypatch.setattr(guard, "_restore", lambda: done.append("restored"))
    guard.entered(None)
    guard._leave(signal.SIGHUP)
    assert done == ["saved", "restored", "129"]
