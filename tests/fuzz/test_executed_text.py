"""What is executed of a lesson: identifiers that went through one gate, and nothing that is no identifier."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest
from msgspec import structs

import tui_backprop as tb
from tui_backprop.engine.autodiff.graph import Graph, Kind
from tui_backprop.engine.compile import compiler
from tui_backprop.engine.compile.errors import UntraceableError
from tui_backprop.engine.compile.identifiers import RESERVED, Identifiers
from tui_backprop.engine.compile.iteration import Task
from tui_backprop.engine.language.build import Leaf, build_graph
from tui_backprop.engine.language.formula import parse_formula
from tui_backprop.engine.optimizers import Coefficients
from tui_backprop.export.script import write_script

LESSON = """formula = '''
secret_a = secret_x @ secret_w + secret_b
secret_c = secret_k * tanh(secret_a) * secret_f
L = mean((secret_c - secret_y)**2)'''
[data]
secret_k = 2.0
[samples]
secret_x = [[1, 2], [3, 4], [5, 6], [7, 8]]
secret_y = [1, 0, 1, 0]
[parameters]
secret_w = [0.1, 0.2]
secret_b = 0.5
secret_f = { value = 2.0, trainable = false }
"""


def written(graph: Graph, optimizer: str = "sgd", batched: bool = False) -> str:
    leaves = {node.name: np.ones(node.shape) for node in graph.given}
    return compiler.write(Task(graph, optimizer, Coefficients(0.1), batched), leaves).text


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam", "adamw", "rmsprop"])
@pytest.mark.parametrize("batch", ["all", 2])
def test_every_name_of_a_lesson_goes_through_one_gate(
    optimizer: str, batch: str | int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "secret.toml"
    path.write_text(LESSON)
    taken: list[str] = []

    def take(self: Identifiers, wanted: str) -> str:
        taken.append(wanted)
        return f"gate{len(taken)}"

    monkeypatch.setattr(Identifiers, "take", take)
    trainer = tb.Trainer(tb.load_lesson(path), optimizer=optimizer, batch_size=batch)
    text = written(trainer.graph, optimizer, batch != "all")
    assert "secret" not in text
    assert {"secret_x", "secret_y", "secret_k", "secret_w", "secret_b", "secret_f"} <= set(taken)
    script = ast.unparse(ast.parse(write_script(trainer.lesson, trainer.hyperparameters)).body[1:])  # type: ignore[arg-type]
    assert "secret" not in script


def graph_with(name: str, by: str) -> Graph:
    """Build a graph with a name that no formula parser has seen: of a leaf, or of a line."""
    lines = parse_formula("u = x * w\nL = (u - 1)**2")
    graph = build_graph(lines, {"x": Leaf(Kind.DATA, (), False), "w": Leaf(Kind.PARAMETER, (), True)})
    for node in graph.nodes:
        if node.label == by:
            structs.force_setattr(node, "label", name)
    return graph


EVIL = ("x); print(1); (x", "x\nimport os", "x #", "", "1x", "x.y", "x y", "x:=1", "f'{1}'", "x=1", "*x")


@pytest.mark.parametrize("by", ["x", "w", "u"])
@pytest.mark.parametrize("name", EVIL)
def test_what_is_no_identifier_is_not_compiled(name: str, by: str) -> None:
    if name == "x.y" and by == "u":  # as a line inside of a function is called
        assert "x_y" in written(graph_with(name, by))
    elif name or by != "u":  # a line without a name is a part of another
        with pytest.raises(UntraceableError):
            written(graph_with(name, by))


def bound(text: str) -> set[str]:
    """Return every name that a program gives a value."""
    tree = ast.parse(text)
    assert not any(isinstance(node, ast.Import | ast.ImportFrom | ast.Global) for node in ast.walk(tree))
    stored = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return stored | {argument.arg for argument in ast.walk(tree) if isinstance(argument, ast.arg)}


@pytest.mark.parametrize("by", ["x", "w", "u"])
def test_names_with_a_meaning_are_not_given_another(by: str) -> None:
    own = bound(written(graph_with("harmless", by)))
    for name in sorted({*RESERVED, "__import__", "exec", "print", "None", "lambda", "range"}):
        assert name not in bound(written(graph_with(name, by))) - own


def test_names_are_like_what_was_wanted_and_free() -> None:
    names = Identifiers()
    assert [names.take(word) for word in ("w", "w", "np", "__class__", "__", "exec", "class", "t1")] == [
        "w", "w_", "np_", "_class", "name", "exec_", "class_", "t1",
    ]  # fmt: skip
    assert names.temporary() == "t2"
    for word in EVIL:
        with pytest.raises(UntraceableError):
            names.take(word)
