"""Control characters in titles and texts: an escape meant as LaTeX is refused; single quotes are named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tui_backprop.lessons.errors import LessonError
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.lessons.library import load_lesson

BASE = 'formula = "z = 2 * w\\nL = z**2"\n[parameters]\nw = 1.0\n'
WHY = '\n[[why]]\nat = "L"\n'
SLIP = '\n[[slip]]\ngradient.w = "-dw"\n'
REST = "; write the text in single quotes, '…' or '''…''', where a backslash is a backslash"
LINE_BREAK, TAB = r"\n is a line break", r"\t is a tab"


@pytest.mark.parametrize(
    ("text", "key", "word", "what"),
    [
        (r'summary = "The gradient \nabla L"' + f"\n{BASE}", "summary", r"\nabla", LINE_BREAK),
        (r'title = "\theta"' + f"\n{BASE}", "title", r"\theta", TAB),
        (r'title = "a \beta"' + f"\n{BASE}", "title", r"\beta", r"\b is a backspace"),
        (r'title = "\frac12"' + f"\n{BASE}", "title", r"\frac12", r"\f is a form feed"),
        (r'title = "\rho"' + f"\n{BASE}", "title", r"\rho", r"\r is a carriage return"),
        (r'title = "a\u000Ab"' + f"\n{BASE}", "title", r"\nb", LINE_BREAK),
        ('summary = """\nOne line,\n\\\\nu or \\nu"""' + f"\n{BASE}", "summary", r"\nu", LINE_BREAK),
        (BASE + WHY + r'text = "so \tau"', "why 1.text", r"\tau", TAB),
        (BASE + SLIP + r'title = "\nu"', "slip 1.title", r"\nu", LINE_BREAK),
        (BASE + SLIP + 'title = "s"\n' + r'note = "\nu"', "slip 1.note", r"\nu", LINE_BREAK),
    ],
    ids=range(10),
)
def test_an_escape_is_refused(refusal: Callable[..., str], text: str, key: str, word: str, what: str) -> None:
    assert refusal(text) == f"{key}: found {word}, and in double quotes {what}{REST}"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('title = """a\nb"""\n', "title: found a line break; a title is plain text on one line"),
        ('title = "a\tb"\n', "title: found a tab; a title is plain text on one line"),
        (
            'title = "\\upsilon"\n',
            "not valid TOML: Invalid hex value (at line 1, column 12); in double quotes a backslash begins "
            "an escape: write the text in single quotes, '…'",
        ),
        (
            'title = "\\sigma"\n',
            "not valid TOML: Unescaped '\\' in a string (at line 1, column 12); in double quotes a "
            "backslash begins an escape: write the text in single quotes, '…'",
        ),
    ],
    ids=range(4),
)
def test_other_titles_that_are_refused(refusal: Callable[..., str], text: str, found: str) -> None:
    assert refusal(text + BASE) == found


@pytest.mark.parametrize(
    ("text", "title", "summary"),
    [
        (r"title = '\nabla'", r"\nabla", ""),
        (r'title = "\\theta"', r"\theta", ""),
        ('title = """\n  On a line of its own\n"""', "On a line of its own", ""),
        ('summary = """\n  Several\n\tlines, \\\n  one broken."""', "mine", "Several lines, one broken."),
        ("summary = '''\nSeveral\n\\nabla'''", "mine", r"Several \nabla"),
        ('# "\\theta"\nsummary = "a \\"quoted\\" word"', "mine", 'a "quoted" word'),
    ],
    ids=range(6),
)
def test_what_may_stand_in_a_text(load: Callable[..., Lesson], text: str, title: str, summary: str) -> None:
    lesson = load(f"{text}\n{BASE}")
    assert (lesson.title, lesson.summary) == (title, summary)


def test_the_case_from_a_course() -> None:
    path = Path(__file__).parents[1] / "cases" / "l7-latex.toml"
    with pytest.raises(LessonError, match=r"summary: found \\nabla, .* single quotes"):
        load_lesson(path)
