"""Asks the lesson's model: what it predicts of samples, and of inputs that nobody has measured."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

from tui_backprop.engine.core.arrays import DTYPES, Array
from tui_backprop.engine.core.errors import BackpropError, suggest
from tui_backprop.lessons.evaluation.decision import Decision, decision_of
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.pictures.picture import overridden
from tui_backprop.pictures.predictions.features import Feature, features_of, listed, picks
from tui_backprop.pictures.predictions.sampled import SampledModel, ancestors
from tui_backprop.text.numbers import number
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr, tr_count
from tui_backprop.text.spelling import pretty_text
from tui_backprop.training.view import TrainingView

AFFORDABLE: Final = 2_000_000
"""Numbers that may be computed for one picture: some ten milliseconds."""
ALONE: Final = 2000
"""As many numbers take as long as a sample that is computed alone."""
VALIDATION: Final = "validation"
"""What a picture of samples names for those that are held back."""


class Part:
    """Samples: those that are trained on, or those that are held back.

    Attributes:
        rows: all that has a row for each sample, by name; of one sample with an axis of length 1 in front.
        wanted: the targets, shape (n, numbers in a row).
    """

    def __init__(self, rows: Mapping[str, Array], wanted: Array) -> None:
        self.rows, self.wanted = rows, wanted

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.wanted)


class Probe:
    """A lesson's model with its inputs and outputs by name; see :func:`probe_of`.

    Attributes:
        model: what computes.
        features: what it can be asked about.
        decision: how its predictions are read.
        labels: the classes' names; empty of values.
        outputs: the names of the numbers in a row of predictions.
        target: what these are to be, by name.
        trained: the samples that are trained on.
        held_back: those that are not; None without [validation].

    Raises:
        BackpropError: as ``SampledModel`` does.
    """

    def __init__(self, lesson: Lesson) -> None:
        self.model = model = SampledModel(lesson)
        self._reads = [node for node in model.reads if not model.rowed or node.name in model.rowed]
        inputs = [node for node in self._reads if node is not model.pair.target] or self._reads
        self.trained = self._part(lesson.samples)
        self.held_back = None if lesson.validation is None else self._part(lesson.validation.samples)
        self._picking = tuple(node.name for node in inputs if picks(model.graph, node))
        rows = {node.name: self.trained.rows[node.name] for node in inputs if node.name not in self._picking}
        self.features = features_of(rows, lesson.reading)
        self.name, self.target = model.pair.prediction.name, model.pair.target.name
        columns = model.width
        self.decision: Decision = decision_of(model.pair, columns, self.trained.wanted)
        self.outputs = (self.name,) if columns == 1 else tuple(f"{self.name}[{k}]" for k in range(columns))
        self.labels = self._class_names(lesson)

    def _part(self, samples: Mapping[str, Array]) -> Part:
        model, lesson = self.model, self.model.lesson
        if not model.rowed:
            rows = {node.name: lesson.data[node.name][None] for node in self._reads}
            return Part(rows, model.rows_of("target", {}, {}, 1))
        arrays = samples or lesson.data
        every = {name: arrays[name] for name in model.rowed}
        count = len(next(iter(every.values())))
        return Part(every, np.asarray(model.rows_of("target", {}, every, count), np.float64))

    def _class_names(self, lesson: Lesson) -> tuple[str, ...]:
        count = self.decision.count
        if self.decision.form == "sides":
            numbers: tuple[str, ...] = (number(self.decision.low), number(self.decision.high))
        else:
            numbers = tuple(map(str, range(count)))
        below = ancestors(self.model.pair.target)
        told = [
            lesson.reading.classes[node.name]
            for node in self.model.graph.inputs
            if node.index in below and node.name in lesson.reading.classes
        ]
        for names in (*told, lesson.vocabulary):
            if count and len(names) == count:
                return tuple(printable(name, 40) for name in names)
        return numbers

    # ------------------------------------------------------------------ asking

    @property
    def parts(self) -> tuple[Part, ...]:
        """Those that are trained on, and those that are held back where there are some."""
        return (self.trained,) if self.held_back is None else (self.trained, self.held_back)

    @property
    def is_held_back(self) -> npt.NDArray[np.bool_] | None:
        """Which samples of all parts are held back; None without [validation]."""
        counts = [part.count for part in self.parts]
        return np.repeat([False, True], counts) if len(counts) > 1 else None

    def coarse(self, points: int) -> int:
        """Return which one in how many points, down and across, there is time to ask.

        A lesson of one sample is computed anew for each point, others for many in one go.
        """
        one = self.model.numbers_a_row if self.model.rowed else ALONE
        return min(4, math.ceil(math.sqrt(max(1.0, points * one / AFFORDABLE))))

    def affordable(self, rows: int) -> int:
        """Return of how many samples there is time to compute the loss of each alone, of so many at most."""
        return max(16, min(rows, AFFORDABLE // (ALONE + self.model.numbers_a_row)))

    def predicted(self, view: TrainingView, part: Part) -> Array:
        """Return the predictions for samples at the present parameters, shape (n, numbers in a row).

        As in evaluation, what samples share is worked out of these.
        """
        parameters = view.parameters
        shared = self.model.shared(parameters, part.rows, part.count)
        found = self.model.rows_of("prediction", parameters, part.rows, part.count, shared)
        return np.asarray(found, np.float64)

    def asked(self, view: TrainingView, given: Mapping[Feature, Array]) -> Array:
        """Return the predictions where some features have these values, and all others their means.

        What samples share is that of those that are trained on.

        Args:
            view: whose parameters are asked.
            given: values by feature, each of shape (n,).

        Returns:
            Shape (n, numbers in a row).

        Raises:
            BackpropError: the formula takes the lesson's own samples only.
        """
        model, parameters = self.model, view.parameters
        if not model.free:
            raise BackpropError(
                tr(
                    "{lesson} takes {count} samples, no more and no fewer, so it cannot be asked about "
                    "others",
                    lesson=model.lesson.name,
                    count=model.rows,
                )
            )
        count, dtype = len(next(iter(given.values()))), DTYPES[model.lesson.dtype]
        rows: dict[str, Array] = {}
        for name, held in self._held.items():
            rows[name] = np.empty((count, *held.shape), dtype)
            rows[name][:] = held
        for feature, values in given.items():
            feature.of(rows)[:] = values
        shared = model.shared(parameters, self.trained.rows, self.trained.count)
        return np.asarray(model.rows_of("prediction", parameters, rows, count, shared), np.float64)

    @cached_property
    def _held(self) -> dict[str, Array]:
        """A row of means; of what picks rows, the first sample's."""
        rows = {node.name: self.trained.rows[node.name] for node in self._reads}
        with np.errstate(all="ignore"):
            return {
                name: np.asarray(array[0] if name in self._picking else np.mean(array, axis=0))
                for name, array in rows.items()
            }

    def losses(self, view: TrainingView, part: Part, at: Sequence[int]) -> Array:
        """Return what the loss is for each of some samples alone.

        Raises:
            FormulaError: the formula does not take one sample.
        """
        model, parameters = self.model, view.parameters
        shared = model.shared(parameters, part.rows, part.count)
        rows = [{name: array[k : k + 1] for name, array in part.rows.items()} for k in at]
        return np.array([model.loss_of_one(parameters, row, shared) for row in rows])

    # ------------------------------------------------------------------ choosing

    def chosen(self, kind: str, of: Sequence[str], count: int) -> tuple[tuple[Feature, ...], int | None]:
        """Return the features that a picture is about, and which output, where one was named.

        Args:
            kind: the picture's kind, for messages.
            of: names of features, and of an output; as many features as there are none of are the first.
            count: how many features it needs.

        Raises:
            BackpropError: an unknown name, too many, or too few features.
        """
        named = {_bare(name): one for one in reversed(self.features) for name in reversed(one.names)}
        outputs = {_bare(pretty_text(name)): k for k, name in enumerate(self.outputs)}
        outputs |= {_bare(name): k for k, name in enumerate(self.outputs)}
        features, output = list[Feature](), None
        for name in of:
            if _bare(name) in named:
                features.append(named[_bare(name)])
            elif _bare(name) in outputs:
                output = outputs[_bare(name)]
            else:
                self._refuse(kind, name, [*named, *outputs])
        for one in features:
            if features.count(one) > 1:
                raise BackpropError(
                    tr("{picture}: found {name} twice; name each once", picture=kind, name=one.name)
                )
        values = {"picture": kind, "names": listed([f.name for f in features])}
        if len(features) > count:
            raise BackpropError(
                tr("{picture} is about an input; found {names}", **values)
                if count == 1
                else tr("{picture} is about two inputs; found {names}", **values)
            )
        features += [one for one in self.features if one not in features][: count - len(features)]
        if len(features) < count:
            raise BackpropError(
                tr("{picture} needs an input; {why}", picture=kind, why=self._too_few())
                if count == 1
                else tr("{picture} needs two inputs; {why}", picture=kind, why=self._too_few())
            )
        return tuple(features), output

    def _refuse(self, kind: str, name: str, known: Sequence[str]) -> None:
        shown = [feature.name for feature in self.features]
        hint = suggest(name, known) or "; " + tr("there are {names}", names=listed([*shown, *self.outputs]))
        unknown = tr(
            "{picture}: {lesson} has no input '{name}'",
            picture=kind,
            lesson=self.model.lesson.name,
            name=printable(name, 40),
        )
        raise BackpropError(unknown + hint)

    def _too_few(self) -> str:
        name, picking = self.model.lesson.name, listed(self._picking)
        if not self.features and picking:
            return tr("those of {lesson} pick rows: {names}", lesson=name, names=picking)
        if not self.features:
            return tr("{name} of {lesson} depends on none", name=self.name, lesson=name)
        return tr("{lesson} has one: {name}", lesson=name, name=self.features[0].name)

    # ------------------------------------------------------------------ in words

    def others(self, features: Sequence[Feature]) -> str:
        """Say at what the features that a picture is not about are held; empty without any."""
        rest = [one for one in self.features if one not in features]
        if not rest:
            return ""
        told = listed([f"{one.shown} = {number(one.mean, 4)}" for one in rest], 6)
        if self.trained.count == 1:
            return tr("Held as they are: {values}.", values=told)
        return tr_count(
            "Held at its mean: {values}.", "Held at their means: {values}.", len(rest), values=told
        )

    def notes(self, view: TrainingView, features: Sequence[Feature] = ()) -> tuple[str, ...]:
        """Say what a picture leaves out, holds, or has in other units."""
        notes = [self.others(features)] if features else []
        notes += [f"{one.unit}." for one in features if one.unit]
        return tuple(note for note in (*notes, *overridden(view)) if note)


