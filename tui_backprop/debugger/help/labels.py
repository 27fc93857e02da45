"""What the labels of an explanation mean: of a value, a factor, an update, and of the quiz."""

from __future__ import annotations

from tui_backprop.debugger.help.entry import entry
from tui_backprop.text.sentences import later, later_in

LABELS = (
    entry(
        later("formula"), "chain",
        later("The line of the lesson, or the part of it, that this record computes."),
    ),
    entry(
        later("numbers"), "chain",
        later("The same line with the numbers of this iteration in it."),
    ),
    entry(
        later("value"), "chain model",
        later("What comes out."),
    ),
    entry(
        later("shape, shapes"), "chain",
        later(
            "Which shapes meet and which comes out: (2×3) has two rows and three columns; a scalar is one "
            "number."
        ),
    ),
    entry(
        later("meets"), "chain",
        later(
            "Where a value is repeated so that shapes fit: which of its axes meets which of the other "
            "operand."
        ),
    ),
    entry(
        later("drawn"), "chain",
        later("How a mask of dropout is drawn, anew in each iteration."),
    ),
    entry(
        later("put in"), "chain",
        later("The value was put in by hand (what if); the formula did not compute it."),
    ),
    entry(
        later("source"), "chain",
        later(
            "The line of your own program that this record comes from; the command source lists those around "
            "it."
        ),
    ),
    entry(
        later("chain"), "chain",
        later(
            "The whole way from the loss to a parameter as textbooks write it, a factor between two names "
            "each; ▶ marks the one of this record. Below are their numbers: ? is still to come, […](4×1) an "
            "array that is too large for the line, (4×1)×(2×4) the shapes of a derivative of an array by an "
            "array."
        ),
    ),
    entry(
        later("computed"), "chain",
        later(
            "The same gradient as it is computed: with the transposes, sums and ⊙ that do the work of the "
            "large Jacobians of the textbook line."
        ),
    ),
    entry(
        later("product"), "chain",
        later("The chain-rule step of an operation that works element by element: upstream times local."),
    ),
    entry(
        later("rule"), "chain",
        later(
            "The chain-rule step of an operation that mixes elements (a sum, a matrix product, a broadcast): "
            "what it does to the upstream gradient, in place of a product."
        ),
    ),
    entry(
        later("local"), "chain quiz",
        later(
            "The local derivative, ∂output/∂operand: how far the output of this one operation moves when its "
            "operand does, all else held."
        ),
    ),
    entry(
        later("upstream"), "chain quiz examine",
        later("The gradient that arrives: ∂L/∂output, worked out by the records before."),
    ),
    entry(
        later("downstream"), "chain quiz",
        later("What a factor hands on: upstream times local, ∂L/∂operand."),
    ),
    entry(
        later("with"), "chain",
        later("A matrix that the line above only names, written out."),
    ),
    entry(
        later("sum"), "chain examine",
        later(
            "The total where several paths meet: a value used twice gets a gradient from each use, and they "
            "add up."
        ),
    ),
    entry(
        later("sum over the paths"), "examine",
        later("The element's gradient: the sums of all paths to it, added."),
    ),
    entry(
        later("so far, accumulated"), "chain",
        later(
            "The gradient of a value that is used several times: what has come in by now, and how much is to "
            "come."
        ),
    ),
    entry(
        later("same"), "chain",
        later("Why the chain line and the computed line are the same product."),
    ),
    entry(
        later("why"), "chain examine",
        later(
            "What the lesson says of this place, with the numbers of now; else what holds for the operation."
        ),
    ),
    entry(
        later("general"), "chain",
        later("What holds for this operation in any lesson, beside the lesson's own why."),
    ),
    entry(
        later("forks"), "chain",
        later("More places on the way where a value is used several times."),
    ),
    entry(
        later("result"), "chain",
        later("The gradient that comes out at the end of the chain."),
    ),
    entry(
        later("not finite"), "chain",
        later(
            "Where NaN or Infinity comes from: the record that made it, with its operands, and what helps."
        ),
    ),
    entry(
        later("0 · ∞"), "chain",
        later(
            "An infinite slope met a gradient of exactly 0. Nothing that is changed there moves the loss, so "
            "the product counts as 0."
        ),
    ),
    entry(
        later("remark"), "chain",
        later("What is legal in the lesson but almost surely not meant, with its cure."),
    ),
    entry(
        later("folded, turn, inside"), "chain",
        later(
            "A call of a def, a turn of a for, or records that were chosen, as one line: step goes over it, "
            "into goes inside, fold unfolds it. A turn of a for is named by its variable: turn t = 3. "
            "inside: the records in it at which the lesson says why."
        ),
    ),
    entry(
        later("before, after"), "chain parameters",
        later("A parameter before its update, and after it."),
    ),
    entry(
        later("gradient"), "chain parameters",
        later("∂L/∂θ: how fast the loss rises when θ does. An update goes the other way."),
    ),
    entry(
        later("step"), "chain",
        later("How far the update moves the parameter; it is taken from it. Also: one record on (s)."),
    ),
    entry(
        later("learning rate"), "chain hyperparameters",
        later(
            "η, how far an update moves along the gradient. Where a schedule is set, the update says which "
            "it is at this iteration; S draws it."
        ),
    ),
    entry(
        later("schedule"), "hyperparameters",
        later(
            "How the learning rate goes with the iterations: constant, or by one of PyTorch's formulas. It "
            "hangs on the iteration alone, so going back finds the same rate: k is the iteration, η₀ "
            "learning_rate."
        ),
    ),
    entry(
        later("gradient norm"), "chain",
        later("The length of the gradients of all parameters together, √Σg², that clip_norm compares with."),
    ),
    entry(
        later("clip norm"), "chain hyperparameters",
        later(
            "The gradient made shorter so that all together are no longer than clip_norm; its direction "
            "stays. Loss and gradients elsewhere are shown without it."
        ),
    ),
    entry(
        later("clip value"), "chain hyperparameters",
        later("Each element of the gradient cut to at most clip_value, behind clip_norm where both are set."),
    ),
    entry(
        later("weight decay, decay"), "chain",
        later("A pull of the parameter towards 0, besides the gradient."),
    ),
    entry(
        later("velocity"), "chain parameters",
        later("The optimizer's memory of past gradients: v ← μ·v + g."),
    ),
    entry(
        later("look-ahead"), "chain",
        later("Nesterov's gradient where the velocity is about to lead: g + μ·v."),
    ),
    entry(
        later("mean"), "chain parameters",
        later("The running mean of the gradients (adam)."),
    ),
    entry(
        later("mean square"), "chain parameters",
        later("The running mean of the squared gradients (rmsprop, adam)."),
    ),
    entry(
        later("sum of squares"), "chain parameters",
        later("The sum of all squared gradients so far (adagrad)."),
    ),
    entry(
        later("step of its own"), "chain",
        later("adadelta's step, as large as those before it; η multiplies it."),
    ),
    entry(
        later("mean squared step"), "chain parameters",
        later("The running mean of the squared steps (adadelta)."),
    ),
    entry(
        later("rest of the momenta"), "chain parameters",
        later("nadam's: 1 less its momenta so far, multiplied; the closer to 1, the less its mean lacks."),
    ),
    entry(
        later("direction"), "chain",
        later("lion's mixture of mean and gradient, of which only the sign is used."),
    ),
    entry(
        later("corrected mean, corrected root"), "chain",
        later("adam's means, divided by what they lack after few updates, because they began at 0."),
    ),
    entry(
        later_in("parameter", "next"), "parameters",
        later("What the parameter becomes at this iteration's update."), "parameter",
    ),
    entry(
        later_in("parameter", "recent"), "parameters",
        later("The course of the parameter (of a matrix: its L2 norm) over the last iterations."),
        "parameter",
    ),
    entry(
        later("question"), "quiz",
        later("The factor that comes next, hidden; its local derivative or the product is right."),
    ),
    entry(
        later("hint"), "quiz",
        later("Help with the question: the operation, then its rule, then the formula."),
    ),
    entry(
        later("answer"), "quiz",
        later("What was typed last, and what is right or wrong with it."),
    ),
    entry(
        later("score"), "quiz",
        later("The points of this lesson's quiz so far; they are kept."),
    ),
)  # fmt: skip
"""The labels, in the order in which they are shown."""
