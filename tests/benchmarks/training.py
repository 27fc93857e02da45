"""Microseconds for an iteration of training, ours and others', after all have shown the same losses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import median

from tests.benchmarks.models import LAYER, LOOP, PRODUCTS, block, digits, lstm, pictures
from tests.benchmarks.racing import Contender, on_one_processor, race, times_as_long
from tests.benchmarks.report import goal, heading, say, table
from tests.benchmarks.workloads import (
    BOUND,
    NATIVE,
    NOTEBOOK,
    OURS,
    Workload,
    compile_seconds,
    linear,
    net,
    polynomial,
    two_layer,
)

JAX, SCAN = "JAX jit", "JAX scan, keeps losses"
LOOKS = (1, 20, 100)
"""Iterations, one after the other, after which losses are compared: few, as near 0 rounding shows."""

COMPILED = 3
"""Times that a lesson is compiled, of which the quickest counts."""


Goals = Sequence[tuple[str, str, dict[str, float]]]
"""Who, how many times as long as who, and within which limits."""


def _at_least(times: float, *, native: float) -> Goals:
    """Ask to be so many times as fast as a notebook's loop."""
    return (NOTEBOOK, OURS, {"least": times}), (NOTEBOOK, NATIVE, {"least": native})


NET: Goals = ((OURS, NOTEBOOK, {"most": 0.75}),)
TRAINED: Sequence[tuple[Callable[[], Workload], Goals]] = (
    (linear, _at_least(30.0, native=300.0)),
    (two_layer, ((NATIVE, JAX, {"most": 0.1}), (NATIVE, SCAN, {"most": 1.0}))),
    (
        polynomial,
        (
            *_at_least(20.0, native=20.0),
            ("torch", OURS, {"least": 9.0}),
            (JAX, OURS, {"least": 1.6}),
            (OURS, BOUND, {"most": 1.7}),
            (NATIVE, BOUND, {"most": 1.2}),
        ),
    ),
    (lambda: net(16, 200), (*NET, (OURS, JAX, {"most": 1.5}), (NATIVE, JAX, {"most": 0.8}))),
    (
        lambda: net(64, 2000),
        (
            *NET,
            (OURS, JAX, {"most": 3.5}),
            (NATIVE, JAX, {"most": 1.0}),
            (OURS, "torch", {"most": 1.0}),
            (NATIVE, "torch", {"most": 0.4}),
        ),
    ),
    (
        lambda: digits("float64"),
        ((OURS, "torch", {"most": 0.65}), (OURS, PRODUCTS, {"most": 1.18}), (NATIVE, OURS, {"most": 1.0})),
    ),
    (lambda: digits("float32"), ((OURS, "torch", {"most": 0.65}), (OURS, PRODUCTS, {"most": 1.18}))),
    (pictures, ((OURS, "torch", {"most": 1.2}), (NATIVE, OURS, {"most": 1.0}))),
    (block, ((OURS, "torch", {"most": 1.0}), (NATIVE, OURS, {"most": 1.0}))),
    (lstm, ((OURS, LOOP, {"most": 0.5}), (OURS, LAYER, {"most": 0.7}), (NATIVE, OURS, {"most": 1.0}))),
)
"""What is trained, and goals. Those that JAX and processors decide are of one without AVX-512."""


def main(*, quick: bool) -> None:
    on_one_processor()
    heading("Training: µs of a processor for an iteration (one thread, medians)")
    for make, goals in TRAINED:
        workload = make()
        check_agreement(workload)
        race(workload.contenders, quick=quick)
        show(workload)
        by_name = {one.name: None if one.start is None else one for one in workload.contenders}
        for name, other, limits in goals:
            one, two = by_name[name], by_name[other]
            ratio = times_as_long(one, two) if one is not None and two is not None else None
            goal(f"{name} / {other}", ratio, **limits)
        if workload.lesson is not None:
            seconds = min(compile_seconds(workload.lesson()) for _ in range(COMPILED))
            goal("s until it is compiled", seconds, most=1.0)
        say()


def check_agreement(workload: Workload) -> None:
    """Refuse to time a contender that computes something else."""
    expected, *others = [
        (contender, _losses(contender))
        for contender in workload.contenders
        if contender.start is not None and contender.trains
    ]
    for contender, losses in others:
        for ours, theirs in zip(expected[1], losses, strict=True):
            assert abs(ours - theirs) <= workload.agreement * abs(ours), (
                f"{workload.title}: {contender.name} has the loss {theirs!r} where ours is {ours!r}"
            )


def _losses(contender: Contender) -> Sequence[float]:
    assert contender.start is not None
    run = contender.start()
    return [run(iterations) for iterations in LOOKS]


def show(workload: Workload) -> None:
    ours = workload.contenders[0]
    rows = [
        (
            contender.name,
            f"{contender.microseconds:.3f}",
            f"{times_as_long(contender, ours):.3g}",
            f"{median(contender.processor):.2f}",
        )
        if contender.start is not None
        else (contender.name, "not installed", "", "")
        for contender in workload.contenders
    ]
    table((workload.title, "µs", "times ours", "processors"), rows)
