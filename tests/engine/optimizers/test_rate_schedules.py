"""Learning rates by iteration beside those that PyTorch's schedulers give."""

from __future__ import annotations

import math
from itertools import product

import pytest

from tui_backprop.engine.optimizers.rate_schedules import (
    CONSTANT,
    SCHEDULES,
    RateField,
    RateSchedule,
    rate_schedule,
)

RECORDED: dict[str, tuple[str, dict[str, float], list[float]]] = {
    "constant": ("constant", {"factor": 0.5, "total_iters": 4}, [0.5, 0.5, 0.5, 0.5, 1, 1]),
    "step": (
        "step",
        {"step_size": 3, "gamma": 0.5},
        [1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.125],
    ),
    "exponential": ("exponential", {"gamma": 0.9}, [1, 0.9, 0.81, 0.729, 0.6561, 0.59049]),
    "linear": (
        "linear",
        {"start_factor": 0.25, "end_factor": 0.75, "total_iters": 4},
        [0.25, 0.375, 0.5, 0.625, 0.75, 0.75, 0.75],
    ),
    "linear, PyTorch's defaults": (
        "linear", {},
        [0.333333333333, 0.466666666667, 0.6, 0.733333333333, 0.866666666667, 1, 1],
    ),
    "cosine": (
        "cosine", {"t_max": 10},
        [
            1, 0.975528258148, 0.904508497187, 0.793892626146, 0.654508497187, 0.5, 0.345491502813,
            0.206107373854, 0.095491502813, 0.024471741852, 0, 0.024471741852, 0.095491502813,
            0.206107373854, 0.345491502813, 0.5, 0.654508497187, 0.793892626146, 0.904508497187,
            0.975528258148, 1, 0.975528258148,
        ],
    ),
    "cosine, eta_min": (
        "cosine", {"t_max": 4, "eta_min": 0.1},
        [1, 0.868198051534, 0.55, 0.231801948466, 0.1, 0.231801948466, 0.55],
    ),
    "warm-up and cosine": (
        "warmup_cosine", {"warmup": 4, "start_factor": 0.25, "t_max": 6, "eta_min": 0.1},
        [
            0.25, 0.4375, 0.625, 0.8125, 1, 0.939711431703, 0.775, 0.55, 0.325, 0.160288568297, 0.1,
            0.160288568297, 0.325, 0.55, 0.775, 0.939711431703, 1, 0.939711431703,
        ],
    ),
    "one cycle": (
        "one_cycle", {"total_steps": 10},
        [
            0.04, 0.52, 1, 0.950484632013, 0.81174565395, 0.611262021936, 0.388741978064, 0.18825834605,
            0.049519367987, 4e-06,
        ],
    ),
    "one cycle, all fields": (
        "one_cycle",
        {"max_lr": 0.5, "total_steps": 7, "pct_start": 0.4, "div_factor": 10, "final_div_factor": 100},
        [0.05, 0.314070839975, 0.49721049885, 0.405966578014, 0.231586159127, 0.067170295011, 0.0005],
    ),
    "one cycle that begins on its way down": (
        "one_cycle", {"max_lr": 0.5, "total_steps": 7, "pct_start": 0.1},
        [0.497207717725, 0.449283329673, 0.352822364496, 0.231318551333, 0.11436497658, 0.030446484879,
         2e-06],
    ),
}  # fmt: skip
"""Fields, and what PyTorch 2.13's schedulers give one after the other from a rate of 1."""


def schedule(kind: str, fields: dict[str, float]) -> RateSchedule:
    return RateSchedule(kind, tuple(fields.items()))


def test_every_kind_is_recorded() -> None:
    assert {kind for kind, _, _ in RECORDED.values()} == set(SCHEDULES)


@pytest.mark.parametrize("name", sorted(RECORDED))
def test_rates_are_those_of_pytorch(name: str) -> None:
    kind, fields, expected = RECORDED[name]
    rate = schedule(kind, fields).rate(1.0, 100)
    assert [rate(k) for k in range(len(expected))] == pytest.approx(expected, rel=1e-11, abs=1e-12)


