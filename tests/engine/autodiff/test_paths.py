"""The ways from the loss to a node: counted exactly, with the nodes they all share, however many."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import strategies as st

from tests.support.graphs import graph_of
from tests.support.thorough import in_part, tried
from tui_backprop.engine.autodiff.graph import Graph, Node
from tui_backprop.engine.autodiff.paths import Paths, paths_to


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Draw a graph of sums and products in which every line may use all the names above it, also twice."""
    names = ["a", "b", "c"]
    lines = []
    for number in range(draw(st.integers(1, 6))):
        name = st.sampled_from(names)
        form = draw(
            st.sampled_from(["{0} + {1}", "{0} * {1} + {2}", "sin({0})", "sin({0} - {1}) * {1}", "{0}"])
        )
        lines.append(f"n{number} = " + form.format(*(draw(name) for _ in range(3))))
        names.append(f"n{number}")
    return graph_of("\n".join(lines), dict.fromkeys("abc", 1.0))


def every_path(node: Node, target: Node) -> list[list[Node]]:
    """Walk down all paths the slow way."""
    if node is target:
        return [[node]]
    return [[node, *rest] for operand in node.operands for rest in every_path(operand, target)]


def nodes_of(path: tuple[tuple[Node, int], ...], start: Node) -> list[Node]:
    return [start, *(factor.operand for factor in path)]


@tried(graphs(), st.data(), few=30, many=100)
def test_paths_are_those_one_finds_by_walking(graph: Graph, data: st.DataObject) -> None:
    target = data.draw(st.sampled_from(graph.nodes))
    slow = every_path(graph.loss, target)
    paths = paths_to(graph, target)
    assert paths.count == len(slow)
    assert paths.reached == bool(slow)
    found = [nodes_of(path, graph.loss) for path in paths.paths(10_000)]
    assert sorted([n.index for n in p] for p in found) == sorted([n.index for n in p] for p in slow)
    assert len(set(paths.paths(10_000))) == len(slow)
    shared = [node for node in graph.nodes if slow and all(node in path for path in slow)]
    assert list(paths.shared) == shared[::-1]
    on_paths = {(a.index, b.index) for path in slow for a, b in pairwise(path)}
    assert {(factor[0].index, factor.operand.index) for factor in paths.factors} == on_paths
    order = {factor: place for place, factor in enumerate(graph.factors)}
    places = [order[factor] for factor in paths.factors]
    assert places == sorted(set(places))
    for segment in paths.segments:
        assert len(segment.paths(10_000)) == segment.count
        assert segment.factors[0][0] is segment.top
        assert segment.factors[-1].operand is segment.bottom
        for factor in segment.factors:
            path = segment.path_through(factor)
            assert factor in path
            assert path in segment.paths(10_000)


def names(paths: Paths) -> list[str]:
    return [node.name for node in paths.shared]


def test_a_fork_in_the_middle_is_a_segment_of_its_own() -> None:
    graph = graph_of("h = sin(w)\ns = h * u + h**2\nL = s**2", {"w": 1.0, "u": 2.0})
    paths = paths_to(graph, graph.named["w"])
    assert names(paths) == ["L", "s", "h", "w"]
    assert [segment.count for segment in paths.segments] == [1, 2, 1]
    assert [segment.forked for segment in paths.segments] == [False, True, False]
    first, second = paths.segments[1].paths(6)
    assert [factor.operand.name for factor in first] == ["(h * u)", "h"]
    assert [factor.operand.name for factor in second] == ["h**2", "h"]


def test_an_operand_that_stands_twice_makes_two_paths() -> None:
    graph = graph_of("L = w * w", {"w": 3.0})
    (segment,) = paths_to(graph, graph.named["w"]).segments
    assert segment.paths(6) == (((graph.loss, 0),), ((graph.loss, 1),))


def test_a_literal_is_no_target() -> None:
    graph = graph_of("L = w * 2", {"w": 3.0})
    (two,) = (node for node in graph.nodes if node.value == 2)
    assert not paths_to(graph, two).reached


def test_the_loss_itself_and_what_it_does_not_depend_on() -> None:
    graph = graph_of("y = v * 2\nL = w**2", {"w": 1.0, "v": 1.0})
    itself = paths_to(graph, graph.loss)
    assert (itself.reached, itself.count, itself.paths(3), names(itself)) == (True, 1, ((),), ["L"])
    for name in ("v", "y"):
        unused = paths_to(graph, graph.named[name])
        assert (unused.reached, unused.count, unused.paths(3), names(unused)) == (False, 0, (), [])


@pytest.mark.parametrize("line", ["x{1} = x{0} + x{0}", "x{1} = sin(x{0}) * x{0}"])
@in_part("count", 500, 3000)
def test_exponentially_many_paths_are_counted_and_never_walked(count: int, line: str) -> None:
    lines = "\n".join(line.format(i, i + 1) for i in range(count))
    graph = graph_of(f"x0 = w * 1\n{lines}\nL = x{count} * 1", {"w": 1.0})
    paths = paths_to(graph, graph.named["w"])
    assert paths.count == 2**count
    assert len(paths.segments) == count + 2
    assert len(paths.paths(3)) == 3
    assert all(path[-1].operand.name == "w" for path in paths.paths(3))


def test_paths_that_interlace_all_the_way_have_nothing_in_common() -> None:
    """x_k = x_(k-1) + x_(k-2) has as many paths as the Fibonacci numbers say."""
    lines = "\n".join(f"x{i} = x{i - 1} + x{i - 2}" for i in range(2, 2000))
    graph = graph_of(f"x0 = w * 1\nx1 = w * 2\n{lines}\nL = x1999 * 1", {"w": 1.0})
    before, count = 1, 1
    for _ in range(1998):
        before, count = count, before + count
    paths = paths_to(graph, graph.named["w"])
    assert paths.count == count
    assert names(paths) == ["L", "x1999", "w"]
    segment = paths.segments[1]
    deep = segment.factors[len(segment.factors) // 2]
    assert deep in segment.path_through(deep)
