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
from tui_backprop.plain import course, standing
from tui_backprop.plain.playground import pages as playground
from tui_backprop.text.charset import Charset
from tui_backprop.text.numbers import exact, inline, number, shape_text
from tui_backprop.text.sentences import later, tr

if TYPE_CHECKING:
    from tui_backprop.exercises.homework import Mark

ADVICE = later("explain NAME writes those on one chain")
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
    said = [f"{tr(row.label)}: {' '.join(row.laid_out(10**6, '', sheet.charset))}" for row in view.rows]
    session.told = tuple(said)
    new = [line for line in said if line not in told]
    yield from new or said[-2:-1]  # the same answer, or the last hint, again
    if view.question is not None and said[:1] == new[:1]:
        yield tr("a line is an answer; an empty line gives a hint; reveal shows the factor")


_VIEWS: Mapping[View, Callable[[DebugSession, Sheet], Iterator[str]]] = {
    View.PLACE: _place,
    View.RECORD: _record,
    View.QUESTION: _question,
    View.LESSON: _lesson_title,
}

# ---------------------------------------------------------------------- pages


def _marks(page: replies.MarksPage, sheet: Sheet) -> Iterator[str]:
    from tui_backprop.exercises.words.homework import kept_line

    if not page.marks:
        yield tr("no homework is checked yet")
    yield from map(kept_line, page.marks)


def _backward(page: replies.BackwardPage, sheet: Sheet) -> Iterator[str]:
    from tui_backprop.exercises.words.brought import backward_as_lines

    yield from backward_as_lines(page.report, solved=False)


def _lesson(page: replies.LessonPage, sheet: Sheet) -> Iterator[str]:
    from tui_backprop.explain.pages.iteration import given

    lesson = page.heading.lesson
    yield from page.heading.lines(sheet.width, sheet.charset)
    if lesson.summary:
        yield lesson.summary
    yield from given(lesson, page.given, sheet.width, sheet.charset)


def _iteration(page: replies.IterationPage, sheet: Sheet) -> Iterator[str]:
    from tui_backprop.explain.pages.iteration import as_text

    unfolds = tr("unfold all unfolds them")
    return as_text(page.iteration, sheet.width, tr(ADVICE), sheet.charset, page.folded, unfolds)


def _chain(page: replies.ChainPage, sheet: Sheet) -> Iterator[str]:
    from tui_backprop.explain.pages.wrt import wrt_text

    return wrt_text(page.iteration, page.node, sheet.width, sheet.charset)


def _element(page: replies.ElementPage, sheet: Sheet) -> Iterator[str]:
    from tui_backprop.explain.pages.element import as_text

    return as_text(page.heading, page.explanation, sheet.width, charset=sheet.charset)


def _tree(page: replies.TreePage, sheet: Sheet) -> Iterator[str]:
    """Write the computation as a tree from the loss down, each level two spaces further in."""
    for row in page.rows:
        indent, node = "  " * min(row.depth, DEEPEST), row.node
        if row.depth > DEEPEST:
            indent = tr("{indent}level {depth}: ", indent=indent, depth=row.depth)
        if node is None:
            yield indent + tr("not on the way to the loss:")
        elif row.seen:
            yield indent + tr("{name}: see above", name=shown(node))
        else:
            kind = "" if node.kind is Kind.OPERATION else f" ({tr(node.kind.value)})"
            title = shown(node) if node.op is None else assignment_title(node)
            value, gradient = ("?" if x is None else inline(x) for x in (row.value, row.gradient))
            title += kind
            yield indent + tr(
                "{name}: value {value}, gradient {gradient}", name=title, value=value, gradient=gradient
            )


def _arrays(page: replies.ArraysInFull, sheet: Sheet) -> Iterator[str]:
    """Write arrays in full, a line for each row of the last axis."""
    from tui_backprop.explain.pages.aloud import row_name

    for name, value in page.arrays:
        array = np.asarray(value)
        if not array.ndim:
            yield f"{name} = {exact(array[()])}"
            continue
        yield tr("{name}, shape {shape}", name=name, shape=shape_text(array.shape))
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
    line = f"{page.name} = {text}"
    yield tr("{line} (still to come in this iteration)", line=line) if page.to_come else line


def _names(page: replies.LessonNames, sheet: Sheet) -> Iterator[str]:
    names = ", ".join(page.names)
    yield (
        tr("lessons: {names}; or the path of a .toml file", names=names)
        if page.files
        else tr("lessons: {names}", names=names)
    )


def _commands(page: replies.CommandNames, sheet: Sheet) -> Iterator[str]:
    """Write a line for each command, or all about one."""
    if page.name:
        command = look_up(page.name)
        yield command.usage
        yield f"  {tr(command.help)}."
        if command.more:
            yield f"  {tr(command.more)}"
        yield tr("  Example: {line}", line=command.example)
        return
    for command in TYPED:
        yield f"{command.usage}: {tr(command.help)}."
    from tui_backprop.debugger.help.sections import topics

    *most, last = (f"help {topic}" for topic in topics())
    yield tr(
        "Unique beginnings of words will do. On a terminal an empty line repeats the last move. help COMMAND "
        "says more about one, help WORD what a word means; help glossary lists those. {topics} or {last} "
        "about a topic.",
        topics=", ".join(most),
        last=last,
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
    replies.LessonPage: _lesson,
    replies.IterationPage: _iteration,
    replies.ChainPage: _chain,
    replies.ElementPage: _element,
    replies.ArraysInFull: _arrays,
    replies.NamedValue: _value,
    replies.TreePage: _tree,
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
    **standing.PAGES,
    **playground.PAGES,
    **course.PAGES,
}
