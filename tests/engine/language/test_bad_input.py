"""What no formula may be: each is refused in a line that says what was found, and nothing of it is run."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

import tui_backprop as tb
from tui_backprop.engine.core.errors import FormulaError
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.text.printable import is_safe

LESSON = """formula = '''
{}
'''
loss = "L"
[data]
x = 2.0
X = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]
[parameters]
w = 0.5
"""

REFUSED = {
    # other programs than formulas
    "import os\nL = w * x": "line 1, column 1: found import os",
    "L = os.system('ls')": "line 1, column 5: found os.system",
    "L = eval('w')": "unknown function eval",
    "exec('L = w')": "column 6: found '; the language has no strings",
    "L = open('/etc/passwd')": "column 10: found '; the language has no strings",
    "L = getattr(x, T)": "unknown function getattr",
    "L = np.load(x)": "unknown function load",
    "L = np.random.randn(3) * w": "random numbers are drawn in [parameters], seeded",
    "with open(x) as f:\n    L = w": "found with",
    "while w > 0:\n    w = w - 1\nL = w": "found while; a line is name = expression, or for t in range(10):",
    "class A: pass\nL = w": "found class",
    "global w\nL = w": "found global w",
    "del w\nL = w": "found del w",
    "async def f(): pass\nL = w": "found async def",
    "L = (a := w)": "found a := w",
    "L = f'{w}'": "the language has no strings",
    "L = sum([a for a in X])": "found [a for a in X]",
    "return w": "found return, which ends a def",
    # ways to what stands behind a value
    "L = x.__class__": "found .__class__; attributes are .T, .shape, .size and .ndim",
    "L = (w * x).__class__.__bases__": "found .__bases__; attributes are",
    "L = ().__class__.__base__.__subclasses__()": "methods are those such as",
    "L = x.T.__init__": "found .__init__; attributes are",
    "L = x.ctypes.data": "found .data; attributes are",
    "L = x.tobytes()": "found x.tobytes(...); methods are",
    # what would take for ever, or all memory
    "L = w\nfor i in range(10**9):\n    L = L + x": "a for of 1,000,000,000 turns; a formula has at most",
    "L = w\nfor i in range(1000):\n    for j in range(1000):\n        L = L + x": "(in the turn i = 4)",
    "L = w * zeros((100000, 100000))": "it would have 10,000,000,000 numbers",
    "L = w * 10**10**10": "the exponent 1e+10 is beyond",
    "L = w ** 9 ** 9 ** 9 ** 9": "is beyond ±64",
    "L = w * (1 << 1000000000)": "found an operator on bits",
    "def f(a):\n    return f(a)\nL = f(w)": "f calls itself; write its turns as a for",
    # shapes and places
    "L = X[7, 0] * w": "column 5: X[…]: index 7 is out of range: axis 0 of (3×2) has 3, from 0 to 2",
    "L = sum(X[:, 5]) * w": "index 5 is out of range: axis 1 of (3×2) has 2, from 0 to 1",
    "L = sum(X[::0]) * w": "a slice's step cannot be 0",
    "h = w\nfor t in range(3):\n    h = h + X[t] @ ones(t)\nL = sum(h)": "(2) @ (0) does not fit",
    "L = w\nfor i in range(2.5):\n    L = L + x": "found range(2.5); write whole numbers",
    # calls
    "def f(a):\n    return a\nL = f()": "f is called without a; write f(a)",
    "def f(a):\n    return a\nL = f(w, w)": "found f(w, w); write f(a)",
    # not Python either
    "L = (w * x": "'(' was never closed",
    "L = w $ x": "column 7: found '$'",
}


def loaded(folder: Path, formula: str) -> Lesson:
    path = folder / "own.toml"
    path.write_text(LESSON.format(formula), encoding="utf-8")
    return tb.load_lesson(path)


@pytest.mark.parametrize("formula", REFUSED)
def test_it_is_refused_in_a_line(formula: str, tmp_path: Path) -> None:
    began = time.process_time()
    with pytest.raises(tb.BackpropError) as caught:
        loaded(tmp_path, formula)
    lines = [str(caught.value), *caught.value.further]
    assert REFUSED[formula] in lines[0]
    for line in lines:
        assert all(map(is_safe, line)), line
        assert ": formula line " in line
        assert "own.toml" in line
    assert time.process_time() - began < 5  # as good as for ever, where a for is done


def test_a_clash_of_shapes_in_a_for_names_the_turn(tmp_path: Path) -> None:
    formula = "h = ones((2, 2))\nfor t in range(1, 4):\n    h = h @ ones((2, 3 - t))\nL = sum(h) * w"
    with pytest.raises(tb.BackpropError, match=r"line 3, column 9: .*\(in the turn t = 3\)"):
        loaded(tmp_path, formula)


def test_all_that_cannot_be_read_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(tb.BackpropError) as caught:
        loaded(tmp_path, "a = eval(w)\nb = x.__dict__\nL = a + b + frobnicate(x)")
    assert [
        f"line {k}, " in line for k, line in enumerate((str(caught.value), *caught.value.further), 1)
    ] == ([True] * 3)
    assert isinstance(caught.value, tb.BackpropError)
    assert not isinstance(caught.value, FormulaError)  # it names the file
