"""A training's health as lines of text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tui_backprop.debugger.playground.health import HealthPage, RemediesPage


def _health(page: HealthPage, sheet: Any) -> Iterator[str]:
    from tui_backprop.health.words import sentences

    yield from sentences(page.report)


def _remedies(page: RemediesPage, sheet: Any) -> Iterator[str]:
    from tui_backprop.health.words import remedies_as_lines

    for found in page.found:
        yield from remedies_as_lines(found)


PAGES: Mapping[type, Callable[[Any, Any], Iterator[str]]] = {HealthPage: _health, RemediesPage: _remedies}
