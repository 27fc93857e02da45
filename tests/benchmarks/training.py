"""Microseconds for an iteration of training, ours and others', after all have shown the same losses."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from tests.benchmarks.models import LAYER, LOOP, PRODUCTS, block, digits, lstm, pictures
from tests.benchmarks.racing import Contender, on_one_processor, race, times_as_long
from tests.benchmarks.report import goal, heading, say, table
from tests.benchmarks.workloads import BOUND, NOTEBOOK, Workload, compile_seconds, linear, net, polynomial

JAX = "JAX jit"
LOOKS = (1, 20, 100)
"""Iterations, one after the other, after which losses are compared: few, as near 0 rounding shows."""

COMPILED = 3
"""Times that a lesson is compiled, of which the quickest counts."""


def main(*, quick: bool) -> None:
    on_one_processor()
    heading("Training: µs for an iteration (one thread, medians)")
    net_goals = {NOTEBOOK: 0.75, JAX: 1.05}
    for make, times_ours, share_of_theirs in (
        (linear, {NOTEBOOK: 20.0}, {}),
        (polynomial, {NOTEBOOK: 20.0, "torch": 9.0, JAX: 1.6}, {BOUND: 2.4}),
        (lambda: net(16, 200), {}, net_goals),
        (lambda: net(64, 2000), {}, net_goals),
        (lambda: digits("float64"), {}, {"torch": 0.65, PRODUCTS: 1.18}),
        (lambda: digits("float32"), {}, {"torch": 0.65, PRODUCTS: 1.18}),
        (pictures, {}, {"torch": 1.2}),
        (block, {}, {"torch": 1.0}),
        (lstm, {}, {LOOP: 0.5, LAYER: 0.7}),
    ):
        workload = make()
        check_agreement(workload)
        race(workload.contenders, quick=quick)
        show(workload)
        ours, *others = workload.contenders
        by_name = {other.name: None if other.start is None else other for other in others}
        for name, least in times_ours.items():
            other = by_name[name]
            goal(f"{name} / ours", other and times_as_long(other, ours), least=least)
        for name, most in share_of_theirs.items():
            other = by_name[name]
            goal(f"ours / {name}", other and times_as_long(ours, other), most=most)
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
