"""Thirty logins that rest and ten that run: none dies, and those that rest cost next to nothing."""

from __future__ import annotations

import sys

import pytest

from tests.benchmarks.host import opened


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
def test_thirty_rest_and_ten_run() -> None:
    with opened(40) as host:
        host.wait(110)
        running, idle = host.measure(10, 5)
    assert running.cpu > idle.cpu
    assert idle.cpu < 2
    assert max(running.rss, idle.rss) < 250
    assert idle.bytes < 50
    assert running.bytes > idle.bytes  # how much more depends on how many frames a busy machine has time for
