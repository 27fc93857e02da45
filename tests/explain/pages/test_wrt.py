"""The way from the loss to one node, as a page and as an object: what explain --wrt prints."""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path

import numpy as np
import pytest

import tui_backprop as tb
from tests.support.thorough import in_part, lessons
from tests.support.trainers import trainer
from tui_backprop.engine.autodiff.graph import Node
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.engine.language.nodes import find_one
from tui_backprop.explain.pages.iteration import as_json
from tui_backprop.explain.pages.whole import WholeIteration
from tui_backprop.explain.pages.wrt import wrt_json, wrt_text
from tui_backprop.lessons.library import BUILTIN
from tui_backprop.text.width import cells


def way(t: tb.Trainer, name: str) -> tuple[WholeIteration, Node]:
    """Return a trainer's iteration, and the node of this name."""
    return WholeIteration.of(t), find_one(t.graph, name)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """Write a lesson with a fork in the middle, a sub-expression that occurs twice, and an unused line."""
    path = tmp_path / "own.toml"
    path.write_text(
        'formula = """\nh = tanh(w * x)\ns = h * u + h**2\nside = v * (w * x)\nL = s**2\n"""\n'
        "[data]\nx = 2.0\nu = 0.5\n[parameters]\nw = 0.3\nv = 1.0\n",
        encoding="utf-8",
    )
    return path


@pytest.mark.parametrize("lesson", lessons(BUILTIN))
@in_part("width", 60, 80)
def test_every_node_of_every_lesson_fits(lesson: str, width: int) -> None:
    t = trainer(lesson)
    t.run(iterations=1)
    for name in t.graph.named:
        t.rewind(min(t.iteration, 1))
        for line in wrt_text(*way(t, name), width):
            assert cells(line) <= width, line
            assert not any(unicodedata.category(character) in ("Cc", "Cf", "Cs") for character in line)


def test_the_page_for_beta() -> None:
    t = trainer("logistic")
    total = t.record_count
    page = list(wrt_text(*way(t, "β")))
    assert page[:3] == [
        "logistic: Logistic regression by hand",
        "iteration 0, epoch 0, loss 0.375",
        "from the loss L to β: 1 path, 7 factors",
    ]
    assert [line for line in page if line.isupper() and line.isalpha()] == ["CHAIN", "BACKWARD", "GRADIENT"]
    text = " ".join(" ".join(page).split())
    assert "chain ∂L/∂β = ∂L/∂ŷ · ∂ŷ/∂z · ∂z/∂β = [−0.5, 0.5, −0.5] · [0.25, 0.25, 0.25] · [[1, 2]," in text
    assert "computed ∂L/∂β = Xᵀ @ (∂L/∂ŷ ⊙ ∂ŷ/∂z) same Both lines are the same product." in text
    assert "= [[1, 3, 5], [2, 4, 6]] @ [−0.125, 0.125, −0.125] = [−0.375, −0.5]" in text
    assert "why In row i, βⱼ is multiplied by Xᵢⱼ" in text
    assert page[-1] == "  result          ∂L/∂β = [−0.375, −0.5]"
    numbers = [int(m[1]) for line in page if (m := re.match(rf"(\d+) of {total}: ∂L/∂", line))]
    assert numbers == [9, 10, 11, 13, 14, 15, 19]  # not the ways to y, b and X


def test_the_object_for_beta() -> None:
    page = json.loads(json.dumps(wrt_json(*way(trainer("logistic"), "beta"))))
    assert (page.pop("iteration"), page.pop("loss"), page.pop("remarks")) == (0, 0.375, [])
    assert list(page) == ["wrt", "gradient", "textbook", "computed", "paths", "path_count", "factors"]
    assert (page["wrt"], page["path_count"]) == ("beta", 1)
    np.testing.assert_allclose(page["gradient"], [-0.375, -0.5])
    assert page["textbook"] == "∂L/∂β = ∂L/∂ŷ · ∂ŷ/∂z · ∂z/∂β"
    assert page["computed"] == "∂L/∂β = Xᵀ @ (∂L/∂ŷ ⊙ ∂ŷ/∂z)"
    (path,) = page["paths"]
    assert path == [
        "L", "((y - y_hat)**2 / 2)", "(y - y_hat)**2", "(y - y_hat)", "y_hat", "z", "(X @ beta)", "beta",
    ]  # fmt: skip
    whole = as_json(WholeIteration.of(trainer("logistic")))["factors"]
    assert all(factor in whole for factor in page["factors"])
    assert [factor["operand"] for factor in page["factors"]] == path[1:]


