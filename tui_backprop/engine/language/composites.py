"""Composite functions: each is written in the language itself and put in place where it is called.

They are no operations and have no rule of their own: their lines are stepped through like any others, and
fold into one. Formulas and defaults are PyTorch's (torch.nn.functional), for double precision.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from msgspec import Struct


class Composite(Struct, frozen=True):
    """One text of a composite function. What it is called by and with stands beside it, not to be parsed.

    Attributes:
        name: what it is called by.
        required: the names of its parameters that have no default.
        body: its lines.
        defaults: its other parameters, with their defaults as text.
        chosen_by: the values of options for which it is this one.
    """

    name: str
    required: tuple[str, ...]
    body: str
    defaults: Mapping[str, str] = {}
    chosen_by: Mapping[str, str | bool | int | tuple[int, ...]] = {}

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of its parameters."""
        return (*self.required, *self.defaults)

    @property
    def words(self) -> tuple[str, ...]:
        """Its parameters as a definition has them."""
        return (*self.required, *(f"{name}={default}" for name, default in self.defaults.items()))

    @property
    def text(self) -> str:
        """The definition."""
        return f"def {self.name}({', '.join(self.words)}):\n{self.body}"

    @property
    def key(self) -> str:
        """What tells it from all others, and from functions that formulas define."""
        options = (f"{name}={value!r}" for name, value in self.chosen_by.items())
        return f"{self.name}({', '.join((*self.parameters, *options))})"

    def takes(self, given: Collection[str]) -> bool:
        """Tell whether it can be called with these parameters."""
        return set(self.required) <= set(given) <= set(self.parameters)


LAST_AXES: Final[Sequence[int | tuple[int, ...]]] = (-1, (-2, -1), (-3, -2, -1))
"""What a norm may run over: the last axis, the last two, the last three."""


def _over_axes(name: str, required: tuple[str, ...], body: str, eps: str) -> Iterator[Composite]:
    """Yield the texts of a norm, one for each choice of its last axes, for which AXIS stands in its lines."""
    for axis in LAST_AXES:
        yield Composite(name, required, body.replace("AXIS", str(axis)), {"eps": eps}, {"axis": axis})


COMPOSITES: Final = (
    Composite(
        "gelu",
        ("x",),
        """    return 0.5 * x * (1 + erf(x / sqrt(2)))
""",
        chosen_by={"approximate": "none"},
    ),
    Composite(
        "gelu",
        ("x",),
        """    return 0.5 * x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x**3)))
""",
        chosen_by={"approximate": "tanh"},
    ),
    *_over_axes(
        "layer_norm",
        ("x", "gamma", "beta"),
        """    mu = mean(x, axis=AXIS, keepdims=True)
    d = x - mu
    v = mean(d**2, axis=AXIS, keepdims=True)
    return gamma * (d / sqrt(v + eps)) + beta
""",
        "1e-05",
    ),
    *_over_axes(
        "layer_norm",
        ("x",),
        """    mu = mean(x, axis=AXIS, keepdims=True)
    d = x - mu
    v = mean(d**2, axis=AXIS, keepdims=True)
    return d / sqrt(v + eps)
""",
        "1e-05",
    ),
    *_over_axes(
        "rms_norm",
        ("x", "gamma"),
        """    v = mean(x**2, axis=AXIS, keepdims=True)
    return gamma * (x / sqrt(v + eps))
""",
        "2.220446049250313e-16",
    ),
    *_over_axes(
        "rms_norm",
        ("x",),
        """    v = mean(x**2, axis=AXIS, keepdims=True)
    return x / sqrt(v + eps)
""",
        "2.220446049250313e-16",
    ),
    Composite(
        "attention",
        ("Q", "K", "V"),
        """    S = Q @ swapaxes(K, -1, -2) / sqrt(Q.shape[-1])
    A = softmax(S)
    return A @ V
""",
        chosen_by={"causal": False},
    ),
    Composite(
        "attention",
        ("Q", "K", "V"),
        """    S = Q @ swapaxes(K, -1, -2) / sqrt(Q.shape[-1])
    S = where(tril(ones((Q.shape[-2], K.shape[-2]))) > 0, S, -inf)
    A = softmax(S)
    return A @ V
""",
        chosen_by={"causal": True},
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
            values = options.setdefault(option, [])
            values += [value] if value not in values else []
    return options


def calls() -> list[str]:
    """Return how each function is called, as documentation has it."""
    found = []
    for name in dict.fromkeys(composite.name for composite in COMPOSITES):
        options = [f"{option}={values[0]!r}" for option, values in options_of(name).items()]
        found.append(f"{name}({', '.join((*texts_of(name)[0].words, *options))})".replace("'", '"'))
    return found
