"""What the terms of the debugger mean: what is stepped through, set, checked and run."""

from __future__ import annotations

from tui_backprop.debugger.help.entry import entry
from tui_backprop.text.sentences import later

TERMS = (
    entry(
        later("record"), "chain",
        later(
            "One step of an iteration: a value forward, a chain-rule factor backward, or the update of a "
            "parameter."
        ),
    ),
    entry(
        later("factor"), "chain",
        later("One link of the chain rule: from an operation's output back to one of its operands."),
    ),
    entry(
        later("iteration"), "chart",
        later("One update of all parameters: forward, backward, update."),
    ),
    entry(
        later("epoch"), "chart",
        later("One pass over all samples: one iteration, or one for each batch."),
    ),
    entry(
        later("batch"), "model chart",
        later("The samples that one update uses: batch_size of them."),
    ),
    entry(
        later("back end, numpy, native"), "chart",
        later(
            "What computes: NumPy, or machine code with functions of its own. In the status where there is "
            "room; the command backend sets it."
        ),
    ),
    entry(
        later("loss"), "chart",
        later("The one number that training makes smaller; the last line of the formula."),
    ),
    entry(
        later("validation loss, validation"), "chart model",
        later(
            "The loss on samples that are held back and not trained on, o on the chart: where it rises while "
            "the loss falls, the net learns its samples by heart."
        ),
    ),
    entry(
        later("early stop"), "chart",
        later(
            "A run stops where the validation loss was not lower for so many iterations as [validation] says."
        ),
    ),
    entry(
        later("metric, accuracy, r2, mae, perplexity"), "model",
        later(
            "Measured beside the loss: the share of the right class; of the spread that is explained; the "
            "mean error; exp of the mean cross-entropy."
        ),
    ),
    entry(
        later("parameter"), "parameters",
        later("A value that training moves: ◆. One that stays where it is: ◇."),
    ),
    entry(
        later("hyperparameter"), "hyperparameters",
        later("What you set and training does not move, such as the learning rate."),
    ),
    entry(
        later("applies live, restarts"), "hyperparameters",
        later("A change that holds from this iteration on; or one that begins anew at iteration 0."),
    ),
    entry(
        later("optimizer"), "hyperparameters",
        later("How a gradient becomes an update: sgd takes η·g, others remember."),
    ),
    entry(
        later("node"), "graph",
        later("A value of the formula: data, a parameter, or what an operation gives."),
    ),
    entry(
        later("graph"), "graph",
        later("The formula as a tree from the loss down; what is used twice stands in full once."),
    ),
    entry(
        later("broadcast"), "chain graph",
        later(
            "Repeating a value so that shapes fit, as NumPy does; a step of its own. Its way back is a sum "
            "over the copies."
        ),
    ),
    entry(
        later("transpose"), "chain",
        later("Xᵀ: rows become columns. It makes the shapes of a matrix gradient fit."),
    ),
    entry(
        later("Jacobian"), "chain",
        later(
            "All derivatives of one array by another, output elements by operand elements. The chain rule "
            "multiplies them; nobody has to write them out."
        ),
    ),
    entry(
        later("kink"), "chain check",
        later(
            "A place where a slope jumps, such as 0 for relu and abs: no derivative there, and one has to be "
            "chosen."
        ),
    ),
    entry(
        later("central difference, gradient check"), "check",
        later("(L(θ + h) − L(θ − h)) / 2h: the slope as two losses show it, to compare a gradient with."),
    ),
    entry(
        later("slip"), "check",
        later(
            "A mistake that is easily made by hand and that the lesson names; the gradient check has to "
            "catch it."
        ),
    ),
    entry(
        later("caught"), "check",
        later("The check tells the slip's gradient from the right one."),
    ),
    entry(
        later("homework"), "homework",
        later("A gradient that you worked out by hand, checked as numbers or as a formula."),
    ),
    entry(
        later("quiz"), "quiz",
        later("Each factor is asked for before it is shown."),
    ),
    entry(
        later("what if"), "chain model",
        later("A value put in by hand: a parameter is moved once, any other is held."),
    ),
    entry(
        later("held, moved"), "chain",
        later("Held: a value put in stays until it is lifted. Moved: a parameter trains on from there."),
    ),
    entry(
        later("examine, term"), "examine",
        later("One element's gradient as the sum of its scalar terms."),
    ),
    entry(
        later("breakpoint"), "chart",
        later("A condition at which a run stops, such as loss < 0.1, nan or dead relu."),
    ),
    entry(
        later("dead relu"), "chart",
        later("A relu that is 0 for every sample of the batch: no gradient comes through it."),
    ),
    entry(
        later("diverged"), "chart",
        later("The numbers have left the finite ones, mostly because the learning rate is too high."),
    ),
    entry(
        later("program"), "program",
        later("The code that runs are compiled to; it computes what steps compute, bit for bit."),
    ),
)  # fmt: skip
"""The terms, from the smallest step to runs."""
