"""What is not shown is not made: a long iteration begins at once, and only the records written are made."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest

import tui_backprop as tb
from tests.support.large_lessons import many_parameters
from tui_backprop.engine.autodiff.tape import Tape
from tui_backprop.explain.pages import iteration as pages
from tui_backprop.explain.pages.whole import WholeIteration
from tui_backprop.training.iteration import Iteration


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return the places of the records that are made from now on."""
    places: list[int] = []
    pick = Iteration.pick

    def noted(self: Iteration, place: int):
        places.append(place)
        return pick(self, place)

    monkeypatch.setattr(Iteration, "pick", noted)
    monkeypatch.setattr(Tape, "records", lambda _: pytest.fail("all of them are made"))
    return places


def trainer(folder: Path, count: int = 40) -> tb.Trainer:
    return tb.Trainer(tb.load_lesson(many_parameters(folder / "long.toml", count)))


def test_the_first_lines_need_no_records_and_no_gradients(
    tmp_path: Path, made: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Tape, "backward", lambda *_: pytest.fail("gradients are not shown yet"))
    lines = list(islice(pages.as_text(WholeIteration.of(trainer(tmp_path))), 100))
    assert "FORMULA" in lines
    assert "  h0 = w0 * x" in lines
    assert made == []


def test_of_a_long_iteration_only_what_is_written_is_made(
    tmp_path: Path, made: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "MAX_RECORDS", 100)
    monkeypatch.setattr(pages, "KEPT", 3)
    whole = WholeIteration.of(trainer(tmp_path))
    text = "\n".join(pages.as_text(whole))
    forward, backward = len(whole.graph.assignments), len(whole.graph.factors)
    parts = ((0, forward), (forward, forward + backward), (forward + backward, len(whole.records)))
    shown = [place for start, stop in parts for place in (*range(start, start + 3), *range(stop - 3, stop))]
    assert sorted(set(made)) == shown
    assert text.count(f" of {len(whole.records)}: ") == len(shown)


def test_a_whole_iteration_stays_when_the_training_goes_on(tmp_path: Path) -> None:
    t = trainer(tmp_path, 3)
    whole = WholeIteration.of(t)
    loss = t.loss
    t.run(iterations=2)
    assert whole.tape.loss() == loss != t.loss
    before = {record.parameter.name: record.before for record in whole.records[-3:]}
    assert before == {"w0": 0.5, "w1": 0.5, "w2": 0.5}


def test_back_over_an_iteration_s_start_makes_one_record(tmp_path: Path, made: list[int]) -> None:
    t = trainer(tmp_path)
    t.next()
    assert made == []
    last = t.back()
    assert set(made) == {t.position - 1} == {t.record_count - 2}
    assert last is t.record


def test_finding_a_node_makes_the_record_there(tmp_path: Path, made: list[int]) -> None:
    t = trainer(tmp_path)
    t.seek(t.place_of("w7"))
    assert set(made) == {t.position - 1}
    t.next()
    assert t.iteration == 1
    assert set(made) == {t.place_of("w7") - 1}