@pytest.mark.parametrize(
    ("kind", "at"),
    [
        ("cosine", {5: 0.5, 10: 0.0, 11: 0.0244717, 15: 0.5, 20: 1.0}),
        (
            "one_cycle",
            dict(
                enumerate(
                    [0.04, 0.52, 1, 0.9504846, 0.8117457, 0.611262, 0.388742, 0.1882583, 0.0495194, 4e-06]
                )
            ),
        ),
    ],
)
def test_a_kind_alone_takes_the_iterations_there_are(kind: str, at: dict[int, float]) -> None:
    rate = RateSchedule(kind).rate(1.0, 10)
    assert [rate(k) for k in at] == pytest.approx(list(at.values()), rel=1e-5, abs=5e-8)


TURNED = {"total_steps": 10, "cycle_momentum": True, "base_momentum": 0.6, "max_momentum": 0.9}


def test_the_momentum_of_one_cycle_turns_the_other_way() -> None:
    # OneCycleLR anneals both on the same half waves, so that one follows from the other as recorded above
    rates = RECORDED["one cycle"][2]
    momentum = schedule("one_cycle", TURNED).momentum(1.0, 100)
    assert momentum is not None
    assert [momentum(k) for k in (0, 1, 2)] == pytest.approx([0.9, 0.75, 0.6], rel=1e-14)
    down = [0.9 - 0.3 * (rate - 4e-6) / (1 - 4e-6) for rate in rates[2:]]
    assert [momentum(k) for k in range(2, 10)] == pytest.approx(down, rel=1e-11)
    assert momentum(1000) == momentum(9) == pytest.approx(0.9)
    usual = schedule("one_cycle", {"cycle_momentum": True}).momentum(1.0, 10)
    assert usual is not None
    assert (usual(0), usual(2)) == pytest.approx((0.95, 0.85))  # PyTorch's defaults
    assert RateSchedule("one_cycle").momentum(1.0, 10) is None
    assert RateSchedule("cosine").momentum(1.0, 10) is None


def test_one_cycle_keeps_its_last_rate() -> None:
    rate = schedule("one_cycle", {"total_steps": 10}).rate(1.0, 10)
    assert rate(10) == rate(1000) == rate(9) == pytest.approx(4e-6)


@pytest.mark.parametrize("kind", sorted(SCHEDULES))
def test_every_rate_is_a_number_from_0_on(kind: str) -> None:
    for iterations, base in product([0, 1, 2, 10**9], [0.0, 0.1, 1e6]):
        rate = RateSchedule(kind).rate(base, iterations)
        for k in (0, 1, 2, 3, 10**6, 10**9):
            value = rate(k)
            assert type(value) is float
            assert 0.0 <= value <= base * (1 + 1e-12)


@pytest.mark.parametrize("pct_start", [0.0, 0.1, 0.2, 0.5, 1.0])
@pytest.mark.parametrize("total_steps", [1, 2, 5, 10])
def test_one_cycle_of_any_length_and_share_stays_between_its_ends(total_steps: int, pct_start: float) -> None:
    fields = {"total_steps": total_steps, "pct_start": pct_start}
    rates = [schedule("one_cycle", fields).rate(1.0, 10)(k) for k in range(total_steps + 2)]
    assert all(4e-6 * (1 - 1e-9) <= rate <= 1.0 for rate in rates)


def test_a_factor_that_grows_past_all_numbers_gives_infinity() -> None:
    rate = schedule("exponential", {"gamma": 10.0}).rate(1.0, 10)
    assert rate(300) == 1e300
    assert rate(10**9) == math.inf


def test_what_follows_from_the_rest() -> None:
    assert RateSchedule("cosine").fields(0.1, 50) == {"t_max": 50, "eta_min": 0.0}
    assert schedule("warmup_cosine", {"warmup": 20}).fields(0.1, 100)["t_max"] == 80
    assert RateSchedule("one_cycle").fields(0.3, 100)["max_lr"] == 0.3
    assert RateSchedule("step").fields(0.1, 90) == {"step_size": 30, "gamma": 0.1}
    assert RateSchedule("exponential").rate(1.0, 200)(200) == pytest.approx(0.01)


def test_only_a_constant_rate_does_not_vary() -> None:
    assert not CONSTANT.varies
    assert schedule("constant", {"factor": 0.5}).varies
    assert all(RateSchedule(kind).varies for kind in SCHEDULES.keys() - {"constant"})


def test_a_function_that_does_not_take_its_fields_is_refused() -> None:
    with pytest.raises(TypeError, match="other arguments"):

        @rate_schedule("η₀", "never", RateField("period", "how long", 1))
        def odd_rate(k: int, learning_rate: float, length: int) -> float:
            return learning_rate

    assert "odd" not in SCHEDULES
