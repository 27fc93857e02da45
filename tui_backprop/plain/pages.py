"""What a command answers as lines of text: sentences as they are, a few lines for each page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from msgspec import Struct

from tui_backprop.debugger import replies
from tui_backprop.debugger.commands import TYPED, look_up
from tui_backprop.debugger.looking import current
from tui_backprop.debugger.replies import View
from tui_backprop.debugger.session import DebugSession
from tui_backprop.engine.autodiff.graph import Kind
from tui_backprop.explain.stretch import numbered
from tui_backprop.explain.titles import assignment_title, shown
from tui_backprop.plain import course
from tui_backprop.plain.playground import pages as playground
from tui_backprop.text.charset import Charset
from tui_backprop.text.numbers import exact, inline, number, shape_text
from tui_backprop.text.spelling import pretty_text

if TYPE_CHECKING:
    from tui_backprop.exercises.homework import Mark

ADVICE = "explain NAME writes those on one chain"
DEEPEST = 20
"""Levels of the tree that are indented; deeper ones are counted."""


class Sheet(Struct, frozen=True):
    """What lines are written on: so many columns, and the characters that there are."""

    width: int
    charset: Charset


def lines(reply: replies.Reply, session: DebugSession, sheet: Sheet) -> Iterator[str]:
    """Yield a reply as lines; those of pages that explain fit the sheet."""
    if isinstance(reply, replies.Accepted) and reply.page is not None:
        yield from _mark(reply.page)
    elif isinstance(reply, (replies.Note, replies.Accepted)):
        yield reply.text
    elif isinstance(reply, View):
        yield from _VIEWS[reply](session, sheet)
    else:
        yield from _PAGES[type(reply)](reply, sheet)


# ---------------------------------------------------------------------- views of the session


def _place(session: DebugSession, sheet: Sheet) -> Iterator[str]:
    yield replies.Place.of(session.trainer).text


def _lesson_title(session: DebugSession, sheet: Sheet) -> Iterator[str]:
    yield f"{session.trainer.lesson.name}: {session.trainer.lesson.title}"
    session.find_remarks()
    yield from (remark.text for remark in session.remarks)


def _record(session: DebugSession, sheet: Sheet) -> Iterator[str]:
    from tui_backprop.explain.pages.iteration import record_lines

    record = current(session)
    explanation = record.explanation
    first = record.number if record.stretch is None else record.stretch.start + 1
    numbers = numbered(first, record.number)
    return record_lines(numbers, record.total, explanation, (), sheet.width, sheet.charset)


def _question(session: DebugSession, sheet: Sheet) -> Iterator[str]:
    """Write what is new: the question once, then each hint and what an answer is."""
    assert session.prediction is not None
    view, told = session.prediction.view, session.told
    said = [f"{row.label}: {' '.join(row.laid_out(10**6, '', sheet.charset))}" for row in view.rows]
    session.told = tuple(said)
    new = [line for line in said if line not in told]
    yield from new or said[-2:-1]  # the same answer, or the last hint, again
    if view.question is not None and said[:1] == new[:1]:
        yield "a line is an answer; an empty line gives a hint; reveal shows the factor"


_VIEWS: Mapping[View, Callable[[DebugSession, Sheet], Iterator[str]]] = {
    View.PLACE: _place,
    View.RECORD: _record,
    View.QUESTION: _question,
    View.LESSON: _lesson_title,
}

# ---------------------------------------------------------------------- pages


def _whereabouts(page: replies.Whereabouts, sheet: Sheet) -> Iterator[str]:
    yield page.place.text
    if page.coming is not None:
        yield f"next: {page.coming}"
    yield f"target: iteration {page.target}"
    yield f"back end: {page.backend}"
    if page.alterations:
        yield from _alterations(replies.AlterationsPage(page.alterations), sheet)
    if page.breakpoints:
        yield from _breakpoints(replies.BreakpointsPage(page.breakpoints), sheet)
    if page.undoable:
        yield f"undo would undo: {page.undoable}"
    if page.redoable:
        yield f"redo would redo: {page.redoable}"


def _alterations(page: replies.AlterationsPage, sheet: Sheet) -> Iterator[str]:
    if not page.alterations:
        yield "nothing is put in by hand"
    for change in page.alterations:
        how = "moved" if change.kind == "edit" else "held"
        name, since = pretty_text(change.name), f"{how} since iteration {change.since}"
        yield f"by hand: {name} = {inline(change.value)}, {since}"


def _breakpoints(page: replies.BreakpointsPage, sheet: Sheet) -> Iterator[str]:
    if not page.points:
        yield "there are no breakpoints"
    for count, point in enumerate(page.points, 1):
        yield f"breakpoint {count}, {'on' if point.enabled else 'off'}: {point.text}" + (
            f" (does not fit here: {point.problem})" if point.problem else ""
        )


def _marks(page: replies.MarksPage, sheet: Sheet) -> Iterator[str]:
    from tui_backprop.exercises.words.homework import kept_line

    if not page.marks:
        yield "no homework is checked yet"
    yield from map(kept_line, page.marks)


def _backward(page: replies.BackwardPage, sheet: Sheet) -> Iterator[str]:
    from tui_backprop.exercises.words.brought import backward_as_lines

    yield from backward_as_lines(page.report, solved=False)


def _titles(page: replies.RecordTitles, sheet: Sheet) -> Iterator[str]:
    for first, last, title in page.lines:
        mark = "here" if last == page.position else "done" if last < page.position else "to come"
        yield f"{numbered(first, last)} of {page.total}, {mark}: {title}"


def _lesson(page: replies.LessonPage, sheet: Sheet) -> Iterator[str]:
    from tui_backprop.explain.pages.iteration import given

    lesson = page.heading.lesson
    yield from page.heading.lines(sheet.width, sheet.charset)
    if lesson.summary:
        yield lesson.summary
    yield from given(lesson, page.given, sheet.width, sheet.charset)


def _iteration(page: replies.IterationPage, sheet: Sheet) -> Iterator[str]:
    from tui_backprop.explain.pages.iteration import as_text

    return as_text(page.iteration, sheet.width, ADVICE, sheet.charset, page.folded, "unfold all unfolds them")


def _chain(page: replies.ChainPage, sheet: Sheet) -> Iterator[str]:
    from tui_backprop.explain.pages.wrt import wrt_text

    return wrt_text(page.iteration, page.node, sheet.width, sheet.charset)


def _element(page: replies.ElementPage, sheet: Sheet) -> Iterator[str]:
    from tui_backprop.explain.pages.element import as_text

    return as_text(page.heading, page.explanation, sheet.width, charset=sheet.charset)


def _hyperparameters(page: replies.HyperparametersPage, sheet: Sheet) -> Iterator[str]:
    for row in page.rows:
        used = "" if row.used else "; not used here"
        spec = row.spec
        yield f"{spec.name} = {row.value}: {spec.help}; {spec.range_text}; {spec.applies}{used}"


def _parameters(page: replies.ParametersPage, sheet: Sheet) -> Iterator[str]:
    for row in page.rows:
        kind = "trained" if row.node.trainable else "not trained"
        yield f"{shown(row.node)} = {inline(row.value)} ({kind})"
        if row.gradient is not None:
            yield f"  {row.gradient_name} = {inline(row.gradient)}"
        if row.after is not None:
            yield f"  after the next update: {inline(row.after)}"


def _losses(page: replies.LossesPage, sheet: Sheet) -> Iterator[str]:
    for what, place in (("first", page.first), ("lowest", page.lowest), ("now", page.now)):
        if place is not None:
            yield f"{what}: loss {exact(place[1])} at iteration {place[0]}"
    if page.validation is not None:
        yield f"lowest known validation loss {exact(page.validation[1])} at iteration {page.validation[0]}"
    yield from page.levels
    for iteration, loss in page.last:
        yield f"iteration {iteration}: loss {exact(loss)}"


def _tree(page: replies.TreePage, sheet: Sheet) -> Iterator[str]:
    """Write the computation as a tree from the loss down, each level two spaces further in."""
    for row in page.rows:
        indent, node = "  " * min(row.depth, DEEPEST), row.node
        indent += f"level {row.depth}: " if row.depth > DEEPEST else ""
        if node is None:
            yield f"{indent}not on the way to the loss:"
        elif row.seen:
            yield f"{indent}{shown(node)}: see above"
        else:
            kind = "" if node.kind is Kind.OPERATION else f" ({node.kind.value})"
            title = shown(node) if node.op is None else assignment_title(node)
            value, gradient = ("?" if x is None else inline(x) for x in (row.value, row.gradient))
            yield f"{indent}{title}{kind}: value {value}, gradient {gradient}"


def _arrays(page: replies.ArraysInFull, sheet: Sheet) -> Iterator[str]:
    """Write arrays in full, a line for each row of the last axis."""
    from tui_backprop.explain.pages.aloud import row_name

    for name, value in page.arrays:
        array = np.asarray(value)
        if not array.ndim:
            yield f"{name} = {exact(array[()])}"
            continue
        yield f"{name}, shape {shape_text(array.shape)}"
        for index in np.ndindex(array.shape[:-1]):
            row = ", ".join(exact(x) for x in array[index])
            yield f"  {row_name(name, index)}: {row}" if index else f"  {row}"


def _value(page: replies.NamedValue, sheet: Sheet) -> Iterator[str]:
    value = page.value
    if isinstance(value, np.ndarray):
        text = inline(value)
    elif isinstance(value, int):
        text = str(value)
    else:
        text = exact(value) if page.whole else number(value)
    yield f"{page.name} = {text}" + (" (still to come in this iteration)" if page.to_come else "")


def _names(page: replies.LessonNames, sheet: Sheet) -> Iterator[str]:
    yield f"lessons: {', '.join(page.names)}{'; or the path of a .toml file' if page.files else ''}"


def _commands(page: replies.CommandNames, sheet: Sheet) -> Iterator[str]:
    """Write a line for each command, or all about one."""
    if page.name:
        command = look_up(page.name)
        yield command.usage
        yield f"  {command.help}."
        if command.more:
            yield f"  {command.more}"
        yield f"  Example: {command.example}"
        return
    for command in TYPED:
        yield f"{command.usage}: {command.help}."
    from tui_backprop.debugger.help.sections import TOPICS

    rest = "Unique beginnings of words will do. On a terminal an empty line repeats the last move. "
    *most, last = (f"help {topic}" for topic in TOPICS)
    yield (
        f"{rest}help COMMAND says more about one, help WORD what a word means; help glossary lists those. "
        f"{', '.join(most)} or {last} about a topic."
    )


def _help(page: replies.HelpPage, sheet: Sheet) -> Iterator[str]:
    for section in page.sections:
        yield section.title
        if section.text:
            yield f"  {section.text}"
        for word, text in section.lines:
            yield f"  {word}: {text}"


def _check(page: replies.CheckPage, sheet: Sheet) -> Iterator[str]:
    from tui_backprop.exercises.words.check import as_lines

    yield from as_lines(page.report)
    yield from (remark.text for remark in page.remarks)


def _sweep(page: replies.SweepPage, sheet: Sheet) -> Iterator[str]:
    from tui_backprop.exercises.words.curves import as_lines

    for place, curve in enumerate(page.curves):
        yield from ([""] if place else [])
        yield from as_lines(curve)


def _schedule(page: replies.SchedulePage, sheet: Sheet) -> Sequence[str]:
    return (*page.curve.about, *page.curve.rates)


def _mark(mark: Mark) -> Sequence[str]:
    from tui_backprop.exercises.words.homework import as_lines

    return as_lines([mark])


def _program(page: replies.ProgramPage, sheet: Sheet) -> Iterator[str]:
    program = page.program
    yield from (*program.formula, "", *program.notes, *program.lines)


def _source(page: replies.SourcePage, sheet: Sheet) -> Iterator[str]:
    yield from (page.place, *page.rows, *page.notes)


_PAGES: Mapping[type, Callable[[Any, Sheet], Iterator[str] | Sequence[str]]] = {
    replies.Whereabouts: _whereabouts,
    replies.RecordTitles: _titles,
    replies.LessonPage: _lesson,
    replies.IterationPage: _iteration,
    replies.ChainPage: _chain,
    replies.ElementPage: _element,
    replies.ArraysInFull: _arrays,
    replies.NamedValue: _value,
    replies.TreePage: _tree,
    replies.ParametersPage: _parameters,
    replies.LossesPage: _losses,
    replies.HyperparametersPage: _hyperparameters,
    replies.AlterationsPage: _alterations,
    replies.BreakpointsPage: _breakpoints,
    replies.MarksPage: _marks,
    replies.BackwardPage: _backward,
    replies.LessonNames: _names,
    replies.CommandNames: _commands,
    replies.HelpPage: _help,
    replies.CheckPage: _check,
    replies.SweepPage: _sweep,
    replies.SchedulePage: _schedule,
    replies.ProgramPage: _program,
    replies.SourcePage: _source,
    **playground.PAGES,
    **course.PAGES,
}
