"""A backward pass as people keep it, in a function or a method, as the straight lines that it does.

What is left out becomes blank lines, so that numbers of lines stay as they are.
"""

from __future__ import annotations

import ast
import re
import textwrap
from pathlib import Path

from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.lessons.errors import LessonError, is_file
from tui_backprop.lessons.limits import Sandbox
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr
from tui_backprop.text.system import system_reason

MOST_CHARACTERS = 200_000
"""Characters of a backward pass that are read."""
_KEYED = r"\b([^\W\d]\w*)\[\s*(?:'([^\W\d]\w*)'|\"([^\W\d]\w*)\")\s*\]"
_GRADIENTS = re.compile(r"d|grads?|gradients?|d_?params")
_EMPTY = ("{}", "dict()", "[]", "None")


def read_backward(path: Path, sandbox: Sandbox) -> str:
    """Return the text of a file that holds a backward pass.

    Raises:
        LessonError: there is no such file, or it is too large, or no text in UTF-8.
    """
    shown = printable(path.name)
    if not sandbox.confined and not is_file(path):
        raise LessonError(tr("{file}: no such file", file=shown))
    try:
        with sandbox.open_file(path) as file:
            held = file.read(MOST_CHARACTERS + 1)
    except OSError as error:
        raise LessonError(
            tr("{file}: cannot be read: {why}", file=shown, why=printable(system_reason(error)))
        ) from None
    if len(held) > MOST_CHARACTERS:
        raise LessonError(
            tr(
                "{file}: more than {most:,} bytes; give the backward pass alone",
                file=shown,
                most=MOST_CHARACTERS,
            )
        )
    try:
        return held.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise LessonError(tr("{file}: is no UTF-8 text; save it as UTF-8", file=shown)) from None


def straight_lines(text: str) -> str:
    """Return the lines that a backward pass does: those inside of a ``def``, without what gives nothing.

    ``grads['W1']`` is read as ``grad_W1``, ``cache['h']`` and ``self.h`` as ``h``, ``W1.grad`` as
    ``W1_grad``. A docstring, ``return`` and ``print`` are left out.

    Raises:
        BackpropError: the text is too long.
    """
    if len(text) > MOST_CHARACTERS:
        raise BackpropError(
            tr("found {count:,} characters; at most {most:,} are read", count=len(text), most=MOST_CHARACTERS)
        )
    found = re.sub(_KEYED, _plain_name, text.lstrip("\ufeff").replace("\r\n", "\n"))
    found = re.sub(r"\bself\._*([^\W\d])", r"\1", found)
    found = re.sub(r"\b([^\W\d]\w*)\.grad\b", r"\1_grad", found)
    try:
        tree = ast.parse(textwrap.dedent(found))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return found  # signs of mathematics perhaps, or what the language refuses with line and column
    lines = textwrap.dedent(found).split("\n")
    body = _body(tree)
    if body is not tree.body:
        lines = _lines_of(lines, body)
    for statement in body:
        if _gives_nothing(statement):
            _blank(lines, statement.lineno, statement.end_lineno or statement.lineno)
    return "\n".join(lines)


def _plain_name(match: re.Match[str]) -> str:
    key = match[2] or match[3]
    return f"grad_{key}" if _GRADIENTS.fullmatch(match[1]) and not key.startswith("d") else key


def _body(tree: ast.Module) -> list[ast.stmt]:
    """Return the statements of the one function, in a class or not, that the text is; all others' its own."""
    body = tree.body
    while True:
        work = [one for one in body if not isinstance(one, ast.Import | ast.ImportFrom) and not _is_text(one)]
        match work:
            case [ast.FunctionDef(body=inner)] | [ast.ClassDef(body=inner)]:
                body = inner
            case _:
                return body


def _lines_of(lines: list[str], body: list[ast.stmt]) -> list[str]:
    """Return the lines of these statements alone, each where it stands and without its indentation."""
    first, last = body[0].lineno, body[-1].end_lineno or body[-1].lineno
    indent = body[0].col_offset
    inner = [
        line[indent:] if not line[:indent].strip() else line.lstrip() for line in lines[first - 1 : last]
    ]
    return [*[""] * (first - 1), *inner, *[""] * (len(lines) - last)]


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _gives_nothing(statement: ast.stmt) -> bool:
    match statement:
        case ast.Return() | ast.Expr(value=ast.Constant() | ast.Call(func=ast.Name(id="print"))):
            return True
        case ast.Assign(value=value):
            return ast.unparse(value) in _EMPTY
    return False


def _blank(lines: list[str], first: int, last: int) -> None:
    lines[first - 1 : last] = [""] * (last - first + 1)