def test_the_paths_and_sums_of_forks() -> None:
    page = wrt_json(*way(trainer("polynomial"), "x"))
    assert page["path_count"] == 3
    assert [path[-2] for path in page["paths"]] == ["(b * x)", "x**2", "x**3"]
    assert page["computed"] == "∂L/∂x = path 1 + path 2 + path 3"
    text = " ".join(" ".join(wrt_text(*way(trainer("logistic-ce"), "beta"))).split())
    assert "from the loss L to β: 2 paths, 12 factors" in text
    assert "sum ∂L/∂ŷ = path 1 + path 2 = [0, 2, 0] + [−2, 0, −2] = [−2, 2, −2]" in text
    assert "so far ∂L/∂ŷ, 2 of 2 contributions = [−2, 2, −2]" in text


def test_a_target_that_is_data_or_a_sub_expression(own: Path) -> None:
    assert wrt_json(*way(trainer("logistic"), "X"))["computed"] == "∂L/∂X = outer(∂L/∂ŷ ⊙ ∂ŷ/∂z, β)"
    for text in ("(X @ beta)", "X @ beta", "(X @ β)", "X @ β"):
        assert find_one(trainer("logistic").graph, text).name == "(X @ beta)"
    assert wrt_json(*way(trainer("logistic"), "X @ beta"))["gradient"] == [-0.125, 0.125, -0.125]
    with pytest.raises(
        BackpropError, match=r"^\(w \* x\) occurs 2 times; give the one you mean a name of its own$"
    ):
        find_one(trainer(own).graph, "(w * x)")
    with pytest.raises(BackpropError, match=r"^unknown node 'betta'; did you mean beta\?$"):
        wrt_json(*way(trainer("logistic"), "betta"))


def test_a_node_that_the_loss_does_not_depend_on(own: Path) -> None:
    page = list(wrt_text(*way(trainer(own), "v")))
    assert page[2:] == ["", "The loss L does not depend on v: gradient zero, no factors."]
    assert wrt_json(*way(trainer(own), "v")) == {
        "iteration": 0,
        "loss": trainer(own).loss,
        "remarks": [],
        "wrt": "v",
        "gradient": 0.0,
        "textbook": "∂L/∂v = 0: the loss does not depend on it",
        "computed": "∂L/∂v = 0: the loss does not depend on it",
        "paths": [],
        "path_count": 0,
        "factors": [],
    }


def test_the_loss_itself(own: Path) -> None:
    page = list(wrt_text(*way(trainer(own), "L")))
    assert page[-1] == "∂L/∂L = 1, by definition: L is the loss, and there are no factors."
    found = wrt_json(*way(trainer(own), "L"))
    assert (found["gradient"], found["paths"], found["path_count"]) == (1.0, [["L"]], 1)


def test_forks_one_after_the_other_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "twice.toml"
    lines = "\n".join(f"x{i + 1} = x{i} + x{i}" for i in range(40))
    path.write_text(f'formula = """\nx0 = w * 1\n{lines}\nL = x40 * 1\n"""\n[parameters]\nw = 1.0\n')
    page = list(wrt_text(*way(trainer(path), "w")))
    assert "from the loss L to w: 1,099,511,627,776 paths, 82 factors" in page
    assert "  forks           … and 34 more on the way" in page
    found = wrt_json(*way(trainer(path), "w"))
    assert (found["path_count"], len(found["paths"]), found["gradient"]) == (2**40, 20, 2.0**40)


def test_overrides_are_said() -> None:
    t = trainer("logistic")
    t.override("y_hat", [0.8, 0.3, 0.4])
    page = list(wrt_text(*way(t, "beta")))
    assert "put in by hand: ŷ; what is computed from it is an exercise" in page
    assert page[-1] == "  result          ∂L/∂β = [−0.563, −0.676]"
