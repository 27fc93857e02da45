"""What the parts of nets mean that formulas have names for."""

from __future__ import annotations

from tui_backprop.debugger.help.entry import entry
from tui_backprop.text.sentences import later

NETS = (
    entry(
        later("logits, logit"), "model",
        later("Scores of any size, before a sigmoid or softmax."),
    ),
    entry(
        later("softmax"), "",
        later("Numbers made shares of 1, exp(zᵢ)/Σexp(zⱼ); each element moves all of its row."),
    ),
    entry(
        later("cross-entropy, cross entropy"), "",
        later(
            "−log of the probability that the right class has. cross_entropy takes logits and has a softmax "
            "of its own; with it ∂L/∂logits is probability − target."
        ),
    ),
    entry(
        later("one-hot, class, classes"), "",
        later(
            "A class is a whole number from 0 on, or a row with a 1 at its place: eye(3)[y], one_hot(y, 3)."
        ),
    ),
    entry(
        later("embedding"), "",
        later(
            "A table with a row of numbers for each token, C[ix]. A row that is picked twice gets two "
            "gradients."
        ),
    ),
    entry(
        later("attention, head"), "",
        later(
            "softmax(Q @ K.T / sqrt(d)) @ V: each row takes shares of the values, by how its query meets the "
            "keys. A mask of −∞ before the softmax leaves places out, and no gradient goes there."
        ),
    ),
    entry(
        later("dropout, mask"), "",
        later(
            "In training a mask drops each element with probability p and divides the others by 1 − p; what "
            "is dropped gets no gradient. Nothing is dropped in evaluation."
        ),
    ),
    entry(
        later("batch norm, batch_norm, running mean, running variance"), "",
        later(
            "Each feature less its mean and by its deviation over the batch, so that a sample's gradient "
            "depends on the others'. In evaluation running means of both stand in their place."
        ),
    ),
    entry(
        later("layer norm, layer_norm"), "",
        later("The same over each row by itself: no sample depends on another."),
    ),
    entry(
        later("training, evaluation, mode"), "",
        later(
            "What steps and runs compute, and what validation and evaluate() do: dropout and batch norm "
            "differ."
        ),
    ),
    entry(
        later("read"), "",
        later("How a CSV file became samples: classes, means and deviations, lines left out."),
    ),
    entry(
        later("vocabulary"), "",
        later("The tokens that whole numbers of samples stand for: 0 is the first."),
    ),
    entry(
        later("text"), "",
        later("What the samples were made of: words, or characters, as the lesson gives them."),
    ),
    entry(
        later("session"), "",
        later("A training as it is saved while you work; it can be resumed."),
    ),
)  # fmt: skip
"""The parts, and how samples come to them."""
