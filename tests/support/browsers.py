"""Debian's Chromium without a window: tabs whose terminals can be read, typed into and looked at."""

from __future__ import annotations

import base64
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pyte
import pytest

from tests.support.installed_command import PATIENCE
from tests.support.terminal_sessions import ASK, ODD

DRIVER, CHROMIUM = shutil.which("chromedriver"), shutil.which("chromium")
LISTEN = """
(() => {
  const Plain = window.WebSocket;
  window.__bytes = [];
  window.__sizes = [];
  navigator.clipboard.writeText = async (text) => { window.__copied = text; };
  window.WebSocket = class extends Plain {
    constructor(...given) {
      super(...given);
      const size = new URL(given[0]).searchParams;
      window.__sizes.push([+size.get("width"), +size.get("height")]);
      this.addEventListener("message", (event) => {
        if (typeof event.data !== "string")
          window.__bytes.push(btoa(String.fromCharCode(...new Uint8Array(event.data))));
      });
    }
    send(data) {
      const [kind, size] = JSON.parse(data);
      if (kind === "resize") window.__sizes.push([size.width, size.height]);
      super.send(data);
    }
  };
})();
"""
"""Notes what a page's terminal is sent, and how large it is."""


class Tab:
    """A tab with a terminal in it.

    Attributes:
        raw: everything that the terminal was sent.
    """

    def __init__(self, driver: Any, handle: str) -> None:
        self.driver, self._handle = driver, handle
        self.raw = b""
        self._size = (80, 24)
        self._screen = pyte.Screen(80, 24)
        self._stream = pyte.ByteStream(self._screen)

    def here(self) -> Any:
        """Return the driver with this tab in front."""
        self.driver.switch_to.window(self._handle)
        return self.driver

    def open(self, address: str) -> None:
        self.raw = b""
        self._screen.reset()
        self.here().get(address)

    def script(self, text: str) -> Any:
        return self.here().execute_script(text)

    @property
    def text(self) -> str:
        """What the terminal shows."""
        parts, sizes = self.script(
            "const parts = (window.__bytes || []).splice(0); return [parts, window.__sizes || []]"
        )
        if sizes and tuple(sizes[-1]) != self._size:
            self._size = tuple(sizes[-1])
            self._screen.resize(self._size[1], self._size[0])
        data = b"".join(map(base64.b64decode, parts))
        self.raw += data
        self._stream.feed(ODD.sub(b"", data).replace(ASK, b""))
        return "\n".join(line.rstrip() for line in self._screen.display)

    @property
    def size(self) -> tuple[int, int]:
        """Columns and rows of the terminal."""
        assert self.text is not None
        return self._size

    @property
    def page(self) -> str:
        """What the page says beside the terminal."""
        from selenium.webdriver.common.by import By

        return str(self.here().find_element(By.TAG_NAME, "body").text)

    def until(self, happened: Callable[[], object]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not happened():
            assert time.monotonic() < deadline, f"this did not come:\n{self.text}\n{self.page}"
            time.sleep(0.05)

    def shows(self, *texts: str) -> None:
        self.until(lambda: all(text in self.text for text in texts))

    def says(self, text: str) -> None:
        self.until(lambda: text in self.page)

    def press(self, *keys: str) -> None:
        """Press keys, as selenium names them."""
        from selenium.webdriver import ActionChains

        ActionChains(self.here()).send_keys(*keys).perform()

    def press_with_control(self, key: str) -> None:
        from selenium.webdriver import ActionChains, Keys

        ActionChains(self.here()).key_down(Keys.CONTROL).send_keys(key).key_up(Keys.CONTROL).perform()

    def compose(self, *steps: str) -> None:
        """Type with an input method: each step is what stands in the field by then, the last is taken."""
        for step in steps:
            self.here().execute_cdp_cmd(
                "Input.imeSetComposition",
                {"text": step, "selectionStart": len(step), "selectionEnd": len(step)},
            )
        self.here().execute_cdp_cmd("Input.insertText", {"text": steps[-1]})

    def picture(self, path: Path) -> None:
        self.here().save_screenshot(str(path))

    def close(self) -> None:
        self.here().close()


class Browser:
    """A Chromium with a profile of its own."""

    def __init__(self, folder: Path, size: tuple[int, int]) -> None:
        from selenium import webdriver
        from selenium.webdriver.chrome.service import Service

        options = webdriver.ChromeOptions()
        options.binary_location = str(CHROMIUM)
        for argument in (
            "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking",
            "--disable-component-update", "--no-first-run", "--disable-sync", "--disable-gpu",
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
            f"--user-data-dir={folder}", f"--window-size={size[0]},{size[1]}",
        ):  # fmt: skip
            options.add_argument(argument)
        service = Service(str(DRIVER), env={**os.environ, "HOME": str(folder)})
        self.driver = webdriver.Chrome(options=options, service=service)
        self._fresh = True

    def tab(self, address: str | None = None) -> Tab:
        """Return a new tab, at an address."""
        if not self._fresh:
            self.driver.switch_to.new_window("tab")
        self._fresh = False
        self.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": LISTEN})
        tab = Tab(self.driver, self.driver.current_window_handle)
        if address is not None:
            tab.open(address)
        return tab

    def forget(self) -> None:
        """Be somebody whom no server has seen."""
        self.driver.execute_cdp_cmd("Network.clearBrowserCookies", {})

    def close_tabs(self) -> None:
        """Close all tabs but an empty one."""
        handles = self.driver.window_handles
        self.driver.switch_to.new_window("tab")
        empty = self.driver.current_window_handle
        for handle in handles:
            self.driver.switch_to.window(handle)
            self.driver.close()
        self.driver.switch_to.window(empty)
        self._fresh = True

    def kill(self) -> None:
        """Kill the browser, as a machine that is switched off does."""
        browser = int(self.driver.capabilities["goog:processID"])
        os.kill(browser, signal.SIGKILL)

    def close(self) -> None:
        with suppress(Exception):
            self.driver.quit()


@contextmanager
def browsers(folder: Path) -> Iterator[Callable[..., Browser]]:
    """Give a function that starts a browser, and close what was started with it."""
    if not (DRIVER and CHROMIUM):
        pytest.skip("there is no Chromium here: apt-get install chromium chromium-driver")
    pytest.importorskip("selenium", reason="selenium is of the extra [test]")
    started: list[Browser] = []

    def start(size: tuple[int, int] = (1000, 700)) -> Browser:
        started.append(Browser(folder / f"browser-{len(started)}", size))
        return started[-1]

    try:
        yield start
    finally:
        for one in started:
            one.close()
