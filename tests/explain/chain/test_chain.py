"""The chain from the loss to a node: golden lines, what is known when, forks, and that it is all true."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume
from hypothesis import strategies as st

import tui_backprop as tb
from tests.support.thorough import tried
from tui_backprop.engine.autodiff.graph import Graph, Kind, Node
from tui_backprop.engine.autodiff.records import ChainFactor
from tui_backprop.engine.autodiff.tape import Tape
from tui_backprop.engine.language.build import Leaf, build_graph
from tui_backprop.engine.language.formula import parse_formula
from tui_backprop.explain.chain.chain import Chain, default_target, records_done
from tui_backprop.explain.chain.layout import count_text, layout, places
from tui_backprop.explain.record import explain
from tui_backprop.explain.titles import atom, gradient_name, partial


def swept(text: str, **leaves: object) -> Tape:
    """Return a tape that has gone both ways; all leaves are trainable parameters."""
    arrays = {name: np.asarray(value, dtype=np.float64) for name, value in leaves.items()}
    kinds = {name: Leaf(Kind.PARAMETER, array.shape, True) for name, array in arrays.items()}
    tape = Tape(build_graph(parse_formula(text), kinds), arrays)
    tape.forward()
    tape.backward()
    return tape


def chain_of(lesson: str, target: str) -> Chain:
    tape = tb.Trainer(tb.load_lesson(lesson)).tape
    return Chain(tape, tape.graph.named[target])


def after(graph: Graph, output: str, operand: str) -> int:
    """Return the number of records done when this factor is the last of them."""
    (factor,) = (e for e in graph.factors if e[0].name == output and e.operand.name == operand)
    return len(graph.assignments) + places(graph)[factor].number


# golden lines


@pytest.mark.parametrize(
    ("lesson", "target", "textbook", "computed"),
    [
        ("logistic", "beta", "∂L/∂β = ∂L/∂ŷ · ∂ŷ/∂z · ∂z/∂β", "∂L/∂β = Xᵀ @ (∂L/∂ŷ ⊙ ∂ŷ/∂z)"),
        ("logistic", "b", "∂L/∂b = ∂L/∂ŷ · ∂ŷ/∂z · ∂z/∂b", "∂L/∂b = sum(∂L/∂ŷ ⊙ ∂ŷ/∂z)"),
        ("logistic", "X", "∂L/∂X = ∂L/∂ŷ · ∂ŷ/∂z · ∂z/∂X", "∂L/∂X = outer(∂L/∂ŷ ⊙ ∂ŷ/∂z, β)"),
        ("logistic", "y_hat", "∂L/∂ŷ", "∂L/∂ŷ = −(1 / 2) · 2·(y − ŷ)"),
        ("linear", "w", "∂L/∂w = ∂L/∂y · ∂y/∂w", "∂L/∂w = ∂L/∂y · x"),
        ("linear", "b", "∂L/∂b = ∂L/∂y · ∂y/∂b", "∂L/∂b = ∂L/∂y"),
        ("linear", "x", "∂L/∂x = ∂L/∂y · ∂y/∂x", "∂L/∂x = ∂L/∂y · w"),
        ("chain", "x", "∂z/∂x = ∂z/∂y · ∂y/∂x", ""),
        ("theta", "theta", "∂L/∂θ = ∂L/∂z2 · ∂z2/∂z1 · ∂z1/∂θ", "∂L/∂θ = sum(−∂L/∂z2 ⊙ x)"),
        (
            "relu-net",
            "W1",
            "∂L/∂W1 = ∂L/∂r2 · ∂r2/∂z2 · ∂z2/∂r1 · ∂r1/∂z1 · ∂z1/∂W1",
            "∂L/∂W1 = outer((W2 @ (∂L/∂r2 ⊙ ∂r2/∂z2)) ⊙ ∂r1/∂z1, X)",
        ),
        (
            "two-layer",
            "W1",
            "∂L/∂W1 = ∂L/∂ŷ · ∂ŷ/∂z2 · ∂z2/∂h · ∂h/∂z1 · ∂z1/∂W1",
            "∂L/∂W1 = Xᵀ @ (((∂L/∂ŷ ⊙ ∂ŷ/∂z2) @ W2ᵀ) ⊙ ∂h/∂z1)",
        ),
        ("two-layer", "b2", "∂L/∂b2 = ∂L/∂ŷ · ∂ŷ/∂z2 · ∂z2/∂b2", "∂L/∂b2 = sum(∂L/∂ŷ ⊙ ∂ŷ/∂z2, axis=0)"),
        ("two-layer", "y_hat", "∂L/∂ŷ", "∂L/∂ŷ = 2·(ŷ − y) / 4"),
        ("polynomial", "d", "∂L/∂d = ∂L/∂ŷ · ∂ŷ/∂d", "∂L/∂d = sum(∂L/∂ŷ ⊙ x³)"),
        ("polynomial", "x", "∂L/∂x = ∂L/∂ŷ · ∂ŷ/∂x", "∂L/∂x = path 1 + path 2 + path 3"),
        ("logistic-ce", "beta", "∂L/∂β = ∂L/∂ŷ · ∂ŷ/∂z · ∂z/∂β", "∂L/∂β = Xᵀ @ (∂L/∂ŷ ⊙ ∂ŷ/∂z)"),
    ],
)
def test_the_two_lines(lesson: str, target: str, textbook: str, computed: str) -> None:
    chain = chain_of(lesson, target)
    assert chain.textbook() == textbook
    assert chain.computed == computed


def test_logistic_step_by_step() -> None:
    """SOURCES, 004: ∂L/∂ŷ = [−0.5, 0.5, −0.5], ∂ŷ/∂z = [0.25, 0.25, 0.25]; the Jacobian of z in β is X."""
    chain = chain_of("logistic", "beta")
    graph = chain.tape.graph
    forward = len(graph.assignments)
    dy, dz, X = "[−0.5, 0.5, −0.5]", "[0.25, 0.25, 0.25]", "[[1, 2], [3, 4], [5, 6]]"
    first, second, third = "∂L/∂ŷ", "∂ŷ/∂z", "∂z/∂β"
    for done, factors, numbers in (
        (0, (first, second, third), "? · ? · ?"),
        (forward, (first, second, third), "? · ? · ?"),
        (forward + 1, (f"▶{first}", second, third), "? · ? · ?"),
        (after(graph, "(y - y_hat)", "y"), (first, second, third), "? · ? · ?"),
        (after(graph, "(y - y_hat)", "y_hat"), (f"▶{first}", second, third), f"{dy} · ? · ?"),
        (after(graph, "y_hat", "z"), (first, f"▶{second}", third), f"{dy} · {dz} · ?"),
        (after(graph, "z", "(X @ beta)"), (first, second, f"▶{third}"), f"{dy} · {dz} · ?"),
        (after(graph, "z", "broadcast(b)"), (first, second, third), f"{dy} · {dz} · ?"),
        (after(graph, "(X @ beta)", "beta"), (first, second, f"▶{third}"), f"{dy} · {dz} · {X}"),
        (chain.complete, (first, second, third), f"{dy} · {dz} · {X}"),
    ):
        assert chain.textbook(done) == f"∂L/∂β = {' · '.join(factors)}"
        assert chain.numbers(done) == f"= {numbers}"
    states = [cell.state for cell in chain.cells(after(graph, "y_hat", "z"))]
    assert states == ["done", "current", "to come"]
    first_cell, _, last = chain.cells(chain.complete)
    np.testing.assert_array_equal(first_cell.value, [-0.5, 0.5, -0.5])
    np.testing.assert_array_equal(last.value, [[1, 2], [3, 4], [5, 6]])


def test_the_jacobians_of_a_broadcast_and_of_an_outer_product() -> None:
    """∂z/∂b is a column of ones; the Jacobian of a vector in a matrix is given by its shape."""
    *_, b = chain_of("logistic", "b").cells(10**6)
    assert b.numbers == "[1, 1, 1]"
    *_, X = chain_of("logistic", "X").cells(10**6)
    assert (X.numbers, X.value) == ("[…](3)×(3×2)", None)
    _, *_, w = chain_of("neuron", "W").cells(10**6)
    assert w.numbers == "[0.5, 0.8]"


def test_factors_with_many_digits_are_rounded_and_say_so() -> None:
    trainer = tb.Trainer(tb.load_lesson("logistic"))
    trainer.run(iterations=3)
    chain = Chain(trainer.tape, trainer.graph.named["beta"])
    dy, dz, X = "[−0.442, 0.623, −0.316]", "[0.247, 0.235, 0.216]", "[[1, 2], [3, 4], [5, 6]]"
    np.testing.assert_allclose(trainer.gradients["y_hat"], [-0.442, 0.623, -0.316], atol=5e-4)
    assert chain.numbers(chain.complete) == f"≈ {dy} · {dz} · {X}"


def test_large_factors_are_given_by_their_shape() -> None:
    chain = chain_of("polynomial", "x")
    assert chain.numbers(chain.complete) == "= […](2000) · […](2000)"
    chain = chain_of("polynomial", "d")
    assert chain.numbers(chain.complete) == "= […](2000) · […](2000)×scalar"


def test_the_loss_itself_and_what_it_does_not_depend_on() -> None:
    tape = swept("u = v * 2\nL = w**2", w=3.0, v=1.0)
    itself, unused = (Chain(tape, tape.graph.named[name]) for name in ("L", "v"))
    assert itself.textbook(5) == "∂L/∂L = 1, by definition"
    assert unused.textbook(5) == "∂L/∂v = 0: the loss does not depend on it"
    for chain in (itself, unused):
        assert (chain.cells(5), chain.computed, chain.same, chain.forks) == ((), "", "", ())
        assert chain.current(5) is None
        assert chain.fork(5) is None


def test_factors_of_one_are_left_out_and_what_is_repeated_is_said() -> None:
    for text, computed in (
        ("L = sum(x)", "∂L/∂x = ones(3)"),
        ("L = mean(x)", "∂L/∂x = (1 / 3) · ones(3)"),
        ("L = -sum(x + 1)", "∂L/∂x = −ones(3)"),
        ("L = sum(x + b)", "∂L/∂x = ones(3)"),
    ):
        tape = swept(text, x=[1.0, 2.0, 3.0], b=1.0)
        assert Chain(tape, tape.graph.named["x"]).computed == computed
    tape = swept("L = sum(x + b)", x=[1.0, 2.0, 3.0], b=1.0)
    assert Chain(tape, tape.graph.named["b"]).computed == "∂L/∂b = sum(ones(3))"
    tape = swept("s = sum(M, axis=1)\nL = sum(s**2)", M=np.ones((2, 3)))
    assert Chain(tape, tape.graph.named["M"]).computed == "∂L/∂M = repeat(∂L/∂s, axis=1)"


# why they are the same


def test_why_the_two_lines_are_the_same_goes_by_the_operations_that_are_there() -> None:
    beta, b = chain_of("logistic", "beta").same, chain_of("logistic", "b").same
    assert "∂ŷ/∂z acts element by element: its Jacobian is a diagonal matrix" in beta
    assert "puts Xᵀ in front" in beta
    assert "repeated" not in beta
    assert "b was repeated" in b
    assert "sum over the copies" in b
    assert "Xᵀ" not in b
    deep = chain_of("two-layer", "W1").same
    assert "each row meets the Jacobian W2ᵀ behind it" in deep
    assert "puts Xᵀ in front" in deep
    assert "outer product" in chain_of("relu-net", "W1").same
    for name in ("w", "b", "x", "t"):
        assert chain_of("linear", name).same == ""  # all numbers: nothing to add


def test_the_reason_is_given_where_the_chain_ends() -> None:
    trainer = tb.Trainer(tb.load_lesson("logistic"))
    tape = trainer.tape
    ends = []
    for _ in range(trainer.record_count):
        record = trainer.step()
        assert record is not None
        if any(row.label == "same" for row in explain(record, tape).rows):
            assert isinstance(record, ChainFactor)
            ends.append(record.operand.name)
    assert ends == ["b", "X", "beta"]


# forks


def test_the_three_paths_to_x_in_the_cubic() -> None:
    """SOURCES, 003: ŷ = a + b·x + c·x² + d·x³, so ∂L/∂x has one term for each power of x."""
    chain = chain_of("polynomial", "x")
    graph, tape = chain.tape.graph, chain.tape
    a_b_c_d = [float(tape.value(graph.named[name])) for name in "abcd"]
    x, upstream = tape.value(graph.named["x"]), tape.gradient(graph.named["y_hat"])
    fork = chain.fork(chain.complete)
    assert fork is not None
    assert [branch.formula for branch in fork.branches] == [
        "∂L/∂ŷ · d ⊙ 3·x²",
        "∂L/∂ŷ · c ⊙ 2·x",
        "∂L/∂ŷ · b",
    ]
    expected = [upstream * a_b_c_d[3] * 3 * x**2, upstream * a_b_c_d[2] * 2 * x, upstream * a_b_c_d[1]]
    for branch, value in zip(fork.branches, expected, strict=True):
        np.testing.assert_allclose(branch.value, value, rtol=1e-12)
    np.testing.assert_allclose(fork.total, sum(expected), rtol=1e-12)
    assert (fork.sum, fork.more, fork.node.name) == ("∂L/∂x = path 1 + path 2 + path 3", 0, "x")
    halfway = chain.fork(after(graph, "x**2", "x"))
    assert halfway is not None
    assert [branch.state for branch in halfway.branches] == ["done", "current", "to come"]
    assert halfway.numbers == "[…](2000) + […](2000) + ?"
    assert halfway.total is None


MIDDLE = "h = tanh(w * x)\ns = h * u + h**2\nL = s**2"


def test_a_fork_in_the_middle_shows_its_own_paths_only() -> None:
    tape = swept(MIDDLE, w=0.3, x=2.0, u=0.5)
    chain = Chain(tape, tape.graph.named["w"])
    assert chain.textbook() == "∂L/∂w = ∂L/∂s · ∂s/∂h · ∂h/∂w"
    assert chain.computed == "∂L/∂w = ∂L/∂h · (1 − h²) · x"
    h = np.tanh(0.6)
    ds = 2 * (0.5 * h + h**2)
    fork = chain.fork(chain.complete)
    assert fork is not None
    assert [branch.formula for branch in fork.branches] == ["∂L/∂s · 2·h", "∂L/∂s · u"]
    np.testing.assert_allclose([branch.value for branch in fork.branches], [ds * 2 * h, ds * 0.5])
    np.testing.assert_allclose(fork.total, ds * (2 * h + 0.5))
    assert fork.sum == "∂L/∂h = path 1 + path 2"


def test_paths_through_named_nodes_start_at_the_first_name() -> None:
    chain = chain_of("logistic-ce", "beta")
    fork = chain.fork(chain.complete)
    assert fork is not None
    assert [branch.formula for branch in fork.branches] == [
        "−∂L/∂if_zero ⊙ (1 − y) ⊙ (1 / (1 − ŷ))",
        "∂L/∂if_one ⊙ y ⊙ (1 / ŷ)",
    ]
    assert [branch.numbers for branch in fork.branches] == ["[0, 2, 0]", "[−2, 0, −2]"]
    assert fork.numbers == "[0, 2, 0] + [−2, 0, −2]"


def test_many_paths_are_counted_and_the_current_one_is_kept() -> None:
    lines = "\n".join(f"y{i} = sin({i} * x)" for i in range(64))
    tape = swept(f"{lines}\nL = {' + '.join(f'y{i}' for i in range(64))}", x=0.1)
    chain = Chain(tape, tape.graph.named["x"])
    assert chain.computed.endswith("path 6 + … and 58 more paths")
    fork = chain.fork(chain.complete)
    assert fork is not None
    assert (len(fork.branches), fork.more) == (6, 58)
    np.testing.assert_allclose(fork.total, sum(i * np.cos(0.1 * i) for i in range(64)))
    assert [branch.formula for branch in fork.branches][::5] == [
        "∂L/∂y5 · cos(5 · x) · 5",
        "∂L/∂y0 · cos(0 · x) · 0",
    ]
    far = chain.fork(after(tape.graph, "(40 * x)", "x"))
    assert far is not None
    assert [branch.state for branch in far.branches] == ["current", *["to come"] * 5]
    assert far.branches[0].formula == "∂L/∂y40 · cos(40 · x) · 40"
    near = chain.fork(after(tape.graph, "(3 * x)", "x"))
    assert near is not None
    states = ["done", "done", "current", "to come", "to come", "to come"]
    assert [branch.state for branch in near.branches] == states


def test_a_path_that_would_take_many_lines_is_named_by_its_ends() -> None:
    trainer = tb.Trainer(tb.load_lesson("vanishing"))
    chain = Chain(trainer.tape, trainer.tape.graph.named["W"])
    fork = chain.fork(chain.complete)
    assert fork is not None
    formulas = [branch.formula for branch in fork.branches]
    # a.10 to a.2: eight layers of two factors; then the sigmoid, the product, and what W[0] is picked of
    assert formulas[-1] == "∂a.10/∂(a.9 @ W[8]) · … · ∂W[0]/∂W, 19 factors"
    assert max(map(len, formulas)) <= 160


def test_two_to_the_fortieth_paths() -> None:
    lines = "\n".join(f"x{i + 1} = x{i} + x{i}" for i in range(40))
    tape = swept(f"x0 = w * 3\n{lines}\nL = x40 / 2**40", w=1.0)
    chain = Chain(tape, tape.graph.named["w"])
    assert chain.paths.count == 2**40
    assert chain.textbook() == "∂L/∂w = ∂L/∂x40 · ∂x40/∂x39 · … 38 more … · ∂x1/∂x0 · ∂x0/∂w"
    cells = chain.cells(after(tape.graph, "x0", "w"))
    assert [cell.state for cell in cells] == ["done", "done", "done", "done", "current"]
    assert [cell.numbers for cell in cells][1:] == ["2", "…", "2", "3"]
    assert count_text(2**40) == "1,099,511,627,776"
    assert count_text(2**4000) == "over 2^4000"


def test_the_computed_line_of_a_deep_chain_starts_on_the_way() -> None:
    lines = "\n".join(f"x{i + 1} = tanh(x{i})" for i in range(100))
    tape = swept(f"x0 = w * 3\n{lines}\nL = x100**2", w=1.0)
    computed = Chain(tape, tape.graph.named["w"]).computed
    assert computed.startswith("∂L/∂w = ∂L/∂x23 · ∂x23/∂x22 · ")
    assert computed.endswith("· ∂x1/∂x0 · ∂x0/∂w")


def test_a_rule_that_names_its_gradient_twice_does_not_double_the_line_for_ever() -> None:
    """Softmax is s ⊙ (u − Σ u ⊙ s): twenty of them would make a line of 2²⁰ names."""
    nested = "v * x"
    for _ in range(20):
        nested = f"softmax({nested})"
    tape = swept(f"L = sum(({nested})**2)", v=[1.0, 2.0, 3.0], x=1.0)
    computed = Chain(tape, tape.graph.named["v"]).computed
    assert computed.startswith("∂L/∂v = ")
    assert len(computed) < 4000
    tape = swept(f"p = {nested}\nL = sum(({nested.replace('v * x', 'p + v')}) * p)", v=[1.0, 2.0, 3.0], x=1.0)
    fork = Chain(tape, tape.graph.named["v"]).fork(10**6)
    assert fork is not None
    assert all(len(branch.formula) < 4000 for branch in fork.branches)


# what it is for


def test_the_chain_a_factor_stands_in_unless_one_is_chosen() -> None:
    trainer = tb.Trainer(tb.load_lesson("relu-net"))
    graph = trainer.graph
    chosen = {}
    for _ in range(trainer.record_count):
        record = trainer.step()
        if isinstance(record, ChainFactor):
            factor = f"{record.output.name} <- {record.operand.name}"
            target = default_target(graph, record)
            chosen[factor] = target.name
            assert layout(graph, target).segment_of((record.output, record.index)) is not None
            assert trainer.position == records_done(graph, record)
    assert chosen["L <- ((y - r2)**2 / 2)"] == "W1"
    assert chosen["(W1 @ X) <- X"] == "X"
    assert chosen["z1 <- b1"] == "b1"  # a parameter that is not trained
    assert chosen["(r1 @ W2) <- W2"] == "W2"
    assert chosen["(r1 @ W2) <- r1"] == "W1"
    tape = swept("k = 2\nL = w * k", w=1.0)
    constant = next(r for r in tape.records() if isinstance(r, ChainFactor) and r.operand.name == "k")
    assert default_target(tape.graph, constant).name == "k"


def test_an_edge_beside_the_chain_marks_nothing() -> None:
    trainer = tb.Trainer(tb.load_lesson("logistic"))
    graph, tape = trainer.graph, trainer.tape
    beside = next(
        record
        for record in (trainer.step() for _ in range(trainer.record_count))
        if isinstance(record, ChainFactor) and record.operand.name == "y"
    )
    rows = explain(beside, tape, graph.named["beta"]).rows
    assert rows[0].parts == ("∂L/∂β = ∂L/∂ŷ · ∂ŷ/∂z · ∂z/∂β", "= ? · ? · ?")
    assert rows[2].parts[0] == "∂L/∂y = ∂L/∂(y − ŷ) ⊙ ∂(y − ŷ)/∂y"


# it is true


@st.composite
def formulas(draw: st.DrawFn) -> str:
    """Draw lines over scalars, vectors and matrices of length 3, so that every shape broadcasts."""
    names = ["a", "b", "v", "M"]
    lines = []
    for number in range(draw(st.integers(1, 4))):
        part = st.sampled_from([*names, "2"])
        text = draw(st.sampled_from(names))
        for _ in range(draw(st.integers(1, 3))):
            form = draw(
                st.sampled_from(
                    ["{x} + {y}", "{y} - {x}", "{x} * {y}", "sin({x})", "tanh({x})", "sigmoid({x})", "(-{x})",
                     "{x} / 2", "{x}**2", "M @ (M * {x})", "((M * {x}) @ v)", "(v @ (M * {x}))",
                     "(M + {x}).T", "sum(M * {x}, axis=0)", "sum(M * {x}, axis=1)", "mean({x})",
                     "mean(M + {x}, axis=1)", "(v + mean({x})) @ v", "softmax(v * mean({x}))"]
                )
            )  # fmt: skip
            text = f"({form.format(x=text, y=draw(part))})"
        names.append(f"n{number}")
        lines.append(f"n{number} = {text}")
    last = draw(st.lists(st.sampled_from(names), min_size=1, max_size=3))
    return "\n".join([*lines, f"L = mean(sin({' + '.join(last)}))"])


ROUND = {
    "a": 0.7,
    "b": -1.3,
    "v": [0.4, -0.6, 1.1],
    "M": [[0.3, -0.2, 0.5], [1.2, 0.8, -0.9], [0.1, 0.6, -0.4]],
}
SIGNS = str.maketrans({"⊙": "*", "·": "*", "−": "-"})
CALLS: dict[str, Callable[..., object]] = {
    "sin": np.sin, "cos": np.cos, "tanh": np.tanh, "sum": np.sum, "mean": np.mean, "outer": np.multiply.outer,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)), "ones": np.ones,
    "repeat": lambda x, axis: np.repeat(np.expand_dims(x, axis), 3, axis),
    "softmax": lambda x: np.exp(x) / np.sum(np.exp(x)),
}  # fmt: skip


class Reader:
    """Works out the lines that are shown: names of gradients and local derivatives stand for the engine's."""

    def __init__(self, tape: Tape) -> None:
        graph = tape.graph
        named = [node for node in graph.nodes if node.kind is not Kind.LITERAL]
        self.symbols = {partial(atom(f.output), f.operand): tape.local(*f) for f in graph.factors}
        self.symbols |= {gradient_name(graph, node): tape.gradient(node) for node in named}
        self.names = {node.label: tape.value(node) for node in named if node.label is not None}
        longest = sorted(self.symbols, key=len, reverse=True)
        self.pattern = re.compile("|".join(map(re.escape, longest)))

    def work_out(self, text: str) -> np.ndarray:
        used: list[object] = []

        def number(match: re.Match[str]) -> str:
            used.append(self.symbols[match[0]])
            return f"V[{len(used) - 1}]"

        text = self.pattern.sub(number, text)
        text = re.sub(r"ones\(([\d×]+)\)", lambda m: f"ones(({m[1].replace('×', ',')},))", text)
        text = text.replace("ᵀ", ".T").replace("²", "**2").translate(SIGNS)
        return np.asarray(eval(text, {**CALLS, **self.names, "V": used}))


