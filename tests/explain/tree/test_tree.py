"""The tree of a computation holds every node and every factor once; folding hides lines and nothing else."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from tui_backprop.engine.autodiff.graph import Graph, Kind
from tui_backprop.engine.language.build import Leaf, build_graph
from tui_backprop.engine.language.formula import parse_formula
from tui_backprop.explain.tree.outline import Outline, naming
from tui_backprop.explain.tree.progress import progress
from tui_backprop.explain.tree.tree import tree
from tui_backprop.lessons.library import load_lesson
from tui_backprop.training.trainer import Trainer

LEAVES = ("a", "b", "x", "unused")


def graph_of(formula: str, loss: str | None = None, shape: tuple[int, ...] = ()) -> Graph:
    kinds = {name: Leaf(Kind.DATA if name == "x" else Kind.PARAMETER, shape, name != "x") for name in LEAVES}
    return build_graph(parse_formula(formula), kinds, loss)


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Return a random formula's graph, with shared nodes, literals, and lines without use."""
    names = ["a", "b", "x", "2.0"]
    lines = []
    for k in range(draw(st.integers(1, 5))):
        expression = st.recursive(
            st.sampled_from(names),
            lambda inner: st.one_of(
                st.tuples(inner, st.sampled_from("+-*"), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
                inner.map(lambda text: f"sin({text})"),
            ),
            max_leaves=6,
        )
        lines.append(f"y{k} = sin({draw(expression)})")
        names.append(f"y{k}")
    return graph_of("\n".join(lines), draw(st.sampled_from(names[4:])))


@settings(max_examples=25)
@given(graphs())
def test_every_node_stands_in_full_once_and_every_factor_is_a_line(graph):
    layout = tree(graph)
    nodes = Counter(b.node.index for b in layout.branches if b.node is not None and not b.is_reference)
    assert nodes == Counter(node.index for node in graph.nodes if node.kind is not Kind.LITERAL)
    factors = [layout.factor_at(place) for place in range(len(layout.branches))]
    assert Counter((factor[0].index, factor[1]) for factor in factors if factor is not None) == Counter(
        (node.index, i)
        for node in graph.nodes
        for i, operand in enumerate(node.operands)
        if operand.kind is not Kind.LITERAL
    )
    for place, factor in enumerate(factors):
        if factor is not None:
            assert factor.operand is layout.branches[place].node
            assert layout.place_of((factor.output.index, factor.index)) == place


@settings(max_examples=25)
@given(graphs())
def test_parents_come_before_children_and_nodes_before_references(graph):
    layout = tree(graph)
    assert layout.branches[0].node is graph.loss
    for place, branch in enumerate(layout.branches):
        if branch.parent is None:
            assert branch.depth == 0
        else:
            parent = layout.branches[branch.parent]
            assert branch.parent < place < branch.end <= parent.end
            assert branch.depth == parent.depth + 1
            assert not parent.is_reference
        if branch.is_reference:
            assert layout.places[branch.node.index] < place
        below = [at for at in range(len(layout.branches)) if place in layout.above(at)]
        assert below == list(range(place + 1, branch.end))
        children = [at for at in below if layout.branches[at].depth == branch.depth + 1]
        assert [layout.is_last(at) for at in children] == [at == children[-1] for at in children]


@settings(max_examples=25)
@given(graphs(), st.data())
def test_folding_hides_what_is_below_and_nothing_else(graph, data):
    layout = tree(graph)
    foldable = [place for place in range(len(layout.branches)) if layout.folds(place)]
    folded = set(data.draw(st.lists(st.sampled_from(foldable))))
    visible = [p for p in range(len(layout.branches)) if folded.isdisjoint(layout.above(p))]
    assert layout.rows(folded) == visible


@settings(max_examples=25)
@given(graphs(), st.integers(2, 12))
def test_no_unfolding_shows_too_many_lines_at_once(graph, lines):
    layout = tree(graph)
    folded = layout.folded(lines)
    tops = [place for place, branch in enumerate(layout.branches) if branch.parent is None]
    for top in [*tops, *folded]:
        branch = layout.branches[top]
        shown = [place for place in layout.rows(folded - {top}) if top <= place < branch.end]
        if folded.isdisjoint(layout.above(top)):
            assert len(shown) <= lines or {layout.branches[p].depth for p in shown} == {
                branch.depth,
                branch.depth + 1,
            }


def test_what_the_loss_does_not_depend_on_comes_last():
    graph = graph_of("y = a * x\nz = y + b\nL = y**2", "L")
    layout = tree(graph)
    lines = [(b.depth, b.node.name if b.node else "", b.is_reference) for b in layout.branches]
    assert lines == [
        (0, "L", False), (1, "y", False), (2, "a", False), (2, "x", False),
        (0, "", False), (1, "unused", False), (1, "z", False), (2, "y", True), (2, "b", False),
    ]  # fmt: skip


def test_a_node_that_is_both_operands_is_two_lines():
    layout = tree(graph_of("L = a * a"))
    assert [(b.operand, b.is_reference) for b in layout.branches[1:3]] == [(0, False), (1, True)]


def test_thousands_of_nodes_one_below_the_other_are_laid_out_in_parts():
    text = "\n".join(["y0 = a * x", *(f"y{k} = y{k - 1} * x" for k in range(1, 3_000))])
    outline = Outline()
    outline.take(graph_of(text), same_lesson=False)
    assert len(outline.rows) <= 60 + 3  # b and unused, below a line of their own
    below_the_loss = 1
    assert outline.select(below_the_loss) is False
    leaf = next(place for place, b in enumerate(outline.tree.branches) if b.node and b.node.name == "a")
    assert outline.tree.branches[leaf].depth == 3_000
    assert outline.select(leaf) is True
    assert outline.rows[outline.row] == leaf


def test_names_are_found_in_either_spelling_and_any_case():
    nodes = Trainer(load_lesson("logistic")).graph.nodes

    def names(text: str) -> list[str]:
        return [node.name for node in nodes if naming(text)(node)]

    assert names("beta") == names("β") == names("BETA") != []
    assert "y_hat" in names("ŷ")
    assert names("sigmoid") == ["y_hat"]
    assert names("no such name") == []


def test_another_batch_keeps_what_is_folded_and_selected():
    """With one sample the broadcast of b is gone, so that the places are different ones."""
    formula = "z = x * a + b\nL = sum(z**2)"

    def batch(rows: int) -> Graph:
        leaves = {"x": Leaf(Kind.SAMPLES, (rows,)), "a": Leaf(Kind.PARAMETER, (1,), True)}
        leaves["b"] = Leaf(Kind.PARAMETER, (1,), True)
        return build_graph(parse_formula(formula), leaves)

    def place(name: str) -> int:
        return next(at for at, b in enumerate(outline.tree.branches) if b.node.name == name)

    outline = Outline()
    outline.take(batch(3), same_lesson=False)
    outline.select(place("(x * a)"))
    outline.toggle()
    before = outline.rows
    outline.take(batch(4), same_lesson=True)
    assert outline.rows == before
    outline.take(batch(1), same_lesson=True)
    assert outline.branch.node.name == "(x * a)"
    assert outline.folded == {place("(x * a)")}
    outline.take(batch(3), same_lesson=True)
    assert outline.rows == before
    outline.take(batch(3), same_lesson=False)
    assert (outline.folded, outline.selected) == (set(), 0)


def test_progress_tells_what_is_done_after_each_record():
    trainer = Trainer(load_lesson("polynomial"))  # x has several paths to it
    graph = trainer.graph
    assert progress(graph, 0).current is None
    total = Counter(output.operands[i].index for output, i in graph.factors)
    assigned = {n.index for n in graph.nodes} - {n.index for n in graph.assignments}
    walked: Counter[int] = Counter()
    for position in range(1, trainer.record_count):
        record = trainer.step()
        done = progress(graph, position)
        if hasattr(record, "output"):
            walked[record.operand.index] += 1
            assert done.current == (record.output.index, record.index)
        elif hasattr(record, "node"):
            assigned.add(record.node.index)
            assert done.current == (record.node.index, None)
        else:
            assert done.current == (record.parameter.index, None)
        assert done.values == assigned
        forward = position >= len(graph.assignments)
        complete = {n.index for n in graph.nodes if walked[n.index] == total[n.index]}
        assert done.gradients == (complete if forward else set())
