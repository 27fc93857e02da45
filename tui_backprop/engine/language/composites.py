"""Composite functions: each is written in the language itself and put in place where it is called.

They are no operations and have no rule of their own: their lines are stepped through like any others, and
fold into one. Formulas and defaults are PyTorch's (torch.nn.functional), for double precision.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping
from functools import cached_property
from typing import Any, Final

from msgspec import Struct


class Composite(Struct, frozen=True, dict=True):
    """One text of a composite function.

    Attributes:
        text: the definition.
        chosen_by: the values of options for which it is this one.
    """

    text: str
    chosen_by: Mapping[str, str | bool] = {}

    @cached_property
    def _tree(self) -> ast.FunctionDef:
        (tree,) = ast.parse(self.text).body
        assert isinstance(tree, ast.FunctionDef)
        return tree

    @property
    def name(self) -> str:
        """What it is called by."""
        return self._tree.name

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """The names of its parameters."""
        return tuple(argument.arg for argument in self._tree.args.args)

    @cached_property
    def required(self) -> tuple[str, ...]:
        """Those that have no default."""
        return self.parameters[: len(self.parameters) - len(self._tree.args.defaults)]

    @cached_property
    def key(self) -> str:
        """What tells it from all others, and from functions that formulas define."""
        options = (f"{name}={value!r}" for name, value in self.chosen_by.items())
        return f"{self.name}({', '.join((*self.parameters, *options))})"

    def takes(self, given: Collection[str]) -> bool:
        """Tell whether it can be called with these parameters."""
        return set(self.required) <= set(given) <= set(self.parameters)


COMPOSITES: Final = (
    Composite(
        """def gelu(x):
    return 0.5 * x * (1 + erf(x / sqrt(2)))
""",
        {"approximate": "none"},
    ),
    Composite(
        """def gelu(x):
    return 0.5 * x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x**3)))
""",
        {"approximate": "tanh"},
    ),
    Composite(
        """def layer_norm(x, gamma, beta, eps=1e-5):
    mu = mean(x, axis=-1, keepdims=True)
    d = x - mu
    v = mean(d**2, axis=-1, keepdims=True)
    return gamma * (d / sqrt(v + eps)) + beta
"""
    ),
    Composite(
        """def layer_norm(x, eps=1e-5):
    mu = mean(x, axis=-1, keepdims=True)
    d = x - mu
    v = mean(d**2, axis=-1, keepdims=True)
    return d / sqrt(v + eps)
"""
    ),
    Composite(
        """def rms_norm(x, gamma, eps=2.220446049250313e-16):
    v = mean(x**2, axis=-1, keepdims=True)
    return gamma * (x / sqrt(v + eps))
"""
    ),
    Composite(
        """def rms_norm(x, eps=2.220446049250313e-16):
    v = mean(x**2, axis=-1, keepdims=True)
    return x / sqrt(v + eps)
"""
    ),
    Composite(
        """def attention(Q, K, V):
    S = Q @ swapaxes(K, -1, -2) / sqrt(Q.shape[-1])
    A = softmax(S)
    return A @ V
""",
        {"causal": False},
    ),
    Composite(
        """def attention(Q, K, V):
    S = Q @ swapaxes(K, -1, -2) / sqrt(Q.shape[-1])
    S = where(tril(ones((Q.shape[-2], K.shape[-2]))) > 0, S, -inf)
    A = softmax(S)
    return A @ V
""",
        {"causal": True},
    ),
)
"""Every text; of several with one name the first that fits a call is meant."""
BY_KEY: Final = {composite.key: composite for composite in COMPOSITES}
OTHER_NAMES: Final = {"scaled_dot_product_attention": "attention"}
"""Composites by names that others have for them."""
OTHER_WORDS: Final = {
    "is_causal": "causal", "weight": "gamma", "bias": "beta", "query": "Q", "key": "K", "value": "V",
    "input": "x",
}  # fmt: skip
"""Parameters and options by names that others have for them."""
NAMES: Final = frozenset(composite.name for composite in COMPOSITES)


def texts_of(name: str) -> tuple[Composite, ...]:
    """Return the texts of a function."""
    return tuple(composite for composite in COMPOSITES if composite.name == name)


def options_of(name: str) -> dict[str, list[Any]]:
    """Return the options of a function, with their values; the first is the default."""
    options: dict[str, list[Any]] = {}
    for composite in texts_of(name):
        for option, value in composite.chosen_by.items():
            options.setdefault(option, []).append(value)
    return options


def calls() -> list[str]:
    """Return how each function is called, as documentation has it."""
    found = []
    for name in dict.fromkeys(composite.name for composite in COMPOSITES):
        first = texts_of(name)[0]
        options = [f"{option}={values[0]!r}" for option, values in options_of(name).items()]
        defaults = dict(zip(reversed(first.parameters), _defaults(first), strict=False))
        words = [f"{word}={defaults[word]}" if word in defaults else word for word in first.parameters]
        found.append(f"{name}({', '.join(words + options)})".replace("'", '"'))
    return found


def _defaults(composite: Composite) -> list[str]:
    """Return the defaults as text, the last parameter's first."""
    return [ast.unparse(default) for default in reversed(composite._tree.args.defaults)]
