"""Derivations: every factor with rule, numbers and why, balanced TeX, and nothing of a lesson's unescaped."""

from __future__ import annotations

import random
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

import tui_backprop as tb
from tests.support.scripts import make_lesson
from tui_backprop.export.targets.derivation.markdown import escaped
from tui_backprop.export.targets.derivation.mathtext import math, words
from tui_backprop.export.targets.registry import TARGETS

HOSTILE = r"""
title = '<script>alert(1)</script> \input{/etc/passwd} $x$ ](javascript:x) @somebody `'
formula = 'L = (w - 1)**2'
[parameters]
w = 3.0
[[why]]
at = "L <- w"
text = '</p><img src=x onerror=y> \write18{{ls}} % }}{{ www.a.b'
"""


def written(form: str, name: str, iteration: int = 0) -> str:
    return TARGETS[form].written(tb.Trainer(tb.load_lesson(name)), iteration)


def is_balanced(tex: str) -> bool:
    """Tell whether braces, environments and formulas end where they should."""
    depth = 0
    for letter in re.sub(r"\\[\\{}]", "", tex):
        depth += (letter == "{") - (letter == "}")
        if depth < 0:
            return False
    begun, ended = (re.findall(rf"\\{word}{{(\w+)}}", tex) for word in ("begin", "end"))
    return depth == 0 and sorted(begun) == sorted(ended) and tex.count(r"\[ ") == tex.count(r" \]")


class Tags(HTMLParser):
    """The elements of a page, which have to be closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def tags_of(page: str) -> Tags:
    tags = Tags()
    tags.feed(page)
    tags.close()
    assert tags.open == []
    return tags


SIGNS = '\\\\{}$%&_^#~[]()|"`<>@∂/²₁ᵀŷβ1e−5…√*, ab中\n.'
PLAIN = {
    "html", "head", "meta", "title", "style", "body", "h1", "h2", "h3", "p", "pre", "dl", "dt", "dd", "span",
    "section", "table", "tr", "td", "footer",
}  # fmt: skip


@pytest.mark.parametrize("name", ["linear", "two-layer", "conv"])
def test_documents_are_whole(name: str) -> None:
    tex, markdown, page = (written(form, name, 1) for form in ("latex", "markdown", "html"))
    assert is_balanced(tex)
    assert tex.rstrip().endswith(r"\end{document}")
    fences = [line for line in markdown.splitlines() if line.startswith("```")]
    assert fences == ["```math", "```"] * (len(fences) // 2)
    assert all(is_balanced(block) for block in re.findall(r"```math\n(.*?)\n```", markdown, re.DOTALL))
    tags = tags_of(page)
    assert tags.seen <= PLAIN
    assert tags.attributes <= {"lang", "charset", "class"}


def test_symbols_then_numbers() -> None:
    """Of linear at its start: y = 0.496714·2 + 0, dL/dy = y - 1, dL/dw = 2 dL/dy, w - 0.01 dL/dw."""
    tex = written("latex", "linear")
    for part in (
        r"y=w\cdot x+b",
        r"\[ y=0.993428 \]",
        r"\frac{\partial L}{\partial w}",
        r"\textit{why:}",
        r"\textit{after:}",
    ):
        assert part in tex, part


@pytest.mark.parametrize(
    ("text", "tex"),
    [
        ("ŷ = sigmoid(X @ W1 + b_1)", r"\hat{y}=\operatorname{sigmoid}(X\,W_{1}+b_{1})"),
        ("∂L/∂β", r"\frac{\partial L}{\partial \beta}"),
        ("∂L/∂(y − t)² · Xᵀ", r"\frac{\partial L}{\partial (y-t)}^{2}\cdot X^{\top}"),
        ("[[1, −2], [3, 4e−05]]", r"\begin{pmatrix} 1 & -2 \\ 3 & 4 \cdot 10^{-5} \end{pmatrix}"),
        ("[[1, 2], …, [3, 4]]", r"\begin{pmatrix} 1 & 2 \\ \dots \\ 3 & 4 \end{pmatrix}"),
        ("(8×4), from −0.5 to 2", r"(8\times 4),\ \mathrm{from}\ -0.5\ \mathrm{to}\ 2"),
        ("[[1]] + [2, 3]", r"\begin{pmatrix} 1 \end{pmatrix}+\begin{pmatrix} 2 & 3 \end{pmatrix}"),
        ("[…](4×2)", r"[\dots]_{(4\times 2)}"),
        ("learning_rate % {a}", r"\mathrm{learning}_{rate}\%\{a\}"),
    ],
)
def test_formulas_for_tex(text: str, tex: str) -> None:
    assert math(text) == tex


def test_any_text_is_balanced() -> None:
    draw = random.Random(0)
    for _ in range(400):
        text = "".join(draw.choices(SIGNS, k=draw.randrange(14)))
        assert is_balanced(math(text)), text
        assert is_balanced(words(text)), text
        assert "<" not in escaped(text)


def test_text_of_a_stranger_is_escaped(tmp_path: Path) -> None:
    lesson = make_lesson(tmp_path, HOSTILE)
    tex, markdown, page = (
        TARGETS[form].written(tb.Trainer(lesson)) for form in ("latex", "markdown", "html")
    )
    assert is_balanced(tex)
    for harm in (r"\input", r"\write", "% }"):
        assert not re.search(rf"(?<!\\textbackslash{{}}){re.escape(harm)}", tex.partition("geometry")[2])
    for harm in ("<script", "<img", "</p>", " @some", "www.a"):
        assert harm not in markdown
    assert not re.search(r"(?<!\\)\]\(", markdown)
    tags = tags_of(page)
    assert tags.seen <= PLAIN
    assert tags.attributes <= {"lang", "charset", "class"}
    assert "&lt;script&gt;" in page
