"""Runs that are compared, in words: which settings differ, where they part, both values, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from tui_backprop.sweeps.comparing import ComparedRun, FirstDifference, RunComparison
from tui_backprop.sweeps.pins import PinnedRun
from tui_backprop.text.numbers import exact, inline, number, readable, shape_text
from tui_backprop.text.sentences import tr, tr_count
from tui_backprop.text.spelling import pretty_text
from tui_backprop.training.changes.whatif import element_text


def pinned_lines(runs: Sequence[PinnedRun]) -> Iterator[str]:
    """Write the runs that are pinned, a line each."""
    for run in runs:
        settings = run.settings or tr("set as the others")
        yield tr(
            "pin {number}: {settings}; iteration {iteration}, loss {loss}",
            number=run.number,
            settings=settings,
            iteration=run.iteration,
            loss=number(run.loss),
        )


# ---------------------------------------------------------------------- two runs


def run_text(run: ComparedRun) -> str:
    """Write how far a run went."""
    return tr("iteration {iteration}, loss {loss}", iteration=run.iteration, loss=number(run.loss))


def settings_lines(comparison: RunComparison) -> Iterator[str]:
    """Write what is set otherwise, a line each."""
    for one in comparison.settings:
        yield one.text + (f" ({one.idle})" if one.idle else "")


def verdict(comparison: RunComparison) -> str:
    """Say where they first differ, or that they do not."""
    difference, last = comparison.difference, comparison.last
    if difference is None:
        if not comparison.settings:
            return tr(
                "the same run: nothing is set otherwise, and nothing differs up to iteration {iteration}",
                iteration=last,
            )
        return tr("nothing differs up to iteration {iteration}, the last one that both have", iteration=last)
    title = pretty_text(difference.title)
    if not difference.place:
        return tr(
            "first difference: iteration {iteration}, at its start, {record}",
            iteration=difference.iteration,
            record=title,
        )
    return tr(
        "first difference: iteration {iteration}, record {place} of {count}, {record}",
        iteration=difference.iteration,
        place=difference.place,
        count=difference.total,
        record=title,
    )


def values(difference: FirstDifference) -> tuple[str, str]:
    """Return what differs in either run, each on a line."""
    if difference.here is None or difference.there is None:
        return pretty_text(difference.texts[0]), pretty_text(difference.texts[1])
    return _value(difference.here), _value(difference.there)


def _value(value: Any) -> str:
    array = np.asarray(value)
    return exact(array[()]) if not array.ndim else inline(array)


def detail_lines(difference: FirstDifference) -> Iterator[str]:
    """Write how much the values differ; of arrays the element that differs most, and the first."""
    if difference.here is None or difference.there is None:
        return
    shapes = np.shape(difference.here), np.shape(difference.there)
    if shapes[0] != shapes[1]:
        yield tr(
            "the shapes differ: {here} here, {there} there",
            here=shape_text(shapes[0]),
            there=shape_text(shapes[1]),
        )
        return
    here, there = np.asarray(difference.here, np.float64), np.asarray(difference.there, np.float64)
    if not here.ndim:
        yield tr("difference: {difference}", difference=_less(here[()], there[()]))
        return
    places, most = difference.elements, difference.most
    assert most is not None
    yield tr(
        "most at {element}: {here} here, {there} there, difference {difference}",
        **_at(difference, most),
    )
    if places[0] != most:
        yield tr(
            "first at {element}: {here} here, {there} there, difference {difference}",
            **_at(difference, places[0]),
        )
    yield tr_count(
        "{count:,} of {size:,} elements differs",
        "{count:,} of {size:,} elements differ",
        len(places),
        size=here.size,
    )


def _at(difference: FirstDifference, place: tuple[int, ...]) -> dict[str, str]:
    """Return an element, and what it is in either run."""
    here, there = np.asarray(difference.here), np.asarray(difference.there)
    return {
        "element": element_text(place),
        "here": exact(here[place]),
        "there": exact(there[place]),
        "difference": _less(here[place], there[place]),
    }


def _less(here: Any, there: Any) -> str:
    with np.errstate(all="ignore"):
        return number(float(here) - float(there))


def why(comparison: RunComparison) -> str:
    """Say what made them differ; "" where nothing differs, or no setting explains it."""
    difference = comparison.difference
    if difference is None:
        return ""
    effect = _effect(comparison, difference)
    causes = [one.text for one in comparison.causes[:3]]
    if len(comparison.causes) > 3:
        causes.append(tr("and {count} more", count=len(comparison.causes) - 3))
    return f"{'; '.join(causes)}: {effect}" if causes else effect


def _effect(comparison: RunComparison, difference: FirstDifference) -> str:
    name, causes = pretty_text(difference.node), {one.name for one in comparison.causes}
    by_hand = any(one.kind in ("moved", "held") for one in comparison.causes)
    if difference.kind == "formula":
        return tr("the formulas are not the same")
    if difference.kind == "parameter":
        if by_hand:
            return tr("{name} has another value from there on", name=name)
        if "seed" in causes:
            return tr("the start of {name} is drawn differently", name=name)
        return tr("{name} starts elsewhere", name=name)
    if difference.kind in ("samples", "given"):
        if not causes & {"batch_size", "shuffle", "seed"}:
            return tr("{name} is not the same", name=name)
        if difference.kind == "samples":
            return tr("the batch has other samples")
        return tr("{name} is drawn anew", name=name)
    if difference.kind == "update":
        return tr("the update of {name} is the first that differs", name=name)
    if difference.kind == "value":
        return tr("the value of {name} is the first that differs", name=name)
    return tr("the gradient of {name} is the first that differs", name=name)


def comparison_lines(comparison: RunComparison) -> Iterator[str]:
    """Write a comparison in lines, for who reads or hears one after the other."""
    for run in (comparison.here, comparison.there):
        yield f"{run.name}: {run_text(run)}"
    settings = list(settings_lines(comparison))
    if settings:
        yield tr("set otherwise:")
        yield from (f"  {line}" for line in settings)
    yield verdict(comparison)
    difference = comparison.difference
    if difference is None:
        return
    part = f"{pretty_text(difference.part)}: " if difference.part else ""
    here, there = values(difference)
    yield f"  {part}" + tr("{value} here", value=here)
    yield f"  {part}" + tr("{value} there", value=there)
    yield from (f"  {line}" for line in detail_lines(difference))
    yield tr("why: {why}", why=why(comparison))


def comparison_json(comparison: RunComparison) -> dict[str, Any]:
    """Return a comparison as a page of JSON."""
    difference = comparison.difference
    page: dict[str, Any] = {
        "here": {"iteration": comparison.here.iteration, "loss": comparison.here.loss},
        "there": {"iteration": comparison.there.iteration, "loss": comparison.there.loss},
        "settings": [
            {"kind": one.kind, "name": one.name, "here": one.here, "there": one.there, "since": one.since}
            for one in comparison.settings
        ],
        "compared": comparison.last,
        "difference": None,
    }
    if difference is not None:
        arrays = (difference.here, difference.there)
        here, there = (None if array is None else readable(np.asarray(array)).tolist() for array in arrays)
        page["difference"] = {
            "kind": difference.kind, "iteration": difference.iteration, "record": difference.place,
            "records": difference.total, "title": difference.title, "part": difference.part,
            "node": difference.node, "here": here, "there": there,
            "first": difference.elements[0] if difference.elements else None, "most": difference.most,
            "why": why(comparison),
        }  # fmt: skip
    return page
