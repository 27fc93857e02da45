"""A call of a function and a turn of a loop know their nodes, and their records next to one another."""

from __future__ import annotations

import pytest

from tests.support.folded import NET
from tests.support.graphs import graph_of
from tests.support.trainers import mine
from tui_backprop.engine.autodiff.groups import Stretch
from tui_backprop.engine.language.building.layers import LAYERS
from tui_backprop.engine.language.composites import calls


@pytest.fixture(name="graph")
def _graph(tmp_path):
    return mine(tmp_path, NET).graph


def test_each_call_and_each_turn_is_a_group_with_its_line(graph) -> None:
    found = [(group.text, group.line) for group in graph.groups]
    assert found == [
        ("gate(cell.a.1)", 6), ("cell(X[0], h.1, w, u)", 9), ("turn t = 0", 8),
        ("gate(cell.a.2)", 6), ("cell(X[1], h.2, w, u)", 9), ("turn t = 1", 8),
        ("gate(cell.a)", 6), ("cell(X[2], h.3, w, u)", 9), ("turn t = 2", 8),
    ]  # fmt: skip


def test_a_group_has_all_nodes_of_its_lines_and_no_others(graph) -> None:
    for group in graph.groups:
        if group.text.startswith("gate"):
            nodes = [node for node in graph.nodes[group.start : group.stop] if not node.is_literal]
            assert [node.op.name for node in nodes] == ["negate", "exp", "add", "divide"]


def test_stretches_are_nested_and_cover_a_group_s_records_both_ways(graph) -> None:
    forward = len(graph.assignments)
    for one in graph.stretches:
        assert one.stop - one.start > 1
        assert not any(one.crosses(other) for other in graph.stretches)
        group = one.group
        nodes = range(group.start, group.stop)
        if one.part == "forward":
            inside = [place for place, node in enumerate(graph.assignments) if node.index in nodes]
        else:
            outputs = [factor.output.index in nodes for factor in graph.factors]
            inside = [forward + place for place, within in enumerate(outputs) if within]
        assert inside == list(range(one.start, one.stop))
    assert len(graph.stretches) == 2 * len(graph.groups)


@pytest.mark.parametrize("call", [*calls(), *(f"{name}(x, gamma, beta)" for name in LAYERS)])
def test_what_is_built_in_of_several_records_is_a_line_both_ways(call) -> None:
    call = call.replace("dropout(x, gamma, beta)", "dropout(x)")
    leaves = {name: [[1.0, 2.0], [3.0, 5.0]] for name in ("x", "Q", "K", "V")}
    leaves |= {"gamma": [1.0, 1.5], "beta": [0.0, 0.5]}
    graph = graph_of(f"L = sum({call}**2)", leaves)
    name = call.partition("(")[0]
    found = [(one.part, one.group.text.partition("(")[0]) for one in graph.stretches]
    assert found == [("forward", name), ("backward", name)]
    inside = {place for one in graph.stretches for place in range(one.start, one.stop)}
    assert len(graph.assignments) + len(graph.factors) - len(inside) == 4  # the square and its sum


def test_of_lines_with_the_same_records_the_outermost_is_one() -> None:
    text = "def f(a):\n    return sin(a)**2\ndef g(a):\n    return f(a)\nL = g(x)"
    graph = graph_of(text, {"x": 1.0})
    assert [group.text for group in graph.groups] == ["f(x)", "g(x)"]
    assert {stretch.group.text for stretch in graph.stretches} == {"g(x)"}


def test_what_makes_one_record_or_none_is_no_line() -> None:
    text = "def f(a):\n    return sin(a)\ndef same(a):\n    return a\nL = f(same(x)) * same(f(x))"
    graph = graph_of(text, {"x": 1.0})
    assert {group.text for group in graph.groups} == {"f(x)"}
    assert graph.stretches == ()


def test_a_call_that_only_gives_a_number_leaves_no_group() -> None:
    text = "def twice(k):\n    return k + k\nL = sum(x[:twice(1)]**2)"
    assert graph_of(text, {"x": [1.0, 2.0, 3.0]}).groups == ()


def test_long_arguments_are_cut() -> None:
    long = " + ".join(["x"] * 30)
    (group,) = graph_of(f"def f(a):\n    return sin(a)**2\nL = f({long})", {"x": 1.0}).groups
    assert group.text == f"f({long[:28]} …)"


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ((2, 6), (4, 8), True), ((4, 8), (2, 6), True), ((2, 6), (2, 8), False), ((2, 8), (4, 8), False),
        ((2, 6), (6, 8), False), ((2, 8), (4, 6), False), ((2, 6), (2, 6), False),
    ],
)  # fmt: skip
def test_two_stretches_cross_where_neither_holds_the_other(one, other, expected) -> None:
    assert Stretch(*one, "forward").crosses(Stretch(*other, "forward")) == expected
