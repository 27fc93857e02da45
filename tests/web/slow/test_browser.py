"""A real Chromium without a window: steps, a run, Hangul, copying, visitors, tabs that close."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.browsers import Browser, browsers
from tests.support.served import Served, is_there, served, wait_until
from tui_backprop.courses.starter import starter_files

ESCAPE, ENTER, F1 = "\ue00c", "\ue007", "\ue031"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("served")


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browsers(tmp_path_factory.mktemp("browsers")) as browse:
        yield browse()


@pytest.fixture(scope="module")
def server(home: Path) -> Iterator[Served]:
    with served(home) as start:
        yield start("--visitors", "2")


@pytest.fixture
def alone(browser: Browser, server: Served) -> Iterator[None]:
    """Give a test a visitor that nobody has seen yet, and leave nobody behind."""
    browser.forget()
    yield
    browser.close_tabs()
    server.has(0)


@pytest.mark.usefixtures("alone")
def test_a_page_is_stepped_run_typed_into_and_copied_from(browser: Browser, server: Served) -> None:
    tab = browser.tab(server.link)
    tab.shows("record 0 of 15")
    assert tab.page.strip() == ""  # no cover is left
    tab.press("s")
    tab.shows("record 1 of 15")
    tab.press("y")
    tab.until(lambda: "(w · x)" in tab.script("return window.__copied || ''"))
    tab.press(" ")
    tab.shows("iteration 20/20", "target")
    tab.press_with_control("p")  # with which a page without a terminal is printed
    tab.shows("Search for commands")
    tab.compose("ㄱ", "기")
    tab.compose("우", "울")
    tab.compose("기")
    tab.shows("기울기")
    tab.press(ESCAPE)
    tab.press(F1)  # which opens the browser's help where no page takes it
    tab.shows("Help")
    tab.press(ESCAPE)
    tab.driver.set_window_size(1500, 1000)
    tab.until(lambda: tab.size[0] > 150 and tab.size[1] > 36 and "q quit" in tab.text)
    tab.driver.set_window_size(1000, 700)


@pytest.mark.usefixtures("alone")
def test_two_visitors_have_nothing_in_common_and_a_third_finds_the_house_full(
    browser: Browser, server: Served, home: Path
) -> None:
    first = browser.tab(server.link)
    first.shows("record 0 of 15")
    first.press("s", "s")
    first.shows("record 2 of 15")
    browser.forget()
    second = browser.tab(f"{server.link}?lesson=logistic")
    second.shows("record 0 of 21")
    assert "record 2 of 15" in first.text
    server.has(2)
    homes = {
        re.search(rb"\0HOME=([^\0]*)", Path(f"/proc/{pid}/environ").read_bytes()) for pid in server.visits()
    }
    assert len({found[1] for found in homes if found}) == 2
    browser.forget()
    browser.tab(server.link).says("All 2 places are taken")
    browser.close_tabs()
    browser.tab(f"{server.link}?lesson=none-such").says("none-such.toml: no such file")


@pytest.mark.usefixtures("alone")
def test_a_closed_tab_leaves_no_process_and_its_session_is_offered(browser: Browser, server: Served) -> None:
    tab = browser.tab(server.link)
    tab.shows("record 0 of 15")
    tab.press("n", "s")
    tab.shows("iteration 1/20", "record 1 of 15")
    browser.close_tabs()
    server.has(0)
    again = browser.tab(server.link)
    again.shows("Resume `first` at iteration 1?")


def test_nothing_is_left_when_a_browser_or_the_server_is_killed(browser: Browser, tmp_path: Path) -> None:
    with served(tmp_path) as start, browsers(tmp_path) as browse:
        server, killed = start(), browse()
        tab = browser.tab(server.link)
        tab.shows("record 0 of 15")
        killed.tab(server.link).shows("record 0 of 15")
        server.has(2)
        killed.kill()
        server.has(1)
        (visit,) = server.visits()
        server.end(signal.SIGKILL)
        wait_until(lambda: not is_there(visit))
        tab.says("The line to the server is gone")


def test_a_course_asks_for_a_name_and_opens_under_it(browser: Browser, tmp_path: Path) -> None:
    for name, text in starter_files().items():
        (tmp_path / "kurs").mkdir(exist_ok=True)
        (tmp_path / "kurs" / name).write_text(text, encoding="utf-8")
    with served(tmp_path) as start:
        server = start("--course", "kurs")
        tab = browser.tab(server.link)
        tab.says("Your name")
        tab.compose("김", "김민")
        tab.press(ENTER)
        tab.shows("김민", "0 of 3 lessons done")
        browser.close_tabs()
        server.has(0)
