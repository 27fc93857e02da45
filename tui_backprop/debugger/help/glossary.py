"""What the words on the screen mean: an entry for every label of an explanation, and for the terms used."""

from __future__ import annotations

from msgspec import Struct


class Entry(Struct, frozen=True):
    """A word and what it means.

    Attributes:
        term: the word, and others for it behind commas.
        text: what it means.
        at: the places of the screen that show it, by name.
    """

    term: str
    text: str
    at: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """All its words."""
        return tuple(self.term.split(", "))


def _entry(term: str, at: str, text: str) -> Entry:
    return Entry(term, text, tuple(at.split()))


ENTRIES = (
    # labels of a value, forward
    _entry("formula", "chain", "The line of the lesson, or the part of it, that this record computes."),
    _entry("numbers", "chain", "The same line with the numbers of this iteration in it."),
    _entry("value", "chain model", "What comes out."),
    _entry(
        "shape, shapes", "chain",
        "Which shapes meet and which comes out: (2×3) has two rows and three columns; a scalar is one "
        "number.",
    ),
    _entry(
        "meets", "chain",
        "Where a value is repeated so that shapes fit: which of its axes meets which of the other operand.",
    ),
    _entry("drawn", "chain", "How a mask of dropout is drawn, anew in each iteration."),
    _entry("put in", "chain", "The value was put in by hand (what if); the formula did not compute it."),
    _entry(
        "source", "chain",
        "The line of your own program that this record comes from; the command source lists those around it.",
    ),
    # labels of a factor, backward
    _entry(
        "chain", "chain",
        "The whole way from the loss to a parameter as textbooks write it, a factor between two names "
        "each; ▶ marks the one of this record. Below are their numbers: ? is still to come, […](4×1) an "
        "array that is too large for the line, (4×1)×(2×4) the shapes of a derivative of an array by an "
        "array.",
    ),
    _entry(
        "computed", "chain",
        "The same gradient as it is computed: with the transposes, sums and ⊙ that do the work of the large "
        "Jacobians of the textbook line.",
    ),
    _entry(
        "product", "chain",
        "The chain-rule step of an operation that works element by element: upstream times local.",
    ),
    _entry(
        "rule", "chain",
        "The chain-rule step of an operation that mixes elements (a sum, a matrix product, a broadcast): "
        "what it does to the upstream gradient, in place of a product.",
    ),
    _entry(
        "local", "chain quiz",
        "The local derivative, ∂output/∂operand: how far the output of this one operation moves when its "
        "operand does, all else held.",
    ),
    _entry(
        "upstream", "chain quiz examine",
        "The gradient that arrives: ∂L/∂output, worked out by the records before.",
    ),
    _entry("downstream", "chain quiz", "What a factor hands on: upstream times local, ∂L/∂operand."),
    _entry(
        "with", "chain", "A matrix that the line above only names, written out."
    ),
    _entry(
        "sum", "chain examine",
        "The total where several paths meet: a value used twice gets a gradient from each use, and they "
        "add up.",
    ),
    _entry("sum over the paths", "examine", "The element's gradient: the sums of all paths to it, added."),
    _entry(
        "so far, accumulated", "chain",
        "The gradient of a value that is used several times: what has come in by now, and how much is to "
        "come.",
    ),
    _entry("same", "chain", "Why the chain line and the computed line are the same product."),
    _entry(
        "why", "chain examine",
        "What the lesson says of this place, with the numbers of now; else what holds for the operation.",
    ),
    _entry("general", "chain", "What holds for this operation in any lesson, beside the lesson's own why."),
    _entry("forks", "chain", "More places on the way where a value is used several times."),
    _entry("result", "chain", "The gradient that comes out at the end of the chain."),
    _entry(
        "not finite", "chain",
        "Where NaN or Infinity comes from: the record that made it, with its operands, and what helps.",
    ),
    _entry(
        "0 · ∞", "chain",
        "An infinite slope met a gradient of exactly 0. Nothing that is changed there moves the loss, so the "
        "product counts as 0.",
    ),
    _entry(
        "remark", "chain",
        "What is legal in the lesson but almost surely not meant, with its cure.",
    ),
    _entry(
        "folded, turn, inside", "chain",
        "A call of a def, a turn of a for, or records that were chosen, as one line: step goes over it, "
        "into goes inside, fold unfolds it. A turn of a for is named by its variable: turn t = 3. "
        "inside: the records in it at which the lesson says why.",
    ),
    # labels of an update
    _entry("before, after", "chain parameters", "A parameter before its update, and after it."),
    _entry(
        "gradient", "chain parameters",
        "∂L/∂θ: how fast the loss rises when θ does. An update goes the other way.",
    ),
    _entry(
        "step", "chain",
        "How far the update moves the parameter; it is taken from it. Also: one record on (s).",
    ),
    _entry(
        "learning rate", "chain hyperparameters",
        "η, how far an update moves along the gradient. Where a schedule is set, the update says which it is "
        "at this iteration; S draws it.",
    ),
    _entry(
        "schedule", "hyperparameters",
        "How the learning rate goes with the iterations: constant, or by one of PyTorch's formulas. It hangs "
        "on the iteration alone, so going back finds the same rate: k is the iteration, η₀ learning_rate.",
    ),
    _entry(
        "gradient norm", "chain",
        "The length of the gradients of all parameters together, √Σg², that clip_norm compares with.",
    ),
    _entry(
        "clip norm", "chain hyperparameters",
        "The gradient made shorter so that all together are no longer than clip_norm; its direction stays. "
        "Loss and gradients elsewhere are shown without it.",
    ),
    _entry(
        "clip value", "chain hyperparameters",
        "Each element of the gradient cut to at most clip_value, behind clip_norm where both are set.",
    ),
    _entry("weight decay, decay", "chain", "A pull of the parameter towards 0, besides the gradient."),
    _entry("velocity", "chain parameters", "The optimizer's memory of past gradients: v ← μ·v + g."),
    _entry("look-ahead", "chain", "Nesterov's gradient where the velocity is about to lead: g + μ·v."),
    _entry("mean", "chain parameters", "The running mean of the gradients (adam)."),
    _entry("mean square", "chain parameters", "The running mean of the squared gradients (rmsprop, adam)."),
    _entry(
        "sum of squares", "chain parameters", "The sum of all squared gradients so far (adagrad)."
    ),
    _entry("step of its own", "chain", "adadelta's step, as large as those before it; η multiplies it."),
    _entry("mean squared step", "chain parameters", "The running mean of the squared steps (adadelta)."),
    _entry(
        "rest of the momenta", "chain parameters",
        "nadam's: 1 less its momenta so far, multiplied; the closer to 1, the less its mean lacks.",
    ),
    _entry("direction", "chain", "lion's mixture of mean and gradient, of which only the sign is used."),
    _entry(
        "corrected mean, corrected root", "chain",
        "adam's means, divided by what they lack after few updates, because they began at 0.",
    ),
    _entry("next", "parameters", "What the parameter becomes at this iteration's update."),
    _entry(
        "recent", "parameters",
        "The course of the parameter (of a matrix: its L2 norm) over the last iterations.",
    ),
    # the quiz
    _entry(
        "question", "quiz",
        "The factor that comes next, hidden; its local derivative or the product is right.",
    ),
    _entry("hint", "quiz", "Help with the question: the operation, then its rule, then the formula."),
    _entry("answer", "quiz", "What was typed last, and what is right or wrong with it."),
    _entry("score", "quiz", "The points of this lesson's quiz so far; they are kept."),
    # terms
    _entry(
        "record", "chain",
        "One step of an iteration: a value forward, a chain-rule factor backward, or the update of a "
        "parameter.",
    ),
    _entry(
        "factor", "chain",
        "One link of the chain rule: from an operation's output back to one of its operands.",
    ),
    _entry("iteration", "chart", "One update of all parameters: forward, backward, update."),
    _entry("epoch", "chart", "One pass over all samples: one iteration, or one for each batch."),
    _entry("batch", "model chart", "The samples that one update uses: batch_size of them."),
    _entry(
        "back end, numpy, native", "chart",
        "What computes: NumPy, or machine code with functions of its own. In the status where there is room; "
        "the command backend sets it.",
    ),
    _entry("loss", "chart", "The one number that training makes smaller; the last line of the formula."),
    _entry(
        "validation loss, validation", "chart model",
        "The loss on samples that are held back and not trained on, o on the chart: where it rises while the "
        "loss falls, the net learns its samples by heart.",
    ),
    _entry(
        "early stop", "chart",
        "A run stops where the validation loss was not lower for so many iterations as [validation] says.",
    ),
    _entry(
        "metric, accuracy, r2, mae, perplexity", "model",
        "Measured beside the loss: the share of the right class; of the spread that is explained; the "
        "mean error; exp of the mean cross-entropy.",
    ),
    _entry("parameter", "parameters", "A value that training moves: ◆. One that stays where it is: ◇."),
    _entry(
        "hyperparameter", "hyperparameters",
        "What you set and training does not move, such as the learning rate.",
    ),
    _entry(
        "applies live, restarts", "hyperparameters",
        "A change that holds from this iteration on; or one that begins anew at iteration 0.",
    ),
    _entry(
        "optimizer", "hyperparameters",
        "How a gradient becomes an update: sgd takes η·g, others remember.",
    ),
    _entry("node", "graph", "A value of the formula: data, a parameter, or what an operation gives."),
    _entry(
        "graph", "graph",
        "The formula as a tree from the loss down; what is used twice stands in full once.",
    ),
    _entry(
        "broadcast", "chain graph",
        "Repeating a value so that shapes fit, as NumPy does; a step of its own. Its way back is a sum "
        "over the copies.",
    ),
    _entry("transpose", "chain", "Xᵀ: rows become columns. It makes the shapes of a matrix gradient fit."),
    _entry(
        "Jacobian", "chain",
        "All derivatives of one array by another, output elements by operand elements. The chain rule "
        "multiplies them; nobody has to write them out.",
    ),
    _entry(
        "kink", "chain check",
        "A place where a slope jumps, such as 0 for relu and abs: no derivative there, and one has to be "
        "chosen.",
    ),
    _entry(
        "central difference, gradient check", "check",
        "(L(θ + h) − L(θ − h)) / 2h: the slope as two losses show it, to compare a gradient with.",
    ),
    _entry(
        "slip", "check",
        "A mistake that is easily made by hand and that the lesson names; the gradient check has to catch "
        "it.",
    ),
    _entry("caught", "check", "The check tells the slip's gradient from the right one."),
    _entry(
        "homework", "homework",
        "A gradient that you worked out by hand, checked as numbers or as a formula.",
    ),
    _entry("quiz", "quiz", "Each factor is asked for before it is shown."),
    _entry("what if", "chain model", "A value put in by hand: a parameter is moved once, any other is held."),
    _entry(
        "held, moved", "chain",
        "Held: a value put in stays until it is lifted. Moved: a parameter trains on from there.",
    ),
    _entry("examine, term", "examine", "One element's gradient as the sum of its scalar terms."),
    _entry("breakpoint", "chart", "A condition at which a run stops, such as loss < 0.1, nan or dead relu."),
    _entry(
        "dead relu", "chart",
        "A relu that is 0 for every sample of the batch: no gradient comes through it.",
    ),
    _entry(
        "diverged", "chart",
        "The numbers have left the finite ones, mostly because the learning rate is too high.",
    ),
    _entry(
        "program", "program",
        "The code that runs are compiled to; it computes what steps compute, bit for bit.",
    ),
    # parts of nets
    _entry("logits, logit", "model", "Scores of any size, before a sigmoid or softmax."),
    _entry(
        "softmax", "", "Numbers made shares of 1, exp(zᵢ)/Σexp(zⱼ); each element moves all of its row."
    ),
    _entry(
        "cross-entropy, cross entropy", "",
        "−log of the probability that the right class has. cross_entropy takes logits and has a softmax of "
        "its own; with it ∂L/∂logits is probability − target.",
    ),
    _entry(
        "one-hot, class, classes", "",
        "A class is a whole number from 0 on, or a row with a 1 at its place: eye(3)[y], one_hot(y, 3).",
    ),
    _entry(
        "embedding", "",
        "A table with a row of numbers for each token, C[ix]. A row that is picked twice gets two gradients.",
    ),
    _entry(
        "attention, head", "",
        "softmax(Q @ K.T / sqrt(d)) @ V: each row takes shares of the values, by how its query meets the "
        "keys. A mask of −∞ before the softmax leaves places out, and no gradient goes there.",
    ),
    _entry(
        "dropout, mask", "",
        "In training a mask drops each element with probability p and divides the others by 1 − p; what is "
        "dropped gets no gradient. Nothing is dropped in evaluation.",
    ),
    _entry(
        "batch norm, batch_norm, running mean, running variance", "",
        "Each feature less its mean and by its deviation over the batch, so that a sample's gradient depends "
        "on the others'. In evaluation running means of both stand in their place.",
    ),
    _entry(
        "layer norm, layer_norm", "", "The same over each row by itself: no sample depends on another."
    ),
    _entry(
        "training, evaluation, mode", "",
        "What steps and runs compute, and what validation and evaluate() do: dropout and batch norm differ.",
    ),
    _entry("read", "", "How a CSV file became samples: classes, means and deviations, lines left out."),
    _entry("vocabulary", "", "The tokens that whole numbers of samples stand for: 0 is the first."),
    _entry("text", "", "What the samples were made of: words, or characters, as the lesson gives them."),
    _entry("session", "", "A training as it is saved while you work; it can be resumed."),
)  # fmt: skip
"""Every word that is explained."""


def find(term: str) -> list[Entry]:
    """Return the entries of a word: those that have it, or else those with a word that begins like it."""
    wanted = " ".join(term.lower().split())
    if not wanted:
        return []
    named = [entry for entry in ENTRIES if wanted in map(str.lower, entry.words)]
    return named or [e for e in ENTRIES if any(word.lower().startswith(wanted) for word in e.words)]


def explains(label: str) -> bool:
    """Tell whether a label of an explanation has an entry of its own."""
    return any(label in entry.words for entry in ENTRIES)
