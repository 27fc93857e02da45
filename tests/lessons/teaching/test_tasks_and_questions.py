"""``[[task]]``, ``[[question]]`` and ``[draw]``: what is read, and how all else is refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.lesson_questions import LOGISTIC, SQUARE, question, task
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.lessons.teaching.tasks import ACTS, GoalKind

Load = Callable[..., Lesson]
Refusal = Callable[..., str]


def test_goals_are_conditions_places_and_acts(load: Load) -> None:
    goals = (
        "loss < 0.1",
        "at z <- β",
        "at y_hat",
        "homework ŷ",
        "check",
        "quiz 5",
        "nan",
        "dead relu",
        "iteration 9",
        "check > 3",
        "at z ← b",
    )
    tasks = load(LOGISTIC + "".join(task(goal) for goal in goals)).tasks
    kinds = [one.goal.kind for one in tasks]
    c, p, a = GoalKind.CONDITION, GoalKind.PLACE, GoalKind.ACT
    assert kinds == [c, p, p, a, a, a, c, c, c, c, p]
    assert (tasks[1].goal.output, tasks[1].goal.operand) == ("z", "beta")
    assert (tasks[3].goal.act, tasks[3].goal.node, tasks[5].goal.times) == ("homework", "y_hat", 5)
    assert [one.key for one in tasks] == [str(number) for number in range(1, 12)]


def test_acts_are_commands_of_the_debugger() -> None:
    from tui_backprop.debugger.commands import COMMANDS

    names = {word for command in COMMANDS for word in command.words}
    assert set(ACTS) <= names


@pytest.mark.parametrize(
    ("fields", "of"),
    [
        ({"at": "y_hat <- z", "ask": "value"}, "local"),
        ({"at": "z <- beta", "ask": "shape"}, "downstream"),
        ({"at": "z <- b", "ask": "formula"}, "downstream"),
        ({"at": "beta", "ask": "value"}, "gradient"),
        ({"at": "y_hat", "ask": "value"}, "value"),
        ({"at": "X", "ask": "shape"}, "value"),
        ({"at": "X", "ask": "shape", "of": "gradient"}, "gradient"),
        ({"at": "L <- y_hat", "ask": "sign"}, "local"),
    ],
)
def test_what_is_asked_for_by_default(load: Load, fields: dict[str, object], of: str) -> None:
    (asked,) = load(LOGISTIC + question(**fields)).questions
    assert asked.of == of
    assert asked.points == 1


@pytest.mark.parametrize(
    ("parts", "rule"),
    [
        (task("at z <- w"), "task 1.at: unknown name 'w'"),
        (task("at y_hat <- beta"), "task 1.at: no factor goes from y_hat to beta; from y_hat there are z"),
        (task("at X"), "task 1.at: X is neither computed nor a parameter"),
        (task("loss <"), "task 1.goal: "),
        (task("homework w"), "task 1.goal: unknown name 'w'"),
        (task("quiz x"), "task 1.goal: found 'quiz x'; behind quiz stands a number from 1 on"),
        (task("quiz 0"), "behind quiz stands a number from 1 on"),
        (task("check beta"), "task 1.goal: found 'check beta'; nothing stands behind check"),
        (task("homwork b"), "task 1.goal: unknown goal 'homwork b'; did you mean homework?"),
        (task("check", name="a b"), "task 1.name: found 'a b'; a name is up to 40 letters"),
        (task("check", name="a") + task("quiz", name="a"), "task 2.name: the name 'a' is given twice"),
        (task("check", tekst="x"), "task 1: unknown key 'tekst'; did you mean text?"),
        ("[[task]]\ntext = 'x'\n", "task 1: the key goal is missing"),
        ("[[task]]\ngoal = 3\n", "task 1.goal: found 3; it must be text"),
        (question(at="w", ask="value"), "question 1.at: unknown name 'w'"),
        (question(at="z <- y_hat", ask="value"), "question 1.at: no factor goes from z to y_hat"),
        (
            question(at="z", ask="values"),
            "question 1.ask: found 'values'; it must be one of value, formula, shape",
        ),
        (question(at="z", ask="value", of="locl"), "question 1.of: found 'locl'; it must be one of local"),
        (
            question(at="z", ask="value", of="local"),
            "question 1.of: found 'local'; at z there are value, gradient",
        ),
        (question(at="y", ask="value", of="after"), "at y there are value, gradient"),
        (question(at="z <- beta", ask="value", of="local"), "has a rule, no local derivative"),
        (
            question(at="z <- b", ask="value", of="after"),
            "there are local, upstream, downstream, gradient, value",
        ),
        (question(at="z", ask="value", points=-1), "question 1.points: found -1"),
        (question(at="z", ask="value", tolerance=0), "question 1.tolerance: found 0"),
        (question(at="z", ask="shape", tolerance=0.1), 'goes with ask = "value"'),
        (question(at="z", ask="value", choices=["a", "b"]), 'go with ask = "choice"'),
        (question(at="z", ask="choice", choices=["a"], answer=1), "question 1.choices: found 1 entries"),
        (question(at="z", ask="choice", choices=["a", "b"]), "question 1.answer: the key is missing"),
        (
            question(at="z", ask="choice", choices=["a", "b"], answer=3),
            "question 1.answer: found 3; the choices are",
        ),
        (
            question(at="z", ask="choice", choices=["a", "b"], answer="c"),
            "found 'c', which is not one of the choices",
        ),
        (question(at="z", ask="value", text="{nobody}"), "question 1.text {nobody}: "),
        (question(at="z", ask="value", hint=["a", "{"]), "question 1.hint: found a single brace"),
        (question(at="z", ask="value", hint=["x"] * 21), "question 1.hint: found 21 entries; at most 20"),
        (question(at="z", ask="value", why="a\x00b".replace("\x00", "{X + q}")), "question 1.why {X + q}: "),
        (
            question(at="z", ask="value") + question(at="z", ask="value", name="1"),
            "the name '1' is given twice",
        ),
        ('[[question]]\nat = "z"\nask = "value"\ntext = "\\beta"\n', "question 1.text: found \\beta"),
        ("question = 3\n", "question: found 3; it must be a list"),
    ],
)
def test_what_is_wrong_is_named_with_table_number_and_field(refusal: Refusal, parts: str, rule: str) -> None:
    text = LOGISTIC + parts if not parts.startswith("question") else parts + LOGISTIC
    assert rule in refusal(text)


def test_an_edge_with_several_factors_has_to_be_told_which(load: Load, refusal: Refusal) -> None:
    twice = 'formula = "L = x * w + x**2"\n[data]\nx = 2\n[parameters]\nw = 3\n'
    assert "2 factors go from L to x; name one, such as" in refusal(
        twice + question(at="L <- x", ask="value")
    )
    assert load(twice + question(at="(x * w) <- x", ask="value")).questions[0].of == "local"
    assert load(twice + question(at="L <- x", ask="value", of="gradient")).questions


@pytest.mark.parametrize(
    ("draw", "rule"),
    [
        ("z = { integers = [1, 2] }", "draw.z: there is no such entry in [data], [samples] or [parameters]"),
        ("x = {}", "draw.x: give integers, uniform or choices, one of the three"),
        ("x = { integers = [1, 2], uniform = [0, 1] }", "draw.x: give integers, uniform or choices"),
        ("x = { integers = [2, 1] }", "draw.x.integers: found [2, 1]; write the least and the greatest"),
        ("x = { integers = [1.5, 2] }", "draw.x.integers 1: found 1.5; it must be a whole number"),
        ("x = { integers = [1, 2, 3] }", "draw.x.integers: found [1, 2, 3]"),
        ("x = { uniform = [0.01, 0.04], decimals = 1 }", "draw.x.uniform: between 0.01 and 0.04"),
        ("x = { uniform = [0, 1], decimals = 12 }", "draw.x.decimals: found 12"),
        ("x = { uniform = [-inf, 1] }", "draw.x.uniform: found"),
        ("x = { integers = [1, 3], decimals = 1 }", "draw.x.decimals: found decimals, which go with uniform"),
        ("x = { choices = [] }", "draw.x.choices: found []"),
        ("x = { choices = [0], nonzero = true }", "draw.x.choices"),
        ("x = { integer = [1, 2] }", "draw.x: unknown key 'integer'; did you mean integers?"),
        ("x = [1, 2]", "draw.x: found [1, 2]; it must be a table"),
        ("u = { integers = [1, 2] }", "draw.u: the numbers of data.u are made of others"),
    ],
)
def test_what_draws_nothing_is_refused(refusal: Refusal, draw: str, rule: str) -> None:
    text = SQUARE + "u = { formula = '2 * x' }\n[draw]\n" + draw
    assert rule in refusal(text)
