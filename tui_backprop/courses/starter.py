"""A course to start from: three small lessons that show a task, each kind of question, and drawn numbers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from string import Template

from tui_backprop.courses.loading import FILE
from tui_backprop.text.sentences import spoken, tr


def starter_files() -> Mapping[str, str]:
    """Return the files of a new course by their names in its folder, in the language that is spoken."""
    return {
        FILE: _written(COURSE, _course_texts()),
        "slope.toml": _written(SLOPE, _slope_texts()),
        "line.toml": _written(LINE, _line_texts()),
        "neuron.toml": _written(NEURON, _neuron_texts()),
    }


def _written(template: str, texts: Mapping[str, str]) -> str:
    """Put texts into a file, quoted as TOML has them, but for those of comments, which begin with ``c_``."""
    quoted = {
        name: text if name.startswith("c_") else json.dumps(text, ensure_ascii=False)
        for name, text in texts.items()
    }
    return Template(template).substitute(quoted)


COURSE = """\
# $c_course
format = 1
title = $title
summary = $summary
language = $language
order = ["slope", "line", "neuron"]
solutions = "open"               # $c_locked

[needs]                          # $c_needs
line = "slope"
neuron = ["slope", "line"]
"""


def _course_texts() -> Mapping[str, str]:
    return {
        "c_course": tr("A course: the lessons of this folder, or built-in ones by name, in their order."),
        "c_locked": tr('or "locked": no solution is shown before the course is handed in'),
        "c_needs": tr("what has to be done before what"),
        "title": tr("A first course"),
        "summary": tr("From one slope to a neuron: three short lessons with tasks and questions."),
        "language": spoken(),
    }


SLOPE = '''\
format = 1
title = $title
summary = $summary
formula = """
y = x**2
z = 3 * y
"""
loss = "z"

[data]
x = 4

[draw]                           # $c_draw
x = { integers = [2, 9] }

[[task]]
text = $task
goal = "at y <- x"

[[question]]
at = "y <- x"
ask = "value"
text = $ask_slope
hint = $hint
why = $why_slope

[[question]]
at = "x"
of = "gradient"
ask = "value"
text = $ask_all
why = $why_all
'''


def _slope_texts() -> Mapping[str, str]:
    return {
        "c_draw": tr("each student has a number of their own"),
        "title": tr("A slope"),
        "summary": tr("One square, and three times that. Press s to go on, one step at a time."),
        "task": tr("Go back from z to x, factor by factor, with s."),
        "ask_slope": tr("How fast does y rise with x, at x = {x}?", x="{x}"),
        "hint": tr("The slope of a square is twice what is squared."),
        "why_slope": tr("The slope of x² is 2x."),
        "ask_all": tr("And how fast does z rise with x?"),
        "why_all": tr("Slopes along a path multiply: 3 times 2x."),
    }


LINE = '''\
format = 1
title = $title
summary = $summary
formula = """
y_hat = w * x + b
L = mean((y_hat - y)**2)
"""
loss = "L"

[samples]
x = [1, 2, 3, 4]
y = [3, 5, 7, 9]

[parameters]
w = 0.0
b = 0.0

[hyperparameters]
learning_rate = 0.05
iterations = 500

[[question]]
at = "w"
ask = "sign"
text = $ask_sign
hint = $hint
why = $why_sign

[[question]]
at = "y_hat <- b"
ask = "formula"
text = $ask_formula
answer = "sum(dy_hat)"
why = $why_formula

[[task]]
text = $task
goal = "loss < 0.01"
'''


def _line_texts() -> Mapping[str, str]:
    return {
        "title": tr("A line that learns"),
        "summary": tr("One weight and one bias fit four points. Space runs the training."),
        "ask_sign": tr("Before the first update: which sign has the gradient of w?"),
        "hint": tr("The line is too low everywhere. Does a larger w raise the loss?"),
        "why_sign": tr("It is negative: a larger w lowers the loss, so the update raises w."),
        "ask_formula": tr("Write the gradient of b, from that of ŷ."),
        "why_formula": tr("One b acts on all points, so their gradients add up."),
        "task": tr("Train until the loss is below 0.01."),
    }


NEURON = '''\
format = 1
title = $title
summary = $summary
formula = """
z = X @ w
p = sigmoid(z)
L = (p - t)**2 / 2
"""
loss = "L"

[data]
X = [1, 2]
t = 1

[parameters]
w = [0.5, -0.5]

[hyperparameters]
learning_rate = 0.5
iterations = 300

[draw]
X = { integers = [1, 3] }

[[question]]
at = "z <- w"
of = "gradient"
ask = "shape"
text = $ask_shape
why = $why_shape

[[question]]
at = "p <- z"
ask = "choice"
text = $ask_choice
choices = [$sign, $slope, $rate]
answer = 2
why = $why_choice

[[task]]
text = $task
goal = "homework w"
'''


def _neuron_texts() -> Mapping[str, str]:
    return {
        "title": tr("One neuron"),
        "summary": tr("A sigmoid behind a product: its slope is a factor of every gradient behind it."),
        "ask_shape": tr("What shape has the gradient of w?"),
        "why_shape": tr("That of w itself: each weight has a slope of its own."),
        "ask_choice": tr("Somebody took p − t for the gradient of z. What is missing?"),
        "sign": tr("a minus sign"),
        "slope": tr("the slope of the sigmoid"),
        "rate": tr("the learning rate"),
        "why_choice": tr("z acts on p by the slope p(1 − p), which is a factor of its gradient."),
        "task": tr("Work the gradient of w out by hand, and have it checked as homework (key w)."),
    }
