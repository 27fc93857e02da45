"""Values typed in: what is read, and that whatever else is typed ends in one line."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import tui_backprop as tb
from tests.support.thorough import tried
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.text.printable import is_safe
from tui_backprop.training.changes.whatif import MAX_TYPED, WhatIf, element_text, parse_whatif, written

LESSON = tb.load_lesson("logistic")


def read(text: str, lesson: Lesson = LESSON) -> WhatIf:
    return parse_whatif(text, lesson.graph(), lesson.samples)


@pytest.mark.parametrize(
    ("text", "name", "element", "value"),
    [
        ("y_hat = [0.8, 0.3, 0.4]", "y_hat", None, [0.8, 0.3, 0.4]),
        ("ŷ=0.5", "y_hat", None, 0.5),
        ("  ŷ\t= .5 ", "y_hat", None, 0.5),
        ("X[1, 0] = 7", "X", (1, 0), 7.0),
        ("X[1,0]=−7", "X", (1, 0), -7.0),
        ("β[0] = -1e-3", "beta", (0,), -1e-3),
        ("b=−1e−3", "b", None, -1e-3),
        ("b[] = 2", None, None, "found no element; b is a scalar: give no index"),
        ("X = [[1, 2], [3, 4], [5, 6.5]]", "X", None, [[1, 2], [3, 4], [5, 6.5]]),
        ("X = [10, 20]", "X", None, [10, 20]),
        ("y = (1, 0, 1,)", "y", None, [1, 0, 1]),
        ("(y - y_hat) = 2", "(y - y_hat)", None, 2.0),
        ("(y − ŷ) = 2", "(y - y_hat)", None, 2.0),
        ("y-ŷ = 2", "(y - y_hat)", None, 2.0),
        ("(y - y_hat)**2 [2] = 2", "(y - y_hat)**2", (2,), 2.0),
        ("X @ β = [1, 2, 3]", "(X @ beta)", None, [1, 2, 3]),
        ("L = 4", "L", None, 4.0),
    ],
)
def test_what_is_read(text: str, name: str | None, element: object, value: object) -> None:
    if name is None:
        with pytest.raises(tb.BackpropError) as caught:
            read(text)
        assert str(caught.value) == value
        return
    found = read(text)
    assert (found.name, found.element) == (name, element)
    np.testing.assert_array_equal(found.value, np.array(value, dtype=float))
    assert not found.value.flags.writeable
    tb.Trainer(LESSON).put(found.name, found.value, found.element)


def test_text_of_a_sub_expression_may_have_an_equals_sign_of_its_own(tmp_path: object) -> None:
    path = tmp_path / "mine.toml"  # type: ignore[operator]
    path.write_text('formula = "L = sum(mean(W, axis=0)**2)"\n[parameters]\nW = [[1, 2], [3, 4]]\n')
    found = read("mean(W, axis=0)[1] = 5", tb.load_lesson(path))
    assert (found.name, found.element, found.value) == ("mean(W, axis=0)", (1,), 5.0)


def test_all_samples_may_be_given_where_a_batch_has_some() -> None:
    t = tb.Trainer(tb.load_lesson("theta"))
    with pytest.raises(tb.BackpropError, match=r"x: found shape \(4\); it must be \(1\)"):
        parse_whatif("x = [1, 2, 3, 4]", t.graph)
    found = parse_whatif("x = [1, 2, 3, 4]", t.graph, t.lesson.samples)
    t.put(found.name, found.value)
    t.next()
    np.testing.assert_array_equal(t.tape.value(t.graph.named["x"]), [2])


WRITE = "write NAME = VALUE, such as y_hat = [0.8, 0.3, 0.4] or X[1, 0] = 7"
NUMBER = "it must be a number or a list of numbers"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", f"found nothing; {WRITE}"),
        ("b", f"found b; {WRITE}"),
        ("= 3", f"found = 3; {WRITE}"),
        ("b == 3", f"found b == 3; {WRITE}"),
        ("b <= 3", f"found b <= 3; {WRITE}"),
        ("b =", f"b: found nothing; {NUMBER}"),
        ("b = two", f"b: found two; {NUMBER}"),
        ("b = 1 + 1", f"b: found 1 + 1; {NUMBER}"),
        ("b = 1, 2", "b: found shape (2); it must be scalar"),
        ("b = 'one'", f"b: found 'one'; {NUMBER}"),
        ("b = True", f"b: found True; {NUMBER}"),
        ("beta = [True, 2]", f"beta: found [True, 2]; {NUMBER}"),
        ("beta = [1, '2']", f"beta: found [1, '2']; {NUMBER}"),
        ("beta = [1, [2]]", f"beta: found [1, [2]]; {NUMBER}"),
        ("b = nan", f"b: found nan; {NUMBER}"),
        ("b = 1e999", "b: found a number that is not finite"),
        ("b = 2j", f"b: found 2j; {NUMBER}"),
        ("b = None", f"b: found None; {NUMBER}"),
        ("b = {1: 2}", "b: found {1: 2}; " + NUMBER),
        ("b = __import__('os')", f"b: found __import__('os'); {NUMBER}"),
        ("b = \x1b[2J", rf"b: found \x1b[2J; {NUMBER}"),
        ("b = 1\n2", rf"b: found 1\n2; {NUMBER}"),
        ("b = " + "[" * 5000, f"b: found {'[' * 39}…; {NUMBER}"),
        ("b = " + "-" * 50_000 + "1", f"b: found {'-' * 39}…; {NUMBER}"),
        ("b = 0x" + "f" * 50_000, f"b: found a whole number of thousands of digits; {NUMBER}"),
        ("b = " + "9" * 50_000, f"b: found {'9' * 39}…; {NUMBER}"),
        ("b = " + "1" * MAX_TYPED, f"found {MAX_TYPED + 4:,} characters; at most {MAX_TYPED:,} are read"),
        ("beta = [1, 2, 3]", "beta: found shape (3); it must be (2)"),
        ("beta[2] = 1", "found element 2; beta has shape (2): give one index from 0 to 1"),
        ("beta[-1] = 1", "found element -1; beta has shape (2): give one index from 0 to 1"),
        ("beta[1.0] = 1", "found element 1.0; beta has shape (2): give one index from 0 to 1"),
        ("beta[] = 1", "found no element; beta has shape (2): give one index from 0 to 1"),
        ("beta[0] = [1]", "beta[0]: found shape (1); it must be a number"),
        ("gamma = 1", "unknown node 'gamma'; there are: X, y, beta, b, "),
        ("y_hut = 1", "unknown node 'y_hut'; did you mean y_hat?"),
    ],
)  # fmt: skip
def test_what_is_refused(text: str, message: str) -> None:
    with pytest.raises(tb.BackpropError) as caught:
        read(text)
    assert str(caught.value).startswith(message)
    assert one_line(str(caught.value))


def one_line(text: str) -> bool:
    return bool(text) and all(map(is_safe, text))


PIECES = st.sampled_from(
    ["b", "X", "ŷ", "β", "(y - y_hat)", "=", "==", "[", "]", "[0]", "[1, 0]", ",", "1", "-", "−", "1e400",
     "0x", "'", '"', "\\", "#", "(", ")", "{", "}", "True", "None", "nan", "...", "\x00", "\x1b", "\n",
     "\ud800", "𝟙", "١", " "]
)  # fmt: skip


@tried(
    text=st.one_of(
        st.text(max_size=60),
        st.lists(PIECES, max_size=12).map("".join),
        st.text(max_size=40).map("b = ".__add__),
        st.lists(PIECES, max_size=10).map(lambda pieces: "X[1, 0] = " + "".join(pieces)),
        st.lists(PIECES, max_size=10).map(lambda pieces: "".join(pieces) + " = 1"),
    ),
    few=80,
    many=500,
)
@example("b = " + "(" * 2000 + "1" + ")" * 2000)
@example("b = " + "[" * 90 + "1" + "]" * 90)
@example("b = '\\N{'")
@example("[" * 40_000 + "=1")
def test_nothing_but_one_line_comes_out(text: str) -> None:
    message, found = "", None
    try:
        found = read(text)
    except tb.BackpropError as error:
        message = str(error)
    assert found is not None or one_line(message)
    if found is not None:
        assert np.all(np.isfinite(found.value))
        tb.Trainer(LESSON).put(found.name, found.value, found.element)


@given(value=st.one_of(st.floats(-1e30, 1e30), st.lists(st.floats(-1e30, 1e30), min_size=3, max_size=3)))
def test_what_was_put_in_is_written_so_that_it_reads_back(value: object) -> None:
    array = np.array(value, dtype=np.float64)
    np.testing.assert_array_equal(read(f"ŷ = {written(array)}").value, array)


def test_large_values_are_written_by_their_shape() -> None:
    assert written(np.zeros((5, 3))) == "an array (5×3)"
    assert written(np.array([1.0, -0.5, 1e-20])) == "[1, −0.5, 1e−20]"
    assert element_text((1, 0)) == "[1, 0]"
