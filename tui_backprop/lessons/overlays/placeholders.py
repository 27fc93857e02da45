"""The placeholders of a note: ``{an expression}`` or ``{shape:NAME}``, with a particle's two forms behind."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from typing import NamedTuple

from tui_backprop.lessons.errors import LessonError
from tui_backprop.text.language.particles import is_choice
from tui_backprop.text.sentences import tr


class NotePart(NamedTuple):
    """A piece of a note, words or a placeholder.

    Attributes:
        words: what stands there as it is.
        expression: the text of an expression.
        shape_of: the name of a node whose shape is said.
        particle: both forms of the Korean particle that follows.
    """

    words: str = ""
    expression: str = ""
    shape_of: str = ""
    particle: str = ""


def parts_of(text: str, where: str) -> Iterator[NotePart]:
    """Yield the pieces of a note.

    Raises:
        LessonError: a single brace, or something else behind a colon than a particle.
    """
    try:
        fields = list(string.Formatter().parse(text))
    except ValueError:
        raise LessonError(
            tr("{where}: found a single brace; write {{name}}, or {{{{ and }}}} for braces", where=where)
        ) from None
    for literal, field, spec, conversion in fields:
        if literal:
            yield NotePart(literal)
        if field is None:
            continue
        name, colon, particle = (spec or "").partition(":")
        if field == "shape" and name and not conversion and (not colon or is_choice(particle)):
            yield NotePart(shape_of=name, particle=particle)
        elif (spec and not is_choice(spec)) or conversion:
            raise LessonError(
                tr(
                    "{where}: found {{{field}…}}; write {{an expression}} or {{shape:NAME}}",
                    where=where,
                    field=field,
                )
            )
        else:
            yield NotePart(expression=field, particle=spec or "")


def placeholders(text: str, where: str) -> dict[str, str]:
    """Return the placeholders of a note without particles: by what they say but for blanks, as they stand.

    Raises:
        LessonError: as ``parts_of``.
    """
    found = {}
    for part in parts_of(text, where):
        said = f"shape:{part.shape_of}" if part.shape_of else part.expression
        if not part.words:
            found[re.sub(r"\s", "", said)] = f"{{{said}}}"
    return found
