"""The playground's pages as lines: each kind of page, and what writes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tui_backprop.debugger.playground.pictures import PicturePage
from tui_backprop.debugger.playground.sharing import SharedPage
from tui_backprop.plain.playground import comparing, health
from tui_backprop.plain.whole import WholeLine


def _picture(page: PicturePage, sheet: Any) -> Iterator[str]:
    yield from page.picture.words()


def _shared(page: SharedPage, sheet: Any) -> Iterator[str]:
    yield WholeLine(page.line)
    yield from page.notes


PAGES: Mapping[type, Callable[[Any, Any], Iterator[str]]] = {
    PicturePage: _picture,
    SharedPage: _shared,
    **comparing.PAGES,
    **health.PAGES,
}
