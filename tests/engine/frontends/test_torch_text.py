"""The text that print writes of a PyTorch model: what is read of it, and the line that refuses another."""

from __future__ import annotations

import pytest

from tui_backprop.engine.frontends.draft import ModelDraft, ModelError
from tui_backprop.engine.frontends.torch_layers import draft_torch
from tui_backprop.engine.frontends.torch_text import read_torch_text


def drafted(text: str) -> ModelDraft:
    return draft_torch(read_torch_text(text))


def refusal(text: str) -> str:
    with pytest.raises(ModelError) as caught:
        drafted(text)
    return str(caught.value)


def within(*lines: str) -> str:
    return "\n".join(("Sequential(", *(f"  ({place}): {line}" for place, line in enumerate(lines)), ")"))


def formula(*layers: str) -> list[str]:
    return [line for line in drafted(within(*layers)).lines if not line.startswith("#")]


def test_parameters_are_named_after_pytorch_s() -> None:
    text = """Net(
  (body): Sequential(
    (fc-1): Linear(in_features=2, out_features=3, bias=True)
    (1): ReLU()
  )
  (0-1): 2 x Linear(in_features=3, out_features=3, bias=False)
)
"""
    draft = drafted(text)
    assert {one.name: one.source for one in draft.tensors} == {
        "W_body_fc_1": "body.fc-1.weight", "b_body_fc_1": "body.fc-1.bias", "W0": "0.weight", "W1": "1.weight"
    }  # fmt: skip
    assert draft.lines[-1] == "y_hat = h0 @ W1.T"
    assert "does not show what the forward of Net does" in draft.remarks[0]


def test_a_layer_alone_is_a_model() -> None:
    draft = drafted("Linear(in_features=2, out_features=3, bias=True)")
    assert draft.lines[-1] == "y_hat = x @ W.T + b"
    assert [one.source for one in draft.tensors] == ["weight", "bias"]


@pytest.mark.parametrize(
    ("layer", "line"),
    [
        ("Conv2d(1, 2, kernel_size=(3, 5), stride=(1, 2), padding=same)", None),
        (
            "Conv2d(1, 2, kernel_size=(3, 5), stride=(1, 1), padding=same)",
            "conv2d(x, W0, bias=b0, padding=(1, 2))",
        ),
        (
            "Conv2d(1, 2, kernel_size=(3, 2), stride=(1, 1), padding=same, dilation=(1, 2), bias=False)",
            "conv2d(x, W0, padding=1, dilation=(1, 2))",
        ),
        (
            "MaxPool2d(kernel_size=3, stride=2, padding=0, dilation=1, ceil_mode=False)",
            "max_pool2d(x, 3, stride=2)",
        ),
        ("MaxPool2d(kernel_size=2, stride=2, padding=1, dilation=1, ceil_mode=False)", None),
        ("AdaptiveAvgPool2d(output_size=(1, 1))", "mean(x, axis=(2, 3), keepdims=True)"),
        ("BatchNorm1d(3, eps=0.001, momentum=None, affine=False)", None),
        ("BatchNorm1d(3, eps=0.001, affine=False, bias=False)", "batch_norm(x, 1.0, 0.0, eps=0.001)"),
        ("LayerNorm((2, 3), eps=1e-05, elementwise_affine=False)", "layer_norm(x, axis=(-2, -1))"),
        ("Hardtanh(min_val=0, max_val=6)", "clip(x, 0.0, 6.0)"),
        ("GELU(approximate='tanh')", 'gelu(x, approximate="tanh")'),
        ("Dropout(p=0.2, inplace=False)", "dropout(x, 0.2)"),
        ("Softmax(dim=1)", "softmax(x, axis=1)"),
    ],
)  # fmt: skip
def test_options_are_said_or_refused(layer: str, line: str | None) -> None:
    if line is None:
        assert refusal(within(layer)).startswith(f"line 2, {layer[:20]}")
    else:
        assert formula(layer) == [f"y_hat = {line}"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "the text is empty; it must be what print(model) writes"),
        ("hello", "line 1: found 'hello'; a layer is printed as (0): ReLU()"),
        (
            "Sequential(\n  (0): ReLU()\n",
            "the text ends within Sequential(; copy all that print(model) wrote",
        ),
        ("Sequential(\n  ReLU()\n)", "line 2: found 'ReLU()'; a member is printed as (name): ReLU()"),
        (within("ReLU()") + "\nx", "line 4: found 'x' behind the model; give the print of one"),
        (within("Relu()"), "line 2, Relu(): this layer is not known here; did you mean ReLU?"),
        (within("Linear(f(2))"), "line 2: the arguments 'f(2)' are not as print writes them"),
        (
            within("Linear(3, 0)"),
            "line 2, Linear(3, 0): out_features is 0; it must be a whole number from 1 on",
        ),
        ("Sequential()", "there is no layer in it that computes anything"),
        (
            "Sequential(\n" + "(a): Sequential(\n" * 30,
            "line 21: modules stand in one another more than 20 deep",
        ),
        (within("ReLU(places=2)"), "line 2, ReLU(places=2): places is not known here"),
        (within("Dropout(p=1.0)"), "line 2, Dropout(p=1.0): p=1; it must be from 0 to below 1"),
    ],
)
def test_refusals_name_the_line(text: str, reason: str) -> None:
    assert refusal(text) == reason


def test_a_text_cannot_leave_the_formula() -> None:
    assert not any('"""' in line for line in formula('Dropout(\'"""\\nq = 1\')'))
