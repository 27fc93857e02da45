"""The field's terms, so that another language's stand beside the English ones of books and programs."""

from __future__ import annotations

from tui_backprop.text.sentences import later

FIELD = (
    later("forward pass"), later("backward pass"), later("backpropagation"), later("chain rule"),
    later("derivative"), later("partial derivative"), later("gradient"), later("local derivative"),
    later("upstream gradient"), later("downstream gradient"), later("Jacobian"), later("loss function"),
    later("loss"), later("mean squared error"), later("cross-entropy"), later("weight"), later("bias"),
    later("parameter"), later("hyperparameter"), later("initial value"), later("learning rate"),
    later("learning rate schedule"), later("optimizer"), later("gradient descent"),
    later("stochastic gradient descent"), later("momentum"), later("gradient clipping"),
    later("regularization"), later("weight decay"), later("iteration"), later("epoch"), later("batch"),
    later("mini-batch"), later("sample"), later("feature"), later("target"), later("prediction"),
    later("training data"), later("validation data"), later("node"), later("computational graph"),
    later("layer"), later("hidden layer"), later("unit"), later("activation function"), later("softmax"),
    later("logit"), later("one-hot vector"), later("matrix product"), later("transpose"),
    later("elementwise product"), later("broadcasting"), later("shape"), later("axis"), later("scalar"),
    later("vector"), later("matrix"), later("tensor"), later("numerical derivative"),
    later("central difference"), later("gradient check"), later("convergence"), later("divergence"),
    later("vanishing gradient"), later("exploding gradient"), later("saturation"), later("dead unit"),
    later("overfitting"), later("early stopping"), later("dropout"), later("batch normalization"),
    later("layer normalization"), later("embedding"), later("attention"), later("token"),
    later("vocabulary"), later("classification"), later("regression"), later("convolution"),
    later("recurrent neural network"),
)  # fmt: skip
"""From the chain rule to nets."""
