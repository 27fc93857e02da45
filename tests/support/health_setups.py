"""Eight set-ups that are broken, one for each alarm, and eight that are sound, as lesson files."""

from __future__ import annotations

from pathlib import Path

from tui_backprop.lessons.lesson import Lesson
from tui_backprop.lessons.library import load_lesson


def network(
    *widths: int,
    activation: str = "tanh",
    start: str = '"xavier_normal"',
    bias: str = '"zeros"',
    dataset: str = "moons",
    size: int = 80,
    noise: float = 0.1,
    samples: str = "",
    loss: str = "bce_with_logits",
    scale: float = 1.0,
    more: str = "",
    **hyperparameters: object,
) -> str:
    """Return a lesson file: so many layers of these widths, trained on a data set or on samples given."""
    depth = len(widths) - 1
    lines, parameters = [], []
    for k in range(1, depth + 1):
        before = "X" if k == 1 else f"a{k - 1}"
        lines.append(f"z{k} = {before} @ W{k} + b{k}")
        if k < depth:
            lines.append(f"a{k} = {activation}(z{k})")
        shape = f"[{widths[k - 1]}, {widths[k]}]"
        parameters.append(f"W{k} = {{ init = {start}, shape = {shape}, scale = {scale} }}")
        parameters.append(f"b{k} = {{ init = {bias}, shape = [{widths[k]}] }}")
    out = f"z{depth}[:, 0]" if loss == "bce_with_logits" else f"z{depth}"
    lines.append(f"L = {loss}({out}, y)")
    data = samples or f'dataset = "{dataset}"\nsize = {size}\nnoise = {noise}'
    settings = {"learning_rate": 0.1, "iterations": 1000, **hyperparameters}
    hyper = "\n".join(f"{name} = {value!r}".replace("'", '"') for name, value in settings.items())
    return "\n".join([
        'title = "a network"', 'formula = """', *lines, '"""', "[random]", "seed = 1", "[samples]", data,
        "[parameters]", *parameters, "[hyperparameters]", hyper, more,
    ])  # fmt: skip


_HOUSES = """
X = { formula = "stack((60 + 40 * sin(arange(40)), 1 + mod(arange(40), 5)), axis=1)" }
y = { formula = "2 * mod(arange(40), 5)[:, None] - (60 + 40 * sin(arange(40)))[:, None] / 50" }
""".replace("mod(arange(40), 5)", "(arange(40) - 5 * floor(arange(40) / 5))")
_LINE = """
X = { formula = "linspace(-1, 1, 40)[:, None]" }
y = { formula = "2 * linspace(-1, 1, 40)[:, None] + 0.3 * sin(97 * arange(40))[:, None]" }
"""

BROKEN = {
    "data": network(2, 1, samples=_HOUSES, loss="mse", learning_rate=0.0002),
    "dead": network(
        2, 8, 1, activation="relu", start='"he_normal"', bias='"normal"', learning_rate=0.1
    ).replace(
        'b1 = { init = "normal", shape = [8] }', "b1 = [-9.0, -9.0, -8.0, -7.0, -9.0, -8.0, -9.0, -7.0]"
    ),
    "saturated": network(2, 8, 8, 1, start='"normal"', scale=30.0, learning_rate=0.05),
    "vanishing": network(2, *[8] * 8, 1, activation="sigmoid", learning_rate=0.5),
    "exploding": network(
        2, *[32] * 6, 1, activation="relu", start='"normal"', loss="bce_with_logits", scale=0.8
    ),
    "diverging": network(1, 1, samples=_LINE, loss="mse", learning_rate=1.2, start='"normal"'),
    "overfitting": network(
        2,
        32,
        32,
        1,
        size=60,
        noise=0.35,
        optimizer="adam",
        learning_rate=0.02,
        more="[validation]\nshare = 0.5",
    ),
    "stuck": network(2, 8, 1, learning_rate=1e-5),
}
"""By the alarm that each is made for."""

SOUND = {
    "moons, tanh, sgd": network(2, 8, 8, 1, learning_rate=0.5),
    "circles, relu, adam": network(
        2, 16, 1, activation="relu", start='"he_normal"', dataset="circles", optimizer="adam",
        learning_rate=0.02,
    ),
    "spiral, tanh, adam": network(
        2, 16, 16, 1, dataset="spiral", noise=0.0, optimizer="adam", learning_rate=0.02
    ),
    "xor, batches": network(2, 8, 1, dataset="xor", batch_size=16, learning_rate=0.3),
    "a line with noise": network(1, 1, samples=_LINE, loss="mse", learning_rate=0.3),
    "blobs, sigmoid": network(2, 8, 1, activation="sigmoid", dataset="blobs", learning_rate=1.0),
    "sine, tanh, momentum": network(
        1, 16, 1, dataset="sine", loss="mse", optimizer="momentum", learning_rate=0.02,
    ).replace("mse(z2, y)", "mse(z2[:, 0], y)"),
    "held back, eight relu layers": network(
        2, *[16] * 8, 1, activation="relu", start='"he_normal"', size=200, optimizer="adam",
        learning_rate=0.003, iterations=300, more="[validation]\nshare = 0.25",
    ),
}  # fmt: skip


def lesson_of(folder: Path, name: str, text: str) -> Lesson:
    """Write a set-up and load it."""
    path = folder / f"{name.replace(' ', '-').replace(',', '')}.toml"
    path.write_text(text, encoding="utf-8")
    return load_lesson(str(path))
