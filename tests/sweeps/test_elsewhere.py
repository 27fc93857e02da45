"""What is sent to workers is data, and what they answer is looked at; those that differ are refused."""

from __future__ import annotations

import sys

import numpy as np
import pytest

import tui_backprop as tb
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.sweeps.elsewhere.cluster import ClusterCrew, agreed
from tui_backprop.sweeps.elsewhere.messages import decode_answer
from tui_backprop.sweeps.elsewhere.sending import _Packing
from tui_backprop.sweeps.elsewhere.worker import do, facts
from tui_backprop.sweeps.plan import SweepPlan
from tui_backprop.sweeps.portions import ALL
from tui_backprop.sweeps.run import portions

HERE = {
    "tui-backprop": "1.0",
    "Python": "3.12",
    "NumPy": "2.1.0",
    "processor": "x86_64 AVX2",
    "machine code": "none",
}


def test_a_job_for_another_version_is_refused() -> None:
    plan = SweepPlan.of(tb.load_lesson("linear"), {"learning_rate": [0.1]}, 5)
    (portion,) = portions(plan, [0], ALL, 1)
    points = {point.number: point for point in plan}
    answer = decode_answer(do(_Packing(plan, points, facts()).job(portion)))
    assert not answer.refused
    assert [one.iterations for one in answer.ended] == [5]
    others = {**facts(), "NumPy": "1.0"}
    answer = decode_answer(do(_Packing(plan, points, others).job(portion)))
    assert answer.refused == f"a worker has NumPy {np.__version__} in place of 1.0"
    assert not answer.ended


def test_workers_agree_or_are_refused_with_the_difference() -> None:
    wide = {**HERE, "processor": "x86_64 AVX2 AVX512F"}
    assert agreed(HERE, {"a": wide, "b": wide})["processor"] == wide["processor"]  # they, and not we, compute
    with pytest.raises(
        BackpropError, match="the worker b has processor x86_64 AVX2 in place of x86_64 AVX2 AVX5"
    ):
        agreed(HERE, {"a": wide, "b": HERE})
    other = {**HERE, "Python": "3.13", "NumPy": "2.2.0"}
    with pytest.raises(
        BackpropError, match=r"has Python 3\.13 in place of 3\.12, NumPy 2\.2\.0 in place of 2\.1"
    ):
        agreed(HERE, {"a": other})


def test_without_dask_it_is_said_how_to_get_it(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(BackpropError, match=r"Dask is not installed here: python -m pip install .*\[dask\]"):
        tb.sweep(tb.load_lesson("linear"), {}, scheduler="tcp://localhost:8786")


@pytest.mark.parametrize(
    "address", ["nonsense", "ftp://there:1", "tcp://there", "tcp://there:port", "tcp://[:1"]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    pytest.importorskip("distributed")
    with pytest.raises(BackpropError, match="give the address of a Dask scheduler, such as tcp:"):
        ClusterCrew(address)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"workers": 0}, "workers: found 0"),
        ({"workers": 2, "scheduler": "tcp://there:1"}, "give one of the two"),
        ({"scheduler": 8786}, "found a int; give its address"),
    ],
)
def test_bad_options(options, reason: str) -> None:
    with pytest.raises(BackpropError, match=reason):
        tb.sweep(tb.load_lesson("linear"), {}, **options)