def check(reader: Reader, text: str, wanted: np.ndarray) -> None:
    value = reader.work_out(text)
    assert value.shape == np.shape(wanted), text
    np.testing.assert_allclose(value, wanted, rtol=1e-9, atol=1e-12, err_msg=text)


@tried(formulas(), few=25, many=150)
def test_the_lines_are_true(text: str) -> None:
    """Every computed line, worked out as it stands on the screen, is the engine's gradient."""
    tape = swept(text, **ROUND)
    reader = Reader(tape)
    worked_out = 0
    for node in tape.graph.nodes:
        chain = Chain(tape, node)
        if node.kind is Kind.LITERAL or not chain.paths.segments:
            continue
        wanted = tape.gradient(node)
        if chain.computed and "path 1" not in chain.computed and "…" not in chain.computed:
            check(reader, chain.computed.partition(" = ")[2], wanted)
            worked_out += 1
        for segment in chain.forks:
            fork = chain.fork_at(segment, chain.complete)
            np.testing.assert_allclose(fork.total, tape.gradient(fork.node), rtol=1e-12)
            for branch in fork.branches:
                assert branch.value is not None
                if "…" not in branch.formula:
                    check(reader, branch.formula, branch.value)
            if not fork.more:
                parts = [np.asarray(branch.value) for branch in fork.branches]
                np.testing.assert_allclose(sum(parts), fork.total, rtol=1e-9, atol=1e-12)
    assume(worked_out)


