"""Several records explained as one: what goes in, what comes out, and numbers that the records have."""

from __future__ import annotations

import numpy as np
import pytest

import tui_backprop as tb
from tests.support.folded import NET
from tests.support.trainers import mine
from tui_backprop.engine.autodiff.groups import Stretch
from tui_backprop.explain.folded import explain_stretch
from tui_backprop.explain.stretch import ends, short_titles, short_value, title


@pytest.fixture(name="trainer")
def _trainer(tmp_path):
    return mine(tmp_path, NET)


def stretch_of(trainer, text, part="forward"):
    (found,) = (one for one in trainer.graph.stretches if one.part == part and one.group.text == text)
    return found


def explained(trainer, stretch):
    return explain_stretch(stretch, trainer.tape, lambda place: trainer.peek(place + 1), "fold unfolds them")


def names(nodes):
    return [node.name for node in nodes]


def test_a_call_takes_its_arguments_and_gives_its_result(trainer) -> None:
    found = ends(trainer.graph, stretch_of(trainer, "cell(X[1], h.2, w, u)"))
    assert (names(found.sources), names(found.results)) == (["w", "u", "h.2", "X[1]"], ["h.3"])
    back = ends(trainer.graph, stretch_of(trainer, "cell(X[1], h.2, w, u)", "backward"))
    assert (names(back.sources), names(back.results)) == (["h.3"], ["h.2", "u", "w"])


def test_titles_say_what_a_line_is_of_and_what_comes_out(trainer) -> None:
    graph = trainer.graph
    cell, turn = stretch_of(trainer, "cell(X[1], h.2, w, u)"), stretch_of(trainer, "turn t = 1")
    assert title(graph, cell) == "h.3 = cell(X[1], h.2, w, u)"
    assert title(graph, turn) == "turn t = 1: h.3"
    assert title(graph, stretch_of(trainer, "gate(cell.a)")) == "gate(cell.a)"
    back = stretch_of(trainer, "turn t = 1", "backward")
    assert title(graph, back) == "∂L/∂h.2, ∂L/∂u, ∂L/∂w through turn t = 1"
    assert title(graph, Stretch(38, 40, "forward")) == "records 39 to 40: L"
    assert title(graph, Stretch(91, 93, "update")) == "update w, u"
    assert short_titles(graph, cell) == ("h.3 = cell(X[1], h.2, w, u)", "h.3 = cell(…)", "cell(…)")
    assert short_titles(graph, back)[1:] == ("turn t = 1: ∂L/∂h.2", "back: turn t = 1")


def test_forward_the_value_is_the_last_record_s(trainer) -> None:
    stretch = stretch_of(trainer, "turn t = 2")
    page = explained(trainer, stretch)
    assert [row.label for row in page.rows] == ["folded", "value", "with", "shapes"]
    assert page.rows[0].parts == ("12 records, line 8 of the formula; fold unfolds them",)
    assert page.rows[-1].parts == ("X (3), w scalar, u scalar, h.3 (2) → h (2)",)
    values = dict(page.values)
    assert np.array_equal(values["h"], trainer.peek(stretch.stop).value)
    assert np.array_equal(values["h.3"], trainer.tape.value(trainer.graph.named["h.3"]))


def test_backward_upstream_comes_in_and_what_has_come_in_by_then_goes_out(trainer) -> None:
    graph, tape = trainer.graph, trainer.tape
    last, first = (stretch_of(trainer, f"turn t = {t}", "backward") for t in (2, 0))
    page = dict(explained(trainer, last).values)
    assert np.array_equal(page["∂L/∂h"], tape.gradient(graph.named["h"]))
    assert np.array_equal(page["∂L/∂h.3"], tape.gradient(graph.named["h.3"]))
    parts = [
        dict(explained(trainer, stretch_of(trainer, f"turn t = {t}", "backward")).values) for t in (2, 1, 0)
    ]
    given = [part.get("∂L/∂w, this part", part.get("∂L/∂w")) for part in parts]
    assert sum(given) == pytest.approx(tape.gradient(graph.named["w"]), rel=1e-14)
    # by hand: the share of each turn is that of a weight of its own
    for turn, share in zip((2, 1, 0), given, strict=True):
        assert share == pytest.approx(share_of(turn), rel=1e-6)
    assert np.array_equal(parts[-1]["∂L/∂w so far"], tape.gradient(graph.named["w"]))
    labels = [row.label for row in explained(trainer, first).rows]
    assert labels[:3] == ["folded", "upstream", "downstream"]
    assert labels[-2:] == ["shapes", "why"]


def share_of(turn: int, step: float = 1e-6) -> float:
    """Return ∂L/∂w of the w that is used in one turn alone, by central differences of NumPy."""

    def loss(change: float) -> float:
        h = 0.1 * np.ones(2)
        for t, x in enumerate([0.5, -1.0, 2.0]):
            a = (0.7 + (change if t == turn else 0.0)) * x - 0.4 * h
            h = np.tanh(a) / (1 + np.exp(-a))
        return float(np.sum(h**2))

    return (loss(step) - loss(-step)) / (2 * step)


def test_a_short_value_is_there_once_its_record_is_done_and_where_there_is_one(trainer) -> None:
    graph, records = trainer.graph, [trainer.peek(n) for n in range(1, 94)]
    stretch = Stretch(38, 40, "forward")
    assert short_value(graph, stretch, records) == "1.08002"
    assert short_value(graph, stretch, records[:39]) == ""
    assert short_value(graph, Stretch(91, 93, "update"), records) == ""
    assert short_value(graph, Stretch(2, 5, "forward"), records) == ""  # w · X[0], and u repeated


def test_where_the_lesson_says_why_inside_is_told() -> None:
    """The lesson ``rnn`` has a why at ``(h.2 @ W) <- h.2``'s neighbour W: the 39th of 53 records."""
    rnn = tb.Trainer(tb.load_lesson("rnn"))
    rows = {
        stretch.group.text: {
            row.label: row.parts
            for row in explain_stretch(
                stretch, rnn.tape, lambda place: rnn.peek(place + 1), "", rnn.lesson.is_noted
            ).rows
        }
        for stretch in rnn.graph.stretches
        if stretch.part == "backward"
    }
    assert rows["turn t = 2"]["inside"] == ("the lesson says why at records 30 and 31",)
    assert rows["turn t = 1"]["inside"] == ("the lesson says why at record 39",)
    assert rows["turn t = 0"]["inside"] == ("the lesson says why at record 47",)
