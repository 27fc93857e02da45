"""Names in other letters than ASCII: TOML wants them in quotes, and the refusal says so."""

from __future__ import annotations

import pytest

import tui_backprop as tb
from tui_backprop.lessons.errors import LessonError

TEXT = 'formula = "L = θ**2"\n[parameters]\n{key} = 3.0\n'


def test_a_bare_greek_key_is_refused_with_the_right_way(tmp_path):
    path = tmp_path / "greek.toml"
    path.write_text(TEXT.format(key="θ"), encoding="utf-8")
    with pytest.raises(LessonError, match=r'stands in quotes: "θ" = …$'):
        tb.load_lesson(path)


def test_a_quoted_greek_key_is_a_name_in_either_spelling(tmp_path):
    path = tmp_path / "greek.toml"
    path.write_text(TEXT.format(key='"θ"'), encoding="utf-8")
    trainer = tb.Trainer(tb.load_lesson(path))
    assert trainer.gradients["θ"] == 6.0
    trainer.override("theta", 2.0)
    assert trainer.gradients["θ"] == 4.0


def test_a_name_is_not_a_lesson():
    with pytest.raises(tb.BackpropError, match="load_lesson"):
        tb.Trainer("linear")


def test_values_are_found_in_either_spelling():
    trainer = tb.Trainer(tb.load_lesson("logistic"))
    assert trainer.gradients["β"] is not None
    assert (trainer.gradients["ŷ"] == trainer.gradients["y_hat"]).all()
    assert (trainer.parameters["β"] == trainer.parameters["beta"]).all()
    assert "β" not in trainer.gradients  # the names it lists are the lesson's
    with pytest.raises(KeyError, match="did you mean"):
        trainer.gradients["betta"]
