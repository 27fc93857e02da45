"""Any way over lines and into them leads through the states of single steps, and into no closed line."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

import pytest
from hypothesis import strategies as st

from tests.support.folded import NET
from tests.support.thorough import tried
from tests.support.trainers import here, mine
from tui_backprop.debugger import folding as commands
from tui_backprop.debugger import moving
from tui_backprop.debugger.lines.folding import Folding
from tui_backprop.debugger.lines.rows import RecordIndex
from tui_backprop.debugger.session import DebugSession
from tui_backprop.engine.core.errors import BackpropError

SINGLE: dict[tuple[int, int], tuple] = {}
"""What holds at each iteration and position, as single steps of a trainer have it."""


def at_single_steps(iteration: int, position: int) -> tuple:
    """Return all that holds somewhere, by ``trainer.step()`` alone."""
    if (iteration, position) not in SINGLE:
        with tempfile.TemporaryDirectory() as folder:
            trainer = mine(Path(folder), NET)
        while (trainer.iteration, trainer.position) != (iteration, position):
            trainer.step()
        SINGLE[iteration, position] = here(trainer)
    return SINGLE[iteration, position]


WAYS = {
    "step": (moving.step, st.sampled_from(["", "", "3"])),
    "back": (moving.back, st.sampled_from(["", "", "3"])),
    "into": (moving.into, st.just("")),
    "next": (moving.next_iteration, st.just("")),
    "fold": (
        commands.fold,
        st.sampled_from(["", "", "all", "1 2", "39 40", "3 5", "9 14", "45 49", "92 93"]),
    ),
    "unfold": (commands.unfold, st.sampled_from(["", "all", "20", "50", "93"])),
    "goto": (lambda session, place: moving.go_to_record(session, int(place)), st.integers(0, 92).map(str)),
    "find": (moving.find, st.sampled_from(["cell.a.2", "gate.e", "w"])),
}
"""What somebody may do, and what may stand behind it."""
ONE = st.sampled_from(["step", "step", "into", *WAYS]).flatmap(
    lambda name: st.tuples(st.just(name), WAYS[name][1])
)


@tried(doings=st.lists(ONE, min_size=8, max_size=16), all_factors=st.booleans(), few=4, many=8)
def test_any_way_leads_through_the_states_of_single_steps(doings, all_factors) -> None:
    with tempfile.TemporaryDirectory() as folder:
        session = DebugSession(mine(Path(folder), NET))
    session.all_factors = all_factors
    trainer = session.trainer
    for name, argument in doings:
        before, ahead = (trainer.iteration, trainer.position), session.line_ahead()
        if name == "next" and before[0] > 1:
            continue
        try:
            list(WAYS[name][0](session, argument))
        except BackpropError:
            assert (trainer.iteration, trainer.position) == before
        check(session)
        after = trainer.iteration, trainer.position
        if name == "step" and not argument:
            assert after > before
            if all_factors:
                goal = before[1] + 1 if ahead is None else ahead.stop
                assert after == (before[0], goal) or (goal == 93 and after == (before[0] + 1, 0))
                list(moving.back(session))
                assert (trainer.iteration, trainer.position) == before
                list(moving.step(session))
                assert (trainer.iteration, trainer.position) == after
        if name == "into" and all_factors:
            assert after in ((before[0], before[1] + 1), (before[0] + 1, 0))


def check(session: DebugSession) -> None:
    """Hold what is so wherever a session stands."""
    trainer = session.trainer
    assert here(trainer) == at_single_steps(trainer.iteration, trainer.position)
    closed = session.folding.closed(trainer.graph)
    assert not any(line.holds(trainer.position) for line in closed)
    index = RecordIndex(trainer.graph)
    for shown in (trainer.position - 1, -1, None):
        rows = [row for row in index.rows(session.folding, shown) if not row.is_open]
        places = [place for row in rows for place in range(row.place, row.last + 1)]
        assert places == list(range(trainer.record_count))
    explained = session.explained()
    assert (explained is None) == (trainer.record is None)


@pytest.fixture(name="session")
def _session(tmp_path) -> DebugSession:
    return DebugSession(mine(tmp_path, NET))


def lines(session: DebugSession) -> list[str]:
    return [title for _, _, title in session.lines()]


def test_whoever_steps_inside_sees_the_last_record_and_leaves_the_line_closed(session) -> None:
    list(moving.go_to_record(session, 1))
    list(moving.into(session))
    assert lines(session)[2:4] == ["X[0]", "h.2 = cell(X[0], h.1, w, u)"]
    list(moving.into(session, "11"))
    explained = session.explained()
    assert (explained.number, explained.stretch) == (14, None)
    assert explained.explanation.title.startswith("h.2 = tanh")
    list(moving.step(session))
    assert lines(session)[2] == "turn t = 0: h.2"
    assert session.explained().explanation.title == "turn t = 1: h.3"


def test_a_folded_line_that_ends_the_iteration_is_still_explained_as_one(session) -> None:
    list(commands.fold(session, "92 93"))
    list(moving.go_to_record(session, 90))
    list(moving.step(session))
    assert (session.trainer.iteration, session.trainer.position) == (1, 0)
    explained = session.explained()
    assert (explained.iteration, explained.number, explained.total) == (0, 93, 93)
    assert explained.explanation.title == "update w, u"
    after = dict(explained.explanation.values)
    assert after == {f"{name} after": session.trainer.parameters[name] for name in ("w", "u")}
    assert session.explained() is explained
    list(moving.back(session))
    assert (session.trainer.iteration, session.trainer.position) == (
        0,
        90,
    )  # past ∂L/∂ones(2), which leads to no parameter
    list(moving.into(session, "2"))
    assert session.explained().explanation.title == "update u"
    list(moving.back(session))
    list(moving.into(session))
    replies = list(commands.fold(session))  # from its midst, by its end
    assert (session.trainer.iteration, session.trainer.position) == (1, 0)
    assert replies[0].text == "records 92 to 93: folded, 2 records in one line"
    assert session.explained().explanation.title == "update w, u"


def test_what_is_folded_comes_back_with_the_training(session) -> None:
    list(commands.fold(session, "1 2"))
    list(commands.unfold(session, "20"))
    found = lines(session)
    again = DebugSession(session.trainer)
    assert lines(again) == found
    assert found[:2] == ["records 1 to 2: h.1", "turn t = 0: h.2"]
    list(commands.fold(again, "all"))
    list(commands.unfold(again, "1"))
    assert lines(DebugSession(session.trainer)) == lines(again)


def test_a_folding_is_of_no_hindrance_in_another_batch_s_graph(session) -> None:
    graph = session.trainer.graph
    folding = Folding().unfold_all(graph)
    folding = folding.fold(folding.between(graph, 39, 40))
    with tempfile.TemporaryDirectory() as folder:
        other = mine(Path(folder), NET.replace("range(3)", "range(2)")).graph
    assert all(line.stop <= len(other.assignments) for line in folding.closed(other) if not line.group)
    assert [line for line in folding.closed(other) if line.part == "backward"] != []


@pytest.mark.parametrize(
    ("first", "last", "reason"),
    [
        (3, 3, "found 3 and 3; write the first and the last of several records, 1 to 93"),
        (0, 4, "found 0 and 4"),
        (90, 94, "found 90 and 94"),
        (39, 42, "record 39 belongs to forward, record 42 to backward; fold each part alone"),
        (2, 5, "records 2 to 5 cut turn t = 0 from 3 to 14; take all of it or a part of it"),
    ],
)
def test_what_cannot_be_one_line_is_refused(session, first, last, reason) -> None:
    with pytest.raises(BackpropError, match=re.escape(reason)):
        session.folding.between(session.trainer.graph, first, last)


def test_the_quiz_asks_for_each_factor_of_a_line(session) -> None:
    graph = session.trainer.graph
    session.predict(True)
    assert {line.part for line in session.folding.closed(graph)} == {"forward"}
    with pytest.raises(BackpropError, match="the quiz asks for each factor"):
        list(commands.fold_at(session, 43))
    session.predict(False)
    assert {line.part for line in session.folding.closed(graph)} == {"forward", "backward"}
