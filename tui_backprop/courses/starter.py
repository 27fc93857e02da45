"""A course to start from: three small lessons that show a task, each kind of question, and drawn numbers."""

from __future__ import annotations

import json
from collections.abc import Mapping

from tui_backprop.courses.loading import FILE
from tui_backprop.text.sentences import spoken, tr


def starter_files() -> Mapping[str, str]:
    """Return the files of a new course by their names in its folder, in the language that is spoken."""
    return {FILE: _course(), "slope.toml": _slope(), "neuron.toml": _neuron(), "line.toml": _line()}


def _quoted(text: str) -> str:
    """Write a text as TOML has it."""
    return json.dumps(text, ensure_ascii=False)


def _course() -> str:
    return f"""\
# {tr("A course: the lessons of this folder, or built-in ones by name, in their order.")}
format = 1
title = {_quoted(tr("A first course"))}
summary = {_quoted(tr("From one slope to a neuron: three short lessons with tasks and questions."))}
language = {_quoted(spoken())}
order = ["slope", "line.toml", "neuron.toml"]
solutions = "open"               # {tr('or "locked": no solution before the course is handed in')}

[needs]                          # {tr("what has to be done before what")}
line = "slope"
"neuron.toml" = ["line"]
"""


def _slope() -> str:
    return f"""\
format = 1
title = {_quoted(tr("A slope"))}
summary = {_quoted(tr("One square, one slope. Press s to go on, one step at a time."))}
formula = \"\"\"
y = x**2
z = 3 * y
\"\"\"
loss = "z"

[data]
x = 4

[draw]                           # {tr("each student has a number of their own")}
x = {{ integers = [2, 9] }}

[[task]]
text = {_quoted(tr("Go back from z to x, factor by factor, with s."))}
goal = "at y <- x"

[[question]]
at = "y <- x"
ask = "value"
text = {_quoted(tr("How fast does y rise with x, at x = {{x}}?").replace("{{", "{").replace("}}", "}"))}
hint = {_quoted(tr("The slope of a square is twice what is squared."))}
why = {_quoted(tr("The slope of x² is 2x."))}

[[question]]
at = "x"
of = "gradient"
ask = "value"
text = {_quoted(tr("And how fast does z rise with x?"))}
why = {_quoted(tr("Slopes along a path multiply: 3 times 2x."))}
"""


def _line() -> str:
    return f"""\
format = 1
title = {_quoted(tr("A line that learns"))}
summary = {_quoted(tr("One weight and one bias fit four points. Space runs the training."))}
formula = \"\"\"
y_hat = w * x + b
L = mean((y_hat - y)**2)
\"\"\"
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
text = {_quoted(tr("Before the first update: which sign has the gradient of w?"))}
hint = {_quoted(tr("The line is too low everywhere. Does a larger w raise the loss?"))}
why = {_quoted(tr("It is negative: a larger w lowers the loss, so the update raises w."))}

[[question]]
at = "y_hat <- b"
ask = "formula"
of = "downstream"
text = {_quoted(tr("Write the gradient of b, from that of ŷ."))}
answer = "sum(dy_hat)"
why = {_quoted(tr("One b acts on all points, so their gradients add up."))}

[[task]]
text = {_quoted(tr("Train until the loss is below 0.01."))}
goal = "loss < 0.01"
"""


def _neuron() -> str:
    choices = [
        _quoted(tr("a mistake in sign")),
        _quoted(tr("the slope of the sigmoid")),
        _quoted(tr("the rate")),
    ]
    return f"""\
format = 1
title = {_quoted(tr("One neuron"))}
summary = {_quoted(tr("A sigmoid behind a product: its slope is a factor of every gradient behind it."))}
formula = \"\"\"
z = X @ w
p = sigmoid(z)
L = (p - t)**2 / 2
\"\"\"
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
X = {{ integers = [1, 3] }}

[[question]]
at = "z <- w"
ask = "shape"
of = "gradient"
text = {_quoted(tr("What shape has the gradient of w?"))}
why = {_quoted(tr("That of w itself: each weight has a slope of its own."))}

[[question]]
at = "p <- z"
ask = "choice"
text = {_quoted(tr("Somebody took p − t for the gradient of z. What is missing?"))}
choices = [{", ".join(choices)}]
answer = 2
why = {_quoted(tr("z acts on p by the slope p(1 − p), which is a factor of its gradient."))}

[[task]]
text = {_quoted(tr("Work the gradient of w out by hand, with w, and have it checked."))}
goal = "homework w"
"""
