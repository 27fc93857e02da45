"""Composite functions: PyTorch's values, every record of the formula's language, and lines that fold."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable

import autograd
import autograd.numpy as anp
import numpy as np
import pytest

from tests.support.graphs import graph_of, swept
from tests.support.op_cases import autograd_erf
from tests.support.plain import plain
from tests.support.scripts import make_lesson, printed, same, script_of, trained
from tests.support.trainers import bits, mine
from tui_backprop.engine.core.errors import FormulaError
from tui_backprop.engine.language.build import evaluate
from tui_backprop.engine.language.composites import COMPOSITES, calls
from tui_backprop.engine.language.formula import parse_expression

RNG = np.random.default_rng(5)
X, Y, Z = (RNG.normal(size=(3, 4)) for _ in range(3))
G, B = RNG.normal(size=(2, 4))


def softmax(s):
    e = anp.exp(s - anp.max(s, axis=-1, keepdims=True))
    return e / anp.sum(e, axis=-1, keepdims=True)


def layer_norm(x, g=1.0, b=0.0, eps=1e-5, axis=-1):
    return (x - anp.mean(x, axis, keepdims=True)) / anp.sqrt(anp.var(x, axis, keepdims=True) + eps) * g + b


def rms_norm(x, g=1.0, eps=2.220446049250313e-16, axis=-1):
    return x * g / anp.sqrt(anp.mean(x**2, axis, keepdims=True) + eps)


def attention(q, k, v, mask=0.0):
    return softmax(q @ anp.swapaxes(k, -1, -2) / math.sqrt(q.shape[-1]) + mask) @ v


NO_LATER = np.where(np.tri(3) > 0, 0.0, -np.inf)
CASES: dict[str, Callable] = {
    "gelu(x)": lambda x, y, z, g, b: 0.5 * x * (1 + autograd_erf(x / math.sqrt(2))),
    'gelu(x, approximate="tanh")': lambda x, y, z, g, b: (
        0.5 * x * (1 + anp.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))
    ),
    "layer_norm(x, g, b)": lambda x, y, z, g, b: layer_norm(x, g, b),
    "layer_norm(x, g, b, eps=0.1)": lambda x, y, z, g, b: layer_norm(x, g, b, 0.1),
    "layer_norm(x)": lambda x, y, z, g, b: layer_norm(x),
    "F.layer_norm(x, (4,), weight=g, bias=b)": lambda x, y, z, g, b: layer_norm(x, g, b),
    "layer_norm(x, axis=(-2, -1))": lambda x, y, z, g, b: layer_norm(x, axis=(-2, -1)),
    "F.layer_norm(x, (3, 4), weight=y, bias=z)": lambda x, y, z, g, b: layer_norm(x, y, z, axis=(-2, -1)),
    "layer_norm(x[None] * y, axis=(-3, -2, -1))[0]": lambda x, y, z, g, b: layer_norm(x * y, axis=(0, 1)),
    "rms_norm(x, y, axis=(-2, -1))": lambda x, y, z, g, b: rms_norm(x, y, axis=(-2, -1)),
    "rms_norm(x, g)": lambda x, y, z, g, b: rms_norm(x, g),
    "rms_norm(x, eps=0.01)": lambda x, y, z, g, b: rms_norm(x, 1.0, 0.01),
    "attention(x, y, z)": lambda x, y, z, g, b: attention(x, y, z),
    "attention(x, y, z, causal=True)": lambda x, y, z, g, b: attention(x, y, z, NO_LATER),
    "F.scaled_dot_product_attention(x, y, z, is_causal=True)": lambda x, y, z, g, b: attention(
        x, y, z, NO_LATER
    ),
}


@pytest.mark.parametrize("call", CASES)
def test_values_and_gradients_are_those_of_pytorch_s_formulas(call: str) -> None:
    leaves = {"x": X, "y": Y, "z": Z, "g": G, "b": B}
    reference = CASES[call]
    tape = swept(f"p = {call}\nL = sum(p * y) + sum(x + y + z + g + b)", leaves)
    found = tape.value(tape.graph.named["p"])
    assert found == pytest.approx(reference(*leaves.values()), rel=1e-12, abs=1e-14)

    def loss(*values):
        return anp.sum(reference(*values) * values[1]) + sum(anp.sum(v + 0 * values[0]) for v in values)

    gradients = autograd.grad(loss, argnum=(0, 1, 2, 3, 4))(*leaves.values())
    for name, expected in zip(leaves, gradients, strict=True):
        found = tape.gradient(tape.graph.named[name])
        assert found == pytest.approx(expected, rel=1e-9, abs=1e-11), name


def test_gelu_s_known_values() -> None:
    # x Φ(x) with Φ(1) = 0.8413447460685429 of any table; PyTorch 2 prints 0.8412 with approximate="tanh"
    for call, expected in (("gelu(x)", 0.8413447460685429), ('gelu(x, approximate="tanh")', 0.841191990608)):
        assert evaluate(parse_expression(call), {"x": np.array(1.0)}) == pytest.approx(expected, rel=1e-11)


def test_jax_s_gelu_is_the_approximate_one_unless_asked_otherwise() -> None:
    def value(call: str) -> float:
        return swept(f"L = {call}", {"x": 1.0}).loss()

    assert value("jax.nn.gelu(x)") == value('gelu(x, approximate="tanh")')
    assert value("jax.nn.gelu(x, approximate=False)") == value("gelu(x)")


def test_what_a_causal_mask_shuts_out_gets_no_gradient() -> None:
    tape = swept("L = sum(attention(x, y, z, causal=True)[0])", {"x": X, "y": Y, "z": Z})
    assert np.array_equal(tape.gradient(tape.graph.named["z"]) != 0, [[True] * 4, [False] * 4, [False] * 4])
    assert np.isfinite(tape.gradient(tape.graph.named["x"])).all()


def test_each_call_is_a_group_with_names_of_its_own() -> None:
    graph = graph_of("p = layer_norm(x)\nq = layer_norm(p)\nL = sum(gelu(q))", {"x": X})
    assert [(group.text, group.line) for group in graph.groups] == [
        ("layer_norm(x)", 1), ("layer_norm(p)", 2), ("gelu(q)", 3),
    ]  # fmt: skip
    inner = [name for name in graph.named if "." in name]
    first = ["layer_norm.mu.1", "layer_norm.d.1", "layer_norm.v.1"]
    assert inner == [*first, "layer_norm.mu", "layer_norm.d", "layer_norm.v"]


def test_a_formula_s_own_names_and_functions_are_its_own() -> None:
    hidden = 'pi = 2 * x\nerf = 1 * x\nL = sum(gelu(pi, approximate="tanh") + gelu(erf))'
    plainly = 'a = 2 * x\nb = 1 * x\nL = sum(gelu(a, approximate="tanh") + gelu(b))'
    assert swept(hidden, {"x": X}).loss() == swept(plainly, {"x": X}).loss()
    assert swept("def gelu(x):\n    return 3 * x\nL = sum(gelu(x))", {"x": X}).loss() == (3 * X).sum()


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        ("gelu(x, approximate='sin')", 'write approximate="none" or approximate="tanh"'),
        ("gelu(x, approximate=True)", 'write approximate="none" or approximate="tanh"'),
        ("gelu(x, 3)", 'write gelu(x, approximate="none")'),
        ("gelu()", 'write gelu(x, approximate="none")'),
        ("gelu(x, foo=1)", "found foo= in gelu"),
        ("layer_norm(x, g)", "write layer_norm(x, gamma, beta, eps=1e-05, axis=-1)"),
        ("F.layer_norm(x, (1, 2, 3, 4))", "found the shape (1, 2, 3, 4); up to 3 last axes are normalised"),
        ("layer_norm(x, axis=0)", "found axis=0; write axis=-1 or axis=(-2, -1) or axis=(-3, -2, -1)"),
        ("attention(x, y)", "write attention(Q, K, V, causal=False)"),
        ("attention(x, x[:, :2], x)", "attention: @ of x (3×4)"),
        ("attention(x, y, x, x=x)", "found x= in attention"),
    ],
)
def test_other_calls_are_refused_where_they_stand(call: str, reason: str) -> None:
    with pytest.raises(FormulaError) as refused:
        graph_of(f"k = 2\nL = sum({call})", {"x": X, "y": Y, "g": G})
    assert reason in str(refused.value)
    assert "line 2" in str(refused.value)


BLOCK = """
title = "A block"
formula = '''
h = layer_norm(X, g, b)
a = attention(h @ Wq, h @ Wk, h, causal=True)
h = gelu(X + a) + gelu(w, approximate="tanh")
L = mean((h - T)**2)
'''
[data]
X = [[1, 0, 1], [0, 1, 1], [1, 1, 0]]
T = [[1, 0, 1], [0, 1, 0], [1, 1, 0]]
[parameters]
Wq = { init = "normal", shape = [3, 2] }
Wk = { init = "normal", shape = [3, 2] }
g = { init = "ones", shape = [3] }
b = { init = "zeros", shape = [3] }
w = 0.3
[hyperparameters]
learning_rate = 0.1
iterations = 20
"""


def test_runs_steps_and_exported_scripts_agree_to_the_last_bit(tmp_path) -> None:
    ran, stepped = (mine(tmp_path, BLOCK) for _ in range(2))
    ran.run(iterations=20)
    for _ in range(20):
        stepped.seek(stepped.record_count)
    for name, value in ran.parameters.items():
        assert bits(value) == bits(stepped.parameters[name])
    assert ran.loss < mine(tmp_path, BLOCK).loss
    lesson = make_lesson(tmp_path, BLOCK)
    assert same(printed(script_of(lesson))[0], trained(lesson))


def test_they_can_be_printed_and_answered_with() -> None:
    assert "gelu(y_hat) = [" in plain("print gelu(y_hat)").text


def test_every_text_says_how_it_is_called() -> None:
    names = list(dict.fromkeys(composite.name for composite in COMPOSITES))
    assert [call.partition("(")[0] for call in calls()] == names


def test_what_is_said_of_a_text_is_what_it_defines() -> None:
    for composite in COMPOSITES:
        (definition,) = ast.parse(composite.text).body
        assert isinstance(definition, ast.FunctionDef)
        assert definition.name == composite.name
        assert tuple(argument.arg for argument in definition.args.args) == composite.parameters
        assert [ast.unparse(default) for default in definition.args.defaults] == [
            *composite.defaults.values()
        ]
