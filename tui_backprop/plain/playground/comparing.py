"""Pinned runs, comparisons, sweeps and range tests as lines of text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tui_backprop.debugger.playground.comparing import ComparePage, PinsPage
from tui_backprop.debugger.playground.sweeping import RangePage, SweepTablePage
from tui_backprop.text.sentences import tr


def _pins(page: PinsPage, sheet: Any) -> Iterator[str]:
    from tui_backprop.sweeps.words import pinned_lines

    if not page.runs:
        yield tr("no run is pinned; pin keeps the one here")
    yield from pinned_lines(page.runs)


def _compare(page: ComparePage, sheet: Any) -> Iterator[str]:
    from tui_backprop.sweeps.words import comparison_lines

    yield from comparison_lines(page.comparison)


def _sweep(page: SweepTablePage, sheet: Any) -> Iterator[str]:
    from tui_backprop.sweeps.rows import RowWriter

    writer = RowWriter("table", page.plan.names, page.plan.values)
    yield page.summary
    yield from writer.head()
    yield from map(writer.line, page.rows)


def _range(page: RangePage, sheet: Any) -> Iterator[str]:
    from tui_backprop.sweeps.range_words import range_lines, table_lines

    yield from table_lines(page.test)
    yield from range_lines(page.test)
    if page.test.proposal is not None:
        yield tr("set learning_rate {rate:g} sets it", rate=page.test.proposal.rate)


PAGES: Mapping[type, Callable[[Any, Any], Iterator[str]]] = {
    PinsPage: _pins,
    ComparePage: _compare,
    SweepTablePage: _sweep,
    RangePage: _range,
}