@lru_cache(maxsize=4)
def probe_of(lesson: Lesson) -> Probe:
    """Return the probe of a lesson, made once.

    Raises:
        BackpropError: as :class:`Probe` does.
    """
    return Probe(lesson)


def part_of(probe: Probe, kind: str, of: Sequence[str]) -> tuple[Part, str]:
    """Return the samples that a picture is about, and what they are called.

    Args:
        probe: the lesson's.
        kind: the picture's kind, for messages.
        of: nothing for those that are trained on, or :data:`VALIDATION`.

    Raises:
        BackpropError: none are held back, or something else is named.
    """
    if not of:
        return probe.trained, "samples"
    if tuple(of) != (VALIDATION,):
        found = printable(", ".join(of), 60)
        raise BackpropError(
            tr(
                "{picture} is about the samples that are trained on, or of {held_back}; found {found}",
                picture=kind,
                held_back=VALIDATION,
                found=found,
            )
        )
    if probe.held_back is None:
        raise BackpropError(
            tr(
                "{picture}: {lesson} has no [{held_back}], so no samples are held back",
                picture=kind,
                lesson=probe.model.lesson.name,
                held_back=VALIDATION,
            )
        )
    return probe.held_back, "samples held back"


def _bare(name: str) -> str:
    """Return a name without blanks, which people put into brackets or not."""
    return "".join(name.split())
