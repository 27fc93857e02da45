"""The playground's pages as lines: each kind of page, and what writes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tui_backprop.debugger.playground.pictures import PicturePage
from tui_backprop.plain.playground import comparing, health


def _picture(page: PicturePage, sheet: Any) -> Iterator[str]:
    yield from page.picture.words()


PAGES: Mapping[type, Callable[[Any, Any], Iterator[str]]] = {
    PicturePage: _picture,
    **comparing.PAGES,
    **health.PAGES,
}
