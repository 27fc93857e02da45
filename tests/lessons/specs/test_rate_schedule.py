"""Schedules as they are written in a lesson, on the command line and in Python."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.scripts import make_lesson
from tui_backprop.engine.optimizers.rate_schedules import SCHEDULES, RateSchedule
from tui_backprop.explain.rates import RateCurve
from tui_backprop.lessons.errors import HyperparameterError, LessonError
from tui_backprop.lessons.hyperparameters import HYPERPARAMETERS, Hyperparameters, parse_setting

SPEC = HYPERPARAMETERS["schedule"]
KINDS = ", ".join(SCHEDULES)
RIGHT = f'it must be {KINDS}, or a table such as {{ kind = "cosine", t_max = 50 }}'


@pytest.mark.parametrize(
    "written",
    [
        'schedule={ kind = "cosine", t_max = 50 }',
        "schedule = {kind='cosine',T_max=50}",
    ],
)
def test_a_table_on_the_command_line(written: str) -> None:
    assert parse_setting(written) == ("schedule", RateSchedule("cosine", (("t_max", 50),)))


def test_a_kind_alone_and_values_of_python() -> None:
    assert parse_setting("schedule=cosine")[1] == SPEC.check({"kind": "cosine"}) == RateSchedule("cosine")
    assert SPEC.check(RateSchedule("step", (("gamma", 0.5),))) == RateSchedule("step", (("gamma", 0.5),))


def test_fields_stand_in_the_kind_s_order_however_they_are_written() -> None:
    table = {"eta_min": 0.01, "kind": "cosine", "t_max": 50}
    assert str(SPEC.check(table)) == '{ kind = "cosine", t_max = 50, eta_min = 0.01 }'


@given(st.data())
def test_what_is_shown_is_read_as_the_same(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(sorted(SCHEDULES)))
    numbers = {
        field.name: st.booleans()
        if field.truth
        else st.integers(int(field.low), 10**9)
        if field.whole
        else st.floats(field.low, field.high, exclude_min=field.low_open, exclude_max=field.high_open)
        for field in SCHEDULES[kind].fields
    }
    fields = data.draw(st.fixed_dictionaries({}, optional=numbers))
    made = SPEC.check({"kind": kind, **fields})
    assert SPEC.parse(str(made)) == made
    assert dict(made.given) == fields


@pytest.mark.parametrize(
    ("written", "refusal"),
    [
        ("cosin", "schedule: found 'cosin'; did you mean cosine?"),
        ("", f"schedule: found ''; {RIGHT}"),
        ("{ kind = 3 }", f"schedule: found 3; {RIGHT}"),
        ("{ t_max = 3 }", 'schedule: the key kind is missing; write { kind = "cosine", t_max = 50 }'),
        ("{ kind", "schedule: found '{ kind'; write a table such as { kind = \"cosine\", t_max = 50 }"),
        ("{ kind = 'cosine', tmax = 3 }", "schedule: unknown key 'tmax' of cosine; did you mean t_max?"),
        (
            "{ kind = 'cosine', momentum = 3 }",
            "schedule: unknown key 'momentum' of cosine; there are t_max, eta_min",
        ),
        ("{ kind = 'cosine', t_max = 3, T_max = 4 }", "schedule: t_max is given twice"),
        (
            "{ kind = 'cosine', t_max = 0 }",
            "schedule.t_max: found 0; it must be a whole number from 1 to 1e9",
        ),
        (
            "{ kind = 'step', gamma = true }",
            "schedule.gamma: found true; it must be a number above 0 and at most 10",
        ),
        (
            "{ kind = 'one_cycle', cycle_momentum = 1 }",
            "schedule.cycle_momentum: found 1; it must be true or false",
        ),
        (
            "{ kind = 'one_cycle', max_momentum = 1.0 }",
            "schedule.max_momentum: found 1.0; it must be a number from 0 to below 1",
        ),
        (
            "{ kind = 'one_cycle', pct_start = 'x' }",
            "schedule.pct_start: found 'x'; it must be a number from 0 to 1",
        ),
    ],
)
def test_refusals_say_what_would_be_right(written: str, refusal: str) -> None:
    with pytest.raises(HyperparameterError) as caught:
        SPEC.parse(written)
    assert str(caught.value) == refusal


def test_nothing_typed_is_read_for_long_or_run_on() -> None:
    for text in ("{" * 390, "{ kind = 'cosine' }\nx = 1", f"{{ kind = '{'x' * 1000}' }}"):
        with pytest.raises(HyperparameterError, match="write a table such as"):
            SPEC.parse(text)


def test_other_values_are_refused() -> None:
    for value in (None, 3, ["cosine"], True):
        with pytest.raises(HyperparameterError, match="schedule: found"):
            SPEC.check(value)


def test_clipping_is_none_or_a_number() -> None:
    for name in ("clip_norm", "clip_value"):
        spec = HYPERPARAMETERS[name]
        assert spec.parse("none") == spec.check(None) == "none"
        assert spec.parse(" 0.5 ") == 0.5
        for wrong in ("0", "-1", "nan", "inf", "off", "2e6"):
            with pytest.raises(HyperparameterError) as caught:
                spec.parse(wrong)
            assert str(caught.value).endswith("it must be none, or a number above 0 and at most 1e6")


def test_a_rate_that_is_not_used_is_said() -> None:
    fixed = Hyperparameters().replace(schedule={"kind": "one_cycle", "max_lr": 0.1})
    assert fixed.why_unused("learning_rate") == (
        "learning_rate has no effect: the schedule is one_cycle, with a max_lr"
    )
    assert fixed.replace(schedule="one_cycle").is_used("learning_rate")


def test_a_momentum_that_turns_is_typed_kept_and_said_of_the_one_that_is_set() -> None:
    typed = SPEC.parse("{ kind = 'one_cycle', base_momentum = 0.8, cycle_momentum = true }")
    assert str(typed) == '{ kind = "one_cycle", cycle_momentum = true, base_momentum = 0.8 }'
    assert SPEC.parse(str(typed)) == typed
    for optimizer, name in (("nesterov", "momentum"), ("adam", "beta1")):
        turned = Hyperparameters().replace(schedule=typed, optimizer=optimizer)
        assert turned.why_unused(name) == (
            f"{name} has no effect: the schedule is one_cycle, with cycle_momentum"
        )
    lines = RateCurve.of(turned.replace(iterations=10), 0)
    assert "cycle_momentum = true: whether momentum, or beta1, turns the other way" in lines.about
    assert lines.rates[0] == "iteration 0: 0.0004, momentum 0.95, here"
    assert lines.rates[2] == "iteration 2: 0.01, momentum 0.8"


LESSON = "formula = 'L = w**2'\n[parameters]\nw = 1\n[hyperparameters]\n"


def test_a_lesson_has_a_table_or_a_kind(tmp_path: Path) -> None:
    table = make_lesson(tmp_path, f"{LESSON}schedule = {{ kind = 'step', step_size = 5 }}\nclip_norm = 1\n")
    assert str(table.hyperparameters.schedule) == '{ kind = "step", step_size = 5 }'
    assert table.hyperparameters.clip_norm == 1.0
    kind = make_lesson(tmp_path, f"{LESSON}schedule = 'cosine'\nclip_value = 'none'\n")
    assert str(kind.hyperparameters.schedule) == "cosine"
    long = "[hyperparameters.schedule]\nkind = 'one_cycle'\nmax_lr = 0.5\n"
    assert dict(make_lesson(tmp_path, LESSON + long).hyperparameters.schedule.given) == {"max_lr": 0.5}


@pytest.mark.parametrize(
    ("line", "refusal"),
    [
        (
            "schedule = { kind = 'cosine', t_max = 0.5 }",
            "hyperparameters.schedule.t_max: found 0.5; it must be a whole number from 1 to 1e9",
        ),
        ("scheduler = 'cosine'", "unknown key 'scheduler'; it is called schedule here"),
        ("max_grad_norm = 1", "unknown key 'max_grad_norm'; it is called clip_norm here"),
        ("warmup_cosine = 1", "unknown key 'warmup_cosine'; write schedule=warmup_cosine"),
    ],
)
def test_a_lesson_s_mistakes_are_named(line: str, refusal: str, tmp_path: Path) -> None:
    with pytest.raises(LessonError) as caught:
        make_lesson(tmp_path, f"{LESSON}{line}\n")
    assert str(caught.value).endswith(refusal)
