"""All kinds of remarks, a row each, and what they find in a lesson."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from itertools import islice
from typing import Literal

import numpy as np
from msgspec import Struct, structs

from tui_backprop.lessons.errors import LessonError, found, nearest
from tui_backprop.lessons.hyperparameters import Hyperparameters
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.lessons.remarks import averages, counting, curvature, meeting, outputs, shares
from tui_backprop.lessons.remarks.remark import Remark, Suspicion, Suspicions
from tui_backprop.lessons.remarks.scene import Scene
from tui_backprop.text.sentences import tr


class RemarkKind(Struct, frozen=True):
    """One kind of remark.

    Attributes:
        code: what ``quiet`` takes.
        said_of: what it is about, for the table of kinds.
        cure: what is usually right.
        look: finds it in a lesson.
    """

    code: str
    said_of: str
    cure: str
    look: Callable[[Scene], Suspicions]


KINDS = (
    RemarkKind(
        "n-by-n", "a prediction (n×1) beside a target (n), in `-`, `mse`, `bce` …: n×n pairs",
        "one shape for both", meeting.n_by_n,
    ),
    RemarkKind(
        "laid-across", "sums or means of rows, or numbers of samples, laid along columns",
        "turn the matrix, or `softmax`", meeting.laid_across,
    ),
    RemarkKind(
        "double-softmax", "a softmax, also one by hand, before `cross_entropy` or another one",
        "give the logits", shares.double_softmax,
    ),
    RemarkKind(
        "double-sigmoid", "probabilities into `bce_with_logits`, `cross_entropy` or another sigmoid",
        "give the logits, or use `bce`", outputs.double_sigmoid,
    ),
    RemarkKind(
        "logits-into-bce", "outputs of any size into `bce`", "`bce_with_logits`", outputs.logits_into_bce
    ),
    RemarkKind(
        "class-numbers", "class numbers, or labels of samples, taken as one row of weights",
        "one-hot rows; `bce_with_logits`", outputs.class_numbers,
    ),
    RemarkKind(
        "one-class", "a softmax over one number, which is always 1", "`sigmoid`, `bce_with_logits`",
        shares.one_class,
    ),
    RemarkKind(
        "targets-outside", "targets such as −1 and 1 in `bce` or `bce_with_logits`, 0 and 1 in `hinge`",
        "labels 0 and 1; −1 and 1", outputs.targets_outside,
    ),
    RemarkKind(
        "log-probabilities", "logits or probabilities into `nll` or `kl_div`", "`log_softmax`",
        outputs.log_probabilities,
    ),
    RemarkKind(
        "softmax-over-samples", "a softmax along the axis of the samples, beside targets",
        "the axis of the classes", shares.softmax_over_samples,
    ),
    RemarkKind(
        "mean-in-sum", "a mean over the samples inside a sum", "one of both, or the mean outside",
        averages.mean_in_sum,
    ),
    RemarkKind(
        "mean-twice", "a mean divided by n once more", "leave the division out", averages.mean_twice
    ),
    RemarkKind(
        "counted-loss", "an accuracy, or another number that is counted, as the loss", '`loss = "L"`',
        counting.counted_loss,
    ),
    RemarkKind(
        "rate-too-high", "a learning rate above 2/λmax of a linear model with squared errors",
        "scale the data, or a smaller rate", curvature.rate_too_high,
    ),
)  # fmt: skip
MOST = 20
"""Remarks of one kind: whoever has so many has more to do than to read."""
CODES = tuple(kind.code for kind in KINDS)


def check_quiet(codes: list[str]) -> tuple[str, ...]:
    """Return the kinds that a lesson silences.

    Raises:
        LessonError: one that does not exist.
    """
    for code in codes:
        if code not in CODES:
            hint = nearest(code, CODES)
            raise LessonError(tr("quiet: unknown kind {found}{hint}", found=found(code, 80), hint=hint))
    return tuple(codes)


def remarks_on(lesson: Lesson, hyperparameters: Hyperparameters) -> tuple[Remark, ...]:
    """Return what there is to remark on a lesson under these hyperparameters, by line.

    Most of it is found once for a lesson, batch size and seed; only what a rate makes of it is asked anew.
    """
    findings = _findings(lesson.in_type("float64"), hyperparameters.batch_size, hyperparameters.seed)
    said: dict[tuple[str, int], Remark] = {}
    for finding in findings:
        remark = finding.under(hyperparameters)
        if remark is None or remark.kind in lesson.quiet:
            continue
        if first := said.get((remark.kind, remark.line)):  # once a line, at all places in it
            remark = structs.replace(first, nodes=tuple(dict.fromkeys((*first.nodes, *remark.nodes))))
        said[remark.kind, remark.line] = remark
    return tuple(sorted(said.values(), key=lambda remark: remark.line))


@lru_cache(maxsize=8)
def _findings(lesson: Lesson, batch_size: int | Literal["all"], seed: int) -> tuple[Suspicion, ...]:
    if len(lesson.quiet) == len(CODES):
        return ()
    scene = Scene(lesson, batch_size, seed)
    with np.errstate(all="ignore"):
        return tuple(finding for kind in KINDS for finding in islice(kind.look(scene), MOST))