@tried(formulas(), few=15, many=60)
def test_the_textbook_factors_multiply_to_the_gradient(text: str) -> None:
    """Where all factors have a Jacobian in full, the row-vector chain of Jacobians is the gradient."""
    tape = swept(text, **ROUND)
    for node in tape.graph.nodes:
        chain = Chain(tape, node)
        links = layout(tape.graph, node).links
        cells = chain.cells(chain.complete)
        if not links or len(links) != len(cells) or any(cell.value is None for cell in cells):
            continue
        row: np.ndarray = np.asarray(cells[0].value)
        for link, cell in zip(links[1:], cells[1:], strict=True):
            value = np.asarray(cell.value)
            row = row * value if link.diagonal or link.top.shape == () else row @ value
        np.testing.assert_allclose(row, tape.gradient(node), rtol=1e-9, atol=1e-12)


# every lesson, every factor, every target


@pytest.mark.parametrize("name", ["logistic", "logistic-ce", "relu-net", "two-layer", "nodes", "theta"])
def test_every_factor_in_the_chain_to_every_leaf(name: str, tmp_path: Path) -> None:
    trainer = tb.Trainer(tb.load_lesson(name))
    tape, graph = trainer.tape, trainer.graph
    targets: list[Node] = [*graph.parameters, *graph.inputs, *graph.named.values()]
    records = [trainer.step() for _ in range(trainer.record_count)]
    for target in dict.fromkeys(targets):
        chain = Chain(tape, target)
        on_chain = set(chain.paths.factors)
        for record in records:
            if not isinstance(record, ChainFactor):
                continue
            done = records_done(graph, record)
            states = [cell.state for cell in chain.cells(done)]
            assert states == sorted(states, key=["done", "current", "to come"].index)
            assert states.count("current") == ((record.output, record.index) in on_chain)
            known = [cell.numbers != "?" for cell in chain.cells(done)]
            assert known == sorted(known, reverse=True)
