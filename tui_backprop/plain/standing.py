"""Where a training stands as lines: what is set, by hand too, its parameters, and how the loss went."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tui_backprop.debugger import replies
from tui_backprop.explain.stretch import numbered
from tui_backprop.explain.titles import shown
from tui_backprop.text.numbers import exact, inline
from tui_backprop.text.sentences import tr
from tui_backprop.text.spelling import pretty_text


def _whereabouts(page: replies.Whereabouts, sheet: Any) -> Iterator[str]:
    yield page.place.text
    if page.coming is not None:
        yield tr("next: {record}", record=page.coming)
    yield tr("target: iteration {iteration}", iteration=page.target)
    yield tr("back end: {name}", name=page.backend)
    if page.alterations:
        yield from _alterations(replies.AlterationsPage(page.alterations), sheet)
    if page.breakpoints:
        yield from _breakpoints(replies.BreakpointsPage(page.breakpoints), sheet)
    if page.undoable:
        yield tr("undo would undo: {change}", change=page.undoable)
    if page.redoable:
        yield tr("redo would redo: {change}", change=page.redoable)


def _alterations(page: replies.AlterationsPage, sheet: Any) -> Iterator[str]:
    if not page.alterations:
        yield tr("nothing is put in by hand")
    for change in page.alterations:
        name, value, since = pretty_text(change.name), inline(change.value), change.since
        if change.kind == "edit":
            sentence = tr(
                "by hand: {name} = {value}, moved since iteration {iteration}",
                name=name,
                value=value,
                iteration=since,
            )
        else:
            sentence = tr(
                "by hand: {name} = {value}, held since iteration {iteration}",
                name=name,
                value=value,
                iteration=since,
            )
        yield sentence


def _breakpoints(page: replies.BreakpointsPage, sheet: Any) -> Iterator[str]:
    if not page.points:
        yield tr("there are no breakpoints")
    for count, point in enumerate(page.points, 1):
        line = (
            tr("breakpoint {number}, on: {text}", number=count, text=point.text)
            if point.enabled
            else tr("breakpoint {number}, off: {text}", number=count, text=point.text)
        )
        if point.problem:
            line = tr("{words} (does not fit here: {problem})", words=line, problem=point.problem)
        yield line


def _titles(page: replies.RecordTitles, sheet: Any) -> Iterator[str]:
    for first, last, title in page.lines:
        numbers, total = numbered(first, last), page.total
        if last == page.position:
            yield tr("{numbers} of {total}, here: {title}", numbers=numbers, total=total, title=title)
        elif last < page.position:
            yield tr("{numbers} of {total}, done: {title}", numbers=numbers, total=total, title=title)
        else:
            yield tr("{numbers} of {total}, to come: {title}", numbers=numbers, total=total, title=title)


def _hyperparameters(page: replies.HyperparametersPage, sheet: Any) -> Iterator[str]:
    for row in page.rows:
        spec = row.spec
        line = f"{spec.name} = {row.value}: {tr(spec.help)}; {spec.range_text}; {spec.applies}"
        yield line if row.used else tr("{line}; not used here", line=line)


def _parameters(page: replies.ParametersPage, sheet: Any) -> Iterator[str]:
    for row in page.rows:
        kind = tr("trained") if row.node.trainable else tr("not trained")
        yield f"{shown(row.node)} = {inline(row.value)} ({kind})"
        if row.gradient is not None:
            yield f"  {row.gradient_name} = {inline(row.gradient)}"
        if row.after is not None:
            yield tr("  after the next update: {value}", value=inline(row.after))


def _losses(page: replies.LossesPage, sheet: Any) -> Iterator[str]:
    at, loss = page.first
    yield tr("first: loss {loss} at iteration {iteration}", loss=exact(loss), iteration=at)
    if page.lowest is not None:
        at, loss = page.lowest
        yield tr("lowest: loss {loss} at iteration {iteration}", loss=exact(loss), iteration=at)
    at, loss = page.now
    yield tr("now: loss {loss} at iteration {iteration}", loss=exact(loss), iteration=at)
    if page.validation is not None:
        at, loss = page.validation
        yield tr(
            "lowest known validation loss {loss} at iteration {iteration}", loss=exact(loss), iteration=at
        )
    yield from page.levels
    for iteration, loss in page.last:
        yield tr("iteration {iteration}: loss {loss}", iteration=iteration, loss=exact(loss))


PAGES: Mapping[type, Callable[[Any, Any], Iterator[str]]] = {
    replies.Whereabouts: _whereabouts,
    replies.RecordTitles: _titles,
    replies.ParametersPage: _parameters,
    replies.LossesPage: _losses,
    replies.HyperparametersPage: _hyperparameters,
    replies.AlterationsPage: _alterations,
    replies.BreakpointsPage: _breakpoints,
}
