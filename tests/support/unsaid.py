"""Sentences in the code that are not said: English prose that would stay English in every language.

Prose is three words of lower-case letters in a row. It is read from the syntax tree; what stands for
something else is told by where it stands, so that nothing has to be marked in the code.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator

PROSE = re.compile(r"(?<![\w.-])[A-Za-z]?[a-z']+[,:;]? [a-z]+[,:;]? [a-z]+(?![\w(])")
SAID = {"tr", "tr_count", "tr_in", "later", "later_in"}
PYTHONS = {name for name in dir(builtins) if name.endswith("Error")}
"""Python's own exceptions, which tell a programmer; a user is told one of ours."""


def unsaid(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield sentences that are not said, and the name of what they stand in at the top of the module."""
    for statement in tree.body:
        prose: list[tuple[ast.AST, str]] = []
        apart: set[ast.AST] = set()
        for node in ast.walk(statement):
            if isinstance(node, ast.Constant | ast.JoinedStr):
                text = _text(node)
                if PROSE.search(text):
                    prose.append((node, text))
            if type(node) in HOLDERS:
                apart.update(_apart(node))
        yield from ((_name(statement), text) for node, text in prose if node not in apart)


def _name(statement: ast.stmt) -> str:
    if isinstance(statement, ast.Assign):
        return ast.unparse(statement.targets[0])
    if isinstance(statement, ast.AnnAssign):
        return ast.unparse(statement.target)
    return getattr(statement, "name", "")


def _text(node: ast.Constant | ast.JoinedStr) -> str:
    """Return a text, without the values of an f-string; an empty one for numbers."""
    if isinstance(node, ast.JoinedStr):
        parts = (str(part.value) for part in node.values if isinstance(part, ast.Constant))
        return "".join(parts).replace("  ", " ")
    return node.value if isinstance(node.value, str) else ""


HOLDERS = {
    ast.Expr, ast.JoinedStr, ast.Call, ast.Assert, ast.Dict, ast.Compare, ast.Subscript, ast.AnnAssign,
    ast.Assign,
}  # fmt: skip
"""What may hold a text that is said, or no sentence."""


def _apart(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what is said or no sentence: docstrings, patterns, style sheets, keys, lists of words."""
    match node:
        case ast.Expr(value=ast.Constant()):
            yield node.value
        case ast.JoinedStr():
            yield from (part for part in node.values if isinstance(part, ast.Constant))
        case ast.Call(func=ast.Name(id=name)) if name in SAID or name in PYTHONS:
            yield from node.args
        case ast.Call(func=ast.Attribute(value=ast.Name(id="re"))):
            yield from node.args
        case ast.Call(func=ast.Attribute(value=text, attr="split")):
            yield text
        case ast.Assert(msg=ast.expr() as message):
            yield message
        case ast.Dict():
            yield from (key for key in node.keys if key is not None)
        case ast.Compare():
            yield from (node.left, *node.comparators)
        case ast.Subscript():
            yield node.slice
        case ast.AnnAssign(target=ast.Name(id="DEFAULT_CSS" | "CSS"), value=ast.expr() as sheet):
            yield sheet
        case ast.Assign(targets=[ast.Name(id="DEFAULT_CSS" | "CSS")]):
            yield node.value
